#!/usr/bin/env python3
"""Prints the tables of src/kernels/simd/: silu_table.py cubics (silu_avx512.h) | squares (silu_squares.h). Needs NumPy.

g(t) = t / (1 + e^t) by 32 polynomials of least greatest error (Lawson's iteration). The segments are eighths of the
octaves of s = 1 + t/unit, 1 <= s < 16: the two low bits of the exponent of s and the three high bits of its mantissa
count them, so [2, 4) comes first and [1, 2) last.
"""

import sys

import numpy as np

# Degree; t / (s - 1); whether the first goes through 0, so that small values have a small relative error.
TABLES = {"cubics": (3, 1.2, True), "squares": (2, 0.8, False)}


def least_greatest_error(t, values, powers):
    columns = np.stack([t**k for k in powers], 1)
    scale = np.abs(columns).max(0)
    weights = np.ones(len(t))
    best = (np.inf, None)
    for _ in range(300):
        root = np.sqrt(weights)
        c = np.linalg.lstsq(columns / scale * root[:, None], values * root, rcond=None)[0] / scale
        error = np.abs(columns @ c - values)
        if error.max() < best[0]:
            best = (error.max(), c)
        weights *= error / error.max() + 1e-3
        weights /= weights.sum()
    return best


def main():
    degree, unit, through_zero = TABLES[sys.argv[1]]
    segments, worst = [], 0
    for i in range(32):
        octave = 2.0 ** (i // 8)
        low, high = ((octave * (1 + (i % 8 + e) / 8) - 1) * unit for e in (0, 1))
        t = low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * (np.arange(400) + 0.5) / 400))
        powers = range(1 if i == 0 and through_zero else 0, degree + 1)
        error, c = least_greatest_error(t, t / (1 + np.exp(t)), powers)
        segments.append([0.0] * powers.start + list(c))
        worst = max(worst, error)
    table = np.roll(np.array(segments), -8, axis=0)
    print(f"greatest error {worst:.2g}")
    for power in range(degree + 1):
        print("    {" + ", ".join(f"{x:.9e}F" for x in table[:, power]) + "},")


if __name__ == "__main__":
    main()
