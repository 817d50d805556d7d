"""The theory's expectations by Monte Carlo in NumPy, as the paper computed them, timed.

For one law, p and rate r: the mean squared error E Var(x | x + s·g) of the posterior mean behind a
Haar encoder, and the Bayes-optimal recursion (eqs. (113)-(127)) with every expectation an average
over fresh samples (default 10⁶). The recursion makes --passes passes: a Monte-Carlo error does not
let it notice its fixed point. The averages are over conditional variances, which fluctuate less
than squared errors do.

Prints one JSON object: the values, and the median times of --repeat evaluations in milliseconds.
Needs NumPy only.
"""

import argparse
import json
import math
import platform
import statistics
import time

import numpy as np

SQRT2PI = math.sqrt(2 * math.pi)


def erfcx(x):
    """exp(x²)·erfc(x) for x ≥ 0, relative error below 1.2e-7 (Numerical Recipes, erfcc)."""
    t = 1 / (1 + 0.5 * x)
    s = np.full_like(t, 0.17087277)
    for c in (-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368):
        s *= t
        s += c
    s *= t
    s += -1.26551223
    return t * np.exp(s)


def mixture_variance(components, y, s2):
    """Var(x | y) for a mixture of normals (weight, mean, variance), y = x + N(0, s2)."""
    logs, means, variances = [], [], []
    for w, m, v in components:
        total = v + s2
        logs.append(math.log(w) - 0.5 * math.log(total) - (y - m) ** 2 / (2 * total))
        means.append((m * s2 + y * v) / total)
        variances.append(v * s2 / total)
    return merge(logs, means, variances)


def merge(logs, means, variances):
    """Variance of a mixture of components with the given log weights, means and variances."""
    top = logs[0]
    for l in logs[1:]:
        top = np.maximum(top, l)
    weights = [np.exp(l - top) for l in logs]
    total = sum(weights)
    mean = sum(w * m for w, m in zip(weights, means)) / total
    return sum(w * (v + (m - mean) ** 2) for w, m, v in zip(weights, means, variances)) / total


def laplace_variance(p, y, s2):
    """Var(x | y) for sparse Laplace: an atom and two half lines, in the erfcx form."""
    s, rate = math.sqrt(s2), math.sqrt(2 * p)
    logs, means, variances = [], [], []
    if p < 1:
        logs.append(math.log(1 - p) - y * y / (2 * s2) - math.log(SQRT2PI * s))
        means.append(np.zeros_like(y))
        variances.append(0.0)
    for sign in (1, -1):
        m = sign * y - rate * s2
        h = m / s
        scaled = 0.5 * erfcx(np.abs(h) / math.sqrt(2))  # Φ(−|h|)·exp(h²/2)
        tail = scaled * np.exp(-h * h / 2)
        cdf = np.where(h < 0, tail, 1 - tail)
        below = np.log(scaled) - y * y / (2 * s2)
        above = rate * rate * s2 / 2 - rate * sign * y + np.log(np.where(h < 0, 1.0, cdf))
        mills = np.where(h < 0, 1 / (SQRT2PI * scaled), np.exp(-h * h / 2) / SQRT2PI / np.where(h < 0, 1.0, cdf))
        logs.append(math.log(p * rate / 2) + np.where(h < 0, below, above))
        means.append(sign * (m + s * mills))
        variances.append(np.maximum(0.0, s2 * (1 - mills * (mills + h))))
    return merge(logs, means, variances)


def uniform_variance(p, y, s2):
    """Var(x | y) for sparse uniform on ±√(3/p): an atom, and |y| − s·T with T normal on an interval."""
    s, a, u = math.sqrt(s2), math.sqrt(3 / p), np.abs(y)
    h, k = (u - a) / s, (u + a) / s
    scaled = 0.5 * erfcx(np.abs(h) / math.sqrt(2))  # Φ(−|h|)·exp(h²/2)
    shift = np.where(h > 0, h * h / 2, 0.0)  # all weights are relative to exp(−shift)
    far = 0.5 * erfcx(k / math.sqrt(2)) * np.exp(shift - k * k / 2)
    inside = np.where(h > 0, scaled, 1 - scaled * np.exp(-h * h / 2)) - far
    near_density, far_density = np.exp(shift - h * h / 2) / SQRT2PI, np.exp(shift - k * k / 2) / SQRT2PI
    mills = (near_density - far_density) / inside
    logs = [math.log(p / (2 * a)) + np.log(inside) - shift]
    means, variances = [u - s * mills], [np.maximum(0.0, s2 * (1 + (h * near_density - k * far_density) / inside - mills**2))]
    if p < 1:
        logs.append(math.log(1 - p) - y * y / (2 * s2) - math.log(SQRT2PI * s))
        means.append(np.zeros_like(y))
        variances.append(0.0)
    return merge(logs, means, variances)


