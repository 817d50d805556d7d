#include <cuda.h>

// blas is cuBLAS, opened at run time: its functions have had the same names and arguments since CUDA 11.
typedef struct blas blas;

// blasOpen opens a cuBLAS by the name or the path of its file. NULL: *message says why.
blas *blasOpen(const char *file, const char **message);

// blasTry makes a handle in the current context and destroys it.
int blasTry(blas *b);

// blasClose closes a cuBLAS that is of no use.
void blasClose(blas *b);

// blasProperty is the library's major version (0), minor version (1) or patch level (2).
int blasProperty(blas *b, int property);

// The functions below return cublasStatus_t.

int blasCreate(blas *b, void **handle, CUstream stream);
int blasWorkspace(blas *b, void *handle, CUdeviceptr workspace, size_t bytes);
int blasDestroy(blas *b, void *handle);

// An operand: column-major, of a type (0 float32, 14 bf16), a leading dimension and a distance between the matrices of a batch.
typedef struct {
	CUdeviceptr data;
	int type, ld;
	long long stride;
} operand;

// blasGemm computes C = op(A)·op(B) + beta·C for every matrix of a batch; compute is a cublasComputeType_t.
int blasGemm(blas *b, void *handle, int transA, int transB, int m, int n, int k, operand A, operand B, float beta, operand C, int batch, int compute);
