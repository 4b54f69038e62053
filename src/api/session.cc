// Session (include/saker/session.h).
#include <saker/session.h>

#include <fmt/format.h>

#include <cstring>

#include "base/cpu.h"
#include "base/try.h"
#include "passes/pipeline.h"
#include "plan/plan.h"
#include "runtime/executor.h"

namespace saker {

struct Session::State {
  std::unique_ptr<Executor> executor;
};

namespace {

Result<std::shared_ptr<const Plan>> compile(const Model& model, const SessionOptions& options, int threads) {
  PlanOptions plan_options;
  SAKER_ASSIGN(plan_options.isa, choose_isa(options.isa));
  plan_options.threads = threads;
  plan_options.max_bytes = options.max_memory_bytes;
  Graph graph = *model.graph();
  std::vector<Shape> shapes = options.input_shapes;
  if (shapes.empty()) {
    for (const TensorInfo& input : model.inputs()) shapes.push_back(input.shape);
  }
  SAKER_TRY(bind_input_shapes(graph, shapes));
  SAKER_TRY(run_pipeline(graph));
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  SAKER_ASSIGN(Plan plan, make_plan(graph, names, plan_options));
  return std::shared_ptr<const Plan>(std::make_shared<Plan>(std::move(plan)));
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Model& model, const SessionOptions& options) {
  try {
    constexpr int kMaxThreads = 1024;
    if (options.threads < 0 || options.threads > kMaxThreads) {
      return Error{ErrorCode::kInvalid, fmt::format("{} threads: 1 to {} are possible, 0 takes every CPU", options.threads, kMaxThreads)};
    }
    const int threads = options.threads > 0 ? options.threads : usable_cpus();
    auto plan = compile(model, options, threads);
    if (!plan.ok()) return plan.error().with_context(model.path());
    auto state = std::make_unique<State>();
    SAKER_ASSIGN(state->executor, Executor::create(std::move(*plan), threads));
    return Session(std::move(state));
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, model.path() + ": out of memory"};
  } catch (const std::exception& e) {  // threads that cannot be started
    return Error{ErrorCode::kInternal, fmt::format("{}: {}", model.path(), e.what())};
  }
}

Result<Session> Session::clone() const {
  try {
    auto state = std::make_unique<State>();
    SAKER_ASSIGN(state->executor, Executor::create(state_->executor->plan(), state_->executor->threads()));
    return Session(std::move(state));
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "out of memory"};
  } catch (const std::exception& e) {  // threads that cannot be started
    return Error{ErrorCode::kInternal, e.what()};
  }
}

std::size_t Session::input_count() const {
  return plan().inputs.size();
}
std::size_t Session::output_count() const {
  return plan().outputs.size();
}
Tensor Session::input(std::size_t i) {
  return state_->executor->input(i);
}
TensorView Session::output(std::size_t i) const {
  return state_->executor->output(i);
}
const std::string& Session::output_name(std::size_t i) const {
  return plan().output_names[i];
}
std::size_t Session::activation_bytes() const {
  return plan().arena_bytes;
}
std::size_t Session::weight_bytes() const {
  return plan().weight_bytes;
}
const Plan& Session::plan() const {
  return *state_->executor->plan();
}

Status Session::run() {
  return state_->executor->run();
}

Result<std::vector<Tensor>> Session::run(std::span<const Tensor> inputs) {
  if (inputs.size() != input_count())
    return Error{ErrorCode::kInvalid,
                 fmt::format("the model has {} inputs, {} were given", input_count(), inputs.size())};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Tensor own = input(i);
    if (inputs[i].dtype() != own.dtype() || inputs[i].shape() != own.shape()) {
      return Error{ErrorCode::kInvalid, fmt::format("input {} is {} {}, the session was compiled for {} {}", i,
                                                    dtype_name(inputs[i].dtype()), to_string(inputs[i].shape()),
                                                    dtype_name(own.dtype()), to_string(own.shape()))};
    }
    if (own.bytes() > 0) std::memcpy(own.raw(), inputs[i].raw(), own.bytes());
  }
  SAKER_TRY(run());
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < output_count(); ++i) {
    SAKER_ASSIGN(outputs.emplace_back(), to_dense(output(i)));
  }
  return outputs;
}

Result<std::vector<StepProfile>> Session::run_profiled() {
  std::vector<double> ms;
  SAKER_TRY(state_->executor->run(&ms));
  std::vector<StepProfile> profile;
  for (std::size_t i = 0; i < ms.size(); ++i) profile.push_back({plan().steps[i].name, plan().steps[i].kernel, ms[i]});
  return profile;
}

}  // namespace saker
