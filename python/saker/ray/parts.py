"""Files of results: rows of pictures to one Parquet or JSON-lines file, complete under its name or not there."""
from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Sequence

import numpy as np

SUFFIXES = {"parquet": ".parquet", "jsonl": ".jsonl"}


class Row(NamedTuple):
    """What was found in a picture: `detections`, a saker.Detections, or None and in `error` why there are none."""

    path: str | None
    detections: Any
    error: str | None


class Counts(NamedTuple):
    """What a file of results holds."""

    pictures: int
    failures: int  # of the pictures: those that could not be read
    boxes: int


def counts_of(rows: Sequence[Row]) -> Counts:
    boxes = sum(len(row.detections) for row in rows if row.error is None)
    return Counts(len(rows), sum(row.error is not None for row in rows), boxes)


def readable(path: str) -> str:
    """A file's name as text that any reader of the results takes: bytes that are not UTF-8 are spelt out as \\xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def write_part(path: Path, rows: Sequence[Row], model: str, scratch: Path) -> Counts:
    """Writes `rows` so that `path` appears complete, or replaces a file with the same rows, or does not change.

    `scratch` is a folder of the same file system, for the file while it grows.
    """
    growing = scratch / f"{path.name}.{socket.gethostname()}.{os.getpid()}"
    try:
        (_write_parquet if path.suffix == ".parquet" else _write_jsonl)(growing, rows, model)
        publish(growing, path)
    finally:
        growing.unlink(missing_ok=True)
    return counts_of(rows)


def publish(growing: Path, path: Path) -> None:
    """Gives a complete file its name, on the disk before the name is."""
    with open(growing, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(growing, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_parquet(path: Path, rows: Sequence[Row], model: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = [row.detections for row in rows if row.error is None]
    ends = np.cumsum([0] + [0 if row.error is not None else len(row.detections) for row in rows], dtype=np.int32)
    boxes = np.concatenate([d.boxes for d in found] or [np.empty((0, 4))]).astype(np.float32, copy=False)
    corners = np.arange(0, boxes.size + 1, 4, dtype=np.int32)
    labels = [label for d in found for label in d.labels]
    scores = np.concatenate([d.scores for d in found] or [np.empty(0)]).astype(np.float32, copy=False)
    class_ids = np.concatenate([d.class_ids for d in found] or [np.empty(0)]).astype(np.int32, copy=False)

    def of_each_picture(values: Any) -> Any:
        return pa.ListArray.from_arrays(pa.array(ends), values)

    table = pa.table({
        "path": pa.array([row.path for row in rows], pa.string()),
        "width": pa.array([None if row.error is not None else row.detections.width for row in rows], pa.int32()),
        "height": pa.array([None if row.error is not None else row.detections.height for row in rows], pa.int32()),
        "boxes": of_each_picture(pa.ListArray.from_arrays(pa.array(corners), pa.array(boxes.reshape(-1)))),
        "scores": of_each_picture(pa.array(scores)),
        "class_ids": of_each_picture(pa.array(class_ids)),
        "labels": of_each_picture(pa.array(labels, pa.string())),
        "error": pa.array([row.error for row in rows], pa.string()),
        "model": pa.array([model] * len(rows), pa.string()),
    })
    pq.write_table(table, path, compression="zstd")


def _write_jsonl(path: Path, rows: Sequence[Row], model: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(_as_json(row, model), ensure_ascii=False) + "\n")


def _as_json(row: Row, model: str) -> dict[str, Any]:
    d = row.detections if row.error is None else None
    return {
        "path": row.path,
        "width": None if d is None else int(d.width),
        "height": None if d is None else int(d.height),
        "boxes": [] if d is None else _short(d.boxes).reshape(-1, 4).tolist(),
        "scores": [] if d is None else _short(d.scores).tolist(),
        "class_ids": [] if d is None else np.asarray(d.class_ids).tolist(),
        "labels": [] if d is None else list(d.labels),
        "error": row.error,
        "model": model,
    }


def _short(values: Any) -> Any:
    """Doubles with the fewest digits that are still the same float32."""
    exact = np.asarray(values, np.float32).reshape(-1)
    short = np.array([float(str(value)) for value in exact], np.float64)
    return np.where(short.astype(np.float32) == exact, short, exact)


def read_counts(path: Path) -> Counts:
    """Counts what a complete file holds."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=["error", "class_ids"])
        failures = table.num_rows - table["error"].null_count
        return Counts(table.num_rows, failures, sum(len(chunk.flatten()) for chunk in table["class_ids"].chunks))
    pictures = failures = boxes = 0
    for row in _read_jsonl(path):
        pictures, failures, boxes = pictures + 1, failures + (row["error"] is not None), boxes + len(row["scores"])
    return Counts(pictures, failures, boxes)


def read_paths(path: Path) -> Iterator[str]:
    """The pictures that a complete file has rows of."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        yield from pq.read_table(path, columns=["path"])["path"].to_pylist()
    else:
        for row in _read_jsonl(path):
            yield row["path"]


def _read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
