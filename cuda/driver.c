//go:build gpu

#include "driver.h"

enum { MAX_ARGUMENTS = 16 };

CUresult launch(CUfunction f, const unsigned grid[3], const unsigned block[2], unsigned shared, CUstream stream, char *args, const int *offsets, int n) {
	void *params[MAX_ARGUMENTS];
	if (n > MAX_ARGUMENTS)
		return CUDA_ERROR_INVALID_VALUE;
	for (int i = 0; i < n; i++)
		params[i] = args + offsets[i];
	if (shared > 0) { // above 48 KiB a kernel must be told before
		CUresult err = cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared);
		if (err != CUDA_SUCCESS)
			return err;
	}
	return cuLaunchKernel(f, grid[0], grid[1], grid[2], block[0], block[1], 1, shared, stream, params, 0);
}

CUresult mostShared(CUdevice device, int *bytes) {
	return cuDeviceGetAttribute(bytes, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device);
}

CUresult beginCapture(CUstream stream) { return cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL); }

CUresult captureRoot(CUstream stream, CUgraphNode *root) {
	CUstreamCaptureStatus status;
	CUgraph graph;
	CUresult err = cuStreamGetCaptureInfo_v2(stream, &status, 0, &graph, 0, 0);
	if (err != CUDA_SUCCESS)
		return err;
	return status == CU_STREAM_CAPTURE_STATUS_ACTIVE ? cuGraphAddEmptyNode(root, graph, 0, 0) : CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
}

CUresult captureAfter(CUstream stream, CUgraphNode *nodes, size_t n) {
	return cuStreamUpdateCaptureDependencies(stream, nodes, n, CU_STREAM_SET_CAPTURE_DEPENDENCIES);
}

CUresult captureLast(CUstream stream, const CUgraphNode **nodes, size_t *n) {
	CUstreamCaptureStatus status;
	CUresult err = cuStreamGetCaptureInfo_v2(stream, &status, 0, 0, nodes, n);
	if (err != CUDA_SUCCESS)
		return err;
	return status == CU_STREAM_CAPTURE_STATUS_ACTIVE ? CUDA_SUCCESS : CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
}

CUresult endCapture(CUstream stream, CUgraphExec *exec) {
	CUgraph graph;
	CUresult err = cuStreamEndCapture(stream, &graph);
	if (err != CUDA_SUCCESS)
		return err;
	// cuGraphInstantiate has other arguments in CUDA 11 and 12; this entry point is the same in both.
	err = cuGraphInstantiateWithFlags(exec, graph, 0);
	CUresult destroyed = cuGraphDestroy(graph);
	return err != CUDA_SUCCESS ? err : destroyed;
}

CUresult launchGraph(CUgraphExec exec, CUstream stream) { return cuGraphLaunch(exec, stream); }

CUresult destroyGraph(CUgraphExec exec) { return cuGraphExecDestroy(exec); }

CUresult allocPinned(void **p, size_t bytes) { return cuMemAllocHost(p, bytes); }

const char *errorName(CUresult code) {
	const char *name = 0;
	return cuGetErrorName(code, &name) == CUDA_SUCCESS && name ? name : "unknown CUDA error";
}
