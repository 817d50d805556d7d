#include <cuda.h>

// initStatus is what the driver's own cuInit returned.
CUresult initStatus(void);

// initMissing is what the loader said where there is no driver, else NULL.
const char *initMissing(void);
