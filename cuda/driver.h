#include <cuda.h>

// What package cu lacks: launches with arguments wider than a pointer, capture and launch of graphs, pinned memory, and
// names of errors.

// launch calls a kernel with shared bytes of dynamic shared memory. The i-th of its n arguments lies at args + offsets[i].
CUresult launch(CUfunction f, const unsigned grid[3], const unsigned block[2], unsigned shared, CUstream stream, char *args, const int *offsets, int n);

// mostShared is the largest dynamic shared memory of a launch on a device.
CUresult mostShared(CUdevice device, int *bytes);

CUresult beginCapture(CUstream stream);

// captureRoot adds an empty node to the graph that is being captured. What is captured next runs after the nodes that
// captureAfter names, and not after what was captured before them; captureLast tells the nodes that were captured last.
CUresult captureRoot(CUstream stream, CUgraphNode *root);
CUresult captureAfter(CUstream stream, CUgraphNode *nodes, size_t n);
CUresult captureLast(CUstream stream, const CUgraphNode **nodes, size_t *n);

// endCapture turns what was enqueued since beginCapture into a graph that can be launched.
CUresult endCapture(CUstream stream, CUgraphExec *exec);

CUresult launchGraph(CUgraphExec exec, CUstream stream);
CUresult destroyGraph(CUgraphExec exec);

CUresult allocPinned(void **p, size_t bytes);

const char *errorName(CUresult code);
