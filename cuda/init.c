//go:build gpu

#include "init.h"

#include <dlfcn.h>

// Package cu calls cuInit when the process starts and ends the process where that fails, before main could tell
// anybody anything. The definition here takes the place of the driver's: it opens the driver, keeps what went
// wrong for Open to report, and lets the process live. So one binary computes theory and trains on the CPU of any
// machine, and on a GPU where there is one. RTLD_GLOBAL lets all other functions be found when they are called first;
// see build-gpu in the Makefile, which links none of them.

static CUresult status = CUDA_ERROR_NOT_INITIALIZED;
static const char *missing;

CUresult cuInit(unsigned flags) {
	void *lib = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_GLOBAL);
	CUresult (*init)(unsigned) = lib ? (CUresult (*)(unsigned))dlsym(lib, "cuInit") : 0;
	if (init)
		status = init(flags);
	else
		missing = dlerror();
	return CUDA_SUCCESS;
}

CUresult initStatus(void) { return status; }

const char *initMissing(void) { return missing; }
