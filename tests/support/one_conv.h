// Networks of one convolution, for the tests of the methods that run it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "passes/pipeline.h"
#include "plan/conv_method.h"
#include "support/compiled.h"
#include "support/qdq_graphs.h"

namespace saker {

// A layer, and the picture it sees.
struct OneConv {
  Shape input = {1, 32, 21, 23};
  std::int64_t channels = 48;
  GraphBuilder::ConvOptions options{};
};

inline Graph int8_layer(const OneConv& layer, bool residual = false) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input(layer.input), grid_of(3));
  ValueId y = b.conv8(x, layer.channels, layer.options);
  y = b.add(Op::kMul, {y, b.add(Op::kSigmoid, {y})});
  if (residual) y = b.add(Op::kAdd, {y, x});
  b.output(b.snap(y, grid_of(2)));
  return b.graph();
}

inline Graph float_layer(const OneConv& layer, bool residual = false) {
  GraphBuilder b;
  const ValueId x = b.input(layer.input);
  ValueId y = b.conv(x, layer.channels, layer.options);
  y = b.add(Op::kMul, {y, b.add(Op::kSigmoid, {y})});
  b.output(residual ? b.add(Op::kAdd, {y, x}) : y);
  return b.graph();
}

// The step of the one convolution.
inline const Step& conv_step(const Plan& plan) {
  return *std::ranges::find_if(plan.steps, [](const Step& step) { return step.method != nullptr; });
}

}  // namespace saker
