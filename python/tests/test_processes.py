"""Threads, forks, spawned processes, Ctrl-C, and the end of the interpreter."""

from __future__ import annotations

import concurrent.futures
import copy
import multiprocessing
import os
import pickle
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import PICTURE, SANITIZED, SIGNS, SIGNS_INT8, patience

import saker


def detect_here(detector: saker.Detector, picture: object) -> saker.Detections:
    return detector(picture)


@pytest.mark.parametrize("streams", [1, 2, 5])
def test_threads_share_a_detector(picture: np.ndarray, streams: int) -> None:
    shifted = [np.roll(picture, 20 * i, axis=1) for i in range(8)]
    with saker.Detector(SIGNS_INT8, threads=1, streams=streams) as detector:
        expected = [detector(each) for each in shifted]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(5):
                assert list(pool.map(detector, shifted)) == expected


def test_closed_while_at_work(picture: np.ndarray) -> None:
    for _ in range(20):
        detector = saker.Detector(SIGNS_INT8, threads=1, streams=2)
        outcomes: list[object] = []

        def work() -> None:
            try:
                while True:
                    outcomes.append(detector(picture))
            except ValueError as error:
                outcomes.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.01)
        detector.close()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        assert all(isinstance(each, saker.Detections) or "closed" in each for each in outcomes)


def test_objects_that_die_during_the_call(picture: np.ndarray) -> None:
    with saker.Detector(SIGNS_INT8, threads=1, streams=2) as detector:
        expected = detector(picture)
        sources = [picture.copy() for _ in range(40)]

        def drop() -> None:
            while sources:
                sources.pop()

        thread = threading.Thread(target=drop)
        again = list(sources)
        thread.start()
        assert detector(sources) is not None
        thread.join()
        assert detector(again) == [expected] * 40
        data = bytearray(PICTURE.read_bytes())
        errors = []

        def shrink() -> None:
            for _ in range(2000):
                try:
                    del data[-1:]
                    data.append(0xD9)
                except BufferError as error:
                    errors.append(error)

        thread = threading.Thread(target=shrink)
        thread.start()
        for _ in range(20):
            detector(data)
        thread.join()


def in_child(work) -> str:
    """What `work` returns in a forked child, or the exception there."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001
            answer = repr(error)
        os.write(writer, str(answer).encode())
        os._exit(0)
    os.close(writer)
    ended = threading.Event()

    def kill() -> None:
        if not ended.wait(30):
            os.kill(child, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    with os.fdopen(reader) as file:
        answer = file.read()
    os.waitpid(child, 0)
    ended.set()
    return answer


@pytest.mark.skipif(SANITIZED, reason="a child may find the sanitizer's allocator locked (GCC 12), for ever")
@pytest.mark.parametrize("options", [{}, {"streams": 3}, {"batch": 2, "imgsz": 320}], ids=str)
def test_fork_while_other_threads_detect(picture: np.ndarray, options: dict) -> None:
    model = SIGNS if "batch" in options else SIGNS_INT8
    detector = saker.Detector(model, threads=2, **options)
    expected = detector(picture)
    stop = False

    def work() -> None:
        while not stop:
            detector([picture, picture, picture])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()

    def detect_in_child() -> object:
        same = [detector(picture) == expected, detector([picture] * 3) == [expected] * 3]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            same += [each == expected for each in pool.map(detector, [picture] * 6)]
        grandchild = in_child(lambda: detector(picture) == expected)
        detector.close()
        return all(same), grandchild

    try:
        for _ in range(5):
            assert in_child(detect_in_child) == "(True, 'True')"
        assert detector(picture) == expected
    finally:
        stop = True
        for thread in threads:
            thread.join()
    detector.close()
    assert "closed" in in_child(lambda: detector(picture))


def test_fork_of_a_session(picture: np.ndarray) -> None:
    session = saker.Session(SIGNS_INT8, threads=2)
    values = np.random.default_rng(0).random((1, 3, 320, 320), np.float32)
    expected = session(values)[0]

    def same() -> bool:
        return np.array_equal(session(values)[0], expected)

    assert in_child(same) == "True"
    assert in_child(lambda: session.clone()(values)[0].shape) == "(1, 19, 2100)"
    assert same()


def test_pools_of_processes(picture: np.ndarray) -> None:
    with saker.Detector(SIGNS_INT8, conf=0.4, threads=1) as detector:
        expected = detector(PICTURE)
        for method in ("fork", "spawn"):
            context = multiprocessing.get_context(method)
            with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
                work = [pool.submit(detect_here, detector, PICTURE) for _ in range(3)]
                assert [each.result(60) for each in work] == [expected] * 3


def test_pickles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SIGNS.parent)
    with saker.Detector(
        "signs.onnx", conf=0.1, iou=0.5, max_det=9, classes=["stop", 3], agnostic=True, imgsz=256, batch=2, threads=1
    ) as detector:
        data = pickle.dumps(detector)
        expected = detector(PICTURE)
        monkeypatch.chdir(tmp_path)
        for same in (pickle.loads(data), copy.copy(detector)):
            assert same(PICTURE) == expected and same.input_size == (256, 256) and same.batch == 2
    with pytest.raises(ValueError, match="closed"):
        pickle.dumps(detector)
    with saker.Detector(saker.Model.from_bytes(SIGNS.read_bytes())) as detector:
        with pytest.raises(TypeError, match="memory"):
            pickle.dumps(detector)
    with saker.Detector(saker.Model(SIGNS)) as detector:
        assert pickle.loads(pickle.dumps(detector))(PICTURE) == detector(PICTURE)


class Hostile:
    def __init__(self, function, *arguments) -> None:
        self.reduced = (function, arguments)

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        "model.onnx",
        {},
        {1: 2},
        {"model": 3},
        {"model": b"model.onnx"},
        {"model": str(SIGNS), "conf": "high"},
        {"model": str(SIGNS), "threads": 1 << 70},
        {"model": str(SIGNS), "imgsz": [1, 2, 3]},
        {"model": str(SIGNS), "labels": [None]},
        {"model": str(SIGNS), "_pool": None},
        {"model": str(SIGNS), "self": None},
        {"conf": 0.5},
    ],
    ids=str,
)
def test_hostile_states(state: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        saker.Detector.__new__(saker.Detector).__setstate__(state)


@pytest.mark.filterwarnings("ignore:nanobind.*uninitialized")
def test_objects_that_were_never_made(picture: np.ndarray) -> None:
    """What a pickle can make without calling __init__."""
    from saker import _core

    detector = object.__new__(saker.Detector)
    for use in (lambda: detector(picture), lambda: detector.names, lambda: repr(detector), detector.close):
        with pytest.raises((AttributeError, TypeError)):
            use()
    for kind in (_core.Pool, _core.Session, _core.Model):
        empty = kind.__new__(kind)
        for name in ("names", "close", "input_names", "path", "detect", "call", "closed"):
            if hasattr(kind, name):
                with pytest.raises(TypeError):
                    value = getattr(empty, name)
                    value()
        with pytest.raises(TypeError):
            pickle.dumps(empty)
    with pytest.raises(TypeError):
        saker.Detector(_core.Model.__new__(_core.Model))
    with saker.Detector(SIGNS_INT8) as made, pytest.raises(ValueError):
        made.__setstate__({"model": str(SIGNS)})
    for kind in (_core.Pool, _core.Session):
        with pytest.raises(TypeError):
            pickle.loads(pickle.dumps(Hostile(kind, "x")))


INTERRUPT = """
import os, signal, sys, threading, time
import numpy as np
import saker

