"""saker.ray: the detector's boxes, each picture once, whatever ends on the way. Skips without Ray:

    build/python-venv/bin/python -m pip install 'ray[data]' && scripts/python_tests.sh python/tests/test_ray.py
"""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

ray = pytest.importorskip("ray", reason="needs Ray: pip install 'ray[data]'")
pytest.importorskip("ray.data", reason="needs Ray Data: pip install 'ray[data]'")
pq = pytest.importorskip("pyarrow.parquet")

import saker  # noqa: E402
import saker.ray  # noqa: E402
from saker.ray import attempts, bundle, inputs, parts, worker  # noqa: E402
from saker.ray.__main__ import main  # noqa: E402

MODELS = Path(__file__).resolve().parents[2] / "models"
MODEL = MODELS / "signs.onnx"
PICTURES = 60
CONF = 0.1


def write_ppm(path: Path, pixels: np.ndarray) -> None:
    path.write_bytes(b"P6 %d %d 255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pieces of a picture with signs, and three files that are no pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    whole = np.asarray(saker.read_image(MODELS / "signs.jpg"))
    random = np.random.default_rng(1)
    for i in range(PICTURES):
        height, width = random.integers(200, 480, 2)
        top, left = random.integers(0, whole.shape[0] - height), random.integers(0, whole.shape[1] - width)
        write_ppm(folder / f"{i:03d}.ppm", np.ascontiguousarray(whole[top:top + height, left:left + width]))
    (folder / "010.jpg").write_bytes(b"")
    (folder / "020.jpg").write_text("a page, not a picture")
    (folder / "030.ppm").write_bytes((folder / "031.ppm").read_bytes()[:1000])
    return folder


@pytest.fixture(scope="module")
def expected(pictures: Path) -> dict[str, tuple]:
    """What saker.Detector finds."""
    with saker.Detector(MODEL, conf=CONF) as detector:
        files = sorted(pictures.iterdir())
        found = {str(file): as_row(detector([str(file)], errors="return")[0]) for file in files}
    assert sum(row[0] is not None for row in found.values()) == len(files) - 3
    assert sum(len(row[3]) for row in found.values()) > PICTURES // 2
    return found


def as_row(d: object) -> tuple:
    if isinstance(d, Exception):
        return None, None, b"", (), (), str(d)
    return (d.width, d.height, d.boxes.tobytes() + d.scores.tobytes(), tuple(d.class_ids.tolist()), tuple(d.labels),
            None)


def rows_of(out: Path) -> dict[str, tuple]:
    """Rows of a job's files; fails where a picture has two."""
    rows = {}
    for file in sorted(out.glob("part-*")):
        if file.suffix == ".parquet":
            read = pq.read_table(file).to_pylist()
        else:
            read = [json.loads(line) for line in file.read_text().splitlines()]
        for row in read:
            assert row["path"] not in rows, f"{row['path']} has two rows"
            assert row["model"] == "sha256:" + bundle.read_bundle(MODEL).identity.split(":")[1]
            numbers = np.float32(row["boxes"]).tobytes() + np.float32(row["scores"]).tobytes()
            rows[row["path"]] = (row["width"], row["height"], numbers, tuple(row["class_ids"]), tuple(row["labels"]),
                                 row["error"])
    return rows


def without_errors_text(rows: dict[str, tuple]) -> dict[str, tuple]:
    """Of pictures that come as bytes the message has another name."""
    return {path: (*row[:5], row[5] is None) for path, row in rows.items()}


def given_as(kind: str, pictures: Path) -> object:
    return str(pictures) if kind == "paths" else ray.data.read_binary_files(str(pictures), include_paths=True)


@pytest.fixture(scope="module")
def one_node():
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.parametrize("format", ["parquet", "jsonl"])
def test_boxes_are_the_detectors(one_node, pictures, expected, tmp_path, format):
    summary = saker.ray.detect(pictures, MODEL, out=tmp_path / "out", format=format, conf=CONF, part_size=20)
    assert rows_of(tmp_path / "out") == expected
    assert (summary.pictures, summary.failures, summary.done_before) == (len(expected), 3, 0)
    assert summary.boxes == sum(len(row[3]) for row in expected.values())
    assert [Path(file).name for file in summary.files] == [f"part-{i:08d}.{format}" for i in range(4)]
    assert not list((tmp_path / "out" / "_saker" / "scratch").iterdir())
    again = saker.ray.detect(pictures, MODEL, out=tmp_path / "out", format=format, conf=CONF)
    assert (again.pictures, again.failures, again.boxes, again.done_before) == (*summary_counts(summary), 62)


def summary_counts(summary: saker.ray.Summary) -> tuple[int, int, int]:
    return summary.pictures, summary.failures, summary.boxes


def test_batches_find_the_same(one_node, pictures, expected, tmp_path):
    saker.ray.detect(sorted(pictures.iterdir()), MODEL, out=tmp_path, conf=CONF, batch_size=3, cores_per_actor=1)
    assert rows_of(tmp_path) == expected


def test_names_that_are_no_text(one_node, pictures, tmp_path):
    named = os.fsencode(tmp_path) + b"/caf\xe9.ppm"
    shutil.copy(pictures / "001.ppm", named)
    summary = saker.ray.detect([os.fsdecode(named)], MODEL, out=tmp_path / "out", format="jsonl", conf=CONF)
    assert summary_counts(summary)[:2] == (1, 0)
    assert list(rows_of(tmp_path / "out")) == [f"{tmp_path}/caf\\xe9.ppm"]


def test_makes_only_what_is_missing(one_node, pictures, expected, tmp_path):
    first = saker.ray.detect(f"{pictures}/*", MODEL, out=tmp_path, conf=CONF, part_size=10)
    kept = {file: os.stat(file).st_mtime_ns for file in first.files}
    lost = [first.files[1], first.files[4]]
    for file in lost:
        os.unlink(file)
    manifest = tmp_path / "_saker" / "parts.jsonl"
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(lines[:-1]) + lines[-1][:7])  # as a machine leaves it that loses power
    second = saker.ray.detect(f"{pictures}/*", MODEL, out=tmp_path, conf=CONF)
    assert summary_counts(second) == summary_counts(first)
    assert rows_of(tmp_path) == expected
    made = [file for file in second.files if os.stat(file).st_mtime_ns != kept[file]]
    assert made == lost
    entries = [json.loads(line)["part"] for line in manifest.read_text().splitlines() if line.endswith("}")]
    assert set(entries) == {Path(file).name for file in first.files}


