#include "compile/batch_plans.h"

#include <utility>

#include "base/try.h"

namespace saker {
namespace {

// Whether an input's first dimension is open in the file.
bool is_batched(const Graph& graph, std::size_t input) {
  const auto& declared = graph.declared_inputs[input];
  return !declared.empty() && declared[0].size < 0;
}

}  // namespace

Result<std::shared_ptr<BatchPlans>> BatchPlans::create(std::shared_ptr<const Graph> graph, std::vector<Shape> shapes,
                                                       std::vector<std::string> output_names, CompileOptions options) {
  auto plans = std::make_shared<BatchPlans>();
  plans->graph_ = std::move(graph);
  plans->shapes_ = std::move(shapes);
  plans->output_names_ = std::move(output_names);
  plans->options_ = std::move(options);
  SAKER_ASSIGN(auto whole, plans->make(plans->shapes_));
  const bool has_parts = !plans->shapes_.empty() && is_batched(*plans->graph_, 0) && plans->shapes_[0][0] > 1;
  plans->plans_.resize(has_parts ? static_cast<std::size_t>(plans->shapes_[0][0]) : 1);
  plans->plans_.back() = whole;
  if (!has_parts) plans->graph_.reset();
  plans->options_.plan.base = std::move(whole);
  plans->options_.autotune = false;  // the methods are the whole's
  return plans;
}

Result<std::shared_ptr<const Plan>> BatchPlans::make(const std::vector<Shape>& shapes) const {
  SAKER_ASSIGN(Plan plan, compile(*graph_, shapes, output_names_, options_));
  return std::shared_ptr<const Plan>(std::make_shared<Plan>(std::move(plan)));
}

Result<std::shared_ptr<const Plan>> BatchPlans::plan(std::int64_t n) {
  if (!has_parts() || n >= static_cast<std::int64_t>(plans_.size())) return whole();
  const std::lock_guard lock(mutex_);
  auto& plan = plans_[static_cast<std::size_t>(n - 1)];
  if (plan == nullptr) {
    std::vector<Shape> shapes = shapes_;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (is_batched(*graph_, i) && shapes[i][0] == shapes_[0][0]) shapes[i][0] = n;
    }
    SAKER_ASSIGN(plan, make(shapes));
  }
  return plan;
}

}  // namespace saker
