#!/usr/bin/env python3
"""Writes the seeds of fuzz_onnx and fuzz_labels: tiny models that use every operator, and broken ones.

    python3 tests/fuzz/make_onnx_corpus.py     into tests/fuzz/corpus; needs the Python package onnx

The files are kept in the repository; run this again when an operator is added. Files whose names
start with "crash-" or "slow-" were found by a fuzzer and are not written here.
"""

import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CORPUS = pathlib.Path(__file__).parent / "corpus"
F, I = TensorProto.FLOAT, TensorProto.INT64


def init(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.array(values, dtype), name)


def ints(name, *values):
    return init(name, values, np.int64)


def model(nodes, inputs, outputs, inits=(), opset=17, ir=8):
    """inputs: name -> shape, or (element type, shape); outputs: names."""
    infos = [
        helper.make_tensor_value_info(n, *(s if isinstance(s, tuple) else (F, s))) for n, s in inputs.items()
    ]
    outs = [helper.make_tensor_value_info(n, F, None) for n in outputs]
    graph = helper.make_graph(nodes, "g", infos, outs, list(inits))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir, producer_name="")


def n(op, inputs, outputs, **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), **attrs)


def chain(ops, first="x"):
    """Nodes one after another; each is (op, more inputs, attributes)."""
    nodes, at = [], first
    for k, (op, more, attrs) in enumerate(ops):
        nodes.append(helper.make_node(op, [at, *more], [f"t{k}"], **attrs))
        at = f"t{k}"
    return nodes, [at]


