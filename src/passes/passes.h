// The passes, one file each; pipeline.cc lists them in order.
#pragma once

#include <saker/result.h>

#include "graph/graph.h"

namespace saker {

// Infers every shape; replaces nodes whose inputs are all constants by their results, but for 8-bit weights.
Status infer_and_fold(Graph& graph);
// The same with 8-bit weights.
Status fold_dequantized(Graph& graph);
// Computes float16 and bfloat16 graphs in float32; inputs and outputs keep their types through casts.
Status widen_float16(Graph& graph);
// Removes nodes that hand their input on unchanged.
Status remove_identities(Graph& graph);
// Pow(x, 2) into Mul(x, x).
Status simplify_arithmetic(Graph& graph);
// The scales behind convolutions of integers (ConvInteger) into their inputs.
Status scale_integers(Graph& graph);
// BatchNormalization into the convolution before it, else into Mul + Add.
Status fold_batch_normalization(Graph& graph);
// Convolutions side by side whose results are added into one.
Status merge_parallel_convs(Graph& graph);
// The slices and the Concat before the first convolution into that convolution.
Status fold_focus(Graph& graph);
// Sigmoid/HardSigmoid/Clip arithmetic into Silu and HardSwish.
Status recognise_activations(Graph& graph);
// Activations into the convolution before them.
Status fuse_activations(Graph& graph);
// Add into the convolution before it.
Status fuse_residuals(Graph& graph);
// 8-bit activations without sign, whatever sign the file gave them.
Status unsign_activations(Graph& graph);
// QuantizeLinear before what only moves or picks elements (Concat, Split, MaxPool, ...) instead of behind it.
Status raise_quantization(Graph& graph);
// Layers between DequantizeLinear and QuantizeLinear into 8-bit ones. Convolutions that stay float say why
// (Node::note).
Status lower_qdq(Graph& graph);
// What is upsampled for a 1x1 convolution is convolved first.
Status convolve_before_upsampling(Graph& graph);
// Transpose, Softmax, the transposition back: as a Softmax over another axis.
Status untranspose_softmax(Graph& graph);
// A 1x1 convolution to one channel into the Softmax before it.
Status fuse_expectations(Graph& graph);
// Slices that cut a value into neighbouring parts, as a Split.
Status slices_to_split(Graph& graph);
// A Split, arithmetic on its parts and the Concat of them into DecodeBoxes.
Status fuse_decoding(Graph& graph);
// The convolution before DecodeBoxes into one for each anchor, which can work in the result's place.
Status split_anchors(Graph& graph);
// Nodes and constants nothing uses.
Status remove_dead(Graph& graph);

}  // namespace saker
