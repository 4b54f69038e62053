#!/usr/bin/env python3
"""Writes the seeds of fuzz_checkpoint: tiny detectors in the classes' names of their frameworks, without these.

    python3 tests/fuzz/make_checkpoint_corpus.py     into tests/fuzz/corpus/checkpoint; needs Python only

The files are kept in the repository; run this again when a module is added. Files whose names start with "crash-" or
"slow-" were found by a fuzzer and are not written here.
"""

import io
import json
import math
import pathlib
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

CORPUS = pathlib.Path(__file__).parent / "corpus" / "checkpoint"


def importable(path, value=None):
    """A class (or `value`) that pickle finds under this name."""
    package, name = path.rsplit(".", 1)
    for end in range(1, package.count(".") + 2):
        part = ".".join(package.split(".")[:end])
        sys.modules.setdefault(part, types.ModuleType(part))
    if hasattr(sys.modules[package], name):
        return getattr(sys.modules[package], name)
    made = value if value is not None else type(name, (), {})
    made.__module__, made.__qualname__ = package, name
    made.__name__ = name
    setattr(sys.modules[package], name, made)
    return made


FloatStorage = importable("torch.FloatStorage")
rebuild = importable("torch._utils._rebuild_tensor_v2", lambda *arguments: None)


class Storage:
    def __init__(self, values):
        self.values = values


class Tensor:
    def __init__(self, shape, values):
        self.shape, self.storage = tuple(shape), Storage(values)

    def __reduce__(self):
        strides = [1] * len(self.shape)
        for i in range(len(self.shape) - 2, -1, -1):
            strides[i] = strides[i + 1] * self.shape[i + 1]
        return rebuild, (self.storage, 0, self.shape, tuple(strides), False, OrderedDict())


def tensor(*shape):
    count = 1
    for extent in shape:
        count *= extent
    return Tensor(shape, [((i * 37) % 19 - 9) / 16 for i in range(count)])


def module(path, children=(), weights=(), **attributes):
    made = importable(path)()
    made.__dict__.update(attributes)
    made.__dict__.update(_parameters=OrderedDict(weights), _buffers=OrderedDict(), _modules=OrderedDict(children))
    return made


def numbered(*modules):
    return [(str(i), m) for i, m in enumerate(modules)]


