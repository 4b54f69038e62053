#!/usr/bin/env python3
"""ONNX's own cases for its operators, written as TorchScript by `saker export` and run in torch.

    torchscript_ops.py build/release/saker FOLDER       FOLDER: onnx/backend/test/data/node

A case that is refused is counted; one that is written must load and give the expected outputs. Needs torch, numpy and
onnx.
"""

import os
import pathlib
import subprocess
import sys
import tempfile


def tensors(folder, kind):
    import onnx
    from onnx import numpy_helper

    found = sorted(folder.glob(kind + "_*.pb"), key=lambda path: int(path.stem.split("_")[1]))
    return [numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes())) for path in found]


def problem(written, data):
    import numpy as np
    import torch

    try:
        inputs = [torch.from_numpy(np.array(value)) for value in tensors(data, "input")]
        got = torch.jit.load(written)(*inputs)
    except Exception as error:  # noqa: BLE001: what torch raises is what is wanted
        return str(error).strip().splitlines()[-1][:160]
    got = got if isinstance(got, tuple) else [got]
    for mine, expected in zip(got, tensors(data, "output")):
        mine = mine.numpy()
        if mine.shape != expected.shape or mine.dtype != expected.dtype:
            return "%s %s, expected %s %s" % (mine.dtype, mine.shape, expected.dtype, expected.shape)
        if not np.allclose(mine, expected, rtol=1e-3, atol=1e-4, equal_nan=True):  # as rough as some cases' numbers
            return "other values"
    return ""


def main():
    saker, cases = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    good, refused, bad = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        written = os.path.join(folder, "case.torchscript")
        for case in sorted(cases.iterdir()):
            model, data = case / "model.onnx", case / "test_data_set_0"
            if not model.exists() or not data.exists() or "BFLOAT16" in case.name:  # numpy has no such type
                continue
            made = subprocess.run([saker, "export", str(model), "--format", "torchscript", "--out", written],
                                  capture_output=True)
            if made.returncode:
                refused += 1
                continue
            found = problem(written, data)
            good, bad = good + (not found), bad + bool(found)
            if found:
                print("%-50s %s" % (case.name, found), flush=True)
    print("%d equal, %d refused, %d wrong" % (good, refused, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
