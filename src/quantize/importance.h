// How much an error of each channel of a point matters to the layers that read it.
#pragma once

#include <vector>

#include "quantize/calibrate.h"
#include "quantize/points.h"

namespace saker {

// For each channel of each point: the factor by which its mean squared error adds to the variance of what the
// convolutions behind it compute, relative to the variance that is there, averaged over each one's outputs. Channels
// are taken as independent, activations and sums as passing errors on. Statistics with histograms.
std::vector<std::vector<double>> channel_importance(const Graph& graph, const Points& points,
                                                    const std::vector<PointStatistics>& statistics);

}  // namespace saker
