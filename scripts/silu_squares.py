#!/usr/bin/env python3
"""Prints the table of src/kernels/simd/silu_squares.h. Needs NumPy.

silu(x) by 32 polynomials of degree 2 of least greatest error (Lawson's iteration), one for each half from -9 to 6.5 and
the quarter on either side of it; below, 0, and above, x.
"""

import numpy as np

from silu_table import least_greatest_error

CENTRES = np.arange(32) / 2 - 9


def main():
    table, worst = [], 0
    for centre in CENTRES:
        x = centre + 0.25 * np.cos(np.pi * (np.arange(400) + 0.5) / 400)
        error, c = least_greatest_error(x, x / (1 + np.exp(-x)), range(3))
        worst = max(worst, error)
        table.append(c)
    table[0], table[-1] = [0, 0, 0], [0, 1, 0]
    print(f"greatest error {worst:.2g}")
    for power in range(3):
        print("    {" + ", ".join(f"{c[power]:.9e}F" for c in table) + "},")


if __name__ == "__main__":
    main()
