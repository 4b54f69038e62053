"""The command's work as functions: each runs the command that lies in the package and gives its JSON as a dict.

A keyword is a flag of the command, with ``_`` for ``-``: ``imgsz=640`` is ``--imgsz 640``, ``agnostic=True`` is
``--agnostic``; ``False`` and ``None`` leave a flag out; a list repeats it; ``imgsz=(480, 640)`` is height and width.
``saker COMMAND --help`` lists them: there is no second list here.

Errors: ``saker.InvalidError`` (a ``ValueError``) for wrong flags, ``saker.Error`` for work that failed; both with the
command's words. What it had found out by then, if anything, is in the error's ``result``. ``KeyboardInterrupt`` ends
the command within 0.2 s; ``annotate`` has five seconds to finish its videos.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Union

from . import _child
from .errors import Error, InvalidError, NotFoundError

PathLike = Union[str, "os.PathLike[str]"]

_SIZES = frozenset({"imgsz", "img", "img-size", "tsize"})  # a pair is HxW
_JOINED = frozenset({"mean", "std", "anchors"})  # numbers with commas in one value
_ANNOTATE_GRACE = 5.0  # seconds to write the ends of its videos


def command_path() -> str:
    """The command's file: ``SAKER_COMMAND`` of the environment, else the one in the package."""
    named = os.environ.get("SAKER_COMMAND")
    if named:
        return named
    command = Path(__file__).parent / "bin" / "saker"
    if os.access(command, os.X_OK):
        return str(command)
    try:
        from . import _core

        beside = Path(_core.__file__).parent / "bin" / "saker"  # of an editable installation
        if os.access(beside, os.X_OK):
            return str(beside)
    except ImportError:
        pass
    raise NotFoundError(
        f"{command}: no such file: the package is incomplete; install it again, or name the command with "
        f"SAKER_COMMAND"
    )


def evaluate(model: Union[PathLike, Callable[[str], Any]], data: PathLike, **options: Any) -> Dict[str, Any]:
    """``saker eval``: how good the boxes are.

    model: a model's file; or a ``saker.Detector``, which looks with the thresholds of ``saker eval`` unless options
        name others (``conf``, ``iou``, ``max_det``, ``classes``, ``agnostic``, ``multi_label``); or any function that
        takes a picture's path and gives ``Detections`` or ``(boxes, scores, class_ids)``: boxes (n, 4) as x1, y1, x2,
        y2 in pixels, scores (n,) from 0 to 1, class ids (n,) that count the data's classes from 0 in the order of
        their ids.
    data: COCO annotations (.json), a YOLO data.yaml, or a folder of VOC .xml.
    Gives ``coco`` (the twelve numbers of pycocotools), ``yolo`` (those of the training frameworks), ``per_class``, ...
    """
    if isinstance(model, (str, os.PathLike)):
        return _run(["eval"], [model], dict(options, data=data))
    if not callable(model):
        raise TypeError(
            f"evaluate: model is {type(model).__name__}; expected a path, a Detector, or a function that "
            f"takes a picture's path"
        )
    from ._evaluate import evaluate_function

    return evaluate_function(model, data, options)


def quantize(model: PathLike, *, out: PathLike, data_dir: PathLike, **options: Any) -> Dict[str, Any]:
    """``saker quantize``: an 8-bit model from a float one and a folder of pictures.

    Gives ``out``, ``bytes``, ``float_ms``, ``int8_ms``, ``agreement``, and with ``eval=DATA`` ``accuracy``.
    """
    return _run(["quantize"], [model], dict(options, out=out, data_dir=data_dir))


def export(model: PathLike, **options: Any) -> Dict[str, Any]:
    """``saker export``: a checkpoint or model as ONNX, OpenVINO IR or TorchScript (``format="onnx"``, or a list).

    Gives ``exports``: for each format its ``path``, ``files``, ``input`` and ``outputs``.
    """
    if str(options.get("out", "")) == "-":
        raise InvalidError("export: out='-': name a file; the result comes back as a dict")
    return _run(["export"], [model], options)


