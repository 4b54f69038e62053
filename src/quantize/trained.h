// The 8-bit graph of a network that was trained for it: with the scales that its training had, to the last bit.
#pragma once

#include <saker/result.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/observed_ranges.h"
#include "quantize/points.h"
#include "quantize/scales.h"

namespace saker {

PointDensity density_of(StoredScales scales);

// What ObservedRanges calls the points: the same of any graph of a network, whatever is around them. A value is called
// by the node that makes it, if that has a name of the network's, else by what it is made of.
std::vector<std::string> point_names(const Graph& graph, const Points& points);

// `ranges`: of each channel of each point.
std::vector<Quantization> scales_of_points(const PointGroups& groups, std::span<const std::vector<ValueRange>> ranges,
                                           StoredScales scales, bool symmetric);

// The float32 tensor [2, channels] as ranges; empty where it is another, or a range is none.
std::vector<ValueRange> ranges_in(const Tensor& tensor, std::int64_t channels);

// Portable passes to leave out before quantize_as_trained: they would make one convolution of two that were trained
// with grids of their own.
std::vector<std::string> passes_against_trained();

// `graph`: bound to shapes, through the portable passes but those. Error kInvalid: it has other values than were
// observed; the first is named.
Result<Graph> quantize_as_trained(const Graph& graph, const ObservedRanges& observed);

// The portable passes of a graph bound to shapes, and 8 bits in place of floats where it was trained for them.
Status simplify_as_trained(Graph& graph, const std::optional<ObservedRanges>& observed);

}  // namespace saker
