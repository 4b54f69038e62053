// Exporters of single operators, one file a group; the table is in export_table.cc.
#pragma once

#include "model/openvino_ir/node_exporter.h"

namespace saker::openvino_ir {

// export_conv.cc
Status export_batch_norm(NodeExporter& node);
Status export_conv(NodeExporter& node);
Status export_conv_transpose(NodeExporter& node);
Status export_gemm(NodeExporter& node);
Status export_mat_mul(NodeExporter& node);

// export_elementwise.cc
Status export_cast(NodeExporter& node);
Status export_clip(NodeExporter& node);
Status export_div(NodeExporter& node);
Status export_elu(NodeExporter& node);
Status export_gelu(NodeExporter& node);
Status export_hard_sigmoid(NodeExporter& node);
Status export_identity(NodeExporter& node);
Status export_is_inf(NodeExporter& node);
Status export_leaky_relu(NodeExporter& node);
Status export_max(NodeExporter& node);
Status export_min(NodeExporter& node);
Status export_mod(NodeExporter& node);
Status export_prelu(NodeExporter& node);
Status export_round(NodeExporter& node);
Status export_softmax(NodeExporter& node);

// export_pool.cc
Status export_average_pool(NodeExporter& node);
Status export_global_pool(NodeExporter& node);
Status export_max_pool(NodeExporter& node);
Status export_reduce(NodeExporter& node);

// export_quantized.cc
Status export_dequantize(NodeExporter& node);
Status export_quantize(NodeExporter& node);
// Convolution weights with other axes: constants, also of 8 bits, or computed.
Result<Source> weights_as(NodeExporter& node, std::size_t i, const Shape& shape);

// export_resize.cc
Status export_resize(NodeExporter& node);

// export_select.cc
Status export_arg_max(NodeExporter& node);
Status export_cum_sum(NodeExporter& node);
Status export_gather(NodeExporter& node);
Status export_gather_elements(NodeExporter& node);
Status export_gather_nd(NodeExporter& node);
Status export_non_max_suppression(NodeExporter& node);
Status export_non_zero(NodeExporter& node);
Status export_scatter_nd(NodeExporter& node);
Status export_top_k(NodeExporter& node);

// export_shape.cc
Status export_concat(NodeExporter& node);
Status export_constant_of_shape(NodeExporter& node);
Status export_depth_to_space(NodeExporter& node);
Status export_expand(NodeExporter& node);
Status export_flatten(NodeExporter& node);
Status export_pad(NodeExporter& node);
Status export_range(NodeExporter& node);
Status export_reshape(NodeExporter& node);
Status export_shape_of(NodeExporter& node);
Status export_slice(NodeExporter& node);
Status export_space_to_depth(NodeExporter& node);
Status export_split(NodeExporter& node);
Status export_squeeze(NodeExporter& node);
Status export_transpose(NodeExporter& node);

// What windows say, with a number for each of `axes`; without the kernel.
LayerData window_data(const WindowAttrs& window, std::size_t axes);

}  // namespace saker::openvino_ir
