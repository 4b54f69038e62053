"""The package itself: names, stubs, versions, how fast it is imported."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import saker
from saker import _core

PACKAGE = ROOT / "python" / "saker"


def test_version() -> None:
    (version,) = re.findall(r"project\(saker VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert saker.__version__ == _core.version() == version


def test_import_is_quick(run_python) -> None:
    code = "import time; t = time.process_time(); import saker; print(time.process_time() - t)"
    best = min(float(run_python(code).stdout) for _ in range(5))
    assert best < 0.1


def test_importing_loads_neither_numpy_nor_the_library(run_python) -> None:
    code = "import sys, saker; print('numpy' in sys.modules, 'saker._core' in sys.modules)"
    assert run_python(code).stdout.split() == ["False", "False"]


def test_public_names() -> None:
    assert set(saker.__all__) == set(saker._PLACES)
    assert set(saker.__all__) <= set(dir(saker))
    for name, place in saker._PLACES.items():
        if (PACKAGE / f"{place}.py").is_file() or place == "_core":
            assert getattr(saker, name).__doc__, f"{name} has no docstring"
    with pytest.raises(AttributeError, match="hovercraft"):
        saker.hovercraft
    assert (Path(saker.__file__).parent / "py.typed").is_file()


def own_classes() -> list[type]:
    return [saker.Detector, saker.Detections, saker.Session, saker.Model, saker.TensorInfo, saker.Error]


@pytest.mark.parametrize("kind", own_classes(), ids=lambda kind: kind.__name__)
def test_everything_public_is_described(kind: type) -> None:
    for name, member in vars(kind).items():
        if name.startswith("_") or kind is saker.TensorInfo:
            continue
        if callable(member) or isinstance(member, (property, classmethod, staticmethod)):
            assert inspect.getdoc(getattr(kind, name)), f"{kind.__name__}.{name} has no docstring"


def names_of_stub() -> dict[str, set[str]]:
    tree = ast.parse((PACKAGE / "_core.pyi").read_text())
    names: dict[str, set[str]] = {"": set()}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names[""].add(node.name)
        elif isinstance(node, ast.ClassDef):
            names[""].add(node.name)
            names[node.name] = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    return names


def test_stubs_have_every_name_of_the_module() -> None:
    stub = names_of_stub()
    ours = {name for name in vars(_core) if not name.startswith("_")}
    assert stub[""] == ours
    for name in ours:
        value = getattr(_core, name)
        if isinstance(value, type):
            members = {each for each in vars(value) if not each.startswith("__") or each in ("__init__", "__reduce__")}
            assert {each for each in stub[name] if each != "__repr__"} == members, name


def test_stubs_are_what_nanobind_makes(tmp_path: Path) -> None:
    nanobind = pytest.importorskip("nanobind")
    if not nanobind.__version__.startswith("2.15.") or sys.version_info < (3, 11):
        pytest.skip("needs nanobind 2.15 and Python 3.11: others write stubs in another style")
    from nanobind import stubgen

    made = tmp_path / "_core.pyi"
    stubgen.main(["-q", "-m", "saker._core", "-o", str(made)])
    assert made.read_text() == (PACKAGE / "_core.pyi").read_text()


def test_types() -> None:
    """mypy, where it is installed, agrees with the package and its stubs."""
    api = pytest.importorskip("mypy.api")
    out, err, status = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(PACKAGE)])
    assert status == 0, out + err
