// Importers of single layer types, one file a group; the table is in import_table.cc.
#pragma once

#include "model/openvino_ir/layer_importer.h"

namespace saker::openvino_ir {

// An operator without attributes whose inputs are ONNX's.
template <Op kOp>
Status import_plain(LayerImporter& layer) {
  return layer.emit(kOp);
}

// Whole numbers stay as they are.
template <Op kOp>
Status import_rounding(LayerImporter& layer) {
  const DType dtype = layer.dtype(0);
  return layer.emit(dtype == DType::kFloat32 || dtype == DType::kFloat16 ? kOp : Op::kIdentity);
}

// import_arithmetic.cc
Status import_add(LayerImporter& layer);
Status import_subtract(LayerImporter& layer);
Status import_multiply(LayerImporter& layer);
Status import_divide(LayerImporter& layer);
Status import_floor_mod(LayerImporter& layer);
Status import_mod(LayerImporter& layer);
Status import_power(LayerImporter& layer);
Status import_maximum(LayerImporter& layer);
Status import_minimum(LayerImporter& layer);
Status import_squared_difference(LayerImporter& layer);
Status import_less(LayerImporter& layer);

// import_activation.cc
Status import_clamp(LayerImporter& layer);
Status import_elu(LayerImporter& layer);
Status import_gelu(LayerImporter& layer);
Status import_hard_sigmoid(LayerImporter& layer);
Status import_h_sigmoid(LayerImporter& layer);
Status import_is_inf(LayerImporter& layer);
Status import_log_softmax(LayerImporter& layer);
Status import_prelu(LayerImporter& layer);
Status import_round(LayerImporter& layer);
Status import_softmax(LayerImporter& layer);
Status import_swish(LayerImporter& layer);

// import_conv.cc
Status import_avg_pool(LayerImporter& layer);
Status import_batch_norm(LayerImporter& layer);
Status import_convolution(LayerImporter& layer);
Status import_convolution_backprop(LayerImporter& layer);
Status import_group_convolution(LayerImporter& layer);
Status import_group_convolution_backprop(LayerImporter& layer);
Status import_mat_mul(LayerImporter& layer);
Status import_max_pool(LayerImporter& layer);
// Adds a bias to the convolution that makes input `x`, in place of a node for the Add. False where that is not it.
Result<bool> fold_bias(LayerImporter& layer, std::size_t x);

// import_nms.cc
Status import_non_max_suppression(LayerImporter& layer);
Status import_non_zero(LayerImporter& layer);

// import_quantized.cc
Status import_convert(LayerImporter& layer);
Status import_fake_quantize(LayerImporter& layer);
// Subtract and Multiply as parts of a dequantization; true: that is what the layer was.
Result<bool> subtract_zero_point(LayerImporter& layer);
Result<bool> multiply_scale(LayerImporter& layer);
// DequantizeLinear of what is known to be one, with the bytes as `shape` and scales along axis 0. Empty: not possible.
Result<std::optional<ValueId>> dequantize_as(LayerImporter& layer, const Dequantized& form, const Shape& shape);

// import_resize.cc
Status import_interpolate(LayerImporter& layer);

// import_select.cc
Status import_cum_sum(LayerImporter& layer);
Status import_gather(LayerImporter& layer);
Status import_gather_elements(LayerImporter& layer);
Status import_gather_nd(LayerImporter& layer);
Status import_scatter_nd_update(LayerImporter& layer);
Status import_scatter_update(LayerImporter& layer);
Status import_top_k(LayerImporter& layer);
Status import_reduce(LayerImporter& layer, Op op);
template <Op kOp>
Status import_reduce(LayerImporter& layer) {
  return import_reduce(layer, kOp);
}
Status import_reduce_prod(LayerImporter& layer);

// import_shape.cc
Status import_broadcast(LayerImporter& layer);
Status import_concat(LayerImporter& layer);
Status import_depth_to_space(LayerImporter& layer);
Status import_pad(LayerImporter& layer);
Status import_range(LayerImporter& layer);
Status import_reshape(LayerImporter& layer);
Status import_shape_of(LayerImporter& layer);
Status import_space_to_depth(LayerImporter& layer);
Status import_squeeze(LayerImporter& layer);
Status import_tile(LayerImporter& layer);
Status import_transpose(LayerImporter& layer);
Status import_unsqueeze(LayerImporter& layer);

// import_slice.cc
Status import_slice(LayerImporter& layer);
Status import_split(LayerImporter& layer);
Status import_strided_slice(LayerImporter& layer);
Status import_variadic_split(LayerImporter& layer);

}  // namespace saker::openvino_ir
