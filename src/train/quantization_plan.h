// Which values of a network are stored in 8 bits and which convolutions read them, for builders that compute it: what
// quantize/ finds in its graph, by the numbers that builders give to values.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "nets/network.h"
#include "quantize/points.h"
#include "quantize/scales.h"

namespace saker::train {

struct PlannedConv {
  const nets::Module* conv = nullptr;
  const nets::Module* norm = nullptr;  // the normalization behind it; null: none
  std::vector<PointChannel> inputs;    // of each input channel
};

struct QuantizationPlan {
  struct Point {
    std::string name;  // point_names
    std::int64_t channels = 0;
  };
  std::vector<Point> points;
  PointGroups groups;
  std::vector<PlannedConv> convs;
  std::unordered_map<nets::Var, std::size_t> point_at;           // by the value
  std::unordered_map<const nets::Module*, std::size_t> conv_of;  // by the convolution
  std::unordered_set<const nets::Module*> norms;                 // behind one of them
  std::vector<std::pair<std::string, std::string>> left_float;   // convolutions, and why
};

// For a builder that gives 0 to the picture and the next number to each value it makes. `keep_float`: convolutions to
// leave alone. Errors: those of the network's graph; kInvalid: no convolution is left.
Result<QuantizationPlan> plan_quantization(const nets::Network& network, StoredScales scales,
                                           const std::function<bool(const nets::Module&)>& keep_float);

}  // namespace saker::train
