"""Training steps of the denoising sign autoencoder in PyTorch on a GPU, timed one model after another.

The step is that of torch_step.py: fresh sparse Gaussian data, x̂ = f(A·sign(Bx)) with row-normalised B
and the six-parameter denoiser G2, mean squared error, straight-through gradient of temperature 0.1,
fused Adam; float32, r = n/d = 1. Several replicas are one batch of models (torch.bmm).

Modes:
  eager       autograd, kernel by kernel
  eager-tf32  the same with matrix products in TF32
  captured    the same as eager, and the whole step, Adam included, captured as one CUDA graph; needs no compiler
  compile     torch.compile(mode="reduce-overhead"), which replays CUDA graphs, data included; Adam beside it
  graph       torch.compile, and the whole step, Adam included, captured as one CUDA graph
  graph-tf32  the same with matrix products in TF32

Speaks JSON, a line for a line. The first line says what this is. Then
  {"mode": "eager", "dim": 100, "batch": 100, "replicas": 1}   answers {"ready": true} once that model is warm,
  10                                                           answers {"ms": milliseconds per step over 10 steps},
  null                                                         forgets the model and answers {"ready": false}.
Whatever fails answers {"error": reason}; the next line is read all the same.
"""

import argparse
import gc
import json
import math
import sys
import time

import torch

TAU = 0.1
P = 0.4
RATE = 3e-3
THETA = [0.5, 0.5, -1.0, 0.0, 0.1, 1.0]  # a0, a1, a2, a3, b1, b2
WARMUP = 5


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


def denoise(u, theta):
    a0, a1, a2, a3, b1, b2 = (t[..., None, None] for t in theta.unbind(-1))
    s = torch.sigmoid(a2 + torch.nn.functional.softplus(a3) * u * u)
    return u * (a0 + a1 * s) + b1 * torch.tanh(b2 * u)


def loss_of(x, w, a, theta):
    """The error per coordinate, summed over replicas, which leaves every replica its own gradient."""
    b = torch.nn.functional.normalize(w, dim=-1)
    y = SignSTE.apply(x @ b.mT)
    e = denoise(y @ a.mT, theta) - x
    return (e * e).mean((-2, -1)).sum()


class Model:
    """Weights, Adam and a way to do a step."""

    def __init__(self, mode, dim, batch, replicas, device):
        lead = (replicas,) if replicas > 1 else ()
        self.shape, self.device = lead + (batch, dim), device
        self.params = [
            torch.randn(*lead, dim, dim, device=device) / math.sqrt(dim),
            torch.randn(*lead, dim, dim, device=device) * (0.1 / math.sqrt(dim)),
            torch.tensor(THETA, device=device).expand(*lead, 6).clone(),
        ]
        for p in self.params:
            p.requires_grad_()
        cuda = device == "cuda"
        self.optimizer = torch.optim.Adam(
            self.params, lr=RATE, **({"fused": True, "capturable": mode.startswith(("graph", "captured"))} if cuda else {"foreach": True}))
        self.x, self.u = torch.empty(self.shape, device=device), torch.empty(self.shape, device=device)
        ways = {"eager": self.eager, "captured": self.captured_eager, "compile": self.compiled, "graph": self.captured_compiled}
        self.step = ways[mode.removesuffix("-tf32")]()

    def draw(self):
        """N(0, 1/p) with probability p, else 0, in place."""
        self.x.normal_(0, 1 / math.sqrt(P))
        self.u.uniform_()
        return self.x.mul_(self.u < P)

    def draw_and_lose(self, w, a, theta):
        """Data as the compiler likes to fuse them."""
        x = torch.randn(self.shape, device=self.device) * (1 / math.sqrt(P))
        x = torch.where(torch.rand(self.shape, device=self.device) < P, x, torch.zeros_like(x))
        return loss_of(x, w, a, theta)

    def descend(self, loss_of_params):
        self.optimizer.zero_grad(set_to_none=True)
        loss = loss_of_params(*self.params)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def eager(self):
        return lambda: self.descend(lambda *params: loss_of(self.draw(), *params))

    def compiled(self):
        loss = torch.compile(self.draw_and_lose, mode="reduce-overhead", dynamic=False)

        def step():
            torch.compiler.cudagraph_mark_step_begin()
            return self.descend(loss)

        return step

    def captured_eager(self):
        return self.captured(lambda *params: loss_of(self.draw(), *params))

    def captured_compiled(self):
        return self.captured(torch.compile(self.draw_and_lose, dynamic=False))

    def captured(self, loss):
        """The step as one CUDA graph; on a CPU, without a graph."""
        if self.device != "cuda":
            return lambda: self.descend(loss)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.descend(loss)
        torch.cuda.current_stream().wait_stream(side)
        self.optimizer.zero_grad(set_to_none=True)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            last = self.descend(loss)

        def step():
            graph.replay()
            return last

        return step


def measure(step, steps):
    """Milliseconds per step over one run of steps; item waits for the device."""
    start = time.perf_counter()
    for _ in range(steps):
        loss = step()
    loss.item()
    return 1e3 * (time.perf_counter() - start) / steps


def forget(device):
    gc.collect()
    if hasattr(torch, "compile"):
        torch.compiler.reset()
    if device == "cuda":
        torch.cuda.empty_cache()


class Server:
    """Answers lines; holds one model at a time."""

    def __init__(self, device):
        self.device, self.model = device, None

    def answer(self, line):
        if isinstance(line, int):
            return {"ms": measure(self.model.step, line)}
        self.model = None
        forget(self.device)
        if line is None:
            return {"ready": False}
        torch.set_float32_matmul_precision("high" if line["mode"].endswith("-tf32") else "highest")
        torch.manual_seed(1)
        self.model = Model(line["mode"], line["dim"], line["batch"], line["replicas"], self.device)
        measure(self.model.step, WARMUP)
        return {"ready": True}


def reason(error):
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}"


def about(device):
    facts = {"python": sys.version.split()[0], "torch": str(torch.__version__)}
    if device == "cuda":
        facts["cuda of torch"] = str(torch.version.cuda)
        torch.zeros(1, device=device)  # fails here where there is no GPU
    return facts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    args = parser.parse_args()
    print(json.dumps(about(args.device)), flush=True)
    server = Server(args.device)
    for line in sys.stdin:
        try:
            answer = server.answer(json.loads(line))
        except Exception as error:  # a model that is too big, a compiler that fails: a row of its own
            answer = {"error": reason(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
