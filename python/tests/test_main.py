"""`python -m saker` is the command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from saker.commands import command_path
from drawn import MODEL, PICTURE


def module(*words, **more):
    return subprocess.run(
        [sys.executable, "-m", "saker", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )


@pytest.mark.parametrize(
    "words, code",
    [
        (("--version",), 0),
        (("detect", MODEL, PICTURE, "--json"), 0),
        (("nonsense",), 2),
        (("detect", "none.onnx", PICTURE), 1),
    ],
)
def test_says_what_the_command_says(words, code):
    own = module(*words)
    direct = subprocess.run([command_path(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (own.returncode, own.stderr) == (direct.returncode, direct.stderr) and own.returncode == code
    if "--json" not in words:  # which has times
        assert own.stdout == direct.stdout


def test_says_that_there_is_no_command():
    failed = module("--version", env=dict(os.environ, SAKER_COMMAND="/nowhere/saker"))
    assert failed.returncode == 1 and b"/nowhere/saker" in failed.stderr and b"Traceback" not in failed.stderr
