// Where a float graph will be cut into 8-bit numbers: the values that are stored, and the convolutions that read them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace saker {

// A value that is quantized where it is made: the picture, the result of an activation, of an addition, ...
struct Point {
  ValueId value = kNoValue;
  std::int64_t channels = 0;
};

struct PointChannel {
  std::int32_t point = 0;
  std::int32_t channel = 0;
};

struct QuantizedConv {
  std::size_t node = 0;                // of the graph
  std::vector<PointChannel> channels;  // of its input, each from a point
};

// A value that a movement (Concat, Split, ...) made of points.
struct MovedValue {
  ValueId value = kNoValue;
  std::vector<PointChannel> channels;
};

struct Points {
  std::vector<Point> points;
  std::vector<QuantizedConv> convs;
  std::vector<MovedValue> moved;                                // those on the way to a convolution
  std::vector<std::pair<std::string, std::string>> left_float;  // convolutions, and why
};

// Of a movement: its first inputs, so many, are what it moves; those behind say how.
std::size_t moved_inputs(const Node& movement);

// Activations and sums, between whose inputs and results PointDensity::kEverywhere puts points.
bool is_between_points(Op op);

enum class PointDensity : std::uint8_t {
  kStored,      // only what convolutions read: what saker's layers store
  kEverywhere,  // also what goes in and out of the activations and sums between: what other engines need to fuse them
};

// The graph has been through the portable passes, with shapes. `keep`: convolutions to leave float.
Points find_points(const Graph& graph, PointDensity density, const std::function<bool(const Node&)>& keep);

}  // namespace saker
