// The state of the emulated device, and what its parts need of each other.

#pragma once

#include "driver.h"
#include "kernels.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using Work = std::function<CUresult()>;

struct CUgraph_st;

struct CUgraphNode_st {
    CUgraph graph;
    size_t number; // within the graph
    Work work;
    std::vector<size_t> after; // numbers of the nodes that must have ended
};

struct CUgraph_st {
    std::deque<CUgraphNode_st> nodes; // their addresses stay

    CUgraphNode add(Work work, const std::vector<CUgraphNode>& after);
};

struct CUgraphExec_st {
    std::vector<CUgraphNode_st> nodes;

    // run runs the nodes in a random order of those that the graph allows.
    CUresult run() const;
};

struct CUstream_st {
    std::deque<Work> queue;
    unsigned long long enqueued = 0, ran = 0;
    bool blocking = true; // waits for the default stream, and it for this
    CUgraph capture = nullptr;
    std::vector<CUgraphNode> last; // what the next captured node waits for
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
    std::thread::id thread; // that captures
    bool broken = false;    // the capture met a call that it does not allow
};

struct CUevent_st {
    CUstream stream = nullptr; // of the last record
    unsigned long long place = 0;
    std::chrono::steady_clock::time_point time;
};

struct CUctx_st {
    unsigned flags;
};

struct CUmod_st {
    std::string image;
};

struct CUfunc_st {
    const Kernel* kernel;
};

namespace emulated {

struct Allocation {
    size_t bytes;
    bool pinned;
};

struct Faults {
    long alloc = 0, pinned = 0, launch = 0, lost = 0; // how many more calls until it happens; 0 never
    std::set<std::string> kernels;
    bool no_device = false, old_driver = false, no_cublas = false;
};

// Device is the one device. One lock guards everything: a call is over before another begins.
struct Device {
    std::recursive_mutex lock;
    bool initialised = false;
    CUresult sticky = CUDA_SUCCESS; // what a failed launch left behind
    Faults faults;

    size_t memory = 8ull << 30, used = 0;
    std::map<char*, Allocation> allocations;

    CUstream_st default_stream;
    std::set<CUstream> streams; // that the user made
    std::set<void*> handles;    // alive: streams, events, graphs, modules, contexts
    unsigned primary_users = 0; // of the primary context

    std::atomic<bool> tf32_rounds{false};
};

extern Device device;
extern thread_local CUcontext current_context;

template <class T> T* made(T* handle) {
    device.handles.insert(handle);
    return handle;
}

template <class T> bool destroyed(T* handle) {
    if (device.handles.erase(handle) == 0)
        return false;
    delete handle;
    return true;
}

// set_faults replaces the faults and heals the device.
void set_faults(const char* text);

// strike counts a fault down and reports whether it happens now.
bool strike(long& count);

// Call is the head of every call: the lock, and the errors that any call may return.
struct Call {
    std::lock_guard<std::recursive_mutex> guard{device.lock};
    CUresult error = CUDA_SUCCESS;

    explicit Call(bool context = true) {
        if (strike(device.faults.lost))
            device.sticky = CUDA_ERROR_ILLEGAL_ADDRESS, device.faults.lost = -1;
        if (!device.initialised)
            error = CUDA_ERROR_NOT_INITIALIZED;
        else if (context && !current_context)
            error = CUDA_ERROR_INVALID_CONTEXT;
        else if (context)
            error = device.sticky;
    }
};

#define BEGIN(...)                                                                                                          \
    Call call{__VA_ARGS__};                                                                                                 \
    if (call.error != CUDA_SUCCESS)                                                                                         \
    return call.error

// check_borders reports whether something wrote beyond an allocation.
CUresult check_borders();

// stream_of is a stream or, for null, the default one.
CUstream stream_of(CUstream s);

bool is_stream(CUstream s);

// run_until runs what a stream has to do up to its place-th piece of work; drain runs all of it.
CUresult run_until(CUstream s, unsigned long long place);
CUresult drain(CUstream s);

// drain_streams runs what there is on the streams, or on those that wait for the default one.
CUresult drain_streams(bool blocking_only);

// enqueue puts work on a stream or into the graph that is being captured from it.
CUresult enqueue(CUstream s, Work work);

// unsafe ends the captures during which this thread may not make the call that it stands in.
CUresult unsafe();

// launched is the beginning of a kernel or product: it may fail.
CUresult launched(const std::string& name);

} // namespace emulated
