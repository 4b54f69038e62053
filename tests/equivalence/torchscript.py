#!/usr/bin/env python3
"""`saker export --format torchscript` against the same command's ONNX: torch runs one, ONNX Runtime the other.

    torchscript.py build/release/saker [--torch PYTHON] [--dynamic] [--half] FILE...

FILEs are checkpoints or models; each is written with every head it has. PYTHON: an interpreter whose torch is to be
tried instead of this one's. Needs torch there, numpy and onnxruntime here. Largest difference relative to the largest
value of an output; the bar is 1e-4, of --half 1e-2. Rows of an end-to-end head whose scores are next to equal may change
places: each is looked for among all rows of the other side.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

BAR, HALF_BAR, TIE, HALF_TIE = 1e-4, 1e-2, 1e-6, 1e-2
HEADS = ([], ["--raw-head"], ["--end-to-end"])
RUN_TORCH = """
import sys, numpy, torch
model = torch.jit.load(sys.argv[1]).eval()
with torch.no_grad():
    for i in range(1, int(sys.argv[2]) + 1):
        out = model(torch.from_numpy(numpy.load("in%d.npy" % i)))
        out = out if isinstance(out, (tuple, list)) else [out]
        numpy.savez("torch%d.npz" % i, *[o.numpy() for o in out])
"""


def rows_apart(np, mine, theirs, tie):
    """How far rows are from the nearest one of the other side. The last ones' rivals may be among no rows."""
    apart = np.abs(mine[:, None] - theirs[None]).max(axis=2)
    worst = np.abs(np.sort(mine[:, 4]) - np.sort(theirs[:, 4])).max()
    for rows, nearest in ((mine, apart.min(axis=1)), (theirs, apart.min(axis=0))):
        certain = rows[:, 4] > rows[:, 4].min() + tie
        worst = max(worst, nearest[certain].max() / np.abs(theirs).max() if certain.any() else 0.0)
    return float(worst)


def difference(mine, theirs):
    import numpy as np

    tie = HALF_TIE if theirs.dtype == np.float16 else TIE
    mine, theirs = mine.astype(np.float64), theirs.astype(np.float64)
    if mine.shape != theirs.shape:
        return float("inf")
    if theirs.ndim == 3 and theirs.shape[-1] == 6:  # rows of the best, in any order
        return max(rows_apart(np, *rows, tie) for rows in zip(mine, theirs))
    return float(np.abs(mine - theirs).max() / max(np.abs(theirs).max(), 1e-30))


def compare(name, arguments, head):
    import numpy as np
    import onnxruntime

    flags = head + ["--dynamic"] * arguments.dynamic + ["--half"] * arguments.half
    made = subprocess.run([arguments.saker, "export", name, "--format", "onnx,torchscript", "--output-dir", "."] + flags,
                          capture_output=True, text=True)
    label = "%-22s %-13s" % (pathlib.Path(name).stem, " ".join(head))
    if made.returncode:
        refused = head and ("one-to-one" in made.stderr or "head" in made.stderr)
        print(label, "skipped" if refused else "FAILED", made.stderr.strip().splitlines()[-1][:150])
        return bool(refused)
    stem = pathlib.Path(name).stem
    session = onnxruntime.InferenceSession(stem + ".onnx", providers=["CPUExecutionProvider"])
    random, shape = np.random.default_rng(0), [d if isinstance(d, int) else 0 for d in session.get_inputs()[0].shape]
    shapes = [(1, 3, 320, 320), (2, 3, 256, 320)] if arguments.dynamic else [shape]
    # Blocks under noise: cells that differ.
    blocks = lambda n, c, h, w: np.kron(random.random((n, c, h // 32, w // 32)), np.ones((32, 32)))
    pictures = [(0.8 * blocks(*shape) + 0.2 * random.random(shape)).astype(np.float16 if arguments.half else np.float32)
                for shape in shapes]
    for i, picture in enumerate(pictures):
        np.save("in%d.npy" % (i + 1), picture)
    ran = subprocess.run([arguments.torch, "-c", RUN_TORCH, stem + ".torchscript", str(len(pictures))], capture_output=True, text=True)
    if ran.returncode:
        print(label, "FAILED", "\n".join(ran.stderr.strip().splitlines()[-3:]))
        return False
    worst = 0.0
    for i, picture in enumerate(pictures):
        theirs = session.run(None, {session.get_inputs()[0].name: picture})
        mine = list(np.load("torch%d.npz" % (i + 1)).values())
        worst = max([worst] + [difference(a, b) for a, b in zip(mine, theirs)] + [0 if len(mine) == len(theirs) else float("inf")])
    good = worst < (HALF_BAR if arguments.half else BAR)
    print(label, "%.1e" % worst, "" if good else "DIFFERENT", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("saker")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--torch", default=sys.executable)
    parser.add_argument("--dynamic", action="store_true")
    parser.add_argument("--half", action="store_true")
    arguments = parser.parse_args()
    arguments.saker = str(pathlib.Path(arguments.saker).resolve())
    files = [str(pathlib.Path(name).resolve()) for name in arguments.files]
    if subprocess.run([arguments.torch, "-c", "import torch"], capture_output=True).returncode:
        print("skipped: torch is missing")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        good = [compare(name, arguments, head) for name in files for head in HEADS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
