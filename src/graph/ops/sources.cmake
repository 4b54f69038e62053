# Sources of the operators, relative to src/graph.
set(GRAPH_OPS_SOURCES
  ops/arithmetic.cc ops/common.cc ops/compare_select.cc ops/conv.cc ops/convert.cc ops/decode_boxes.cc ops/elementwise.cc
  ops/gather_scatter.cc ops/generate.cc ops/int8.cc ops/loops.cc ops/matmul.cc ops/nms.cc ops/normalization.cc
  ops/pool.cc ops/quantize.cc ops/reduce.cc ops/resize.cc ops/resize_axis.cc ops/shape_ops.cc ops/slice_concat.cc
  ops/table.cc ops/topk.cc ops/transpose.cc ops/window.cc)
set(GRAPH_OPS_TESTS ops/elementwise_test.cc ops/int8_test.cc ops/numeric_test.cc ops/quantize_test.cc
  ops/shapes_test.cc)
