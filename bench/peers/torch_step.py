"""One online-SGD step of the denoising sign autoencoder in PyTorch, timed.

The step is autoamp's own: draw a fresh batch of sparse Gaussian data, x̂ = f(A·sign(Bx)) with
row-normalised B and the six-parameter denoiser G2, mean squared error, straight-through gradient
of temperature 0.1, Adam. float32, r = n/d = 1 unless --rate says otherwise.

--mode eager  autograd and torch.optim.Adam, in the variant that is fastest here
--mode hand   the backward pass written by hand into preallocated buffers, no autograd

--model rigamp is the decoder of two unrolled RI-GAMP iterations, all of its matrices and scalars
trained, in mode eager.

Prints one JSON object. With --serve it prints a first object once it is warm, then one for every
line read from standard input, so that a suite can take turns with other contestants.

--product N prints the speed of OpenBLAS at a product of size N instead, and the name of the kernels
that it runs. Its environment variable OPENBLAS_CORETYPE chooses others.
"""

import argparse
import ctypes
import json
import math
import resource
import statistics
import sys
import time

import torch

TAU = 0.1
THETA = [0.5, 0.5, -1.0, 0.0, 0.1, 1.0]  # a0, a1, a2, a3, b1, b2
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Data:
    """Fresh batches of N(0, 1/p) with probability p, else 0."""

    def __init__(self, batch, dim, p):
        self.p = p
        self.x = torch.empty(batch, dim)
        self.u = torch.empty(batch, dim)
        self.mask = torch.empty(batch, dim, dtype=torch.bool)

    def draw(self):
        self.x.normal_(0, 1 / math.sqrt(self.p))
        self.u.uniform_()
        torch.lt(self.u, self.p, out=self.mask)
        return self.x.mul_(self.mask)


def weights(dim, code):
    w = torch.randn(code, dim) / math.sqrt(dim)
    a = torch.randn(dim, code) * (0.1 / math.sqrt(code))
    return w, a, torch.tensor(THETA)


THETA_F2 = [0.4, 0.2, -1.0, 0.0, 0.1, 1.0]
THETA_G1 = [0.65, 1.25, -2.0, 1.3, -0.7, 1.7]


def rigamp_weights(dim, code):
    """W; V1, f1; W1, (β, γ), g1; V2, (β, γ), f2."""
    def normal(rows, cols):
        return torch.randn(rows, cols) / math.sqrt(dim)

    return (normal(code, dim), normal(dim, code), torch.tensor(THETA),
            normal(code, dim), torch.tensor([-1.0, 1.0]), torch.tensor(THETA_G1),
            normal(dim, code), torch.tensor([0.7, 0.5]), torch.tensor(THETA_F2))


