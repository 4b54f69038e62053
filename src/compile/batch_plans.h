// Plans of one network for a batch of N pictures and for fewer of them.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compile/compile.h"

namespace saker {

// The plan for N pictures is made first, those for fewer when they are first asked for: milliseconds each, as they use
// its packed weights. Thread-safe; several sessions share one.
class BatchPlans {
 public:
  // The first input's first dimension is the batch. Where it is one picture, or the file fixes it, there are no other
  // plans, and the graph is not kept.
  static Result<std::shared_ptr<BatchPlans>> create(std::shared_ptr<const Graph> graph, std::vector<Shape> shapes,
                                                    std::vector<std::string> output_names, CompileOptions options);

  const std::shared_ptr<const Plan>& whole() const { return plans_.back(); }
  bool has_parts() const { return graph_ != nullptr; }
  // For n pictures, 1 <= n <= N; whole() if there is no other. Inputs and outputs are those of whole() but for the
  // batch.
  Result<std::shared_ptr<const Plan>> plan(std::int64_t n);

 private:
  Result<std::shared_ptr<const Plan>> make(const std::vector<Shape>& shapes) const;

  std::shared_ptr<const Graph> graph_;  // null: whole() is all there is
  std::vector<Shape> shapes_;
  std::vector<std::string> output_names_;
  CompileOptions options_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Plan>> plans_;  // of 1, 2, ..., N pictures; null: not made yet
};

}  // namespace saker
