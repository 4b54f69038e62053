// What is wrong with a model that was quantized, by its graph alone.
#pragma once

#include <saker/detector_spec.h>

#include "graph/graph.h"
#include "guard/finding.h"

namespace saker {

struct ModelUse {
  Preprocess preprocess;             // how the model will be fed
  bool boxes_beside_scores = false;  // one output holds coordinates in pixels and scores
};

// `graph` has been through the portable passes and unsign_activations.
Findings check_quantized_model(const Graph& graph, const ModelUse& use);

bool is_quantized(const Graph& graph);

}  // namespace saker
