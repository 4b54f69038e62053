// The rules and kernels of all operators, as table.cc lists them.
#pragma once

#include "graph/ops/common.h"

namespace saker::ops {

#define SAKER_DECLARE_RULE(name) Result<Outputs> name(const Args& args)
#define SAKER_DECLARE_KERNEL(name) Status name(const Args& args, std::span<Tensor> outputs)
// Bytes that a kernel takes besides its tensors, and bytes of an output whose shape the data decides: at most.
#define SAKER_DECLARE_SCRATCH(name) std::size_t name(const Args& args, const Outputs& outputs)
#define SAKER_DECLARE_BOUND(name) std::size_t name(const Args& args)

// arithmetic.cc
SAKER_DECLARE_RULE(arithmetic_rule);
SAKER_DECLARE_RULE(mod_rule);
SAKER_DECLARE_RULE(pow_rule);
SAKER_DECLARE_RULE(prelu_rule);
SAKER_DECLARE_KERNEL(arithmetic_kernel);
SAKER_DECLARE_KERNEL(extremum_kernel);
SAKER_DECLARE_KERNEL(pow_kernel);
SAKER_DECLARE_SCRATCH(pow_scratch);

// attention.cc
SAKER_DECLARE_RULE(attention_rule);
SAKER_DECLARE_RULE(rotary_embedding_rule);
SAKER_DECLARE_KERNEL(attention_kernel);
SAKER_DECLARE_KERNEL(rotary_embedding_kernel);
SAKER_DECLARE_SCRATCH(attention_scratch);

// compare_select.cc
SAKER_DECLARE_RULE(compare_rule);
SAKER_DECLARE_RULE(where_rule);
SAKER_DECLARE_KERNEL(compare_kernel);
SAKER_DECLARE_KERNEL(where_kernel);

// compress.cc
SAKER_DECLARE_RULE(compress_rule);
SAKER_DECLARE_KERNEL(compress_kernel);
SAKER_DECLARE_BOUND(most_compressed);

// conv.cc
SAKER_DECLARE_RULE(conv_rule);
SAKER_DECLARE_RULE(conv_transpose_rule);
SAKER_DECLARE_RULE(decode_boxes_rule);
SAKER_DECLARE_KERNEL(conv_kernel);
SAKER_DECLARE_KERNEL(conv_transpose_kernel);
SAKER_DECLARE_KERNEL(decode_boxes_kernel);
SAKER_DECLARE_SCRATCH(conv_scratch);

// cum_sum.cc
SAKER_DECLARE_RULE(cum_sum_rule);
SAKER_DECLARE_KERNEL(cum_sum_kernel);

// deform_conv.cc
SAKER_DECLARE_RULE(deform_conv_rule);
SAKER_DECLARE_KERNEL(deform_conv_kernel);
SAKER_DECLARE_SCRATCH(deform_conv_scratch);

// einsum.cc
SAKER_DECLARE_RULE(det_rule);
SAKER_DECLARE_RULE(einsum_rule);
SAKER_DECLARE_KERNEL(det_kernel);
SAKER_DECLARE_KERNEL(einsum_kernel);
SAKER_DECLARE_SCRATCH(det_scratch);

// elementwise.cc
SAKER_DECLARE_RULE(clip_rule);
SAKER_DECLARE_RULE(erf_rule);
SAKER_DECLARE_RULE(float_unary_rule);
SAKER_DECLARE_RULE(relu_rule);
SAKER_DECLARE_KERNEL(clip_kernel);
SAKER_DECLARE_KERNEL(relu_kernel);
SAKER_DECLARE_KERNEL(unary_kernel);

// gather_scatter.cc
SAKER_DECLARE_RULE(gather_elements_rule);
SAKER_DECLARE_RULE(gather_nd_rule);
SAKER_DECLARE_RULE(gather_rule);
SAKER_DECLARE_RULE(scatter_elements_rule);
SAKER_DECLARE_RULE(scatter_nd_rule);
SAKER_DECLARE_KERNEL(gather_elements_kernel);
SAKER_DECLARE_KERNEL(gather_kernel);
SAKER_DECLARE_KERNEL(gather_nd_kernel);
SAKER_DECLARE_KERNEL(scatter_elements_kernel);
SAKER_DECLARE_KERNEL(scatter_nd_kernel);

// generate.cc
SAKER_DECLARE_RULE(constant_of_shape_rule);
SAKER_DECLARE_RULE(expand_rule);
SAKER_DECLARE_RULE(range_rule);
SAKER_DECLARE_RULE(tile_rule);
SAKER_DECLARE_KERNEL(constant_of_shape_kernel);
SAKER_DECLARE_KERNEL(expand_kernel);
SAKER_DECLARE_KERNEL(range_kernel);
SAKER_DECLARE_KERNEL(tile_kernel);

// grid_sample.cc
SAKER_DECLARE_RULE(affine_grid_rule);
SAKER_DECLARE_RULE(grid_sample_rule);
SAKER_DECLARE_KERNEL(affine_grid_kernel);
SAKER_DECLARE_KERNEL(grid_sample_kernel);

// int8.cc
SAKER_DECLARE_RULE(conv_int8_rule);
SAKER_DECLARE_RULE(lookup_rule);
SAKER_DECLARE_RULE(sum_int8_rule);
SAKER_DECLARE_KERNEL(conv_int8_kernel);
SAKER_DECLARE_KERNEL(lookup_kernel);
SAKER_DECLARE_KERNEL(sum_int8_kernel);

// layer_normalization.cc
SAKER_DECLARE_RULE(layer_normalization_rule);
SAKER_DECLARE_KERNEL(layer_normalization_kernel);

// log_softmax.cc
SAKER_DECLARE_KERNEL(log_softmax_kernel);
SAKER_DECLARE_KERNEL(hardmax_kernel);

// logic.cc
SAKER_DECLARE_RULE(bit_shift_rule);
SAKER_DECLARE_RULE(bitwise_rule);
SAKER_DECLARE_RULE(bitwise_not_rule);
SAKER_DECLARE_RULE(logical_rule);
SAKER_DECLARE_RULE(logical_not_rule);
SAKER_DECLARE_KERNEL(bit_shift_kernel);
SAKER_DECLARE_KERNEL(logic_kernel);
SAKER_DECLARE_KERNEL(negation_kernel);

// lp.cc
SAKER_DECLARE_RULE(global_lp_pool_rule);
SAKER_DECLARE_RULE(lp_normalization_rule);
SAKER_DECLARE_RULE(lp_pool_rule);
SAKER_DECLARE_RULE(lrn_rule);
SAKER_DECLARE_RULE(mean_variance_normalization_rule);
SAKER_DECLARE_KERNEL(global_lp_pool_kernel);
SAKER_DECLARE_KERNEL(lp_normalization_kernel);
SAKER_DECLARE_KERNEL(lp_pool_kernel);
SAKER_DECLARE_KERNEL(lrn_kernel);
SAKER_DECLARE_KERNEL(mean_variance_normalization_kernel);

// masks.cc
SAKER_DECLARE_RULE(eye_like_rule);
SAKER_DECLARE_RULE(one_hot_rule);
SAKER_DECLARE_RULE(trilu_rule);
SAKER_DECLARE_KERNEL(eye_like_kernel);
SAKER_DECLARE_KERNEL(one_hot_kernel);
SAKER_DECLARE_KERNEL(trilu_kernel);
SAKER_DECLARE_SCRATCH(one_hot_scratch);

// matmul.cc
SAKER_DECLARE_RULE(gemm_rule);
SAKER_DECLARE_RULE(matmul_rule);
SAKER_DECLARE_KERNEL(gemm_kernel);
SAKER_DECLARE_KERNEL(matmul_kernel);
SAKER_DECLARE_SCRATCH(matmul_scratch);

// nms.cc
SAKER_DECLARE_RULE(non_max_suppression_rule);
Status eval_non_max_suppression(EvalContext& context);
SAKER_DECLARE_SCRATCH(non_max_suppression_scratch);
SAKER_DECLARE_BOUND(most_suppressed);

// normalization.cc
SAKER_DECLARE_RULE(batch_normalization_rule);
SAKER_DECLARE_RULE(softmax_rule);
SAKER_DECLARE_KERNEL(batch_normalization_kernel);
SAKER_DECLARE_KERNEL(softmax_kernel);
SAKER_DECLARE_SCRATCH(batch_normalization_scratch);

// pool.cc
SAKER_DECLARE_RULE(average_pool_rule);
SAKER_DECLARE_RULE(global_pool_rule);
SAKER_DECLARE_RULE(max_pool_rule);
SAKER_DECLARE_KERNEL(average_pool_kernel);
SAKER_DECLARE_KERNEL(global_average_pool_kernel);
SAKER_DECLARE_KERNEL(global_max_pool_kernel);
SAKER_DECLARE_KERNEL(max_pool_kernel);

// quantize.cc
SAKER_DECLARE_RULE(dequantize_rule);
SAKER_DECLARE_RULE(dynamic_quantize_rule);
SAKER_DECLARE_RULE(quantize_rule);
SAKER_DECLARE_KERNEL(dequantize_kernel);
SAKER_DECLARE_KERNEL(dynamic_quantize_kernel);
SAKER_DECLARE_KERNEL(quantize_kernel);

// rearrange.cc
SAKER_DECLARE_RULE(center_crop_pad_rule);
SAKER_DECLARE_RULE(col2im_rule);
SAKER_DECLARE_RULE(max_unpool_rule);
SAKER_DECLARE_RULE(reverse_sequence_rule);
SAKER_DECLARE_KERNEL(center_crop_pad_kernel);
SAKER_DECLARE_KERNEL(col2im_kernel);
SAKER_DECLARE_KERNEL(max_unpool_kernel);
SAKER_DECLARE_KERNEL(reverse_sequence_kernel);

// recurrent.cc
SAKER_DECLARE_RULE(recurrent_rule);
SAKER_DECLARE_KERNEL(recurrent_kernel);
SAKER_DECLARE_SCRATCH(recurrent_scratch);

// reduce.cc
SAKER_DECLARE_RULE(reduce_extremum_rule);
SAKER_DECLARE_RULE(reduce_rule);
SAKER_DECLARE_KERNEL(reduce_kernel);

// regions.cc
SAKER_DECLARE_RULE(max_roi_pool_rule);
SAKER_DECLARE_RULE(roi_align_rule);
SAKER_DECLARE_KERNEL(max_roi_pool_kernel);
SAKER_DECLARE_KERNEL(roi_align_kernel);

// resize.cc
SAKER_DECLARE_RULE(resize_rule);
SAKER_DECLARE_KERNEL(resize_kernel);
SAKER_DECLARE_SCRATCH(resize_scratch);

// shape_ops.cc
SAKER_DECLARE_RULE(cast_like_rule);
SAKER_DECLARE_RULE(cast_rule);
SAKER_DECLARE_RULE(flatten_rule);
SAKER_DECLARE_RULE(identity_rule);
SAKER_DECLARE_RULE(reshape_rule);
SAKER_DECLARE_RULE(shape_rule);
SAKER_DECLARE_RULE(squeeze_rule);
SAKER_DECLARE_RULE(unsqueeze_rule);
SAKER_DECLARE_KERNEL(cast_kernel);
SAKER_DECLARE_KERNEL(copy_kernel);
SAKER_DECLARE_KERNEL(shape_kernel);

// sign.cc
SAKER_DECLARE_RULE(float_test_rule);
SAKER_DECLARE_RULE(shrink_rule);
SAKER_DECLARE_RULE(sign_rule);
SAKER_DECLARE_KERNEL(float_test_kernel);
SAKER_DECLARE_KERNEL(shrink_kernel);
SAKER_DECLARE_KERNEL(sign_kernel);

// signals.cc
SAKER_DECLARE_RULE(dft_rule);
SAKER_DECLARE_RULE(mel_weight_matrix_rule);
SAKER_DECLARE_RULE(signal_window_rule);
SAKER_DECLARE_RULE(stft_rule);
SAKER_DECLARE_KERNEL(dft_kernel);
SAKER_DECLARE_KERNEL(mel_weight_matrix_kernel);
SAKER_DECLARE_KERNEL(signal_window_kernel);
SAKER_DECLARE_KERNEL(stft_kernel);
SAKER_DECLARE_SCRATCH(dft_scratch);
SAKER_DECLARE_SCRATCH(signal_window_scratch);
SAKER_DECLARE_SCRATCH(stft_scratch);

// slice_concat.cc
SAKER_DECLARE_RULE(concat_rule);
SAKER_DECLARE_RULE(pad_rule);
SAKER_DECLARE_RULE(slice_rule);
SAKER_DECLARE_RULE(split_rule);
SAKER_DECLARE_KERNEL(concat_kernel);
SAKER_DECLARE_KERNEL(pad_kernel);
SAKER_DECLARE_KERNEL(slice_kernel);
SAKER_DECLARE_KERNEL(split_kernel);

// topk.cc
SAKER_DECLARE_RULE(top_k_rule);
SAKER_DECLARE_RULE(arg_max_rule);
SAKER_DECLARE_RULE(non_zero_rule);
SAKER_DECLARE_KERNEL(top_k_kernel);
SAKER_DECLARE_KERNEL(arg_max_kernel);
SAKER_DECLARE_KERNEL(non_zero_kernel);
SAKER_DECLARE_SCRATCH(top_k_scratch);
SAKER_DECLARE_BOUND(most_non_zero);

// transpose.cc
SAKER_DECLARE_RULE(depth_to_space_rule);
SAKER_DECLARE_RULE(space_to_depth_rule);
SAKER_DECLARE_RULE(transpose_rule);
SAKER_DECLARE_KERNEL(depth_to_space_kernel);
SAKER_DECLARE_KERNEL(space_to_depth_kernel);
SAKER_DECLARE_KERNEL(transpose_kernel);

// unique.cc
SAKER_DECLARE_RULE(tf_idf_vectorizer_rule);
SAKER_DECLARE_RULE(unique_rule);
Status eval_unique(EvalContext& context);
SAKER_DECLARE_KERNEL(tf_idf_vectorizer_kernel);
SAKER_DECLARE_SCRATCH(unique_scratch);
SAKER_DECLARE_BOUND(most_unique);

#undef SAKER_DECLARE_RULE
#undef SAKER_DECLARE_KERNEL
#undef SAKER_DECLARE_SCRATCH
#undef SAKER_DECLARE_BOUND

}  // namespace saker::ops