class SignSTE(torch.autograd.Function):
    """sign forward, the derivative of tanh(z/τ) backward."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return torch.sign(z)

    @staticmethod
    def backward(ctx, dy):
        (z,) = ctx.saved_tensors
        t = torch.tanh(z * (1 / TAU))
        return dy * (1 - t * t) * (1 / TAU)


class Eager:
    """Autograd, and the Adam of torch.optim that is fastest on this machine."""

    weights = staticmethod(weights)

    def __init__(self, batch, dim, code, p, rate):
        self.data = Data(batch, dim, p)
        self.params = [t.requires_grad_() for t in self.weights(dim, code)]
        self.optimizer, self.adam = None, ""
        self.choose(rate)

    def choose(self, rate):
        best = math.inf
        for name, options in [("plain", {}), ("foreach", {"foreach": True}), ("fused", {"fused": True})]:
            try:
                optimizer = torch.optim.Adam(self.params, lr=rate, betas=(BETA1, BETA2), eps=EPSILON, **options)
                previous, self.optimizer = self.optimizer, optimizer
                self.step()
                start = time.perf_counter()
                for _ in range(3):
                    self.step()
                elapsed = time.perf_counter() - start
            except (TypeError, RuntimeError):  # this version has no such variant on the CPU
                self.optimizer = previous
                continue
            if elapsed < best:
                best, self.adam = elapsed, name
            else:
                self.optimizer = previous

    def step(self):
        x = self.data.draw()
        b = torch.nn.functional.normalize(self.params[0])
        y = SignSTE.apply(x @ b.t())
        loss = torch.nn.functional.mse_loss(self.decode(y), x)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def decode(self, y):
        _, a, theta = self.params
        return self.denoise(y @ a.t(), theta)

    @staticmethod
    def denoise(u, theta):
        a0, a1, a2, a3, b1, b2 = theta.unbind()
        s = torch.sigmoid(a2 + torch.nn.functional.softplus(a3) * u * u)
        return u * (a0 + a1 * s) + b1 * torch.tanh(b2 * u)


class EagerRIGAMP(Eager):
    """x̂¹ = f1(V1·y), ẑ² = g1(β1·W1·x̂¹ + γ1·y), x̂² = f2(β2·V2·ẑ² + γ2·x̂¹)."""

    weights = staticmethod(rigamp_weights)

    def decode(self, y):
        _, v1, f1, w1, merge1, g1, v2, merge2, f2 = self.params
        x1 = self.denoise(y @ v1.t(), f1)
        z2 = self.denoise(merge1[0] * (x1 @ w1.t()) + merge1[1] * y, g1)
        return self.denoise(merge2[0] * (z2 @ v2.t()) + merge2[1] * x1, f2)


class Hand:
    """The same step without autograd: every product and elementwise op writes into its buffer."""

    adam = "by hand"

    def __init__(self, batch, dim, code, p, rate):
        self.data = Data(batch, dim, p)
        self.params = list(weights(dim, code))
        self.rate, self.steps = rate, 0
        self.grads = [torch.zeros_like(t) for t in self.params]
        self.m = [torch.zeros_like(t) for t in self.params]
        self.v = [torch.zeros_like(t) for t in self.params]
        self.scratch = [torch.empty_like(t) for t in self.params]
        self.norm = torch.empty(code, 1)
        self.b = torch.empty(code, dim)
        self.z, self.y, self.dz = (torch.empty(batch, code) for _ in range(3))
        self.u, self.s, self.t, self.h, self.g, self.e = (torch.empty(batch, dim) for _ in range(6))

    @torch.no_grad()
    def step(self):
        x = self.data.draw()
        w, a, theta = self.params
        torch.linalg.vector_norm(w, dim=1, keepdim=True, out=self.norm)
        torch.div(w, self.norm, out=self.b)
        torch.mm(x, self.b.t(), out=self.z)
        torch.sign(self.z, out=self.y)
        torch.mm(self.y, a.t(), out=self.u)
        loss = self.denoise(x, theta.tolist())
        self.backward(x)
        self.update()
        return loss

    def denoise(self, x, theta):
        """The loss; leaves dL/du in self.e and the gradient of θ in self.grads[2]."""
        a0, a1, a2, a3, b1, b2 = theta
        rho = math.log1p(math.exp(a3))
        u, s, t, h, g, e = self.u, self.s, self.t, self.h, self.g, self.e
        torch.mul(u, u, out=h)
        torch.mul(h, rho, out=s).add_(a2).sigmoid_()
        torch.mul(u, b2, out=t).tanh_()
        torch.mul(s, a1, out=e).add_(a0).mul_(u).add_(t, alpha=b1).sub_(x)  # x̂ − x
        size = x.numel()
        loss = torch.dot(e.view(-1), e.view(-1)) / size
        e.mul_(2 / size)  # dL/dx̂
        torch.mul(e, u, out=g)
        flat = g.view(-1)
        sum_t, sum_g = torch.dot(e.view(-1), t.view(-1)).item(), g.sum().item()
        sum_gs = torch.dot(flat, s.view(-1)).item()
        t.mul_(t)  # tanh²
        sum_gt = torch.dot(flat, t.view(-1)).item()
        # f'(u) = a0 + a1·s + 2·a1·ρ·u²·s(1−s) + b1·b2·(1−tanh²), gathered in t
        t.mul_(-b1 * b2).add_(a0 + b1 * b2).add_(s, alpha=a1)
        s.addcmul_(s, s, value=-1)  # s(1−s)
        sum_gh = torch.dot(flat, s.view(-1)).item()
        h.mul_(s)
        sum_guh = torch.dot(flat, h.view(-1)).item()
        t.add_(h, alpha=2 * a1 * rho)
        e.mul_(t)
        sigma = 1 / (1 + math.exp(-a3))
        self.grads[2].copy_(torch.tensor(
            [sum_g, sum_gs, a1 * sum_gh, a1 * sigma * sum_guh, sum_t, b1 * (sum_g - sum_gt)]))
        return loss

    def backward(self, x):
        a, du = self.params[1], self.e
        dw, da = self.grads[0], self.grads[1]
        torch.mm(du.t(), self.y, out=da)
        torch.mm(du, a, out=self.dz)
        self.z.mul_(1 / TAU).tanh_()
        self.z.mul_(self.z).mul_(-1 / TAU).add_(1 / TAU)
        self.dz.mul_(self.z)
        torch.mm(self.dz.t(), x, out=dw)
        scratch = torch.mul(dw, self.b, out=self.scratch[0])
        dw.addcmul_(self.b, scratch.sum(dim=1, keepdim=True), value=-1).div_(self.norm)

    def update(self):
        self.steps += 1
        correct1, correct2 = 1 - BETA1**self.steps, 1 - BETA2**self.steps
        for w, g, m, v, r in zip(self.params, self.grads, self.m, self.v, self.scratch):
            m.mul_(BETA1).add_(g, alpha=1 - BETA1)
            v.mul_(BETA2).addcmul_(g, g, value=1 - BETA2)
            torch.sqrt(v, out=r).add_(EPSILON * math.sqrt(correct2))
            w.addcdiv_(m, r, value=-self.rate * math.sqrt(correct2) / correct1)


def measure(model, steps):
    """Milliseconds per step over one run of steps."""
    start = time.perf_counter()
    for _ in range(steps):
        loss = model.step()
    loss.item()
    return 1e3 * (time.perf_counter() - start) / steps


def quantile(sorted_values, q):
    at = q * (len(sorted_values) - 1)
    low = int(at)
    high = min(low + 1, len(sorted_values) - 1)
    return sorted_values[low] + (at - low) * (sorted_values[high] - sorted_values[low])


def openblas():
    """Version and kernels of the OpenBLAS in this process, such as OpenBLAS 0.3.21 and Zen; empty if there is none."""
    try:
        with open("/proc/self/maps") as maps:
            files = {line.split()[-1] for line in maps if "openblas" in line}
        library = ctypes.CDLL(sorted(files)[0])
        library.openblas_get_corename.restype = library.openblas_get_config.restype = ctypes.c_char_p
        config = library.openblas_get_config().decode().split()
        return " ".join(config[:2]), library.openblas_get_corename().decode()
    except (OSError, IndexError, AttributeError):  # not Linux, another BLAS, or its names have a suffix
        return "", ""


def product(size):
    """Prints the best speed of 15 products of float32 matrices."""
    a, b, c = (torch.randn(size, size) for _ in range(3))
    times = []
    for _ in range(16):  # the first one touches the memory
        start = time.perf_counter()
        torch.mm(a, b, out=c)
        times.append(time.perf_counter() - start)
    blas, kernels = openblas()
    print(json.dumps({"blas": blas, "kernels": kernels, "gflops": 2e-9 * size**3 / min(times[1:])}))


def describe(args, model):
    blas, kernels = openblas()
    return {
        "blas": blas, "kernels": kernels,
        "mode": args.mode, "model": args.model, "dim": args.dim, "code": args.code, "batch": args.batch,
        "threads": torch.get_num_threads(), "adam": model.adam,
        "torch": str(torch.__version__), "python": sys.version.split()[0],
    }


def serve(args, model):
    print(json.dumps(describe(args, model)), flush=True)
    for line in sys.stdin:
        steps = int(line)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        ms = measure(model, steps)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
        print(json.dumps({"ms": ms, "faults": faults / steps}), flush=True)


def report(args, model):
    times = sorted(measure(model, 1) for _ in range(args.steps))
    result = describe(args, model)
    result.update(steps=args.steps, ms_per_step=statistics.median(times),
                  p10=quantile(times, 0.1), p90=quantile(times, 0.9))
    print(json.dumps(result))


def train(args, model):
    """Trains with the rate falling to zero along a cosine and prints the last error."""
    last = []
    for step in range(args.steps):
        rate = args.lr * 0.5 * (1 + math.cos(math.pi * step / args.steps))
        if args.mode == "hand":
            model.rate = rate
        else:
            model.optimizer.param_groups[0]["lr"] = rate
        loss = model.step()
        if step >= args.steps * 0.98:
            last.append(float(loss))
    result = describe(args, model)
    result.update(steps=args.steps, mse=statistics.fmean(last),
                  mse_stderr=statistics.stdev(last) / math.sqrt(len(last)))
    print(json.dumps(result))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=["eager", "hand"], default="eager")
    parser.add_argument("--model", choices=["denoiser", "rigamp"], default="denoiser")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--p", type=float, default=0.4)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=200, help="timed steps")
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--serve", action="store_true", help="time N steps for each N on standard input")
    parser.add_argument("--train", action="store_true", help="train for --steps and print the error instead")
    parser.add_argument("--product", type=int, metavar="N", help="print the speed of a product of size N instead")
    args = parser.parse_args()
    args.code = round(args.rate * args.dim)
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    if args.product:
        return product(args.product)
    if args.model == "rigamp" and args.mode == "hand":
        parser.error("--mode hand has no --model rigamp")
    kind = Hand if args.mode == "hand" else EagerRIGAMP if args.model == "rigamp" else Eager
    model = kind(args.batch, args.dim, args.code, args.p, args.lr)
    if args.train:
        return train(args, model)
    measure(model, args.warmup)
    return serve(args, model) if args.serve else report(args, model)


if __name__ == "__main__":
    main()
