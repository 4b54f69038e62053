# Sources of the operators, relative to src/graph.
set(GRAPH_OPS_SOURCES
  ops/arithmetic.cc ops/common.cc ops/compare_select.cc ops/compress.cc ops/conv.cc ops/convert.cc ops/cum_sum.cc
  ops/decode_boxes.cc ops/elementwise.cc ops/functions.cc ops/gather_scatter.cc ops/generate.cc ops/int8.cc
  ops/log_softmax.cc ops/logic.cc ops/loops.cc ops/masks.cc ops/matmul.cc ops/nms.cc ops/normalization.cc ops/pool.cc
  ops/quantize.cc ops/reduce.cc ops/resize.cc ops/resize_axis.cc ops/shape_ops.cc ops/sign.cc ops/slice_concat.cc
  ops/table.cc ops/topk.cc ops/transpose.cc ops/window.cc)
set(GRAPH_OPS_TESTS ops/elementwise_test.cc ops/int8_test.cc ops/logic_test.cc ops/masks_test.cc ops/numeric_test.cc
  ops/quantize_test.cc ops/reduce_test.cc ops/shapes_test.cc ops/sign_test.cc)
