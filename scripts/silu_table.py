#!/usr/bin/env python3
"""Prints the tables of src/kernels/simd/: silu_table.py cubics (silu_avx512.h) | quartics (silu_quartics.h). Needs NumPy.

g(t) = t / (1 + e^t) by polynomials of least greatest error (Lawson's iteration).

cubics: 32 segments, the eighths of the octaves of s = 1 + t/1.2, 1 <= s < 16: the two low bits of the exponent of s and
the three high bits of its mantissa count them, so [2, 4) comes first and [1, 2) last. The first goes through 0, so that
small values have a small relative error.
quartics: 8 segments, t * 0.625 rounded to a whole number.
"""

import sys

import numpy as np

def octave_edges(i):
    octave = 2.0 ** (i // 8)
    return [(octave * (1 + (i % 8 + e) / 8) - 1) * 1.2 for e in (0, 1)]


def rounded_edges(i):
    return [max(i + e, 0) / 0.625 for e in (-0.5, 0.5)]


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
    cubics = sys.argv[1] == "cubics"
    degree, edges, count = (3, octave_edges, 32) if cubics else (4, rounded_edges, 8)
    segments, worst = [], 0
    for i in range(count):
        low, high = edges(i)
        t = low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * (np.arange(400) + 0.5) / 400))
        powers = range(1 if i == 0 and cubics else 0, degree + 1)
        error, c = least_greatest_error(t, t / (1 + np.exp(t)), powers)
        segments.append([0.0] * powers.start + list(c))
        worst = max(worst, error)
    table = np.roll(np.array(segments), -8 if cubics else 0, axis=0)
    print(f"greatest error {worst:.2g}")
    for power in range(degree + 1):
        print("    {" + ", ".join(f"{x:.9e}F" for x in table[:, power]) + "},")


if __name__ == "__main__":
    main()
