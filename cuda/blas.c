//go:build gpu

#include "blas.h"

#include <dlfcn.h>
#include <stdlib.h>

struct blas {
	void *lib;
	int (*create)(void **);
	int (*destroy)(void *);
	int (*getProperty)(int, int *);
	int (*setStream)(void *, CUstream);
	int (*setWorkspace)(void *, void *, size_t);
	int (*setMathMode)(void *, int);
	int (*gemm)(void *, int, int, int, int, int, const void *, const void *, int, int, const void *, int, int, const void *, void *, int, int, int, int);
	int (*gemmBatched)(void *, int, int, int, int, int, const void *, const void *, int, int, long long, const void *, int, int, long long,
		const void *, void *, int, int, long long, int, int, int);
};

static int bind(blas *b, void *lib) {
	b->lib = lib;
	*(void **)&b->create = dlsym(lib, "cublasCreate_v2");
	*(void **)&b->destroy = dlsym(lib, "cublasDestroy_v2");
	*(void **)&b->getProperty = dlsym(lib, "cublasGetProperty");
	*(void **)&b->setStream = dlsym(lib, "cublasSetStream_v2");
	*(void **)&b->setWorkspace = dlsym(lib, "cublasSetWorkspace_v2");
	*(void **)&b->setMathMode = dlsym(lib, "cublasSetMathMode");
	*(void **)&b->gemm = dlsym(lib, "cublasGemmEx");
	*(void **)&b->gemmBatched = dlsym(lib, "cublasGemmStridedBatchedEx");
	return b->create && b->destroy && b->getProperty && b->setStream && b->setWorkspace && b->setMathMode && b->gemm && b->gemmBatched;
}

blas *blasOpen(const char *file, const char **message) {
	void *lib = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
	if (!lib) {
		*message = dlerror();
		return 0;
	}
	blas *b = malloc(sizeof *b);
	if (b && bind(b, lib))
		return b;
	*message = "functions are missing";
	free(b);
	dlclose(lib);
	return 0;
}

int blasTry(blas *b) {
	void *handle;
	int status = b->create(&handle);
	return status ? status : b->destroy(handle);
}

void blasClose(blas *b) {
	dlclose(b->lib);
	free(b);
}

int blasProperty(blas *b, int property) {
	int value = 0;
	b->getProperty(property, &value);
	return value;
}

// Mode 0 is the default: no TF32 unless a product asks for it.
int blasCreate(blas *b, void **handle, CUstream stream) {
	int status = b->create(handle);
	if (status)
		return status;
	if ((status = b->setStream(*handle, stream)) || (status = b->setMathMode(*handle, 0)))
		b->destroy(*handle);
	return status;
}

int blasWorkspace(blas *b, void *handle, CUdeviceptr workspace, size_t bytes) {
	return b->setWorkspace(handle, (void *)workspace, bytes);
}

int blasDestroy(blas *b, void *handle) { return b->destroy(handle); }

int blasGemm(blas *b, void *handle, int transA, int transB, int m, int n, int k, operand A, operand B, float beta, operand C, int batch, int compute) {
	const float alpha = 1;
	const int algorithm = -1;
	if (batch == 1)
		return b->gemm(handle, transA, transB, m, n, k, &alpha, (void *)A.data, A.type, A.ld, (void *)B.data, B.type, B.ld,
			&beta, (void *)C.data, C.type, C.ld, compute, algorithm);
	return b->gemmBatched(handle, transA, transB, m, n, k, &alpha, (void *)A.data, A.type, A.ld, A.stride, (void *)B.data, B.type, B.ld, B.stride,
		&beta, (void *)C.data, C.type, C.ld, C.stride, batch, compute, algorithm);
}
