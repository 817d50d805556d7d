// Graphs with branches: nodes run in a random order of those that their dependencies allow, so that a dependency that is
// missing shows. The order is another one at every launch, and the same in every process.

#include "state.h"

#include <random>

using namespace emulated;

CUgraphNode CUgraph_st::add(Work work, const std::vector<CUgraphNode>& after) {
    nodes.push_back({this, nodes.size(), std::move(work), {}, nullptr});
    for (CUgraphNode n : after)
        nodes.back().after.push_back(n->number);
    return &nodes.back();
}

CUresult CUgraphExec_st::run() const {
    static std::minstd_rand random;
    std::vector<std::vector<size_t>> before(nodes.size());
    std::vector<size_t> waits(nodes.size()), ready;
    for (const CUgraphNode_st& n : nodes) {
        waits[n.number] = n.after.size();
        for (size_t other : n.after)
            before[other].push_back(n.number);
        if (n.after.empty())
            ready.push_back(n.number);
    }
    while (!ready.empty()) {
        std::swap(ready[random() % ready.size()], ready.back());
        const CUgraphNode_st& n = nodes[ready.back()];
        ready.pop_back();
        if (CUresult err = n.work())
            return err;
        for (size_t next : before[n.number])
            if (--waits[next] == 0)
                ready.push_back(next);
    }
    return CUDA_SUCCESS;
}

bool CUgraph_st::shares_scratch() const {
    std::vector<std::vector<bool>> before; // the nodes that have ended when a node begins
    for (const CUgraphNode_st& n : nodes) {
        std::vector<bool> ended(nodes.size());
        for (size_t a : n.after) {
            ended[a] = true;
            for (size_t i = 0; i < a; i++)
                ended[i] = ended[i] || before[a][i];
        }
        for (const CUgraphNode_st& m : nodes)
            if (m.number < n.number && m.scratch && m.scratch == n.scratch && !ended[m.number])
                return true;
        before.push_back(ended);
    }
    return false;
}

namespace {

// all reports whether nodes are of a graph.
bool all(CUgraph graph, const CUgraphNode* nodes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (const CUgraphNode_st& n : graph->nodes)
            found = found || &n == nodes[i];
        if (!found)
            return false;
    }
    return true;
}

} // namespace

extern "C" {

CUresult cuStreamGetCaptureInfo_v2(CUstream stream, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
                                   const CUgraphNode** nodes, size_t* count) {
    BEGIN();
    if (!is_stream(stream) || !status)
        return CUDA_ERROR_INVALID_VALUE;
    *status = stream->broken    ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
              : stream->capture ? CU_STREAM_CAPTURE_STATUS_ACTIVE
                                : CU_STREAM_CAPTURE_STATUS_NONE;
    if (*status != CU_STREAM_CAPTURE_STATUS_ACTIVE)
        return CUDA_SUCCESS;
    if (id)
        *id = reinterpret_cast<cuuint64_t>(stream->capture);
    if (graph)
        *graph = stream->capture;
    if (nodes)
        *nodes = stream->last.data();
    if (count)
        *count = stream->last.size();
    return CUDA_SUCCESS;
}

CUresult cuStreamUpdateCaptureDependencies(CUstream stream, CUgraphNode* nodes, size_t count, unsigned flags) {
    BEGIN();
    if (!is_stream(stream) || flags > CU_STREAM_SET_CAPTURE_DEPENDENCIES)
        return CUDA_ERROR_INVALID_VALUE;
    if (stream->broken || !stream->capture)
        return CUDA_ERROR_ILLEGAL_STATE;
    if (!all(stream->capture, nodes, count))
        return CUDA_ERROR_INVALID_VALUE;
    if (flags == CU_STREAM_SET_CAPTURE_DEPENDENCIES)
        stream->last.clear();
    stream->last.insert(stream->last.end(), nodes, nodes + count);
    return CUDA_SUCCESS;
}

// cuGraphAddEmptyNode adds to a graph that is being captured.
CUresult cuGraphAddEmptyNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* after, size_t count) {
    BEGIN();
    for (CUstream s : current_context->streams)
        if (s->capture == graph && all(graph, after, count)) {
            *node = graph->add([] { return CUDA_SUCCESS; }, {after, after + count});
            return CUDA_SUCCESS;
        }
    return CUDA_ERROR_INVALID_VALUE;
}

} // extern "C"
