"""Memory stays flat; bench/python/leaks.py is the same at length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SANITIZED

import saker


def test_memory_is_flat() -> None:
    if SANITIZED:
        pytest.skip("the sanitizer keeps what was freed")
    path = os.pathsep.join([str(Path(saker.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    answer = subprocess.run(
        [sys.executable, ROOT / "bench" / "python" / "leaks.py", "--detections", "3000", "--loads", "60"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