def test_rows_with_bytes(one_node, pictures, expected, tmp_path):
    dataset = ray.data.read_binary_files(str(pictures), include_paths=True)
    first = saker.ray.detect(dataset, MODEL, out=tmp_path, conf=CONF, part_size=10)
    assert without_errors_text(rows_of(tmp_path)) == without_errors_text(expected)
    # As if the driver had ended early: one part was never entered, the other is gone, and the end was not written down.
    manifest, state = tmp_path / "_saker" / "parts.jsonl", tmp_path / "_saker" / "job.json"
    lines = manifest.read_text().splitlines(keepends=True)
    os.unlink(tmp_path / json.loads(lines[0])["part"])
    manifest.write_text("".join(lines[:-1]))
    job = json.loads(state.read_text())
    del job["pictures"]
    state.write_text(json.dumps(job))
    second = saker.ray.detect(dataset, MODEL, out=tmp_path, conf=CONF, part_size=7)
    assert without_errors_text(rows_of(tmp_path)) == without_errors_text(expected)
    assert summary_counts(second) == summary_counts(first)
    assert 0 < second.done_before < first.pictures


def test_rows_without_names_and_paths_without_bytes(one_node, pictures, expected, tmp_path):
    files = sorted(pictures.iterdir())[:12]
    nameless = ray.data.from_items([{"bytes": file.read_bytes()} for file in files] * 2)
    summary = saker.ray.detect(nameless, MODEL, out=tmp_path / "a", conf=CONF, part_size=5)
    boxes = sum(len(expected[str(file)][3]) for file in files)
    assert (summary.pictures, summary.failures, summary.boxes) == (24, 2, 2 * boxes)
    paths = ray.data.from_items([{"path": str(file), "taken": 1} for file in files])
    saker.ray.detect(paths, MODEL, out=tmp_path / "b", conf=CONF)
    assert rows_of(tmp_path / "b") == {str(file): expected[str(file)] for file in files}
    with pytest.raises(saker.Error, match="columns id; one called `path` or `bytes` is needed"):
        saker.ray.detect(ray.data.range(3), MODEL, out=tmp_path / "c")


