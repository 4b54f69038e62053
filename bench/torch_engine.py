#!/usr/bin/env python3
"""PyTorch on a TorchScript file as an engine of `saker bench`, for a Python that has torch:

saker compare m.torchscript m.onnx --backend torch,saker --pairwise --engine-command "torch=PYTHON bench/torch_engine.py"

With --eager (named "eager") the file's operators run in their order, each dispatched by itself, as a network in Python runs. Batch
normalization is folded in files that saker writes: a network as it was trained is slower still.
"""
import json
import sys

from peer_engine import PeerEngine, fixed_shape, serve, threads_of


class Torch(PeerEngine):
    def __init__(self, eager):
        self.eager, self.name = eager, 'eager' if eager else 'torch'

    def version(self):
        import torch
        return torch.__version__

    def open(self, asked):
        import torch
        torch.set_num_threads(threads_of(asked))
        files = {'config.txt': ''}
        self.torch, self.module = torch, torch.jit.load(asked['model'], map_location='cpu', _extra_files=files).eval()
        declared = json.loads(files['config.txt'] or '{}').get('shape', [])  # -1: open
        shape = fixed_shape([max(extent, 0) for extent in declared] or [0, 3, 0, 0], asked)
        self.input = torch.rand(shape, generator=torch.Generator().manual_seed(self.seed))
        return shape, threads_of(asked)

    def execute(self):
        with self.torch.inference_mode(), self.torch.jit.optimized_execution(not self.eager):
            self.module(self.input)


serve(Torch('--eager' in sys.argv[1:]))
