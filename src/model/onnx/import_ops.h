// Importers of single operators, one file a group; the table is in import_table.cc.
#pragma once

#include "model/onnx/node_importer.h"

namespace saker::onnx {

// An operator without attributes that has been the same since opset 1, but for attributes that ask for nothing.
template <Op kOp>
Status import_plain(NodeImporter& node) {
  return node.emit(kOp);
}

// import_activation.cc
Status import_alpha(NodeImporter& node, Op op);
template <Op kOp>
Status import_alpha(NodeImporter& node) {
  return import_alpha(node, kOp);
}
Status import_bias_gelu(NodeImporter& node);
Status import_fast_gelu(NodeImporter& node);
Status import_gelu(NodeImporter& node);
Status import_hard_sigmoid(NodeImporter& node);
Status import_leaky_relu(NodeImporter& node);
Status import_mish(NodeImporter& node);
Status import_quick_gelu(NodeImporter& node);
Status import_selu(NodeImporter& node);
Status import_shrink(NodeImporter& node);
Status import_softmax_like(NodeImporter& node, Op op);
template <Op kOp>
Status import_softmax_like(NodeImporter& node) {
  return import_softmax_like(node, kOp);
}
Status import_swish(NodeImporter& node);

// import_arithmetic.cc
Status import_binary(NodeImporter& node, Op op);
template <Op kOp>
Status import_binary(NodeImporter& node) {
  return import_binary(node, kOp);
}
Status import_swapped(NodeImporter& node, Op op);
template <Op kOp>
Status import_swapped(NodeImporter& node) {
  return import_swapped(node, kOp);
}
Status import_bit_shift(NodeImporter& node);
Status import_mean(NodeImporter& node);
Status import_mod(NodeImporter& node);
Status import_neg(NodeImporter& node);
Status import_prelu(NodeImporter& node);
Status import_reciprocal(NodeImporter& node);
Status import_sum(NodeImporter& node);

// import_conv.cc
Result<ConvAttrs> conv_attrs(const NodeImporter& node);
Result<GemmAttrs> gemm_attrs(const NodeImporter& node);
Result<PoolAttrs> average_pool_attrs(const NodeImporter& node);
Status import_conv(NodeImporter& node);
Status import_conv_transpose(NodeImporter& node);
Status import_average_pool(NodeImporter& node);
Status import_max_pool(NodeImporter& node);
Status import_batch_normalization(NodeImporter& node);
Status import_gemm(NodeImporter& node);

// import_elementwise.cc
Status import_cast(NodeImporter& node);
Status import_cast_like(NodeImporter& node);
Result<ValueId> clamped_to_four_bits(NodeImporter& node, ValueId wide, DType kept, DType type);
Status import_clip(NodeImporter& node);
Status import_dropout(NodeImporter& node);
Status import_is_inf(NodeImporter& node);

// import_fused.cc
Status import_fused_conv(NodeImporter& node);
Status import_fused_gemm(NodeImporter& node);
Status import_fused_matmul(NodeImporter& node);
Status import_nhwc_conv(NodeImporter& node);

// import_normalization.cc
Status import_layer_normalization(NodeImporter& node);
Status import_rms_normalization(NodeImporter& node);
Status import_instance_normalization(NodeImporter& node);
Status import_group_normalization(NodeImporter& node);
Status import_mean_variance_normalization(NodeImporter& node);
Status import_lp_normalization(NodeImporter& node);
Status import_global_lp_pool(NodeImporter& node);
Status import_lp_pool(NodeImporter& node);
Status import_lrn(NodeImporter& node);

// import_quantized.cc
Status import_quantize(NodeImporter& node);
Status import_dequantize(NodeImporter& node);
Status import_conv_integer(NodeImporter& node);
Status import_matmul_integer(NodeImporter& node);
Status import_qlinear_conv(NodeImporter& node);
Status import_qlinear_matmul(NodeImporter& node);
Status import_qlinear_average_pool(NodeImporter& node);
Status import_qlinear_concat(NodeImporter& node);
Status import_qlinear_global_average_pool(NodeImporter& node);
Status import_qlinear_leaky_relu(NodeImporter& node);
Status import_qlinear_sigmoid(NodeImporter& node);
Status import_qlinear_binary(NodeImporter& node, Op op);
template <Op kOp>
Status import_qlinear_binary(NodeImporter& node) {
  return import_qlinear_binary(node, kOp);
}

// import_reduce.cc
Status import_reduce(NodeImporter& node, Op op);
template <Op kOp>
Status import_reduce(NodeImporter& node) {
  return import_reduce(node, kOp);
}
Status import_size(NodeImporter& node);

// import_sampling.cc
Status import_affine_grid(NodeImporter& node);
Status import_grid_sample(NodeImporter& node);
Status import_roi_align(NodeImporter& node);
Status import_max_roi_pool(NodeImporter& node);
Status import_deform_conv(NodeImporter& node);
Status import_col2im(NodeImporter& node);
Status import_max_unpool(NodeImporter& node);
Status import_center_crop_pad(NodeImporter& node);

// import_sequence.cc
Status import_attention(NodeImporter& node);
Status import_rotary_embedding(NodeImporter& node);
Status import_rnn(NodeImporter& node);
Status import_gru(NodeImporter& node);
Status import_lstm(NodeImporter& node);
Status import_reverse_sequence(NodeImporter& node);
Status import_unique(NodeImporter& node);
Status import_tf_idf_vectorizer(NodeImporter& node);
Status import_signal_window(NodeImporter& node, Op op);
template <Op kOp>
Status import_signal_window(NodeImporter& node) {
  return import_signal_window(node, kOp);
}
Status import_mel_weight_matrix(NodeImporter& node);
Status import_dft(NodeImporter& node);
Status import_stft(NodeImporter& node);
Status import_einsum(NodeImporter& node);

// import_shape.cc
Status import_constant(NodeImporter& node);
Status import_constant_of_shape(NodeImporter& node);
Status import_concat(NodeImporter& node);
Status import_depth_to_space(NodeImporter& node);
Status import_space_to_depth(NodeImporter& node);
Status import_flatten(NodeImporter& node);
Status import_pad(NodeImporter& node);
Status import_reshape(NodeImporter& node);
Status import_shape(NodeImporter& node);
Status import_slice(NodeImporter& node);
Status import_split(NodeImporter& node);
Status import_squeeze(NodeImporter& node);
Status import_unsqueeze(NodeImporter& node);
Status import_tile(NodeImporter& node);
Status import_transpose(NodeImporter& node);

// import_select.cc
Status import_arg(NodeImporter& node, Op op);
template <Op kOp>
Status import_arg(NodeImporter& node) {
  return import_arg(node, kOp);
}
Status import_compress(NodeImporter& node);
Status import_cum_sum(NodeImporter& node);
Status import_eye_like(NodeImporter& node);
Status import_gather(NodeImporter& node);
Status import_gather_elements(NodeImporter& node);
Status import_gather_nd(NodeImporter& node);
Status import_scatter_elements(NodeImporter& node);
Status import_scatter_nd(NodeImporter& node);
Status import_non_max_suppression(NodeImporter& node);
Status import_one_hot(NodeImporter& node);
Status import_top_k(NodeImporter& node);
Status import_trilu(NodeImporter& node);
Status import_resize(NodeImporter& node);
Status import_upsample(NodeImporter& node);

}  // namespace saker::onnx
