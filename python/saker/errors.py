"""Exceptions: one class for each kind of error of the library, whose message they carry as it is."""

from __future__ import annotations

from typing import Optional

__all__ = [
    "Error",
    "InvalidError",
    "NotFoundError",
    "UnsupportedError",
    "IoError",
    "LimitError",
    "InternalError",
]


class Error(Exception):
    """What the library reports. `setting`: the option that would change it, if one does."""

    setting: Optional[str] = None


class InvalidError(Error, ValueError):
    """A model, a picture or an option breaks a rule of its format."""


class NotFoundError(Error, FileNotFoundError):
    """A file or a name that does not exist."""


class UnsupportedError(Error):
    """Valid, but not something this build can do."""


class IoError(Error, OSError):
    """Reading or writing failed."""


class LimitError(Error):
    """A bound on memory, size or count was hit."""


class InternalError(Error, RuntimeError):
    """A fault of the library itself."""
