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
  SAKER_ASSIGN(plans->whole_, plans->make(plans->shapes_));
  const std::vector<Shape>& own = plans->shapes_;
  if (own.empty() || !is_batched(*plans->graph_, 0) || own[0][0] <= 1) plans->graph_.reset();
  plans->options_.plan.base = plans->whole_;
  plans->options_.autotune = false;  // the methods are the whole's
  return plans;
}

Result<std::shared_ptr<const Plan>> BatchPlans::make(const std::vector<Shape>& shapes) const {
  SAKER_ASSIGN(Plan plan, compile(*graph_, shapes, output_names_, options_));
  return std::shared_ptr<const Plan>(std::make_shared<Plan>(std::move(plan)));
}

std::shared_ptr<const Plan> BatchPlans::part(std::int64_t n) {
  if (graph_ == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto [part, is_new] = parts_.try_emplace(n);
  if (is_new) {
    std::vector<Shape> shapes = shapes_;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (is_batched(*graph_, i) && shapes[i][0] == shapes_[0][0]) shapes[i][0] = n;
    }
    if (auto plan = make(shapes); plan.ok()) part->second = std::move(*plan);
  }
  return part->second;
}

}  // namespace saker
