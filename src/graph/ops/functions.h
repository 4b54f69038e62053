// The functions of operators that take one tensor element by element, in double precision.
#pragma once

#include "graph/graph.h"

namespace saker::ops {

// Of x and the node's parameters, of which it may have two.
using Function = double (*)(double x, double a, double b);

struct NodeFunction {
  Function f = nullptr;
  double a = 0, b = 0;
};

NodeFunction function_of(const Node& node);

}  // namespace saker::ops
