// Streams, events and graphs of the emulated driver.

#include "state.h"

#include <cstdio>

namespace emulated {

CUstream stream_of(CUstream s) {
    return s ? s : &current_context->default_stream;
}

bool is_stream(CUstream s) {
    return s == &current_context->default_stream || is_alive(s);
}

CUresult run_until(CUstream s, unsigned long long place) {
    CUresult& sticky = s->context->sticky;
    while (s->ran < place && !s->queue.empty()) {
        Work work = std::move(s->queue.front());
        s->queue.pop_front();
        s->ran++;
        if (sticky == CUDA_SUCCESS)
            sticky = run(s->context, work);
    }
    return sticky;
}

CUresult drain(CUstream s) {
    run_until(s, s->enqueued);
    CUresult& sticky = s->context->sticky;
    if (sticky == CUDA_SUCCESS)
        sticky = check_borders(s->context);
    return sticky;
}

CUresult drain_streams(CUcontext c, bool blocking_only) {
    drain(&c->default_stream);
    for (CUstream s : c->streams)
        if (s->blocking || !blocking_only)
            drain(s);
    return c->sticky;
}

std::vector<CUstream> capturing() {
    std::vector<CUstream> list;
    for (const Device& d : driver.devices)
        if (d.primary && d.primary->sticky == CUDA_SUCCESS)
            for (CUstream s : d.primary->streams)
                if (s->capture)
                    list.push_back(s);
    return list;
}

CUresult unsafe() {
    CUresult err = CUDA_SUCCESS;
    for (CUstream s : capturing()) {
        const bool mine = s->thread == std::this_thread::get_id() && s->mode != CU_STREAM_CAPTURE_MODE_RELAXED;
        if (mine || s->mode == CU_STREAM_CAPTURE_MODE_GLOBAL) {
            s->broken = true;
            err = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        }
    }
    return err;
}

CUresult legacy() {
    for (CUstream s : current_context->streams)
        if (s->capture && s->blocking) {
            s->broken = true;
            return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
        }
    return CUDA_SUCCESS;
}

CUresult enqueue(CUstream s, Work work) {
    s = stream_of(s);
    if (!is_stream(s))
        return CUDA_ERROR_INVALID_HANDLE;
    if (s == &current_context->default_stream)
        if (CUresult err = legacy())
            return err;
    if (s->broken)
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (s->capture) {
        s->last = {s->capture->add(std::move(work), s->last)};
        return CUDA_SUCCESS;
    }
    s->queue.push_back(std::move(work));
    s->enqueued++;
    return CUDA_SUCCESS;
}

} // namespace emulated

using namespace emulated;

namespace {

// captured refuses to wait for a stream that is being captured, and invalidates the capture.
CUresult captured(CUstream s) {
    if (s == &current_context->default_stream)
        return legacy();
    if (!s->capture)
        return CUDA_SUCCESS;
    if (s->broken)
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    s->broken = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

// may_wait refuses to wait for a stream that is being captured, and for any other during this thread's captures.
CUresult may_wait(CUstream s) {
    const CUresult err = captured(s);
    return err != CUDA_SUCCESS ? err : unsafe();
}

} // namespace

Capture emulated_capture(CUstream stream) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    if (current_context && is_stream(stream_of(stream)) && stream_of(stream)->capture)
        return Capture::THIS;
    for (CUstream s : capturing())
        if (s->thread == std::this_thread::get_id())
            return Capture::ANOTHER;
    return Capture::NONE;
}

void emulated_invalidate() {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    unsafe();
}

CUresult emulated_enqueue(CUstream stream, const void* scratch, Work work) {
    BEGIN();
    const CUresult enqueued = enqueue(stream, [work = std::move(work), d = current_context->device] {
        const CUresult err = launched(*d, "gemm");
        return err != CUDA_SUCCESS ? err : work();
    });
    stream = stream_of(stream);
    if (enqueued == CUDA_SUCCESS && stream->capture)
        stream->last.back()->scratch = scratch;
    return enqueued;
}

extern "C" {

// Streams and events.

CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
    BEGIN();
    *stream = made(new CUstream_st{current_context});
    (*stream)->blocking = !(flags & CU_STREAM_NON_BLOCKING);
    current_context->streams.insert(*stream);
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream stream) {
    BEGIN();
    if (!current_context->streams.count(stream))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = captured(stream))
        return err;
    drain(stream);
    delete stream->capture;
    current_context->streams.erase(stream);
    destroyed(stream);
    return current_context->sticky;
}

CUresult cuStreamSynchronize(CUstream stream) {
    BEGIN();
    stream = stream_of(stream);
    if (!is_stream(stream))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = may_wait(stream))
        return err;
    return drain(stream);
}

