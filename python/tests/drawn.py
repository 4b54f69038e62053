"""A small data set that saker draws, for tests of what works on data."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path

from saker.commands import command_path

ROOT = Path(__file__).resolve().parents[2]
MODEL = str(ROOT / "models" / "signs.onnx")
INT8 = str(ROOT / "models" / "signs.int8.onnx")
PICTURE = str(ROOT / "models" / "signs.jpg")


@functools.lru_cache(maxsize=None)
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="saker-tests-")


@functools.lru_cache(maxsize=None)
def data(form: str) -> str:
    """Twelve pictures of signs as "yolo" (its data.yaml) or "coco" (its annotations)."""
    folder = Path(_folder().name) / form
    subprocess.run(
        [
            command_path(),
            "data",
            "synth",
            "--theme",
            "signs",
            "--train",
            "0",
            "--val",
            "12",
            "--size",
            "320",
            "--to",
            form,
            "--out",
            str(folder),
            "--quiet",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return str(folder / ("data.yaml" if form == "yolo" else "instances_val.json"))


def pictures() -> str:
    """The folder of those pictures."""
    return str(next(Path(data("yolo")).parent.glob("images/val/*")).parent)
