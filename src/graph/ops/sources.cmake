# Sources of the operators, relative to src/graph.
set(GRAPH_OPS_SOURCES
  ops/arithmetic.cc ops/attention.cc ops/common.cc ops/compare_select.cc ops/compress.cc ops/conv.cc ops/convert.cc
  ops/cum_sum.cc ops/decode_boxes.cc ops/deform_conv.cc ops/einsum.cc ops/elementwise.cc ops/functions.cc
  ops/gather_scatter.cc ops/generate.cc ops/grid_sample.cc ops/int8.cc ops/layer_normalization.cc ops/log_softmax.cc
  ops/logic.cc ops/loops.cc ops/lp.cc ops/masks.cc ops/matmul.cc ops/nms.cc ops/normalization.cc ops/pool.cc
  ops/quantize.cc ops/rearrange.cc ops/recurrent.cc ops/reduce.cc ops/regions.cc ops/resize.cc ops/resize_axis.cc
  ops/shape_ops.cc ops/sign.cc ops/signals.cc ops/slice_concat.cc ops/table.cc ops/topk.cc ops/transpose.cc
  ops/unique.cc ops/window.cc)
set(GRAPH_OPS_TESTS ops/elementwise_test.cc ops/int8_test.cc ops/layers_test.cc ops/logic_test.cc ops/masks_test.cc
  ops/numeric_test.cc ops/quantize_test.cc ops/reduce_test.cc ops/sequences_test.cc ops/shapes_test.cc
  ops/sign_test.cc)