def test_refuses_what_would_mix(one_node, pictures, tmp_path):
    few = sorted(pictures.iterdir())[:3]
    saker.ray.detect(few, MODEL, out=tmp_path / "out", conf=CONF)

    def refused(why: str, given=few, model=MODEL, out=tmp_path / "out", **options) -> None:
        with pytest.raises(saker.Error, match=why):
            saker.ray.detect(given, model, out=out, **{"conf": CONF, **options})

    refused(r'options \{"conf": 0.1\}, now \{"conf": 0.2\}', conf=0.2)
    refused(r"model \"signs.onnx \(sha256:.*, now \"signs.int8.onnx", model=MODELS / "signs.int8.onnx")
    refused("pictures .*sha256.*, now .*sha256", given=few[:2])
    refused('format "parquet", now "jsonl"', format="jsonl")
    refused("holds results already", resume=False)
    refused("holds other files", out=pictures)
    refused("is not a folder", out=few[0])
    refused("no such file", model=tmp_path / "none.onnx", out=tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "out" / "_saker" / "job.json").write_text("{")
    refused("job.json: damaged")
    (tmp_path / "out" / "_saker" / "job.json").unlink()
    refused("job.json: is missing")


def test_bad_arguments(one_node, pictures, tmp_path):
    for bad, why in (({"confidence": 1}, "no option confidence"), ({"format": "csv"}, "format 'csv'"),
                     ({"part_size": 0}, "part_size 0"), ({"cores_per_actor": 1000}, "no node has as many CPUs")):
        with pytest.raises((TypeError, ValueError), match=why):
            saker.ray.detect(pictures, MODEL, out=tmp_path / "out", **bad)
    for given, why in ((str(pictures / "no*"), "no file matches"), (tmp_path, "no pictures in this folder"),
                       ("s3://bucket/pictures", "read_binary_files"), (7, "got int"), (b"..", "column `bytes`"),
                       (str(tmp_path / "none"), "no such file")):
        with pytest.raises((TypeError, ValueError, saker.Error), match=why):
            saker.ray.detect(given, MODEL, out=tmp_path / "other")


def test_a_folder_that_is_not_mounted(one_node, tmp_path):
    gone = [tmp_path / f"{i}.jpg" for i in range(4)]
    with pytest.raises(saker.Error, match="node .*: none of the 4 pictures of part-00000000.parquet is there"):
        saker.ray.detect(gone, MODEL, out=tmp_path / "out")
    summary = saker.ray.detect(gone, MODEL, out=tmp_path / "out", missing_ok=True)
    assert summary_counts(summary) == (4, 4, 0)