class Law:
    """A law of unit variance by its name on autoamp's command line."""

    def __init__(self, name, p, mixture_mean):
        self.name, self.p = name, p
        v = 1 / p
        halves = {
            "gaussian": [(1.0, 0.0, 1.0)],
            "sparse-gaussian": [(p, 0.0, v)],
            "sparse-rademacher": [(p / 2, math.sqrt(v), 0.0), (p / 2, -math.sqrt(v), 0.0)],
            "sparse-mixture": [(p / 2, m, v - mixture_mean**2) for m in (mixture_mean, -mixture_mean)],
            "sparse-laplace": [],
            "sparse-uniform": [],
        }
        self.components = halves[name]
        if name != "gaussian" and p < 1:
            self.components = [(1 - p, 0.0, 0.0)] + self.components

    def sample(self, rng, count):
        if self.name == "gaussian":
            return rng.standard_normal(count)
        mask = rng.random(count) < self.p
        if self.name == "sparse-laplace":
            return mask * rng.laplace(0, 1 / math.sqrt(2 * self.p), count)
        if self.name == "sparse-uniform":
            return mask * rng.uniform(-1, 1, count) * math.sqrt(3 / self.p)
        _, m, v = self.components[-1]
        x = rng.standard_normal(count) * math.sqrt(max(v, 0.0)) if v > 0 else np.zeros(count)
        if m != 0:
            x += m * (1 - 2 * rng.integers(0, 2, count))
        return mask * x

    def mmse(self, rng, s2, count):
        y = self.sample(rng, count) + math.sqrt(s2) * rng.standard_normal(count)
        if self.name == "sparse-laplace":
            return float(laplace_variance(self.p, y, s2).mean())
        if self.name == "sparse-uniform":
            return float(uniform_variance(self.p, y, s2).mean())
        return float(mixture_variance(self.components, y, s2).mean())


def probit_gain(rng, rho, count):
    """J(ρ) = E φ(T)²/(Φ(T)Φ(−T)), T ~ N(0, ρ)."""
    a = np.abs(rng.standard_normal(count)) * math.sqrt(max(rho, 0.0))
    scaled = 0.5 * erfcx(a / math.sqrt(2))
    density = np.exp(-a * a / 2)
    return float((density / (2 * math.pi * scaled * (1 - scaled * density))).mean())


def haar_noise(rate):
    """σ²/μ² of the scalar channel behind a Haar encoder, eq. (18)."""
    return rate * (1 - 2 * min(1, rate) / math.pi) / (rate * math.sqrt(2 / math.pi)) ** 2


def bayes(rng, law, rate, passes, count):
    """The error after the given number of passes of the recursion from no information."""
    gamma1, tau2 = 1 / haar_noise(rate), 1 / (math.pi / 2 - 1)
    for t in range(passes):
        mse = law.mmse(rng, 1 / gamma1, count)
        if t + 1 == passes or mse < 1e-12:
            return mse
        gamma2 = 1 / mse - gamma1
        tau1 = max(gamma2 + max(rate - 1, 0) * tau2, 1)
        j = probit_gain(rng, tau1 - 1, count)
        tau2 = tau1 * j / (1 - j)
        gamma1 = rate * tau2 if rate >= 1 else rate * tau2 * gamma2 / (gamma2 + (1 - rate) * tau2)


def timed(repeat, f):
    """The last value of f and the median time of a call in milliseconds."""
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        value = f()
        times.append(1e3 * (time.perf_counter() - began))
    return value, statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--law", default="sparse-gaussian")
    parser.add_argument("--p", type=float, default=0.4)
    parser.add_argument("--mixture-mean", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--samples", type=int, default=10**6)
    parser.add_argument("--passes", type=int, default=10)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    rng = np.random.default_rng(a.seed)
    law = Law(a.law, a.p, a.mixture_mean)
    law.mmse(rng, 1.0, 1000)  # imports and first touches
    mmse, mmse_ms = timed(a.repeat, lambda: law.mmse(rng, haar_noise(a.rate), a.samples))
    point, bayes_ms = timed(a.repeat, lambda: bayes(rng, law, a.rate, a.passes, a.samples))
    print(json.dumps({
        "numpy": np.__version__, "python": platform.python_version(),
        "mmse": mmse, "mmse_ms": mmse_ms, "bayes": point, "bayes_ms": bayes_ms,
    }))


if __name__ == "__main__":
    main()
