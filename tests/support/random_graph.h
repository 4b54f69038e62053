// Random graphs: any mix of operators, shapes, views and outputs, the same for the same seed; and
// their outputs by the reference evaluators, each with a bound on what rounding can change.
#pragma once

#include <saker/result.h>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace saker {

// Numbers from a seed: splitmix64 (Steele, Lea and Flood 2014), the same with every standard library.
class Random {
 public:
  // Seeds that are near give streams that are far.
  explicit Random(std::uint64_t seed) : state_(seed) { state_ = next(); }
  std::uint64_t next();
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n)); }
  std::int64_t in(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  float real(float low, float high);
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(from.size())))];
  }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[below(static_cast<std::int64_t>(from.size()))];
  }
  template <typename T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i)
      std::swap(list[i - 1], list[static_cast<std::size_t>(below(static_cast<std::int64_t>(i)))]);
  }

 private:
  std::uint64_t state_;
};

Graph random_graph(std::uint64_t seed);

// Numbers for the inputs: floats in [-1, 1), half of the inputs in steps of 1/8 so that there are ties.
std::vector<Tensor> random_graph_inputs(const Graph& graph, std::uint64_t seed);

struct ReferenceRun {
  std::vector<Tensor> outputs;
  std::vector<double> bounds;  // how far each output's elements may be off
};

// Node by node through the evaluators, without any pass. An error is a node's that cannot run on this data.
Result<ReferenceRun> run_reference(const Graph& graph, std::span<const Tensor> inputs);

// Empty if every output is within its bound, else what is not.
std::string compare_with_reference(const std::vector<Tensor>& got, const ReferenceRun& expected);

}  // namespace saker
