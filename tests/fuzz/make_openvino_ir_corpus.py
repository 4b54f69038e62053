#!/usr/bin/env python3
"""Writes the seeds of fuzz_openvino_ir: tiny models of OpenVINO IR, each an .xml with its .bin behind it.

    python3 tests/fuzz/make_openvino_ir_corpus.py     into tests/fuzz/corpus; needs the Python packages openvino, numpy

The files are kept in the repository; run this again when a layer type is added. Files whose names start with "crash-"
or "slow-" were found by a fuzzer and are not written here.
"""

import pathlib
import tempfile

import numpy as np
import openvino as ov
from openvino import opset11 as op

CORPUS = pathlib.Path(__file__).parent / "corpus" / "openvino_ir"


def parameter(*shape):
    return op.parameter(ov.PartialShape(list(shape)), np.float32)


def const(values, dtype=np.float32):
    return op.constant(np.array(values, dtype))


def ints(*values):
    return const(values, np.int64)


def fake(x, low, high, levels=256):
    low, high = const(low), const(high)
    return op.fake_quantize(x, low, high, low, high, levels)


def conv(x, w, group=False, **more):
    make = op.group_convolution if group else op.convolution
    return make(x, w, [1, 1], [0, 0], [0, 0], [1, 1], **more)


def compressed(shape, zero=False):
    w = op.convert(const(np.arange(np.prod(shape)).reshape(shape) % 7 - 3, np.int8), "f32")
    per_channel = [shape[0]] + [1] * (len(shape) - 1)
    if zero:
        w = op.subtract(w, op.convert(const(np.ones(per_channel), np.int8), "f32"))
    return op.multiply(w, const(np.full(per_channel, 0.02)))


def models():
    x = parameter(1, 2, 4, 4)
    y = op.add(conv(fake(x, 0.0, 2.55), compressed([4, 2, 3, 3])), const(np.ones([1, 4, 1, 1])))
    yield "int8", fake(op.swish(y), -1.28, 1.27), [x]
    x = parameter(1, 2, 4, 4)
    y = conv(fake(x, [[[[0]], [[-1]]]], [[[[1]], [[1]]]]), compressed([2, 2, 1, 1], zero=True))
    yield "int8_channels", fake(y, -1.0, 1.0, 255), [x]
    x = parameter(1, 4, 2, 2)
    w = fake(const(np.ones([4, 1, 1, 1, 1])), np.full([4, 1, 1, 1, 1], -1.0), np.full([4, 1, 1, 1, 1], 1.0), 255)
    yield "groups", op.prelu(conv(x, w, group=True), const([0.1, 0.2, 0.3, 0.4])), [x]
    x = parameter(1, 2, 4, 4)
    pool = op.max_pool(x, [1, 1], [1, 1], [1, 1], [1, 1], [3, 3])
    y = op.concat([pool.output(0), op.avg_pool(x, [1, 1], [1, 1], [1, 1], [3, 3], True)], 1)
    y = op.interpolate(y, const([2.0, 2.0]), "nearest", "scales", axes=ints(2, 3), nearest_mode="floor",
                       coordinate_transformation_mode="asymmetric")
    yield "pools", y, [x]
    x = parameter(-1, 8)
    parts = op.variadic_split(x, const(1, np.int64), ints(4, -1))
    y = op.softmax(op.multiply(parts.output(0), op.sigmoid(parts.output(1))), 1)
    shape = op.concat([op.gather(op.shape_of(x), ints(0), const(0, np.int64)), ints(2, -1)], 0)
    yield "shapes", op.transpose(op.reshape(y, shape, False), ints(0, 2, 1)), [x]
    x = parameter(1, 6)
    top = op.topk(x, const(3, np.int64), 1, "max", "value")
    y = op.gather_elements(x, op.convert(top.output(1), "i64"), 1)
    yield "select", op.matmul(op.unsqueeze(y, ints(1)), op.unsqueeze(top.output(0), ints(1)), False, True), [x]
    x = parameter(2, 6)
    y = op.strided_slice(x, ints(0, 1), ints(0, 5), ints(1, 2), [1, 0], [1, 0], [], [], [])
    y = op.floor_mod(op.power(op.clamp(y, -1.0, 1.0), const(2.0)), const(0.3))
    yield "slices", op.reduce_mean(op.slice(y, ints(0), ints(1), ints(1), ints(1)), ints(0), True), [x]
    x = parameter(1, 5)
    size = op.gather(op.shape_of(x, "i32"), const(1, np.int32), const(0, np.int32))
    first = op.divide(op.add(size, const([1], np.int32)), const([2], np.int32))
    parts = op.variadic_split(x, const(1, np.int64), op.concat([first, const([-1], np.int32)], 0))
    yield "chunk", op.concat([parts.output(1), parts.output(0)], 1), [x]
    boxes, scores = parameter(1, 4, 4), parameter(1, 2, 4)
    nms = op.non_max_suppression(boxes, scores, const(3, np.int64), const(0.5), const(0.1))
    places = op.squeeze(op.slice(nms.output(0), ints(2), ints(3), ints(1), ints(1)), ints(1))
    yield "nms", op.gather(op.squeeze(boxes, ints(0)), places, const(0, np.int64)), [boxes, scores]


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, output, inputs in models():
            for half in (False, True):
                path = pathlib.Path(folder) / f"{name}.xml"
                ov.save_model(ov.Model([output], inputs, name), path, compress_to_fp16=half)
                seed = CORPUS / (name + ("_f16" if half else ""))
                seed.write_bytes(path.read_bytes().rstrip() + path.with_suffix(".bin").read_bytes())
    whole = (CORPUS / "int8").read_bytes()
    for name, old, new in [("bad_offset", b'offset="0"', b'offset="999999"'), ("bad_size", b'size="4"', b'size="5"'),
                           ("bad_edge", b'to-port="1"', b'to-port="77"'), ("bad_id", b'from-layer="1"', b'from-layer="-1"'),
                           ("bad_shape", b"<dim>4</dim>", b"<dim>99999999999</dim>"),
                           ("bad_type", b'type="Swish"', b'type="Swash"'), ("bad_levels", b'levels="256"', b'levels="1"')]:
        assert old in whole, name
        (CORPUS / name).write_bytes(whole.replace(old, new))


if __name__ == "__main__":
    main()
