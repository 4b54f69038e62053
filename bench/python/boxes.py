#!/usr/bin/env python3
"""Whether Python's boxes are the command's, bit for bit.

    python bench/python/boxes.py MODEL FOLDER [flags of saker detect that Detector has: --batch 4 --imgsz 320 ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import saker


def main() -> int:
    model, folder, *flags = sys.argv[1:]
    pictures = sorted(Path(folder).glob("*.jpg"))
    options = {flag.lstrip("-").replace("-", "_"): json.loads(value) for flag, value in zip(flags[::2], flags[1::2])}
    command = Path(saker.__file__).parent / "bin" / "saker"
    answer = subprocess.run(
        [command, "detect", model, *pictures, *flags, "--json", "-", "--quiet"], capture_output=True, check=True
    )
    expected = json.loads(answer.stdout)
    with saker.Detector(model, **options) as detector:
        found = detector(pictures)
    different = boxes = 0
    for ours, theirs in zip(found, expected):
        rows = theirs["detections"]
        corners = np.array([row["box"] for row in rows], np.float32).reshape(-1, 4)
        same = (
            np.array_equal(ours.boxes, corners)
            and np.array_equal(ours.scores, np.array([row["score"] for row in rows], np.float32))
            and ours.class_ids.tolist() == [row["class_id"] for row in rows]
        )
        boxes += len(ours)
        different += not same
    print(f"{len(pictures)} pictures, {boxes} boxes, {different} pictures that differ")
    return 1 if different or len(found) != len(expected) else 0


if __name__ == "__main__":
    sys.exit(main())