def models():
    plain = ["Relu", "Sigmoid", "Tanh", "Erf", "Exp", "Ceil", "Floor", "Identity"]
    nodes, out = chain([(op, [], {}) for op in plain] + [("LeakyRelu", [], {"alpha": 0.1}), ("HardSwish", [], {})])
    yield "unary", model(nodes, {"x": [1, 3, 4, 4]}, out)
    nodes, out = chain([("HardSigmoid", [], {"alpha": 0.3}), ("Sqrt", [], {}), ("PRelu", ["s"], {}), ("Pow", ["p"], {})])
    yield "unary2", model(nodes, {"x": [1, 2, 3, 3]}, out, [init("s", [[[0.1]], [[0.2]]]), init("p", 2.0)])
    nodes, out = chain([(op, ["c"], {}) for op in ["Add", "Sub", "Mul", "Div", "Min", "Max", "Mod"]][:6])
    yield "binary", model(nodes, {"x": [1, 2, 3, 4]}, out, [init("c", [1, 2, 3, 4])])
    yield "mod", model([n("Mod", "x y", "z"), n("Mod", "f f", "w", fmod=1)],
                       {"x": (I, [4]), "y": (I, [1]), "f": [4]}, ["z", "w"])
    yield "compare", model(
        [n("Equal", "x y", "b"), n("Where", "b x y", "z"), n("Greater", "x y", "g"), n("NonZero", "g", "i")],
        {"x": [2, 3], "y": [3]}, ["z", "i"])
    yield "conv", model(
        [n("Conv", "x w b", "c", pads=[1, 1, 1, 1]), n("BatchNormalization", "c s t m v", "d"), n("Sigmoid", "d", "g"),
         n("Mul", "d g", "e"), n("Conv", "e k", "f", group=2, auto_pad="SAME_UPPER", strides=[2, 2]),
         n("GlobalAveragePool", "f", "z")],
        {"x": ["N", 2, "H", "W"]}, ["z"],
        [init("w", np.ones((2, 2, 3, 3))), init("b", [0, 1]), init("s", [1, 2]), init("t", [0, 0]), init("m", [0, 1]),
         init("v", [1, 1]), init("k", np.ones((2, 1, 3, 3)))])
    yield "conv1d_3d", model([n("Conv", "x w", "y"), n("Conv", "p q", "z", dilations=[1, 1, 1])],
                             {"x": [1, 2, 5], "p": [1, 1, 3, 3, 3]}, ["y", "z"],
                             [init("w", np.ones((1, 2, 3))), init("q", np.ones((1, 1, 2, 2, 2)))])
    yield "deconv", model([n("ConvTranspose", "x w", "y", strides=[2, 2], output_padding=[1, 1])],
                          {"x": [1, 2, 3, 3]}, ["y"], [init("w", np.ones((2, 1, 2, 2)))])
    yield "pool", model(
        [n("MaxPool", "x", "a i", kernel_shape=[2, 2], ceil_mode=1, storage_order=1),
         n("AveragePool", "x", "b", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
         n("MaxPool", "x", "c", kernel_shape=[5, 5], pads=[2, 2, 2, 2], strides=[1, 1])],
        {"x": [1, 2, 5, 5]}, ["a", "i", "b", "c"])
    yield "matmul", model([n("MatMul", "x y", "a"), n("Gemm", "a b c", "z", alpha=0.5, transB=1)],
                          {"x": [2, 3], "y": [3, 4]}, ["z"], [init("b", np.ones((5, 4))), init("c", [1] * 5)])
    yield "matmul_batched", model([n("MatMul", "x y", "a")], {"x": [2, 1, 3, 4], "y": [3, 4, 2]}, ["a"])
    yield "shapes", model(
        [n("Shape", "x", "s"), n("Gather", "s zero", "d", axis=0), n("Concat", "d minus", "r", axis=0),
         n("Reshape", "x r", "y"), n("Flatten", "x", "f", axis=2), n("Unsqueeze", "y one", "u"),
         n("Squeeze", "u one", "v"), n("Transpose", "v", "z", perm=[1, 0])],
        {"x": ["N", 2, 3, 4]}, ["z", "f"], [ints("zero", 0), ints("minus", -1), ints("one", 1)])
    yield "slices", model(
        [n("Slice", "x a b c d", "y"), n("Split", "y sizes", "p q", axis=3), n("Concat", "q p", "z", axis=3),
         n("Pad", "z pads", "w", mode="reflect"), n("Pad", "w pads v", "e", mode="constant")],
        {"x": [1, 2, 6, 6]}, ["e"],
        [ints("a", 0, 5), ints("b", 6, -9), ints("c", 2, 3), ints("d", 2, -1), ints("sizes", 2, 4),
         ints("pads", 0, 0, 1, 1, 0, 0, 1, 1), init("v", 7.0)])
    yield "split_uneven", model([n("Split", "x", "a b c", axis=1, num_outputs=3)], {"x": [1, 8]}, ["a", "c"], opset=18)
    yield "generate", model(
        [n("ConstantOfShape", "s", "a", value=init("v", [3.0])), n("Expand", "x s", "b"), n("Add", "a b", "c"),
         n("Tile", "c reps", "d"), n("Range", "lo hi st", "r"), n("Cast", "r", "e", to=F)],
        {"x": [3, 1]}, ["d", "e"],
        [ints("s", 2, 3, 4), ints("reps", 1, 2, 1), init("lo", 0, np.int64), init("hi", 5, np.int64), init("st", 2, np.int64)])
    yield "gathers", model(
        [n("GatherElements", "x i", "a", axis=1), n("GatherND", "x j", "b"), n("ScatterND", "x j u", "c"),
         n("TopK", "x k", "v w", axis=1), n("ArgMax", "x", "m", axis=1)],
        {"x": [3, 4]}, ["a", "b", "c", "v", "w", "m"],
        [init("i", [[0, 3], [1, -1], [2, 0]], np.int64), init("j", [[0], [2]], np.int64),
         init("u", np.ones((2, 4))), ints("k", 2)])
    yield "reductions", model(
        [n("ReduceMax", "x", "a", axes=[1]), n("ReduceMean", "x", "b", axes=[2, 3], keepdims=0),
         n("ReduceSum", "x axes", "c"), n("Softmax", "x", "d", axis=1)],
        {"x": [1, 3, 2, 2]}, ["a", "b", "c", "d"], [ints("axes", -1)])
    yield "reduce18", model([n("ReduceMax", "x axes", "a", noop_with_empty_axes=1), n("ReduceMean", "x", "b")],
                            {"x": [2, 3]}, ["a", "b"], [ints("axes", 0)], opset=18)
    yield "depth", model([n("DepthToSpace", "x", "a", blocksize=2, mode="CRD"), n("SpaceToDepth", "a", "b", blocksize=2)],
                         {"x": [1, 8, 2, 2]}, ["b"])
    yield "resize", model(
        [n("Resize", "x  s".replace("  ", " roi "), "a", mode="nearest", coordinate_transformation_mode="asymmetric",
           nearest_mode="floor"),
         helper.make_node("Resize", ["a", "", "", "size"], ["b"], mode="linear"),
         helper.make_node("Resize", ["x", "", "s"], ["c"], mode="cubic", coordinate_transformation_mode="align_corners")],
        {"x": [1, 2, 3, 3]}, ["b", "c"], [init("roi", []), init("s", [1, 1, 2, 2]), ints("size", 1, 2, 5, 4)])
    yield "resize18", model(
        [helper.make_node("Resize", ["x", "", "", "z"], ["a"], axes=[3, 2], mode="linear", antialias=1,
                          keep_aspect_ratio_policy="not_larger"),
         helper.make_node("Resize", ["x", "r", "", "y"], ["b"], mode="linear",
                          coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=1.0)],
        {"x": [1, 1, 4, 4]}, ["a", "b"], [ints("z", 2, 3), ints("y", 1, 1, 3, 3),
                                         init("r", [0, 0, 0.2, 0.1, 1, 1, 0.9, 1.1])], opset=19, ir=9)
    yield "nms", model(
        [n("NonMaxSuppression", "b s k i t", "o", center_point_box=1), n("Gather", "o two", "x", axis=1),
         n("Squeeze", "x one", "y"), n("Gather", "b y", "z", axis=1)],
        {"b": [1, 6, 4], "s": [1, 2, 6]}, ["z"],
        [ints("k", 3), init("i", 0.5), init("t", -1.0), ints("two", 2), ints("one", 1)])
    yield "clip", model([n("Clip", "x lo hi", "a"), helper.make_node("Clip", ["a", "", "hi"], ["b"])],
                        {"x": [4]}, ["b"], [init("lo", 0.0), init("hi", 6.0)])
    yield "old9", model(
        [n("Clip", "x", "a", min=0.0, max=6.0), n("Upsample", "a s", "b", mode="nearest"),
         n("Slice", "b", "c", starts=[0], ends=[3], axes=[2]), n("Pad", "c", "d", pads=[0, 0, 1, 0, 0, 0, 0, 0]),
         n("TopK", "d", "v i", k=2, axis=3), n("Split", "v", "e f", axis=3, split=[1, 1]),
         n("Squeeze", "e", "g", axes=[3]), n("Unsqueeze", "g", "h", axes=[0]), n("Softmax", "h", "z")],
        {"x": [1, 2, 2, 2]}, ["z", "i"], [init("s", [1, 1, 2, 2])], opset=9, ir=4)
    yield "old10", model([n("Resize", "x s", "a", mode="linear"), n("Slice", "a lo hi", "b")],
                         {"x": [1, 1, 2, 2]}, ["b"], [init("s", [1, 1, 2, 2]), ints("lo", 0, 0), ints("hi", 1, 1)],
                         opset=10, ir=5)
    yield "constants", model(
        [n("Constant", "", "a", value_ints=[1, 2]), n("Constant", "", "b", value_float=2.0),
         n("Constant", "", "c", value=init("v", [[1, 2]])), n("Reshape", "c a", "d"), n("Mul", "d b", "e"),
         n("Add", "x e", "y")],
        {"x": [1, 2]}, ["y"])
    half = model([n("Conv", "x w", "y"), n("Relu", "y", "z")], {"x": (TensorProto.FLOAT16, [1, 1, 3, 3])}, ["z"],
                 [init("w", np.ones((1, 1, 2, 2)), np.float16)])
    half.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    yield "half", half
    yield "types", model(
        [n("Cast", "x", "a", to=TensorProto.DOUBLE), n("Cast", "a", "b", to=TensorProto.UINT8),
         n("Add", "b u", "c"), n("Cast", "c", "d", to=TensorProto.BOOL), n("Where", "d x x", "y"),
         n("Cast", "y", "e", to=TensorProto.BFLOAT16), n("Identity", "e", "z")],
        {"x": [4]}, ["y"], [init("u", [250], np.uint8)])
    typed = [
        helper.make_tensor("f", F, [2], [1.5, 2.5]), helper.make_tensor("i", I, [2], [-1, 1]),
        helper.make_tensor("d", TensorProto.DOUBLE, [1], [1.0]), helper.make_tensor("u", TensorProto.UINT64, [1], [9])
    ]
    yield "typed", model([n("Mul", "x f", "y"), n("Gather", "y i", "z")], {"x": [2]}, ["z"], typed)
    functions = ["Abs", "Sin", "Cos", "Tan", "Asinh", "Atan", "Sinh", "Cosh", "Softplus", "Softsign", "Round", "Sign",
                 "Neg", "Reciprocal", "Mish", "GlobalMaxPool"]
    nodes, out = chain([(op, [], {}) for op in functions])
    yield "functions", model(nodes, {"x": [1, 2, 3, 3]}, out, opset=22)
    nodes, out = chain([("Celu", [], {"alpha": 2.0}), ("Elu", [], {"alpha": 0.5}), ("Selu", [], {}),
                        ("ThresholdedRelu", [], {"alpha": 0.1}), ("Shrink", [], {"bias": 0.1}),
                        ("Gelu", [], {"approximate": "tanh"}), ("LogSoftmax", [], {"axis": 1}), ("Hardmax", [], {}),
                        ("Acos", [], {}), ("Asin", [], {}), ("Acosh", [], {}), ("Atanh", [], {}), ("Log", [], {})])
    yield "functions2", model(nodes, {"x": [2, 3]}, out, opset=20)
    yield "logic", model(
        [n("Less", "x y", "a"), n("GreaterOrEqual", "x y", "b"), n("LessOrEqual", "y x", "c"), n("And", "a b", "d"),
         n("Or", "d c", "e"), n("Xor", "e a", "f"), n("Not", "f", "g"), n("IsNaN", "x", "h"),
         n("IsInf", "x", "i", detect_negative=0), n("And", "h i", "j"), n("Or", "g j", "z")],
        {"x": [2, 3], "y": [3]}, ["z"])
    yield "bits", model(
        [n("BitwiseAnd", "x y", "a"), n("BitwiseOr", "a y", "b"), n("BitwiseXor", "b x", "c"), n("BitwiseNot", "c", "d"),
         n("BitShift", "d s", "z", direction="LEFT")],
        {"x": (TensorProto.UINT8, [4]), "y": (TensorProto.UINT8, [1])}, ["z"], [init("s", [9], np.uint8)], opset=18)
    yield "positions", model(
        [n("CumSum", "x one", "a", exclusive=1, reverse=1), n("Trilu", "a one", "b", upper=0), n("EyeLike", "b", "c", k=-1),
         n("ArgMin", "c", "d", axis=1, keepdims=0), n("OneHot", "d depth off_on", "e", axis=0),
         n("Compress", "e holds", "f", axis=0), n("Size", "f", "g"), n("CastLike", "g x", "h"), n("Add", "h b", "z")],
        {"x": [3, 4]}, ["z"],
        [ints("one", 1), ints("depth", 5), init("off_on", [0.0, 1.0]), init("holds", [True, False, True], bool)])
    reductions = ["L1", "L2", "LogSum", "LogSumExp", "Min", "Prod", "SumSquare"]
    yield "reductions2", model([n("Reduce" + op, "x axes", f"y{i}", keepdims=i % 2) for i, op in enumerate(reductions)],
                               {"x": [2, 3, 2]}, [f"y{i}" for i in range(7)], [ints("axes", -1, 0)], opset=18)
    yield "sums", model([n("Sum", "x y x", "a"), n("Mean", "a y", "b"), n("Dropout", "b", "z mask")],
                        {"x": [2, 1], "y": [3]}, ["z", "mask"])
    yield "old1", model(
        [n("Add", "x b", "a", broadcast=1, axis=1), n("PRelu", "a s", "c"), n("Upsample", "c", "d", mode="nearest",
           height_scale=2.0, width_scale=1.0), n("Pad", "d", "e", paddings=[0, 0, 1, 0, 0, 0, 0, 0]),
         n("Cast", "e", "f", to="INT32"), n("Cast", "f", "g", to="FLOAT"), n("Tile", "g n axis", "h"),
         n("Reshape", "h", "i", shape=[0, -1]), n("Split", "i sizes", "j k", axis=1), n("Concat", "k j", "z")],
        {"x": [1, 2, 2, 2]}, ["z"],
        [init("b", [1, 2]), init("s", [0.1, 0.2]), init("n", 2.0), init("axis", 3.0), init("sizes", [8.0, 32.0])],
        opset=1, ir=3)
    yield "old7", model(
        [n("BatchNormalization", "x s s s s", "a", spatial=0), n("Upsample", "a", "b", scales=[1.0, 1.0, 2.0, 1.0]),
         n("Dropout", "b", "z m")],
        {"x": [1, 1, 2, 1]}, ["z", "m"], [init("s", [1, 2])], opset=7, ir=3)
    fused = model(
        [helper.make_node("FusedConv", ["x", "w", "", "x"], ["a"], domain="com.microsoft", activation="Clip",
                          activation_params=[0.0, 6.0]),
         helper.make_node("NhwcConv", ["a", "w"], ["b"], domain="com.microsoft"),
         helper.make_node("FusedMatMul", ["b", "b"], ["c"], domain="com.microsoft", transA=1, alpha=0.5),
         helper.make_node("QuickGelu", ["c"], ["d"], domain="com.microsoft"),
         helper.make_node("FastGelu", ["d", "d"], ["z"], domain="com.microsoft")],
        {"x": [1, 1, 1, 1]}, ["z"], [init("w", np.ones((1, 1, 1, 1)))])
    fused.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    yield "fused", fused
    swapped = model([n("Relu", "a", "b"), n("Sigmoid", "x", "a")], {"x": [2]}, ["b"])
    yield "unsorted", swapped
    named = model([n("Relu", "x", "y")], {"x": [1]}, ["y"])
    helper.set_model_props(named, {"names": "{0: 'cat', 1: 'dog'}", "imgsz": "[640, 640]"})
    yield "metadata", named
    yield "normalizations", model(
        [n("LayerNormalization", "x s", "a m d", axis=-1), n("InstanceNormalization", "a c c", "b"),
         n("LRN", "b", "e", size=3), n("LpNormalization", "e", "f", axis=1, p=1), n("LpPool", "f", "g", kernel_shape=[2, 2]),
         n("MeanVarianceNormalization", "f", "h"), n("GlobalLpPool", "h", "z", p=3)],
        {"x": [1, 2, 3, 3]}, ["z", "m", "d", "g"], [init("s", [1, 2, 3]), init("c", [1, 2])])
    yield "normalizations23", model(
        [n("GroupNormalization", "x c c", "a", num_groups=2), n("RMSNormalization", "a s", "z", axis=2),
         n("RotaryEmbedding", "x t t", "r"), n("Attention", "x x x", "y", is_causal=1, softcap=2.0)],
        {"x": [1, 2, 3, 2]}, ["z", "r", "y"],
        [init("s", np.ones((3, 2))), init("c", [1, 2]), init("t", np.ones((1, 3, 1)))], opset=23, ir=10)
    yield "sampling", model(
        [n("GridSample", "x g", "a", mode="bicubic", padding_mode="reflection"),
         n("RoiAlign", "x r i", "b", output_height=2, output_width=2, mode="max"),
         n("MaxRoiPool", "x q", "c", pooled_shape=[2, 2]), n("MaxPool", "x", "d j", kernel_shape=[2, 2], strides=[2, 2]),
         n("MaxUnpool", "d j", "e", kernel_shape=[2, 2], strides=[2, 2])],
        {"x": [1, 1, 4, 4], "g": [1, 2, 2, 2], "r": [1, 4], "q": [1, 5]}, ["a", "b", "c", "e"], [ints("i", 0)])
    yield "sampling20", model(
        [n("AffineGrid", "t s", "g", align_corners=1), n("GridSample", "x g", "a", mode="linear"),
         n("DeformConv", "x w o", "b"), n("CenterCropPad", "x p", "c", axes=[2, 3]), n("Col2Im", "f k k", "d")],
        {"x": [1, 1, 2, 2], "t": [1, 2, 3], "o": [1, 2, 2, 2], "f": [1, 4, 1]}, ["a", "b", "c", "d"],
        [ints("s", 1, 1, 2, 2), ints("p", 3, 1), ints("k", 2, 2), init("w", np.ones((1, 1, 1, 1)))], opset=20, ir=9)
    yield "recurrent", model(
        [n("RNN", "x w r", "a", hidden_size=1, activations=["Affine"], activation_alpha=[2.0]),
         n("GRU", "x v u", "b", hidden_size=1, linear_before_reset=1, direction="reverse"),
         n("LSTM", "x k l  n".replace("  ", " m "), "c d e", hidden_size=1, clip=2.0)],
        {"x": [2, 1, 1], "n": (TensorProto.INT32, [1])}, ["a", "b", "c", "d", "e"],
        [init("w", [[[1]]]), init("r", [[[1]]]), init("v", np.ones((1, 3, 1))), init("u", np.ones((1, 3, 1))),
         init("k", np.ones((1, 4, 1))), init("l", np.ones((1, 4, 1))), init("m", np.ones((1, 8)))])
    yield "sequences", model(
        [n("ReverseSequence", "x n", "a"), n("ScatterElements", "a i a", "b", axis=1), n("Unique", "b", "c d e f", sorted=0),
         n("TfIdfVectorizer", "c2", "g", mode="TF", min_gram_length=1, max_gram_length=2, max_skip_count=1,
           ngram_counts=[0, 1], ngram_indexes=[1, 0], pool_int64s=[3, 3, 4]), n("Cast", "c", "c2", to=I)],
        {"x": [2, 2], "n": (I, [2]), "i": (I, [2, 2])}, ["d", "e", "f", "g"])
    yield "signals", model(
        [n("HannWindow", "l", "w"), n("STFT", "x s w", "a"), n("DFT", "x", "b", axis=1, onesided=1),
         n("Einsum", "b b", "c", equation="bij,bkj->bik"), n("Det", "c", "d"), n("BlackmanWindow", "l", "e", periodic=0),
         n("MelWeightMatrix", "l f r lo hi", "m"), n("HammingWindow", "l", "h", output_datatype=11)],
        {"x": [1, 8, 1]}, ["a", "d", "e", "m", "h"],
        [init("l", 4, np.int64), init("s", 2, np.int64), init("f", 8, np.int64), init("r", 8000, np.int64),
         init("lo", 10.0), init("hi", 3000.0)])
    packed = TensorProto(name="q", data_type=TensorProto.INT4, dims=[2, 2], raw_data=b"\xe1\x07")
    yield "blocks", model(
        [n("DequantizeLinear", "q s", "a", axis=1, block_size=2), n("Add", "x a", "b"),
         n("QuantizeLinear", "b t", "c", output_dtype=TensorProto.UINT4), n("DequantizeLinear", "c t", "d"),
         n("QuantizeLinear", "d t z", "e"), n("DequantizeLinear", "e t z", "y")],
        {"x": [2, 2]}, ["y"], [packed, init("s", [[1], [2]]), init("t", 0.5), init("z", 3, np.int16)], opset=21, ir=10)
    yield "empty_extent", model([n("Concat", "x c", "y", axis=0), n("ReduceSum", "y", "z", keepdims=0)],
                                {"x": [0, 2]}, ["y", "z"], [init("c", [[1, 2]])])


def hostile():
    yield "bad-cycle", model([n("Relu", "b", "a"), n("Relu", "a", "b")], {"x": [1]}, ["b"])
    yield "bad-unknown", model([n("Loop", "x", "y"), n("Bernoulli", "y", "z")], {"x": [1]}, ["z"])
    yield "bad-twice", model([n("Relu", "x", "y"), n("Relu", "x", "y")], {"x": [1]}, ["y"])
    yield "bad-missing", model([n("Add", "x nothing", "y")], {"x": [1]}, ["y"])
    huge = TensorProto(name="c", data_type=F, dims=[1 << 20, 1 << 20], raw_data=b"1234")
    yield "bad-huge", model([n("Add", "x c", "y")], {"x": [1]}, ["y"], [huge])
    negative = TensorProto(name="c", data_type=F, dims=[-4], raw_data=b"1234")
    yield "bad-negative", model([n("Add", "x c", "y")], {"x": [1]}, ["y"], [negative])
    outside = TensorProto(name="c", data_type=F, dims=[1], data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="../../etc/passwd")
    yield "bad-external", model([n("Add", "x c", "y")], {"x": [1]}, ["y"], [outside])
    yield "bad-expand", model([n("Expand", "x s", "y"), n("ReduceSum", "y", "z")], {"x": [1]}, ["z"],
                              [ints("s", 1 << 16, 1 << 16)])
    yield "bad-fold", model(  # a large constant that many nodes read
        [n("Expand", "c s", "y"), *[n("TopK", "y c", f"v{i} i{i}", axis=0) for i in range(40)]], {"x": [1]},
        ["x"], [ints("c", 1), ints("s", 1 << 22)])
    yield "bad-range", model([n("Range", "a b c", "y")], {"x": [1]}, ["y"],
                             [init("a", 0.0), init("b", 1e30), init("c", 1e-30)])
    yield "bad-tile", model([n("Tile", "x r", "y")], {"x": [3]}, ["y"], [ints("r", 1 << 62)])
    yield "bad-pool", model([n("MaxPool", "x", "y", kernel_shape=[1 << 40, 1], pads=[1 << 62, 0, 1 << 62, 0])],
                            {"x": [1, 1, 4, 4]}, ["y"])
    yield "bad-conv", model([n("Conv", "x w", "y", strides=[0, -1], dilations=[0, 0], group=0)],
                            {"x": [1, 1, 4, 4]}, ["y"], [init("w", np.ones((1, 1, 2, 2)))])
    yield "bad-slice", model([n("Slice", "x a b c d", "y")], {"x": [4]}, ["y"],
                             [ints("a", -1 << 63), ints("b", (1 << 63) - 1), ints("c", 0), ints("d", -1 << 63)])
    yield "bad-resize", model([helper.make_node("Resize", ["x", "", "s"], ["y"])], {"x": [1, 1, 2, 2]}, ["y"],
                              [init("s", [1, 1, np.nan, 1e30])])
    yield "bad-one-hot", model([n("OneHot", "x d v", "y"), n("ReduceSum", "y", "z")], {"x": [4]}, ["z"],
                               [init("d", 1e18), init("v", [0.0, 1.0])])
    yield "bad-shift", model([n("BitShift", "x x", "y", direction="RIGHT"), n("CumSum", "y k", "z")],
                             {"x": (TensorProto.UINT64, [3])}, ["z"], [ints("k", -1 << 63)])
    yield "bad-axis", model([n("Add", "x b", "y", broadcast=1, axis=(1 << 31) - 1)], {"x": [2, 2]}, ["y"],
                            [init("b", [1, 2])], opset=6, ir=3)
    yield "bad-layers", model(
        [n("RoiAlign", "x r i", "a", sampling_ratio=0, output_height=1 << 20), n("LRN", "x", "b", size=(1 << 63) - 1),
         n("LpPool", "x", "c", kernel_shape=[1 << 30, 1], p=1 << 30), n("Einsum", "x", "d", equation="....,->"),
         n("HannWindow", "l", "e"), n("DFT", "x l", "f", axis=-9)],
        {"x": [1, 1, 2, 2], "r": [1, 4]}, ["a"], [ints("i", 7), init("l", 1 << 60, np.int64)])
    yield "bad-rank", model([n("Reshape", "x s", "y"), n("Add", "y y", "z")], {"x": [1]}, ["z"], [ints("s", *[1] * 70)])


LABELS = {
    "repr_dict": b"\0{0: 'cat', 1: \"dog\", 7: 'a\\u00e9\\x41\\n'}",
    "repr_list": b"\0['cat', 'dog',]",
    "repr_gap": b"\0{9999: 'x'}",
    "lines": b"\1cat\r\ndog\n bird \n\n",
    "lines_bom": b"\1\xef\xbb\xbfcat\n\x1b[31m\n",
    "yaml_list": b"\2names: [cat, dog]\nnc: 2\n",
    "yaml_map": b"\2path: ../x\nnames:\n  0: cat\n  1: 'dog'\n",
    "yaml_alias": b"\2a: &a [x, y]\nnames: *a\n",
    "yaml_nested": b"\2names: " + b"[" * 400,
    "yaml_multi": b"\2--- {names: {0: a}}\n--- b\n",
    "metadata": b"\3task: detect\nend2end: false\nimgsz:\n- 64\n- 64\nkpt_shape: [17, 3]\nnames:\n  0: cat\n  1: 'driver''s'\n",
}


def main():
    (CORPUS / "onnx").mkdir(parents=True, exist_ok=True)
    (CORPUS / "labels").mkdir(parents=True, exist_ok=True)
    for name, m in [*models(), *hostile()]:
        data = m.SerializeToString()
        assert len(data) <= 2048, name
        (CORPUS / "onnx" / f"{name}.onnx").write_bytes(data)
        if name in ("conv", "typed"):
            (CORPUS / "onnx" / f"bad-{name}-cut.onnx").write_bytes(data[:-len(data) // 3])
    (CORPUS / "onnx" / "bad-lengths.onnx").write_bytes(b"\x08\x08\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x0a")
    (CORPUS / "onnx" / "bad-varint.onnx").write_bytes(b"\x08" + b"\xff" * 20)
    for name, data in LABELS.items():
        (CORPUS / "labels" / name).write_bytes(data)


if __name__ == "__main__":
    main()
