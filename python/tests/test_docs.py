"""Every block of code in docs/python.md is run, as a program of its own, in a folder with the files that it names."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drawn import MODEL, PICTURE, ROOT, data

PAGE = ROOT / "docs" / "python.md"


def blocks():
    found, begun = [], None
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```") and begun is None:
            begun, language, lines = number, line[3:].strip(), []
        elif line.startswith("```"):
            found.append(pytest.param(language, "\n".join(lines) + "\n", id=f"line{begun}"))
            begun = None
        elif begun is not None:
            lines.append(line)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    shutil.copy(MODEL, folder / "signs.onnx")
    for name in ("street.jpg", "crossing.jpg"):
        shutil.copy(PICTURE, folder / name)
    shutil.copytree(Path(data("yolo")).parent, folder / "signs")
    return folder


def packages_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def needs(code):
    """Packages that its imports and converters want and that are not installed."""
    wanted = set(packages_of(ast.parse(code)))
    wanted |= {name for name in ("pandas", "supervision") if f"to_{name}(" in code}
    wanted |= {"onnxruntime"} if "ultralytics" in wanted else set()
    return [name for name in sorted(wanted) if importlib.util.find_spec(name) is None]


def test_there_are_blocks():
    assert len(blocks()) > 10


@pytest.mark.parametrize("language, code", blocks())
def test_block(language, code, folder):
    assert language == "python", "a block in another language, which nothing runs"
    missing = needs(code)
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    (folder / "block.py").write_text(code, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "block.py"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        env=dict(os.environ, YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true"),
    )
    assert ended.returncode == 0, ended.stdout.decode(errors="replace")