class Ending(threading.Thread):
    """Runs `end` once a job has made some parts and is at work on others."""

    def __init__(self, out: Path, end):
        super().__init__(daemon=True)
        self.out, self.end, self.parts_then = out, end, None

    def run(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            at_work = list((self.out / "_saker" / "attempts").glob("*"))
            made = list(self.out.glob("part-*"))
            if len(made) >= 3 and at_work and self.end(at_work):
                self.parts_then = len(made)
                return
            time.sleep(0.002)


def kill_actor(at_work: list[Path]) -> bool:
    try:
        words = at_work[-1].read_text().split()
        os.kill(int(words[1]), signal.SIGKILL)
    except (OSError, IndexError, ValueError):  # it has just finished
        return False
    return True


@pytest.mark.parametrize("kind", ["paths", "bytes"])
def test_an_actor_is_killed(one_node, pictures, expected, tmp_path, kind):
    ending = Ending(tmp_path, kill_actor)
    ending.start()
    summary = saker.ray.detect(given_as(kind, pictures), MODEL, out=tmp_path, conf=CONF, part_size=2, cores_per_actor=1)
    assert ending.parts_then is not None and ending.parts_then < 31
    assert without_errors_text(rows_of(tmp_path)) == without_errors_text(expected)
    assert (summary.pictures, summary.failures) == (len(expected), 3)


def test_the_driver_is_killed(one_node, pictures, expected, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "saker.ray", str(pictures), "--model", str(MODEL), "--out", str(out), "--conf",
               str(CONF), "--part-size", "2", "--cores-per-actor", "1", "--address", "local"]
    driver = subprocess.Popen(command, env={**os.environ, "RAY_ADDRESS": ""})
    ending = Ending(out, lambda _: driver.kill() is None)
    ending.start()
    assert driver.wait(180) == -signal.SIGKILL and ending.parts_then < 31
    summary = saker.ray.detect(pictures, MODEL, out=out, conf=CONF)
    assert rows_of(out) == expected
    assert summary.pictures == len(expected) and summary.done_before >= 6


def parent_of(attempt: Path) -> int:
    try:
        status = Path("/proc", attempt.read_text().split()[1], "status").read_text()
    except (OSError, IndexError):
        return 0
    return int(status.split("PPid:")[1].split()[0])


@pytest.mark.parametrize("kind", ["paths", "bytes"])
def test_a_node_is_killed(pictures, expected, tmp_path, kind):
    from ray.cluster_utils import Cluster

    if ray.is_initialized():
        ray.shutdown()
    # The head has no CPUs: whoever is at work is on a node that may be killed.
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        nodes = [cluster.add_node(num_cpus=2) for _ in range(2)]
        cluster.wait_for_nodes()
        ray.init(address=cluster.address, log_to_driver=False)
        node_of = {node.all_processes["raylet"][0].process.pid: node for node in nodes}

        def end_node(at_work: list[Path]) -> bool:
            """The one whose actor is in the midst of a part."""
            for file in at_work:
                if node := node_of.get(parent_of(file)):
                    cluster.remove_node(node, allow_graceful=False)
                    return True
            return False

        ending = Ending(tmp_path, end_node)
        ending.start()
        saker.ray.detect(given_as(kind, pictures), MODEL, out=tmp_path, conf=CONF, part_size=2)
        assert ending.parts_then is not None and ending.parts_then < 31
        assert without_errors_text(rows_of(tmp_path)) == without_errors_text(expected)
        assert sum(node["Alive"] for node in ray.nodes()) == 2
    finally:
        ray.shutdown()
        cluster.shutdown()


class Fragile:
    """A detector whose process ends when it sees one of two pictures."""

    def __call__(self, sources, errors):
        if any(source in ("b", "d") for source in sources):
            os._exit(9)
        return [saker.Detections.from_arrays(np.zeros((0, 4), np.float32), np.zeros(0, np.float32),
                                             np.zeros(0, np.int32), ["sign"], 4, 4) for _ in sources]


def test_a_picture_that_ends_the_process_is_left_out(tmp_path):
    for folder in ("attempts", "scratch"):
        (tmp_path / "_saker" / folder).mkdir(parents=True)
    made = worker.ListWorker.__new__(worker.ListWorker)
    made.task = worker.Task(str(tmp_path), "jsonl", None, "m", {}, 1, 1, False, "")
    made.out, made.inside, made.detector = tmp_path, tmp_path / "_saker", Fragile()
    processes = 0
    part = tmp_path / "part-0.jsonl"
    while not part.exists():
        processes += 1
        assert processes < 20
        child = os.fork()
        if child == 0:
            made.make_part(part, "0", list("abcde"), list("abcde"))
            os._exit(0)
        os.waitpid(child, 0)
    rows = [json.loads(line) for line in part.read_text().splitlines()]
    assert [row["path"] for row in rows if row["error"]] == ["b", "d"]
    assert "the process ended" in rows[1]["error"] and processes == 2 + 2 + 2 + 1
    assert not list((tmp_path / "_saker" / "attempts").iterdir())


def test_listing(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("b.JPG", "a.png", "notes.txt", ".hidden.jpg", "in/c.webp"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)

    def names(given, recursive=False):
        return [os.path.relpath(path, tmp_path) for path in inputs.source_of(given, recursive).paths()]

    assert names(tmp_path) == ["a.png", "b.JPG"]
    assert names(tmp_path, True) == ["a.png", "b.JPG", "in/c.webp"]
    assert sorted(names(f"{tmp_path}/*.[pJ]*")) == ["a.png", "b.JPG"]
    assert names(str(tmp_path / "a.png")) == ["a.png"]
    (tmp_path / "list.txt").write_text("﻿# pictures\nin/c.webp\n\n/elsewhere/d.jpg\n", "utf-8")
    assert names(str(tmp_path / "list.txt")) == ["in/c.webp", os.path.relpath("/elsewhere/d.jpg", tmp_path)]
    assert names(iter([tmp_path / "a.png"])) == ["a.png"]
    strange = os.fsdecode(b"\xff.jpg")
    assert parts.readable(strange) == "\\xff.jpg"


def test_a_folders_pictures_are_the_commands(tmp_path):
    command = Path(saker.__file__).parent / "bin" / "saker"
    if not command.exists():
        pytest.skip("this installation has no command")
    said = subprocess.run([command, "detect", MODEL, tmp_path], capture_output=True, text=True).stderr
    listed = said[said.index("no pictures in this folder (") + len("no pictures in this folder ("):].split(")")[0]
    assert ".jpg" in listed and set(listed.split()) <= inputs.EXTENSIONS


def test_what_travels_with_a_model(tmp_path):
    (tmp_path / "net.xml").write_bytes(b"<net/>")
    (tmp_path / "net.bin").write_bytes(b"weights")
    (tmp_path / "metadata.yaml").write_bytes(b"names: {0: a}")
    (tmp_path / "other.bin").write_bytes(b"")
    packed = bundle.read_bundle(tmp_path / "net.xml")
    assert set(packed.files) == {"net.xml", "net.bin", "metadata.yaml"}
    (tmp_path / "net.onnx").write_bytes(b"..\x0a\x08location\x12\x08net.data..\x0a\x08location\x12\x09../secret")
    (tmp_path / "net.data").write_bytes(b"tensors")
    (tmp_path.parent / "secret").write_bytes(b"no")
    assert set(bundle.read_bundle(tmp_path / "net.onnx").files) == {"net.onnx", "net.data", "metadata.yaml"}
    main_file = bundle.unpack(packed, packed.identity)
    try:
        (main_file.parent / "net.bin").write_bytes(b"wei")  # half of it swept away
        assert bundle.unpack(packed, packed.identity) == main_file
        assert (main_file.parent / "net.bin").read_bytes() == b"weights"
    finally:
        shutil.rmtree(main_file.parent)


def test_seen_is_a_set():
    seen = worker.Seen(f"{i}.jpg" for i in range(1000))
    assert len(seen) == 1000 and all(f"{i}.jpg" in seen for i in range(1000))
    assert not any(f"{i}.png" in seen for i in range(1000))
    assert "a" not in worker.Seen([])


def test_attempts_remember_who_died_where(tmp_path):
    file = tmp_path / "7"
    for careful in (False, False, True):
        attempt = attempts.Attempts(file)
        assert attempt.careful == careful and not attempt.fatal
    attempt.at(4)
    assert not attempts.Attempts(file).fatal
    attempts.Attempts(file).at(4)
    last = attempts.Attempts(file)
    assert last.fatal == {4}
    last.done()
    assert not file.exists()


def test_command_line(one_node, pictures, expected, tmp_path, capsys):
    line = [str(pictures), "--model", str(MODEL), "--out", str(tmp_path / "out"), "--conf", str(CONF)]
    line += ["--format", "jsonl"]
    assert main([*line, "--json"]) == 1  # three pictures failed
    assert json.loads(capsys.readouterr().out)["failures"] == 3
    assert rows_of(tmp_path / "out") == expected
    assert main([*line[:-4], "--conf", "0.3"]) == 1
    assert "holds results of something else" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0 and "examples:" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main([str(pictures)])
    assert ended.value.code == 2