def conv2d(inputs, outputs, kernel=1, stride=1, groups=1):
    return module("torch.nn.modules.conv.Conv2d", weights=[("weight", tensor(outputs, inputs // groups, kernel, kernel)),
                                                           ("bias", tensor(outputs))],
                  stride=(stride, stride), padding=(kernel // 2, kernel // 2), dilation=(1, 1), groups=groups)


def norm(channels):
    made = module("torch.nn.modules.batchnorm.BatchNorm2d", weights=[("weight", tensor(channels)), ("bias", tensor(channels))],
                  eps=1e-3)
    made._buffers = OrderedDict(running_mean=tensor(channels),
                                running_var=Tensor((channels,), [1.0] * channels))
    return made


def conv(inputs, outputs, kernel=1, stride=1):
    return module("ultralytics.nn.modules.conv.Conv",
                  [("conv", conv2d(inputs, outputs, kernel, stride)), ("bn", norm(outputs)),
                   ("act", module("torch.nn.modules.activation.SiLU"))])


def sequence(*modules):
    return module("torch.nn.modules.container.Sequential", numbered(*modules))


def block(name, *children, **attributes):
    return module("ultralytics.nn.modules.block." + name, children, **attributes)


def placed(layers):
    for i, (layer, sources) in enumerate(layers):
        layer.i, layer.f = i, sources
    return module("ultralytics.nn.tasks.DetectionModel", [("model", sequence(*[layer for layer, _ in layers]))],
                  names={0: "cat", 1: "dog"}, stride=Tensor((1,), [4.0]))


def detect(channels, **more):
    dfl = module("ultralytics.nn.modules.block.DFL", [("conv", module(
        "torch.nn.modules.conv.Conv2d", weights=[("weight", Tensor((1, 2, 1, 1), [0.0, 1.0]))], stride=(1, 1),
        padding=(0, 0), dilation=(1, 1), groups=1))])
    return module("ultralytics.nn.modules.head.Detect",
                  [("cv2", sequence(conv2d(channels, 8))), ("cv3", sequence(conv2d(channels, 2))), ("dfl", dfl)],
                  nc=2, reg_max=2, **more)


def anchors(channels):
    made = module("models.yolo.Detect", [("m", sequence(conv2d(channels, 7)))], nc=2)
    made._buffers = OrderedDict(anchors=Tensor((1, 1, 2), [2.0, 4.0]))
    return made


def attention():
    return block("Attention", ("qkv", conv(4, 8)), ("proj", conv(4, 4)), ("pe", conv(4, 4)), num_heads=2, key_dim=1,
                 head_dim=2)


def networks():
    stem = lambda: (conv(3, 4, 3, 4), -1)
    bottleneck = block("Bottleneck", ("cv1", conv(2, 2)), ("cv2", conv(2, 2, 3)), add=True)
    pool = module("torch.nn.modules.pooling.MaxPool2d", kernel_size=3, stride=1, padding=1)
    yield "v8", placed([stem(), (block("C2f", ("cv1", conv(4, 4)), ("cv2", conv(6, 4)), ("m", sequence(bottleneck))), -1),
                        (block("SPPF", ("cv1", conv(4, 2)), ("cv2", conv(8, 4)), ("m", pool)), -1),
                        (detect(4), [2])])
    yield "v5", placed([stem(), (block("C3", ("cv1", conv(4, 2)), ("cv2", conv(4, 2)), ("cv3", conv(4, 4)),
                                       ("m", sequence(bottleneck))), -1),
                        (module("torch.nn.modules.upsampling.Upsample", scale_factor=2.0, mode="nearest"), -1),
                        (pool, -1), (module("ultralytics.nn.modules.conv.Concat", d=1), [-1, 2]),
                        (anchors(8), [4])])
    yield "v11", placed([stem(), (block("C2PSA", ("cv1", conv(4, 8)), ("cv2", conv(8, 4)),
                                        ("m", sequence(block("PSABlock", ("attn", attention()), ("ffn", conv(4, 4)),
                                                             add=True)))), -1), (detect(4), [1])])


def pickled(value, storages):
    class Pickler(pickle.Pickler):
        def persistent_id(self, item):
            if not isinstance(item, Storage):
                return None
            storages.append(item)
            return "storage", FloatStorage, str(len(storages) - 1), "cpu", len(item.values)

    out = io.BytesIO()
    Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def raw(storage):
    return struct.pack("<%df" % len(storage.values), *storage.values)


def legacy(value):
    storages = []
    body = pickled(value, storages)
    head = b"".join(pickle.dumps(part, protocol=2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    keys = pickle.dumps([str(i) for i in range(len(storages))], protocol=2)
    return head + body + keys + b"".join(struct.pack("<q", len(s.values)) + raw(s) for s in storages)


def archive(value):
    storages, out = [], io.BytesIO()
    body = pickled(value, storages)
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("best/data.pkl", body)
        for i, storage in enumerate(storages):
            file.writestr("best/data/%d" % i, raw(storage))
        file.writestr("best/version", "3\n")
    return out.getvalue()


def safetensors(shapes, **metadata):
    entries, end = {"__metadata__": {"format": "pt", **metadata}}, 0
    for name, shape in shapes.items():
        size = 4 * math.prod(shape)
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(entries).encode()
    return struct.pack("<Q", len(header)) + header + b"\0\0\x80?" * (end // 4)


def section_of(value):
    """Where the description of a network keeps such an attribute (src/model/pt/description.cc)."""
    kind = type(value[0]) if isinstance(value, (tuple, list)) else type(value)
    name = {bool: "flag", int: "integer", float: "number", str: "text"}[kind]
    return name + ("_lists" if isinstance(value, (tuple, list)) else "s")


def described_module(made, name, path, shapes):
    text = {"name": name, "type": type(made).__name__, "class": type(made).__module__ + "." + type(made).__name__}
    for key, value in made.__dict__.items():
        if not key.startswith("_") and key != "f":
            text.setdefault(section_of(value), {})[key] = value
    weights = {**made._parameters, **made._buffers}
    shapes.update({path + "." + key: weight.shape for key, weight in weights.items()})
    text["weights"] = list(weights)
    text["children"] = [described_module(child, key, path + "." + key, shapes) for key, child in made._modules.items()]
    return text


def described(network):
    """A file as write_safetensors makes it."""
    shapes, layers = {"state.momentum": [2]}, []
    for name, layer in network._modules["model"]._modules.items():
        module = described_module(layer, name, "model." + name, shapes)
        module["path"] = "model." + name
        layers.append({"from": layer.f if isinstance(layer.f, list) else [layer.f], "module": module})
    text = {"version": 1, "family": "Ultralytics", "name": "yolov8n", "classes": 2, "strides": [4.0],
            "names": ["cat", "dog"], "metadata": {"task": "detect"}, "layers": layers}
    return safetensors(shapes, **{"saker.network": json.dumps(text), "epoch": "3", "args.imgsz": "64"})


def yolox():
    """Weights of YOLOX with one filter a layer and one class."""
    shapes = {}

    def conv_bn(name, inputs, kernel, filters=1):
        shapes[name + ".conv.weight"] = [filters, inputs, kernel, kernel]
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[name + ".bn." + part] = [filters]

    def csp(name):
        for part, inputs in (("conv1", 1), ("conv2", 1), ("conv3", 2)):
            conv_bn(name + "." + part, inputs, 1)
        conv_bn(name + ".m.0.conv1", 1, 1)
        conv_bn(name + ".m.0.conv2", 1, 3)

    conv_bn("backbone.backbone.stem.conv", 12, 3)
    for i in range(2, 6):
        conv_bn("backbone.backbone.dark%d.0" % i, 1, 3)
        csp("backbone.backbone.dark%d.%d" % (i, 2 if i == 5 else 1))
    conv_bn("backbone.backbone.dark5.1.conv1", 1, 1)
    conv_bn("backbone.backbone.dark5.1.conv2", 4, 1)
    for name, kernel in (("lateral_conv0", 1), ("reduce_conv1", 1), ("bu_conv2", 3), ("bu_conv1", 3)):
        conv_bn("backbone." + name, 1, kernel)
    for name in ("C3_p4", "C3_p3", "C3_n3", "C3_n4"):
        csp("backbone." + name)
        shapes["backbone.%s.conv1.conv.weight" % name] = [1, 2, 1, 1]
        shapes["backbone.%s.conv2.conv.weight" % name] = [1, 2, 1, 1]
    for level in range(3):
        conv_bn("head.stems.%d" % level, 1, 1)
        for branch in ("cls", "reg"):
            for i in range(2):
                conv_bn("head.%s_convs.%d.%d" % (branch, level, i), 1, 3)
        for name, filters in (("cls", 1), ("reg", 4), ("obj", 1)):
            shapes["head.%s_preds.%d.weight" % (name, level)] = [filters, 1, 1, 1]
            shapes["head.%s_preds.%d.bias" % (name, level)] = [filters]
    return shapes


def sparseml(quantized):
    """Weights beside the YAML of their network: YOLOv5 of one convolution, as training for 8 bits leaves it or before."""
    conv_name, norm_name = ("conv.module", "conv.module.bn") if quantized else ("conv", "bn")
    state = OrderedDict({"model.0.%s.weight" % conv_name: tensor(8, 3, 3, 3)})
    for part in ("weight", "bias", "running_mean"):
        state["model.0.%s.%s" % (norm_name, part)] = tensor(8)
    state["model.0.%s.running_var" % norm_name] = Tensor((8,), [1.0] * 8)
    if quantized:
        state["model.0.conv.quant.activation_post_process.scale"] = tensor(1)
        state["model.0.conv.module.weight_fake_quant.activation_post_process.min_val"] = tensor(1)
    state.update({"model.1.anchors": Tensor((1, 1, 2), [2.0, 4.0]), "model.1.m.0.weight": tensor(7, 8, 1, 1),
                  "model.1.m.0.bias": tensor(7)})
    rows = {"backbone": [[-1, 1, "Conv", [8, 3, 2]]], "head": [[[0], 1, "Detect", ["nc", "anchors"]]]}
    yaml = {"nc": 2, "depth_multiple": 0.33, "width_multiple": 1.0, "anchors": [[4, 8]], **rows, "ch": 3}
    return {"epoch": -1, "model": state, "ema": None, "yaml": yaml, "nc": 2, "names": ["cat", "dog"],
            "checkpoint_recipe": "modifiers: []"}


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    for name, network in networks():
        checkpoint = {"epoch": -1, "ema": None, "model": network, "train_args": {"imgsz": 64}}
        (CORPUS / (name + ".pt")).write_bytes(legacy(checkpoint))
        (CORPUS / (name + "_zip.pt")).write_bytes(archive(checkpoint))
        if name == "v8":
            (CORPUS / "described.safetensors").write_bytes(described(network))
    (CORPUS / "yolox.safetensors").write_bytes(safetensors(yolox()))
    (CORPUS / "sparseml.pt").write_bytes(legacy(sparseml(False)))
    (CORPUS / "sparseml_quantized.pt").write_bytes(legacy(sparseml(True)))
    (CORPUS / "weights.pt").write_bytes(legacy(OrderedDict({"fc.weight": tensor(2, 2), "fc.bias": tensor(2)})))


if __name__ == "__main__":
    main()
