"""Models and sessions: tensors in and out."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import SIGNS, SIGNS_INT8

import saker


@pytest.fixture(scope="module")
def model() -> saker.Model:
    return saker.Model(SIGNS_INT8)


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).random((1, 3, 320, 320), np.float32)


def test_model(model: saker.Model) -> None:
    assert model.path == str(SIGNS_INT8) and model.backend == "saker" and model.backend_note == ""
    (info,) = model.inputs
    assert info == ("images", "float32", ("batch", 3, 320, 320))
    assert model.outputs[0].dtype == "float32" and model.outputs[0].shape[:2] == ("batch", 19)
    assert model.operators["Conv"] > 10 and model.file_bytes == SIGNS_INT8.stat().st_size
    assert "stop" in model.metadata["names"]
    open_shape = saker.Model(SIGNS).inputs[0].shape
    assert len(open_shape) == 4 and open_shape[1] == 3 and not isinstance(open_shape[2], int)
    assert "signs.int8.onnx" in repr(model)


def test_models_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(saker.NotFoundError, match="none.onnx"):
        saker.Model("none.onnx")
    with pytest.raises(saker.LimitError):
        saker.Model(SIGNS, max_file_bytes=1000)
    with pytest.raises(saker.InvalidError, match="thing"):
        saker.Model.from_bytes(b"nothing", "thing")
    with pytest.raises(TypeError):
        saker.Model.from_bytes("text")
    with pytest.raises(TypeError):
        saker.Model.from_bytes(np.zeros((2, 2)))
    with pytest.raises(TypeError):
        saker.Model(None)
    with pytest.raises(saker.Error, match="tensorflow"):
        saker.Model(SIGNS, "tensorflow")


def test_model_pickles_as_its_path(model: saker.Model) -> None:
    for same in (pickle.loads(pickle.dumps(model)), copy.copy(model)):
        assert same.path == model.path and same.inputs == model.inputs
    with pytest.raises(TypeError, match="memory"):
        pickle.dumps(saker.Model.from_bytes(SIGNS.read_bytes()))


def test_copies_in_and_out(model: saker.Model, values: np.ndarray) -> None:
    with saker.Session(model, threads=1) as session:
        name = session.input_names[0]
        (expected,) = session(values)
        assert expected.shape == (1, 19, 2100) and expected.dtype == np.float32
        expected[0, 0, 0] += 0  # ours to write to
        for result in (session([values]), session({name: values}), session(**{name: values})):
            assert np.array_equal(result[0], expected)
        assert np.array_equal(session(np.asfortranarray(values))[0], expected)
        assert np.array_equal(session(values[..., ::-1][..., ::-1])[0], expected)
        other = session(np.zeros_like(values))[0]
        assert not np.array_equal(other, expected) and not np.shares_memory(other, expected)


def test_without_copies(model: saker.Model, values: np.ndarray) -> None:
    session = saker.Session(model)
    expected = session(values)[0]
    inside = session.input()
    assert inside.flags.writeable and np.shares_memory(inside, session.input(session.input_names[0]))
    inside[...] = values
    session.run()
    output = session.output(session.output_names[0])
    assert np.array_equal(output, expected) and not output.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        output[...] = 0
    assert np.shares_memory(output, session.output(-1))
    inside[...] = 0
    session.run()
    assert not np.array_equal(output, expected), "the next run writes into the same memory"
    del session, inside
    assert np.isfinite(output).all(), "the memory lives as long as the array"


def test_against_the_detector(assets: Path) -> None:
    file = assets / "models" / "yolov8n.onnx"
    if not file.is_file():
        pytest.skip("needs yolov8n.onnx")
    session = saker.Session(file)
    steps = session.profile()
    assert len(steps) > 50 and all(ms >= 0 and name and kernel for name, kernel, ms in steps)
    assert session.weight_bytes > 0 and session.activation_bytes > 0


def test_batch(values: np.ndarray) -> None:
    with saker.Session(SIGNS, input_shapes=[(4, 3, 320, 320)]) as session:
        session.input()[...] = np.concatenate([values, values, values, values])
        session.run()
        assert session.output().shape[0] == 4
        session.run(3)
        assert session.output().shape[0] == 3
        for count in (0, 5, -1):
            with pytest.raises(saker.InvalidError):
                session.run(count)


def test_shapes() -> None:
    name = saker.Model(SIGNS).inputs[0].name
    with saker.Session(SIGNS, input_shapes={name: (1, 3, 64, 96)}) as session:
        assert session.input().shape == (1, 3, 64, 96)
    for shapes, kind in [
        (None, ValueError),
        ({"nothing": (1, 3, 64, 64)}, ValueError),
        ([], ValueError),
        ([(1, 3, 64)], saker.Error),
        ([(1, 3, 65, 64)], saker.Error),
        ([(1, 3, -64, 64)], ValueError),
        ([(1, 3, 64.0, 64)], TypeError),
        ([(1, 3, 1 << 40, 1 << 40)], saker.Error),
    ]:
        with pytest.raises(kind):
            saker.Session(SIGNS, input_shapes=shapes)
    with pytest.raises(saker.LimitError):
        saker.Session(SIGNS_INT8, max_memory_bytes=1000)


def test_wrong_arrays(model: saker.Model, values: np.ndarray) -> None:
    session = saker.Session(model)
    with pytest.raises(TypeError, match="float32.*float64"):
        session(values.astype(np.float64))
    with pytest.raises(TypeError, match="uint8"):
        session(values.astype(np.uint8))
    with pytest.raises(ValueError, match=r"320, 320\).*320, 319"):
        session(values[..., 1:])
    with pytest.raises(ValueError, match="1 inputs"):
        session(values, values)
    with pytest.raises(ValueError, match="1 inputs"):
        session()
    with pytest.raises(ValueError, match="expected the inputs"):
        session({"nothing": values})
    with pytest.raises(TypeError, match="not both"):
        session(values, images=values)
    with pytest.raises(TypeError):
        session("text")
    for which, kind in (("nothing", KeyError), (1, IndexError), (-2, IndexError), (0.0, TypeError), (True, TypeError)):
        with pytest.raises(kind):
            session.input(which)
        with pytest.raises(kind):
            session.output(which)


def test_core_checks_sizes_itself(model: saker.Model) -> None:
    core = saker.Session(model)._session
    for arrays in ([np.zeros(5, np.float32)], [], [np.zeros((1, 3, 320, 320), np.float32)[..., ::-1]]):
        with pytest.raises(ValueError):
            core.call(arrays)
    with pytest.raises(IndexError):
        core.input(1)
    with pytest.raises(IndexError):
        core.output(7)


def test_after_close(model: saker.Model, values: np.ndarray) -> None:
    session = saker.Session(model)
    inside = session.input()
    session.close()
    session.close()
    inside[...] = 1  # its memory stays
    assert session.closed and "closed" in repr(session)
    for use in (session.run, session.input, session.output, session.profile, session.clone, lambda: session(values)):
        with pytest.raises(ValueError, match="closed"):
            use()
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(session)


def test_threads_take_turns(model: saker.Model, values: np.ndarray) -> None:
    session = saker.Session(model, threads=1)
    inputs = [np.roll(values, i, axis=-1) for i in range(4)]
    expected = [session(each)[0] for each in inputs]
    wrong = []

    def work(i: int) -> None:
        for _ in range(10):
            if not np.array_equal(session(inputs[i])[0], expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_clone(model: saker.Model, values: np.ndarray) -> None:
    session = saker.Session(model)
    other = session.clone()
    assert not np.shares_memory(session.input(), other.input())
    expected = session(values)[0]
    session.close()
    assert np.array_equal(other(values)[0], expected)
