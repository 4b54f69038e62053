// One node and its inputs for every operator, large enough that what an evaluator takes shows.
#pragma once

#include <string>
#include <vector>

#include "graph/op_def.h"

namespace saker {

struct OperatorCase {
  Op op;
  std::vector<Tensor> inputs;  // of no elements: absent
  Attributes attrs = {};
  std::size_t outputs = 1;
  // How many of the inputs, the first ones, are data; the others are constants. 0: data could ask for any size.
  std::size_t data = 1;

  std::string name() const;
};

std::vector<OperatorCase> operator_cases();

// The same on half-precision numbers, if it has any float32.
OperatorCase in_halves(OperatorCase test);

}  // namespace saker
