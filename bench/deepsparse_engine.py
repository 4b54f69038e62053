#!/usr/bin/env python3
"""DeepSparse as an engine of `saker bench` (the lines of src/measure/protocol.h), for a Python that has it:

saker bench MODEL --backend saker,deepsparse --engine-command "deepsparse=PYTHON bench/deepsparse_engine.py"
"""
from peer_engine import PeerEngine, fixed_shape, serve, threads_of


class DeepSparse(PeerEngine):
    name = 'deepsparse'

    def version(self):
        import deepsparse
        return deepsparse.__version__

    def open(self, asked):
        import deepsparse
        import numpy as np
        import onnx
        info = onnx.load(asked['model'], load_external_data=False).graph.input[0].type.tensor_type
        shape = fixed_shape([d.dim_value if d.HasField('dim_value') else 0 for d in info.shape.dim], asked)
        threads = threads_of(asked)
        self.engine = deepsparse.Engine(model=asked['model'], batch_size=shape[0], num_cores=threads,
                                        input_shapes=[shape])
        values = np.random.default_rng(self.seed).random(shape, dtype=np.float32)
        dtype = onnx.helper.tensor_dtype_to_np_dtype(info.elem_type)
        self.inputs = [(values * 255).astype(dtype) if dtype.kind in 'ui' else values.astype(dtype)]
        return shape, threads

    def execute(self):
        self.engine.run(self.inputs)


serve(DeepSparse())
