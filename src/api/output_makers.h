// Which operators a model's outputs come from.
#pragma once

#include <saker/model.h>

#include <set>
#include <string>
#include <vector>

namespace saker {

// Parallel to model.outputs(): the operators whose results make up an output, behind those that only move or requantize
// values (Concat, Reshape, Transpose, Slice, DequantizeLinear, ...): {"Conv", "Sigmoid"} of a head that gives raw boxes
// and scores between 0 and 1. What is a constant or an input is left out. The model must be one that saker reads.
std::vector<std::set<std::string>> output_makers(const Model& model);

}  // namespace saker
