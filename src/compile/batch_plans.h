// Plans of one network for a batch of N pictures and for fewer of them.
#pragma once

#include <map>
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
  // The first input's first dimension is the batch. Where it is one picture, or the file fixes it, there are no parts,
  // and the graph is not kept.
  static Result<std::shared_ptr<BatchPlans>> create(std::shared_ptr<const Graph> graph, std::vector<Shape> shapes,
                                                    std::vector<std::string> output_names, CompileOptions options);

  const std::shared_ptr<const Plan>& whole() const { return whole_; }
  // For n pictures, 1 <= n < N, with the inputs and outputs of whole() but for the batch. Null: there is none, as the
  // file fixes the batch or the network works at N only (constants may be made for it, whatever the file declares).
  std::shared_ptr<const Plan> part(std::int64_t n);

 private:
  Result<std::shared_ptr<const Plan>> make(const std::vector<Shape>& shapes) const;

  std::shared_ptr<const Graph> graph_;  // null: there are no parts
  std::vector<Shape> shapes_;
  std::vector<std::string> output_names_;
  CompileOptions options_;
  std::shared_ptr<const Plan> whole_;
  std::mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<const Plan>> parts_;  // by their pictures; null: none
};

}  // namespace saker
