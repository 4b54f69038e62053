#!/usr/bin/env python3
"""Whether the Python package keeps memory: many detections, many loads, many sessions, and the memory of the process.

    python bench/python/leaks.py [--detections 100000] [--loads 1000] [--model models/signs.int8.onnx]

Prints the resident memory, in MB, after each tenth of the work; fails if the last five tenths grew by more than the
limit, 2 MB unless told. With one heap for all threads: glibc gives each thread one of its own, and a process that makes
and ends threads comes to all of them only after some hundred loads (4 MB each, once).
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import sys
from pathlib import Path
from typing import Callable

import numpy as np

import saker

ROOT = Path(__file__).resolve().parents[2]


def resident_mb() -> float:
    with open("/proc/self/status") as file:
        (line,) = (line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def watch(name: str, times: int, work: Callable[[int], object], limit_mb: float) -> bool:
    """Does the work so often; whether memory stayed as it was in the second half."""
    sizes = []
    for i in range(times):
        work(i)
        if (i + 1) % max(1, times // 10) == 0:
            gc.collect()
            sizes.append(resident_mb())
    grown = sizes[-1] - sizes[len(sizes) // 2 - 1]
    flat = grown <= limit_mb
    row = " ".join(f"{size:.1f}" for size in sizes)
    print(f"{name}: {times} times, MB: {row}: {'flat' if flat else 'GROWS'}", flush=True)
    return flat


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detections", type=int, default=100_000)
    parser.add_argument("--loads", type=int, default=1000)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "signs.onnx")
    parser.add_argument("--imgsz", type=int, default=64)
    parser.add_argument("--limit-mb", type=float, default=2)
    flags = parser.parse_args()
    if "MALLOC_ARENA_MAX" not in os.environ:  # read by the C library when a process starts
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "MALLOC_ARENA_MAX": "1"})

    picture = saker.read_image(ROOT / "models" / "signs.jpg")[::4, ::4].copy()
    encoded = (ROOT / "models" / "signs.jpg").read_bytes()
    detector = saker.Detector(flags.model, imgsz=flags.imgsz, threads=1, conf=0.05)
    sources = itertools.cycle([picture, picture[..., ::-1], picture[..., 0], np.asfortranarray(picture)])
    flat = [watch("arrays", flags.detections, lambda i: detector(next(sources)).boxes.sum(), flags.limit_mb)]

    def mixed(i: int) -> None:
        found = detector([picture, encoded[: 50 + i % 50], "none.jpg", 3], errors="return")
        found[0].to_dict()
        try:
            detector(picture, conf=7)
        except ValueError:
            pass

    flat.append(watch("lists and errors", flags.detections // 10, mixed, flags.limit_mb))

    def load(i: int) -> None:
        made = saker.Detector(flags.model, imgsz=flags.imgsz, threads=2)
        made(picture)
        if i % 2 == 0:
            made.close()
        try:
            saker.Model.from_bytes(encoded)
        except saker.Error:
            pass

    flat.append(watch("loads", flags.loads, load, flags.limit_mb))

    model = saker.Model(flags.model)
    values = np.zeros((1, 3, flags.imgsz, flags.imgsz), np.float32)

    def run_session(i: int) -> None:
        session = saker.Session(model, input_shapes=[values.shape], threads=1)
        session.input()[...] = 0
        session.run()
        kept = session.output()
        session(values)
        session.close()
        kept.sum()

    flat.append(watch("sessions", flags.loads, run_session, flags.limit_mb))
    return 0 if all(flat) else 1


if __name__ == "__main__":
    sys.exit(main())
