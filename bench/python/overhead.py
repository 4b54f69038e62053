#!/usr/bin/env python3
"""What Python adds to a call of the detector: wall time of the call less the library's own times of its stages.

    python bench/python/overhead.py [--model models/signs.int8.onnx] [--calls 2000]

Prints milliseconds a call: median and 95th percentile, for an array and for a file, from the main thread (where a call
can be interrupted) and from another one; the time that importing takes; and the sizes of the module and the command.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import saker

ROOT = Path(__file__).resolve().parents[2]


def overheads(detector: saker.Detector, source: Any, calls: int) -> list[float]:
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        found = detector(source)
        times.append(1000 * (time.perf_counter() - start) - sum(found.ms.values()))
    return times


def in_thread(detector: saker.Detector, source: Any, calls: int) -> list[float]:
    times: list[float] = []
    thread = threading.Thread(target=lambda: times.extend(overheads(detector, source, calls)))
    thread.start()
    thread.join()
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "signs.int8.onnx")
    parser.add_argument("--picture", type=Path, default=ROOT / "models" / "signs.jpg")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=0)
    flags = parser.parse_args()
    picture = saker.read_image(flags.picture)
    with saker.Detector(flags.model, threads=flags.threads) as detector:
        for where, measure in (("main thread", overheads), ("other thread", in_thread)):
            for what, source in (("array", picture), ("file", flags.picture)):
                measure(detector, source, flags.calls // 10)
                times = sorted(measure(detector, source, flags.calls))
                high = times[int(0.95 * len(times))]
                print(f"{what} from the {where}: median {statistics.median(times):.4f} ms, 95% {high:.4f} ms")
        found = detector(picture)
        print(f"of {sum(found.ms.values()):.2f} ms a call, {len(found)} boxes")
    code = "import time; t = time.perf_counter(); import saker{}; print(time.perf_counter() - t)"
    for name in ("", "; saker.Detector"):
        program = [sys.executable, "-c", code.format(name)]
        runs = [subprocess.run(program, capture_output=True, text=True) for _ in range(10)]
        times = [float(run.stdout) for run in runs]
        print(f"import saker{name}: best {1000 * min(times):.1f} ms, median {1000 * statistics.median(times):.1f} ms")
    package = Path(saker.__file__).parent
    for file in (*package.glob("_core*.so"), package / "bin" / "saker"):
        print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
