// Graphs with QuantizeLinear and DequantizeLinear for tests, and how what the passes and plans make of them compares
// with their evaluation as they are.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "support/test_graphs.h"

namespace saker {

// The numbers that bytes stand for: of a whole tensor, or one grid for each channel (axis 1).
struct Grid {
  std::vector<float> scale;
  std::vector<int> zero;  // as many; empty: no zero point is given
  DType dtype = DType::kUint8;

  float widest() const { return *std::max_element(scale.begin(), scale.end()); }
};

// 8-bit weights of a convolution.
struct ByteWeights {
  DType dtype = DType::kInt8;
  int low = -127, high = 127, zero = 0;
  bool per_output = true;             // a scale for each output channel, or one
  std::vector<float> input_scales{};  // not empty: those of the input's channels, which the weights cancel by a Mul
};

class QdqBuilder : public GraphBuilder {
 public:
  ValueId bytes(Shape shape, const std::vector<int>& values, DType dtype);
  ValueId quantize(ValueId x, const Grid& grid) { return add(Op::kQuantizeLinear, with(x, grid), AxisAttrs{1}); }
  ValueId dequantize(ValueId q, const Grid& grid) { return add(Op::kDequantizeLinear, with(q, grid), AxisAttrs{1}); }
  // x on the grid: both.
  ValueId snap(ValueId x, const Grid& grid) { return dequantize(quantize(x, grid), grid); }
  // A convolution by 8-bit weights whose results are about as large as x.
  ValueId conv8(ValueId x, std::int64_t channels, const ConvOptions& options = {}, const ByteWeights& weights = {});

 private:
  std::vector<ValueId> with(ValueId x, const Grid& grid);
  std::uint32_t weight_seed_ = 1000;
};

// Grids of [-reach, reach), one scale or one for each channel, each channel another.
Grid grid_of(float reach, std::int64_t channels = 0);

// The graph after all passes, which must leave it valid.
Graph lowered(const Graph& graph);
int count_ops(const Graph& graph, Op op);
// The first note of a pass on a convolution; empty if there is none.
std::string first_note(const Graph& graph);

// How far outputs are apart, in elements of float outputs and of integers.
struct Distance {
  double worst = 0, mean = 0;
};
Distance distance(const std::vector<Tensor>& got, const std::vector<Tensor>& expected);

// Lowers, plans for each ISA level and 1 to 2 threads, runs on two inputs: every output within `bound` of the
// evaluation of the graph as it is; the same bits on every level and number of threads if all layers became 8-bit.
void expect_lowered_is_right(const Graph& graph, double bound);
// The same of networks of many layers, where a number that lies between two steps may be rounded the other way and
// change what reads it: the mean difference is a fraction of a step.
void expect_lowered_is_close(const Graph& graph);

}  // namespace saker