kind, model, picture = sys.argv[1:]
image = saker.read_image(picture)
if kind == "load":
    large = saker.Model(model)
    call = lambda: [saker.Session(large, input_shapes=[(16, 3, 1280 + 32 * i, 1280)], threads=1) for i in range(999)]
elif kind == "list":
    detector = saker.Detector(model, threads=1)
    call = lambda: detector([image] * 5000)
elif kind == "session":
    session = saker.Session(model, input_shapes=[(16, 3, 1280, 1280)], threads=1)
    call = session.run
elif kind == "waiting":
    detector = saker.Detector(model, threads=1, imgsz=2048)
    def work():
        detector([image] * 50)
    threading.Thread(target=work, daemon=True).start()
    time.sleep(0.3)
    call = lambda: [detector(image) for _ in range(1000)]  # each waits for its turn
else:
    detector = saker.Detector(model, threads=1, imgsz=2048, batch=4)
    call = lambda: detector([image] * 4)
sent = []
def send():
    time.sleep(0.4)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send).start()
try:
    call()
    print("not interrupted")
except KeyboardInterrupt:
    print(f"{time.perf_counter() - sent[0]:.3f}")
if kind in ("list", "single"):
    print(len(detector(image, conf=0.1)) >= 0)
"""


@pytest.mark.parametrize("kind", ["list", "single", "session", "load", "waiting"])
def test_interrupt(run_python, kind: str) -> None:
    seconds = []
    while len(seconds) < 3 and not any(each < 0.2 for each in seconds):  # another program may have the CPU
        answer = run_python(INTERRUPT, kind, SIGNS, PICTURE)
        assert answer.returncode == 0, answer.stderr
        first, *others = answer.stdout.split()
        seconds.append(float(first))
        assert others == ["True"] * len(others), "the detector works on"
    assert min(seconds) < 0.2 * patience()


def test_other_signals_do_not_end_a_call(picture: np.ndarray) -> None:
    heard = []
    old = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    try:
        with saker.Detector(SIGNS_INT8, threads=1) as detector:
            signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
            found = detector([picture] * 200)
            assert len(found) == 200 and len(set(map(len, found))) == 1 and len(heard) > 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


END = """
import sys, threading, time
import saker

kind, model, picture = sys.argv[1:]
detector = saker.Detector(model, threads=2, streams=2)
image = saker.read_image(picture)
def work():
    while True:
        detector([image] * 100)
if kind == "daemon":
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.2)
elif kind == "atexit":
    import atexit
    atexit.register(lambda: print(len(detector(image))))
elif kind == "global":
    import builtins
    builtins.kept = detector, saker.Session(model)
elif kind == "cycle":
    class Holder: pass
    holder = Holder()
    holder.me, holder.detector = holder, detector
print("end")
"""


@pytest.mark.parametrize("kind", ["daemon", "atexit", "global", "cycle"])
def test_end_of_the_interpreter(run_python, kind: str) -> None:
    for _ in range(3):
        answer = run_python(END, kind, SIGNS_INT8, PICTURE, timeout=30)
        assert answer.returncode == 0 and answer.stderr == ""
        assert answer.stdout.split()[0] == "end"
