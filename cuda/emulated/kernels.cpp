// The kernels by name, compiled for the host.

#include "device.h"
#include "kernels.h"

#include "../../kernels/fatbin/kernels.cu"

#include <tuple>

namespace {

template <class... A, size_t... I>
std::function<void()> with_arguments(void (*f)(A...), void* const* params, std::index_sequence<I...>) {
    return [f, args = std::make_tuple(*static_cast<A*>(params[I])...)] { std::apply(f, args); };
}

// entry makes a kernel that can be launched with an array of pointers to its arguments.
template <class... A> Kernel entry(const char* name, void (*f)(A...)) {
    return {name, [f](void* const* params) { return with_arguments(f, params, std::index_sequence_for<A...>()); }};
}

} // namespace

// names.inc has a line KERNEL(Name) for every kernel of the .cu files.
#define KERNEL(name) entry(#name, name),
const std::vector<Kernel>& kernels() {
    static const std::vector<Kernel> list{
#include "names.inc"
    };
    return list;
}
