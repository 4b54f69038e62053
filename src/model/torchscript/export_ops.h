// How each operator is said in TorchScript, one file a group (export_table.cc has the list). A function adds the
// statements that make the node's outputs. Errors: kUnsupported, without the node's name.
#pragma once

#include "model/torchscript/script_node.h"

namespace saker::torchscript {

using ExportFn = Status (*)(ScriptNode&);

// Those that are one expression of their inputs {0}, {1} and {2}. Null: none.
const char* plain_expression(Op op);

// export_elementwise.cc
Status add_activation(ScriptNode& n);
Status add_cast(ScriptNode& n);
Status add_clip(ScriptNode& n);
Status add_div(ScriptNode& n);
Status add_max_min(ScriptNode& n);
Status add_mod(ScriptNode& n);
Status add_pow(ScriptNode& n);

// export_layers.cc
Status add_batch_norm(ScriptNode& n);
Status add_conv(ScriptNode& n);
Status add_conv_transpose(ScriptNode& n);
Status add_gemm(ScriptNode& n);
Status add_global_pool(ScriptNode& n);
Status add_grid_sample(ScriptNode& n);
Status add_normalization(ScriptNode& n);
Status add_pool(ScriptNode& n);
Status add_softmax(ScriptNode& n);

// export_resize.cc
Status add_resize(ScriptNode& n);

// export_shape.cc
Status add_concat(ScriptNode& n);
Status add_depth_space(ScriptNode& n);
Status add_expand(ScriptNode& n);
Status add_flatten(ScriptNode& n);
Status add_pad(ScriptNode& n);
Status add_reshape(ScriptNode& n);
Status add_slice(ScriptNode& n);
Status add_split(ScriptNode& n);
Status add_squeeze(ScriptNode& n);
Status add_tile(ScriptNode& n);
Status add_transpose(ScriptNode& n);
Status add_unsqueeze(ScriptNode& n);

// export_generate.cc
Status add_constant_of_shape(ScriptNode& n);
Status add_range(ScriptNode& n);
Status add_shape(ScriptNode& n);

// export_select.cc
Status add_arg_max(ScriptNode& n);
Status add_cum_sum(ScriptNode& n);
Status add_einsum(ScriptNode& n);
Status add_gather(ScriptNode& n);
Status add_gather_elements(ScriptNode& n);
Status add_gather_nd(ScriptNode& n);
Status add_reduce(ScriptNode& n);
Status add_scatter_elements(ScriptNode& n);
Status add_scatter_nd(ScriptNode& n);
Status add_top_k(ScriptNode& n);
Status add_trilu(ScriptNode& n);

// Of any node.
Status export_node(ScriptNode& n);

}  // namespace saker::torchscript
