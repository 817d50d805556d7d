// The state of the emulated devices, and what its parts need of each other.

#pragma once

#include "driver.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

struct Entry;

using Work = std::function<CUresult()>;

struct CUgraph_st;

struct CUgraphNode_st {
    CUgraph graph;
    size_t number; // within the graph
    Work work;
    std::vector<size_t> after;     // numbers of the nodes that must have ended
    const void* scratch = nullptr; // that the node writes, and no other at the same time
};

struct CUgraph_st {
    std::deque<CUgraphNode_st> nodes; // their addresses stay

    CUgraphNode add(Work work, const std::vector<CUgraphNode>& after);

    // shares_scratch reports whether two nodes that may run at the same time write the same scratch memory.
    bool shares_scratch() const;
};

struct CUgraphExec_st {
    std::vector<CUgraphNode_st> nodes;

    // run runs the nodes in a random order of those that the graph allows.
    CUresult run() const;
};

struct CUstream_st {
    CUcontext context;
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

// Resources are what nvcc says that a kernel takes.
struct Resources {
    int registers; // of a thread
    int shared;    // bytes of a block, besides dynamic ones
};

struct CUfunc_st {
    const Entry* entry;
    const Resources* resources;
    int dynamic; // the most bytes of dynamic shared memory
};

struct CUmod_st {
    std::map<std::string, CUfunction> functions; // that were looked up
};

namespace emulated {
struct Device;

struct Allocation {
    size_t bytes;
    bool pinned;
    char* pages; // where its memory begins, right behind a guard page
    size_t mapped;
};
} // namespace emulated

// A context owns everything that was made while it was current.
struct CUctx_st {
    emulated::Device* device;
    CUresult sticky = CUDA_SUCCESS; // what a failed launch left behind
    std::map<char*, emulated::Allocation> allocations;
    size_t grown = 0;               // bytes that kernels took when they were loaded
    CUstream_st default_stream{this};
    std::set<CUstream> streams; // that the user made
    std::set<void*> handles;    // alive: streams, events, graphs, modules
};

namespace emulated {

struct Faults {
    long alloc = 0, pinned = 0, launch = 0, lost = 0; // how many more calls until it happens; 0 never
    std::set<std::string> kernels;
    bool old_card = false;
};

// Device is a GPU. It has memory of its own, which no other can read.
struct Device {
    int ordinal;
    Faults faults;
    bool lost = false;
    size_t used = 0;
    CUcontext primary = nullptr; // a new one each time that somebody retains it first
    unsigned users = 0;
};

// Driver is all devices. One lock guards everything: a call is over before another begins.
struct Driver {
    std::recursive_mutex lock;
    bool initialised = false;
    std::deque<Device> devices{{0}}; // every one that was ever visible
    int visible = 1;
    size_t memory = 8ull << 30; // of each device
    Faults faults;              // of whatever device
    bool no_device = false, no_cublas = false;
    int no_cublas_of = 0; // a major version
    int version = CUDA_VERSION;
    int nodes = 0;              // of the graph that was instantiated last
    std::atomic<bool> tf32_rounds{false};
};

extern Driver driver;
extern thread_local CUcontext current_context;

template <class T> T* made(T* handle) {
    current_context->handles.insert(handle);
    return handle;
}

// is_alive reports whether a handle is one of the current context.
template <class T> bool is_alive(T* handle) {
    return current_context->handles.count(handle);
}

// destroyed ends a handle. Its memory stays, so that no later one is taken for it.
template <class T> bool destroyed(T* handle) {
    if (current_context->handles.erase(handle) == 0)
        return false;
    std::destroy_at(handle);
    return true;
}

// set_devices makes the first so many devices visible.
void set_devices(int count);

// set_faults replaces the faults and heals the devices.
void set_faults(const char* text);

// strike counts a fault down, of a device and of all, and reports whether it happens now.
bool strike(long Faults::* count, Device* device);

// lose loses a device, or all.
void lose(Device* device);

// Call is the head of every call: the lock, and the errors that any call may return.
struct Call {
    std::lock_guard<std::recursive_mutex> guard{driver.lock};
    CUresult error = CUDA_SUCCESS;

    explicit Call(bool context = true) {
        const CUcontext c = current_context;
        if (strike(&Faults::lost, c ? c->device : nullptr))
            lose(c ? c->device : nullptr);
        if (!driver.initialised)
            error = CUDA_ERROR_NOT_INITIALIZED;
        else if (context && !c)
            error = CUDA_ERROR_INVALID_CONTEXT;
        else if (context && c->device->primary != c)
            error = CUDA_ERROR_CONTEXT_IS_DESTROYED;
        else if (context)
            error = c->sticky;
    }
};

#define BEGIN(...)                                                                                                          \
    Call call{__VA_ARGS__};                                                                                                 \
    if (call.error != CUDA_SUCCESS)                                                                                         \
    return call.error

// check_borders reports whether something wrote beyond an allocation.
CUresult check_borders(CUcontext c);

// expose lets the host, which runs the kernels, reach the memory of a context, and of no other.
void expose(CUcontext c);

// unmap takes the memory of a context away.
void unmap(CUcontext c);

// run is a piece of work in a context. Memory that it may not reach ends it, not the process.
CUresult run(CUcontext c, const Work& work);

// stream_of is a stream or, for null, the default one of the current context.
CUstream stream_of(CUstream s);

bool is_stream(CUstream s);

// run_until runs what a stream has to do up to its place-th piece of work; drain runs all of it.
CUresult run_until(CUstream s, unsigned long long place);
CUresult drain(CUstream s);

// drain_streams runs what there is on the streams of a context, or on those that wait for the default one.
CUresult drain_streams(CUcontext c, bool blocking_only);

// enqueue puts work on a stream or into the graph that is being captured from it.
CUresult enqueue(CUstream s, Work work);

// capturing are the streams of all devices that are being captured. A device that failed captures nothing any more.
std::vector<CUstream> capturing();

// unsafe refuses a call that may wait or allocate, and invalidates the captures during which this thread may not make it: its own,
// and global ones of other threads.
CUresult unsafe();

// Extent is the size of a grid in blocks, or of a block in threads.
struct Extent {
    unsigned x, y, z;
};

// is_fatbin reports whether a module is the one that the driver knows the kernels of.
bool is_fatbin(const void* image);

// resources are what a kernel takes, null if the fatbin does not have it.
const Resources* resources(const std::string& kernel);

// free_shared is the number of bytes of dynamic shared memory that a kernel may have without asking.
int free_shared(const Resources& r);

// within_limits refuses a launch that the device has no room for.
CUresult within_limits(const CUfunc_st& f, const Extent& grid, const Extent& block, unsigned dynamic);

// legacy refuses the default stream while a stream that waits for it is being captured, and invalidates the capture.
CUresult legacy();

// launched is the beginning of a kernel or product on a device: it may fail.
CUresult launched(Device& device, const std::string& name);

} // namespace emulated
