"""What the tests share: a small model, pictures, and the command that the package stands beside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterator

import numpy as np
import pytest

import saker

ROOT = Path(__file__).resolve().parents[2]
SIGNS = ROOT / "models" / "signs.onnx"
SIGNS_INT8 = ROOT / "models" / "signs.int8.onnx"
PICTURE = ROOT / "models" / "signs.jpg"

# A shell ignores interrupts for what it runs in the background, and programs inherit that; here they are tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


SANITIZED = "asan" in os.environ.get("LD_PRELOAD", "")


def patience() -> float:
    """How many times as long something may take: with a sanitizer, and while other programs have the CPUs."""
    busy = os.getloadavg()[0] > 0.8 * (os.cpu_count() or 1)
    return (5 if SANITIZED else 1) * (10 if busy else 1)


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """Road signs: uint8 (h, w, 3), RGB."""
    return saker.read_image(PICTURE)


@pytest.fixture(scope="session")
def detector() -> Iterator[saker.Detector]:
    with saker.Detector(SIGNS_INT8, threads=1, streams=2) as made:
        yield made


@pytest.fixture(scope="session")
def assets() -> Path:
    folder = Path(os.environ.get("SAKER_ASSETS", ROOT.parent / "shared" / "assets"))
    if not folder.is_dir():
        pytest.skip(f"needs real models and pictures (SAKER_ASSETS): no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def command() -> str:
    return str(Path(saker.__file__).parent / "bin" / "saker")


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess]:
    """Runs a program in a Python of its own, which finds the package where this one does."""

    def run(code: str, *arguments: object, timeout: float = 120) -> subprocess.CompletedProcess:
        path = os.pathsep.join([str(Path(saker.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
