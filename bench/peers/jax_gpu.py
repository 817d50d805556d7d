"""Training steps of the denoising sign autoencoder in JAX on a GPU, timed one model after another.

The step is that of torch_gpu.py, its data from XLA's own generator (rbg), Adam written out, everything
one jitted function whose state is donated. Several replicas are a vmap.

Modes:
  jit       a call per step
  jit-tf32  the same with matrix products in TF32
  loop      all timed steps in one jitted fori_loop

Speaks JSON, a line for a line, as torch_gpu.py does.
"""

import argparse
import gc
import json
import math
import os
import sys
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others use the card in the same run

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

TAU = 0.1
P = 0.4
RATE = 3e-3
THETA = [0.5, 0.5, -1.0, 0.0, 0.1, 1.0]  # a0, a1, a2, a3, b1, b2
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
WARMUP = 5


@jax.custom_vjp
def sign_ste(z):
    return jnp.sign(z)


def sign_forward(z):
    return jnp.sign(z), z


def sign_backward(z, dy):
    """The derivative of tanh(z/τ)."""
    t = jnp.tanh(z * (1 / TAU))
    return (dy * (1 - t * t) * (1 / TAU),)


sign_ste.defvjp(sign_forward, sign_backward)


def draw(key, shape):
    """N(0, 1/p) with probability p, else 0."""
    normals, masks = jax.random.split(key)
    x = jax.random.normal(normals, shape) * (1 / math.sqrt(P))
    return jnp.where(jax.random.uniform(masks, shape) < P, x, 0)


def denoise(u, theta):
    a0, a1, a2, a3, b1, b2 = theta
    s = jax.nn.sigmoid(a2 + jax.nn.softplus(a3) * u * u)
    return u * (a0 + a1 * s) + b1 * jnp.tanh(b2 * u)


def loss_of(params, x):
    w, a, theta = params
    b = w / jnp.linalg.norm(w, axis=1, keepdims=True)
    y = sign_ste(x @ b.T)
    return jnp.mean((denoise(y @ a.T, theta) - x) ** 2)


def adam(t, w, g, m, v):
    m = BETA1 * m + (1 - BETA1) * g
    v = BETA2 * v + (1 - BETA2) * g * g
    m_hat, v_hat = m / (1 - BETA1**t), v / (1 - BETA2**t)
    return w - RATE * m_hat / (jnp.sqrt(v_hat) + EPSILON), m, v


def step(state, key, shape):
    """A step of every model; the state is (t, params, first moments, second moments), shape that of the data."""
    t, params, first, second = state
    t = t + 1
    x = draw(jax.random.fold_in(key, t), shape)
    losses = loss_of if len(shape) == 2 else jax.vmap(loss_of)
    loss, grads = jax.value_and_grad(lambda params: jnp.sum(losses(params, x)))(params)
    moved = [adam(t.astype(jnp.float32), *each) for each in zip(params, grads, first, second)]
    return (t, *zip(*moved)), loss


def start(key, lead, dim):
    encoder, decoder = jax.random.split(key)
    params = (
        jax.random.normal(encoder, (*lead, dim, dim)) / math.sqrt(dim),
        jax.random.normal(decoder, (*lead, dim, dim)) * (0.1 / math.sqrt(dim)),
        jnp.broadcast_to(jnp.array(THETA, jnp.float32), (*lead, 6)),
    )
    return jnp.zeros((), jnp.int32), params, tuple(map(jnp.zeros_like, params)), tuple(map(jnp.zeros_like, params))


class Model:
    """A state and a way to move it some steps on, run."""

    def __init__(self, mode, dim, batch, replicas):
        key = jax.random.key(1, impl="rbg")
        lead = (replicas,) if replicas > 1 else ()
        self.state = jax.jit(start, static_argnums=(1, 2))(key, lead, dim)

        def next_state(state):
            return step(state, key, (*lead, batch, dim))

        self.run = self.loop(next_state) if mode == "loop" else self.calls(next_state)

    def calls(self, next_state):
        jitted = jax.jit(next_state, donate_argnums=0)

        def run(steps):
            for _ in range(steps):
                self.state, loss = jitted(self.state)
            return loss

        return run

    def loop(self, next_state):
        def body(_, carry):
            return next_state(carry[0])

        def steps_of(state, steps):
            return jax.lax.fori_loop(0, steps, body, (state, jnp.zeros(())))

        jitted = jax.jit(steps_of, donate_argnums=0)

        def run(steps):
            self.state, loss = jitted(self.state, steps)
            return loss

        return run


def measure(run, steps):
    """Milliseconds per step over one run of steps."""
    begin = time.perf_counter()
    jax.block_until_ready(run(steps))
    return 1e3 * (time.perf_counter() - begin) / steps


class Server:
    """Answers lines; holds one model at a time."""

    def __init__(self):
        self.model = None

    def answer(self, line):
        if isinstance(line, int):
            return {"ms": measure(self.model.run, line)}
        self.model = None
        gc.collect()
        jax.clear_caches()
        if line is None:
            return {"ready": False}
        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if line["mode"] == "jit-tf32" else "highest")
        self.model = Model(line["mode"], line["dim"], line["batch"], line["replicas"])
        measure(self.model.run, WARMUP)
        return {"ready": True}


def reason(error):
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    args = parser.parse_args()
    jax.config.update("jax_platforms", args.device)  # fails at the next line where there is no GPU
    print(json.dumps({"jax": jax.__version__, "python": sys.version.split()[0], "jax device": jax.devices()[0].device_kind}), flush=True)
    server = Server()
    for line in sys.stdin:
        try:
            answer = server.answer(json.loads(line))
        except Exception as error:  # a model that is too big: a row of its own
            answer = {"error": reason(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
