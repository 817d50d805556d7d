// Memory that a kernel may not reach, as a GPU's page tables see it: guard pages, freed memory, another device's memory.
//
// The host takes a signal for it. While work runs, the signal ends the work and not the process: the work's context gets the
// error that a GPU reports. Go's handler gets every other signal, as before.

#include "state.h"

#include <csetjmp>
#include <csignal>
#include <cstdio>

using namespace emulated;

namespace {

thread_local sigjmp_buf* running; // where the work of this thread ends
thread_local char* touched;
struct sigaction others[NSIG];

void handle(int signal, siginfo_t* info, void* context) {
    if (running) {
        touched = static_cast<char*>(info->si_addr);
        siglongjmp(*running, 1);
    }
    const struct sigaction& other = others[signal];
    if (other.sa_flags & SA_SIGINFO)
        return other.sa_sigaction(signal, info, context);
    if (other.sa_handler != SIG_DFL && other.sa_handler != SIG_IGN)
        return other.sa_handler(signal);
    sigaction(signal, &other, nullptr); // and the faulty instruction runs again
}

void install() {
    struct sigaction mine = {};
    mine.sa_sigaction = handle;
    mine.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (int signal : {SIGSEGV, SIGBUS})
        sigaction(signal, &mine, &others[signal]);
}

// describe says what lies at an address.
void describe(const Device& device, char* at) {
    for (const Device& d : driver.devices)
        if (d.primary)
            for (auto& [p, a] : d.primary->allocations)
                if (at >= a.pages - 4096 && at < a.pages + a.mapped + 4096) {
                    fprintf(stderr, "emulated driver: device %d reached byte %td of an allocation of %zu bytes on device %d\n",
                            device.ordinal, at - p, a.bytes, d.ordinal);
                    return;
                }
    fprintf(stderr, "emulated driver: device %d reached %p, which is in no allocation\n", device.ordinal, (void*)at);
}

} // namespace

CUresult emulated::run(CUcontext c, const Work& work) {
    static const bool installed = (install(), true);
    (void)installed;
    expose(c);
    sigjmp_buf here;
    sigjmp_buf* const outer = running;
    if (sigsetjmp(here, 0) == 0) {
        running = &here;
        const CUresult result = work();
        running = outer;
        expose(c); // the work may have waited for another one
        return result;
    }
    running = outer;
    describe(*c->device, touched);
    return CUDA_ERROR_ILLEGAL_ADDRESS;
}
