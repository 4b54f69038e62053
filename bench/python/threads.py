#!/usr/bin/env python3
"""Python threads over one detector against the command, which does the same work in C++: pictures a second.

    python bench/python/threads.py MODEL FOLDER [--threads 8] [--streams N] [--rounds 5]

Both decode and detect all pictures of the folder, N at a time (default: one a CPU), a thread each. Rounds alternate;
prints each side's best and median rate, and the ratio of Python's to the command's.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import saker


def command_rate(model: Path, pictures: list[Path], streams: int) -> float:
    """Of its own clock, which leaves loading out: wall time of all less that of none."""
    command = Path(saker.__file__).parent / "bin" / "saker"
    flags = ["--inter", str(streams), "--threads", str(streams), "--quiet", "--format", "jsonl", "--out", os.devnull]

    def seconds(files: list[Path]) -> float:
        start = time.perf_counter()
        subprocess.run([command, "detect", model, *files, *flags], check=True)
        return time.perf_counter() - start

    few = seconds(pictures[:streams])
    return (len(pictures) - streams) / (seconds(pictures) - few)


def python_rate(detector: saker.Detector, pictures: list[Path], threads: int) -> float:
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        boxes = sum(len(found) for found in pool.map(detector, pictures))
        assert boxes > 0
        return len(pictures) / (time.perf_counter() - start)


def list_rate(detector: saker.Detector, pictures: list[Path]) -> float:
    start = time.perf_counter()
    detector(pictures)
    return len(pictures) / (time.perf_counter() - start)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--streams", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the rates there, too")
    flags = parser.parse_args()
    pictures = sorted(flags.folder.glob("*.jpg"))
    rates: dict[str, list[float]] = {"command": [], "threads": [], "list": []}
    with saker.Detector(flags.model, streams=flags.streams, threads=1) as detector:
        detector(pictures[: 2 * flags.streams])
        for _ in range(flags.rounds):
            rates["command"].append(command_rate(flags.model, pictures, flags.streams))
            rates["threads"].append(python_rate(detector, pictures, flags.threads))
            rates["list"].append(list_rate(detector, pictures))
    for name, values in rates.items():
        ratio = statistics.median(a / b for a, b in zip(values, rates["command"]))
        best, middle = max(values), statistics.median(values)
        print(f"{name}: best {best:.2f}, median {middle:.2f} pictures/s, {ratio:.3f} x the command")
    if flags.json:
        facts = {"streams": flags.streams, "threads": flags.threads, "rates": rates}
        flags.json.write_text(json.dumps(facts, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
