"""Models and sessions: networks with tensors in and out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np

from . import _core, _options
from ._core import Model

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Model", "Session", "TensorInfo"]


class TensorInfo(NamedTuple):
    """An input or output as a model's file declares it."""

    name: str
    dtype: str  # 'float32', 'int64', ...
    shape: Optional[tuple[Union[int, str, None], ...]]  # open dimensions: their name or None; None: not declared


class Session:
    """A model compiled for this machine and one set of input shapes, with memory of its own.

    model: a file or a saker.Model. input_shapes: needed where the model leaves dimensions open: a mapping of names to
    shapes, or a sequence of them in the inputs' order; None: as declared, with 1 for an open first dimension.
    threads: CPU threads of a run; 0: all CPUs of the process. streams: sessions (clones) that will run at a time.
    precision: arithmetic of float models, 'f32' or 'bf16'; None: the engine's default. low_memory: slower kernels that
    keep smaller weights. autotune: measure the ways to compute each convolution. backend: the engine of a file.
    max_memory_bytes: more is refused (saker.LimitError).

        session = saker.Session("model.onnx")
        outputs = session(array)                    # copies in and out
        session.input(0)[...] = array               # the session's own memory, without copies
        session.run()
        scores = session.output("scores")           # valid until the next run

    Thread-safe where it copies (calling it): one run at a time, others wait. Whoever works on its memory must see to
    that alone, or take a `clone()` for each thread. Views outlive `close()`.
    """

    __slots__ = ("_session", "_model", "__weakref__")

    _session: _core.Session
    _model: Model

    def __init__(
        self,
        model: str | os.PathLike[str] | Model,
        *,
        input_shapes: Mapping[str, Sequence[int]] | Sequence[Sequence[int]] | None = None,
        threads: int = 0,
        streams: int = 1,
        precision: str | None = None,
        low_memory: bool = False,
        autotune: bool = False,
        backend: str = "saker",
        max_memory_bytes: int = 8 << 30,
    ) -> None:
        if not isinstance(model, Model):
            model = Model(model, backend)
        self._model = model
        self._session = _core.Session(
            model,
            _shapes(model, input_shapes),
            _options.count("threads", threads, 0, 1024),
            _options.count("streams", streams, 1, 256),
            "" if precision is None else _options.text("precision", precision),
            _options.switch("low_memory", low_memory),
            _options.switch("autotune", autotune),
            _options.count("max_memory_bytes", max_memory_bytes, 1, (1 << 63) - 1),
        )

    @property
    def model(self) -> Model:
        """What it was made of."""
        return self._model

    @property
    def input_names(self) -> list[str]:
        """In their order."""
        return self._session.input_names

    @property
    def output_names(self) -> list[str]:
        """In their order."""
        return self._session.output_names

    @property
    def weight_bytes(self) -> int:
        """Packed weights and constants; 0 for other engines than saker."""
        return self._session.weight_bytes

    @property
    def activation_bytes(self) -> int:
        """What a run takes besides inputs and weights, at most; 0 for other engines than saker."""
        return self._session.activation_bytes

    def input(self, which: int | str = 0) -> NDArray[Any]:
        """An input's own memory, by number or name, to write to before `run`: dense, dtype and shape as compiled.

        bfloat16, which numpy lacks, comes as uint16.
        """
        return self._session.input(_index(which, self.input_names))

    def output(self, which: int | str = 0) -> NDArray[Any]:
        """An output of the last run, by number or name, read-only, in the session's own memory, with any strides.

        The next run writes there. An output whose shape the data decide, or of another engine, comes as a copy.
        """
        return self._session.output(_index(which, self.output_names))

    def run(self, pictures: int | None = None) -> None:
        """Computes the outputs of what is in the inputs; `pictures`: only of the first so many of the batch."""
        self._session.run(pictures)

    def __call__(self, *inputs: Any, **named: Any) -> list[NDArray[Any]]:
        """Copies the inputs in, runs, and returns copies of all outputs, in their order.

        inputs: arrays in the inputs' order, or one list of them, or one mapping of names to them; or named ones.
        Their dtype and shape must be those of the inputs (TypeError, ValueError).
        """
        arrays = self._arrays(inputs, named)
        return self._session.call([self._checked(i, array) for i, array in enumerate(arrays)])

    def _arrays(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        names = self.input_names
        if len(inputs) == 1 and not named:
            (only,) = inputs
            if isinstance(only, Mapping):
                return self._arrays((), dict(only))
            inputs = tuple(only) if isinstance(only, (list, tuple)) else inputs
        if inputs and named:
            raise TypeError("give the inputs in their order or by their names, not both")
        if named:
            if set(named) != set(names):
                raise ValueError(f"expected the inputs {', '.join(names)}, got {', '.join(map(str, named))}")
            return [named[name] for name in names]
        if len(inputs) != len(names):
            raise ValueError(f"expected {len(names)} inputs ({', '.join(names)}), got {len(inputs)}")
        return list(inputs)

    def _checked(self, i: int, values: Any) -> NDArray[Any]:
        array = np.from_dlpack(values) if _is_foreign(values) else np.asarray(values)
        own = self._session.input(i)
        name = self.input_names[i]
        if array.dtype != own.dtype:
            raise TypeError(f"input '{name}': expected {own.dtype} of shape {own.shape}, got {array.dtype}")
        if array.shape != own.shape:
            raise ValueError(f"input '{name}': expected {own.dtype} of shape {own.shape}, got shape {array.shape}")
        return np.ascontiguousarray(array)

    def profile(self) -> list[tuple[str, str, float]]:
        """Runs once and gives for each step its node, its kernel and its milliseconds. Of the saker engine only."""
        return self._session.profile()

    def clone(self) -> Session:
        """Another session over the same plan and packed weights, with activations and threads of its own."""
        other = object.__new__(Session)
        other._model = self._model
        other._session = _core.Session(self._session)
        return other

    @property
    def closed(self) -> bool:
        """Whether it was closed; using it then raises ValueError."""
        return self._session.closed

    def close(self) -> None:
        """Gives up the session; its memory goes with the last array over it. May be called again."""
        self._session.close()

    def __enter__(self) -> Session:
        if self.closed:
            raise ValueError("the session is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self.closed:
            return f"<saker.Session of {self._model.path}, closed>"
        shapes = ", ".join(f"{name} {self.input(name).shape}" for name in self.input_names)
        return f"<saker.Session of {self._model.path}: {shapes}>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a session cannot be pickled: pickle its model, and make a session of that")


def _is_foreign(values: Any) -> bool:
    return hasattr(values, "__dlpack__") and not isinstance(values, np.ndarray)


def _index(which: int | str, names: list[str]) -> int:
    if isinstance(which, str):
        if which not in names:
            raise KeyError(f"'{which}' is none of {', '.join(names)}")
        return names.index(which)
    if isinstance(which, bool) or not isinstance(which, (int, np.integer)):
        raise TypeError(f"expected a number or a name, got {which!r}")
    index = int(which) + (len(names) if which < 0 else 0)
    if not 0 <= index < len(names):
        raise IndexError(f"{which}: there are {len(names)}")
    return index


def _shapes(model: Model, shapes: Any) -> list[list[int]]:
    """One for each input, in their order."""
    inputs = model.inputs
    if shapes is None:
        shapes = [_declared(info) for info in inputs]
    elif isinstance(shapes, Mapping):
        unknown = set(shapes) - {info.name for info in inputs}
        if unknown:
            raise ValueError(
                f"input_shapes: {', '.join(sorted(map(str, unknown)))}: none of {', '.join(i.name for i in inputs)}"
            )
        shapes = [shapes[info.name] if info.name in shapes else _declared(info) for info in inputs]
    result = [[_extent(extent) for extent in shape] for shape in shapes]
    if len(result) != len(inputs):
        raise ValueError(f"input_shapes: expected {len(inputs)} shapes, got {len(result)}")
    return result


def _extent(extent: Any) -> int:
    if isinstance(extent, bool) or not isinstance(extent, (int, np.integer)):
        raise TypeError(f"input_shapes: expected whole numbers, got {extent!r}")
    if not 0 <= extent < 1 << 46:
        raise ValueError(f"input_shapes: {extent} is no extent")
    return int(extent)


def _declared(info: TensorInfo) -> list[int]:
    shape = list(info.shape) if info.shape is not None else None
    if shape and not isinstance(shape[0], int):
        shape[0] = 1  # pictures
    if shape is None or not all(isinstance(extent, int) for extent in shape):
        raise ValueError(f"input_shapes: the model leaves the shape of '{info.name}' open ({info.shape}): give one")
    return shape  # type: ignore[return-value]