// cuStreamQuery lets one piece of work end for each time that somebody asks.
CUresult cuStreamQuery(CUstream stream) {
    BEGIN();
    stream = stream_of(stream);
    if (!is_stream(stream))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = may_wait(stream))
        return err;
    if (stream->queue.empty())
        return current_context->sticky;
    run_until(stream, stream->ran + 1);
    return current_context->sticky != CUDA_SUCCESS ? current_context->sticky : CUDA_ERROR_NOT_READY;
}

CUresult cuEventCreate(CUevent* event, unsigned) {
    BEGIN();
    *event = made(new CUevent_st);
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy(CUevent event) {
    BEGIN();
    if (!is_alive(event))
        return CUDA_ERROR_INVALID_HANDLE;
    if (event->stream && is_stream(event->stream))
        run_until(event->stream, event->place); // it writes the time
    destroyed(event);
    return current_context->sticky;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    BEGIN();
    stream = stream_of(stream);
    if (!is_alive(event) || !is_stream(stream))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = captured(stream)) // CUDA allows it; nobody needs it
        return err;
    event->stream = stream;
    const CUresult err = enqueue(stream, [event] {
        event->time = std::chrono::steady_clock::now();
        return CUDA_SUCCESS;
    });
    event->place = stream->enqueued;
    return err;
}

CUresult cuEventSynchronize(CUevent event) {
    BEGIN();
    if (!is_alive(event))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = unsafe())
        return err;
    return event->stream && is_stream(event->stream) ? run_until(event->stream, event->place) : CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent event) {
    BEGIN();
    if (!is_alive(event))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = unsafe())
        return err;
    CUstream s = event->stream;
    if (!s || !is_stream(s) || s->ran >= event->place)
        return CUDA_SUCCESS;
    run_until(s, s->ran + 1);
    return current_context->sticky != CUDA_SUCCESS ? current_context->sticky : CUDA_ERROR_NOT_READY;
}

CUresult cuEventElapsedTime(float* ms, CUevent start, CUevent end) {
    BEGIN();
    if (!is_alive(start) || !is_alive(end) || !start->stream || !end->stream)
        return CUDA_ERROR_INVALID_HANDLE;
    if (start->stream->ran < start->place || end->stream->ran < end->place)
        return CUDA_ERROR_NOT_READY;
    *ms = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return CUDA_SUCCESS;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
    BEGIN();
    if (!is_alive(event) || !is_stream(stream_of(stream)))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = captured(stream_of(stream))) // likewise
        return err;
    CUstream from = event->stream;
    const unsigned long long place = event->place;
    if (!from)
        return CUDA_SUCCESS;
    return enqueue(stream, [=] { return is_stream(from) ? run_until(from, place) : CUDA_SUCCESS; });
}

// Graphs.

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode) {
    BEGIN();
    if (!current_context->streams.count(stream)) // the default stream among them
        return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (stream->capture)
        return CUDA_ERROR_ILLEGAL_STATE;
    stream->capture = new CUgraph_st;
    stream->last.clear();
    stream->broken = false;
    stream->mode = mode;
    stream->thread = std::this_thread::get_id();
    return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
    BEGIN();
    *graph = nullptr;
    if (!current_context->streams.count(stream) || !stream->capture)
        return CUDA_ERROR_ILLEGAL_STATE;
    if (stream->mode != CU_STREAM_CAPTURE_MODE_RELAXED && stream->thread != std::this_thread::get_id()) {
        stream->broken = true;
        return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
    }
    CUgraph captured = stream->capture;
    stream->capture = nullptr;
    if (stream->broken) {
        delete captured;
        stream->broken = false;
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    *graph = made(captured);
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long) {
    BEGIN();
    if (!is_alive(graph))
        return CUDA_ERROR_INVALID_VALUE;
    if (CUresult err = unsafe())
        return err;
    if (graph->shares_scratch()) {
        fprintf(stderr, "emulated driver: products of two branches share a workspace\n");
        return CUDA_ERROR_INVALID_VALUE;
    }
    driver.nodes = static_cast<int>(graph->nodes.size());
    *exec = made(new CUgraphExec_st{{graph->nodes.begin(), graph->nodes.end()}});
    return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) {
    BEGIN();
    if (!is_alive(exec))
        return CUDA_ERROR_INVALID_VALUE;
    return enqueue(stream, [exec] { return exec->run(); });
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    drain_streams(current_context, false);
    return destroyed(exec) ? current_context->sticky : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphDestroy(CUgraph graph) {
    BEGIN();
    return destroyed(graph) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

} // extern "C"
