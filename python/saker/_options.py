"""Options checked before the library gets them: each function names the option in what it raises."""

from __future__ import annotations

import os
from typing import Any

import numpy as np


def number(name: str, value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    return float(value)


def count(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number, got {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name}: expected {least} to {most}, got {value}")
    return int(value)


def switch(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a string, got {value!r}")
    return value


def path(name: str, value: Any) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name}: expected a file's name, got {value!r}")
    return os.fsdecode(value)


def size(imgsz: Any) -> tuple[int, int]:
    """Height and width; 0: the model's own."""
    if imgsz is None:
        return 0, 0
    sides = tuple(imgsz) if isinstance(imgsz, (tuple, list)) else (imgsz, imgsz)
    if len(sides) != 2:
        raise ValueError(f"imgsz: expected one side or (height, width), got {imgsz!r}")
    return count("imgsz", sides[0], 1, 1 << 16), count("imgsz", sides[1], 1, 1 << 16)
