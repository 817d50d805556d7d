"""Rotation, signs and linear decoding in NumPy and SciPy, timed: python numpy_rotation.py DIM ROWS ROUNDS.

By a matrix: one product with SciPy's Hadamard matrix times random signs, which stands for any dense rotation. By butterflies: three rounds
of random signs and a fast Walsh-Hadamard transform, as autoamp's. Where DIM is no power of two, rows are padded with zeros to the next one.
Prints one JSON object: the shortest of ROUNDS times in seconds, for all rows.
"""

import json
import sys
import time

import numpy as np
from scipy.linalg import hadamard

dim, rows, rounds = map(int, sys.argv[1:4])
size = 1 << (dim - 1).bit_length()
random = np.random.default_rng(1)
x = np.zeros((rows, size), np.float32)
x[:, :dim] = random.standard_normal((rows, dim), np.float32)
signs = [random.choice(np.float32([-1, 1]), size) for _ in range(3)]


def transform(x):
    h = 1
    while h < size:
        x = x.reshape(-1, size // (2 * h), 2, h)
        x = np.stack((x[:, :, 0] + x[:, :, 1], x[:, :, 0] - x[:, :, 1]), axis=2).reshape(-1, size)
        h *= 2
    return x


def forward(x):
    for s in signs:
        x = transform(x * s)
    return x


def back(z):
    for s in reversed(signs):
        z = transform(z) * s
    return z


def pack(z):
    return np.packbits(z > 0, axis=1, bitorder="little")


def unpack(codes):
    return np.unpackbits(codes, axis=1, bitorder="little").astype(np.float32) * 2 - 1


def shortest(f):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        f()
        times.append(time.perf_counter() - began)
    return min(times)


codes = pack(forward(x))
answer = {
    "encode, NumPy butterflies": shortest(lambda: pack(forward(x))),
    "decode, NumPy butterflies": shortest(lambda: back(unpack(codes)) * np.float32(0.8 / size**1.5)),
}
if size <= 8192:
    matrix = hadamard(size).astype(np.float32) * signs[0] / np.float32(size**0.5)
    answer["encode, NumPy matrix"] = shortest(lambda: pack(x @ matrix.T))
    answer["decode, NumPy matrix"] = shortest(lambda: (unpack(codes) @ matrix) * np.float32(0.8))
print(json.dumps(answer))