def benchmark(models: Union[PathLike, Sequence[PathLike]], **options: Any) -> Dict[str, Any]:
    """``saker bench``: speed and memory, each combination in a process of its own.

    Lists are compared: ``benchmark("m.onnx", threads=[1, 2], backend=["saker", "onnxruntime"])``. Times are in
    milliseconds.
    """
    return _run(["bench"], [models] if isinstance(models, (str, os.PathLike)) else list(models), options)


def annotate(
    model: PathLike, source: Union[PathLike, int, Sequence[Union[PathLike, int]]], **options: Any
) -> Dict[str, Any]:
    """``saker annotate``: boxes drawn on videos, cameras' streams and pictures.

    source: files, folders, globs, URLs, or a camera's number; several as a list. The new files go to ``save_dir``
        (``annotation_results``). ``track=True`` numbers what is the same, ``jsonl=FILE`` has the boxes of each frame.
    Gives the figures: what was read, drawn and written, and the milliseconds of each stage.
    """
    sources = [source] if isinstance(source, (str, os.PathLike, int)) else list(source)
    return _run(
        ["annotate"],
        [model],
        dict(options, source=[str(one) if isinstance(one, int) else one for one in sources]),
        grace=_ANNOTATE_GRACE,
    )


def flags_of(options: Mapping[str, Any]) -> List[str]:
    """The command's words for keywords, each as one word: ``--imgsz=640``."""
    words: List[str] = []
    for keyword, value in options.items():
        name = keyword.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(f"--{name}")
            continue
        if hasattr(value, "tolist"):  # numpy's
            value = value.tolist()
        if not isinstance(value, (list, tuple, set, frozenset, range)):
            words.append(f"--{name}={_text(keyword, value)}")
        elif name in _SIZES or name in _JOINED:
            words.append(f"--{name}=" + ("x" if name in _SIZES else ",").join(_text(keyword, one) for one in value))
        else:
            words += [f"--{name}={_text(keyword, one)}" for one in value]
    return words


def _text(keyword: str, value: Any) -> str:
    if isinstance(value, bool):
        raise TypeError(f"{keyword}: {value!r} in a list; a flag without a value is {keyword}=True")
    if isinstance(value, (int, float)):
        return repr(value)
    if hasattr(value, "item"):  # a number of numpy's
        return repr(value.item())
    if isinstance(value, (str, bytes, os.PathLike)):
        return os.fsdecode(value)
    raise TypeError(
        f"{keyword}: {type(value).__name__}; expected a number, a text, a path, True, False, None, or a "
        f"list of those"
    )


def _place(path: Any) -> str:
    """A path as a word that is no flag."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"{type(path).__name__} where a path was expected")
    text = os.fsdecode(path)
    return os.path.join(".", text) if text.startswith("-") else text


def _run(
    command: Sequence[str], places: Sequence[Any], options: Mapping[str, Any], *, grace: float = 0.1
) -> Dict[str, Any]:
    name = " ".join(command)
    for taken in ("json", "help"):
        if options.get(taken):
            raise InvalidError(
                f"{name}: {taken}={options[taken]!r}: the result comes back as a dict"
                if taken == "json"
                else f"{name}: run `saker {name} --help`"
            )
    words = [command_path(), *command, *(_place(one) for one in places), *flags_of(options), "--json=-"]
    try:
        ended = _child.run(words, grace=grace, alone=grace > 1)
    except OSError as error:
        raise NotFoundError(f"{words[0]}: {error.strerror}") from error
    result = _parsed(ended.output)
    if ended.code == 0 and result is not None:
        return result
    if ended.code == 0:
        raise Error(f"saker {name} gave no JSON: {ended.output[:200].decode(errors='replace')}")
    said = _child.message(ended.said)
    if ended.code < 0:
        said = f"saker {name} was ended by {signal.Signals(-ended.code).name}" + (f": {said}" if said else "")
    failed = InvalidError(said) if ended.code == 2 else Error(said or f"saker {name}: exit code {ended.code}")
    failed.result = result  # type: ignore[attr-defined]
    raise failed


def _parsed(output: bytes) -> Optional[Dict[str, Any]]:
    try:
        result: Dict[str, Any] = json.loads(output)
        return result
    except ValueError:
        return None
