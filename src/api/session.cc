// Session (include/saker/session.h).
#include <saker/session.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "api/guarded.h"
#include "api/internals.h"
#include "api/threads.h"
#include "backends/backend.h"
#include "base/cpu.h"
#include "base/knobs.h"
#include "base/memory.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "compile/batch_plans.h"
#include "kernels/quantize/quantize.h"
#include "plan/bf16.h"
#include "runtime/executor.h"

namespace saker {

namespace {

// The saker engine behind the interface that all engines have.
class OwnSession final : public BackendSession {
 public:
  // `shared`: a pool that is not this session's alone; null: it gets one.
  static Result<std::unique_ptr<OwnSession>> create(std::shared_ptr<BatchPlans> plans,
                                                    std::shared_ptr<ThreadPool> shared, int streams) {
    auto session = std::make_unique<OwnSession>();
    SAKER_ASSIGN(session->whole_, Executor::create(plans->whole(), shared));
    session->plans_ = std::move(plans);
    session->shared_ = std::move(shared);
    session->streams_ = streams;
    session->latest_ = session->whole_.get();
    return session;
  }

  std::size_t input_count() const override { return plan().inputs.size(); }
  std::size_t output_count() const override { return plan().outputs.size(); }
  Tensor input(std::size_t i) override { return whole_->input(i); }
  Status run() override { return run(*whole_); }
  Status run_first(std::int64_t pictures) override {
    SAKER_ASSIGN(Executor* const part, part_for(pictures));
    return part != nullptr ? run(*part) : BackendSession::run_first(pictures);
  }
  Status run_from_bytes() { return run_from_bytes(*whole_); }
  Status run_first_from_bytes(std::int64_t pictures) {
    SAKER_ASSIGN(Executor* const part, part_for(pictures));
    if (part != nullptr) return run_from_bytes(*part);
    clear_pictures_from(pictures);
    quantize_pictures_from(pictures);
    return run_from_bytes();
  }
  TensorView output(std::size_t i) const override { return latest_->output(i); }
  const std::string& output_name(std::size_t i) const override { return plan().output_names[i]; }
  int streams() const override { return streams_; }
  Result<std::unique_ptr<BackendSession>> clone() const override {
    SAKER_ASSIGN(auto copy, create(plans_, shared_, streams_));
    return std::unique_ptr<BackendSession>(std::move(copy));
  }

  const Plan& plan() const { return *whole_->plan(); }
  ThreadPool& pool() { return whole_->pool(); }
  std::uint8_t* bytes() { return whole_->bytes(); }
  Status run(std::vector<double>& step_ms) { return run(*whole_, &step_ms); }

 private:
  Status run(Executor& executor, std::vector<double>* step_ms = nullptr) {
    latest_ = &executor;
    return executor.run(step_ms);
  }
  Status run_from_bytes(Executor& executor) {
    latest_ = &executor;
    return executor.run_from_bytes();
  }
  // For so many pictures; null: there is no plan for them.
  Result<Executor*> part_for(std::int64_t pictures) {
    const auto [part, is_new] = parts_.try_emplace(pictures);
    if (!is_new) return part->second.get();
    auto plan = plans_->part(pictures);
    // What is folded may hang on the batch: a plan that does not begin as whole() does cannot share its bytes.
    if (plan == nullptr || plan->byte_input.has_value() != this->plan().byte_input.has_value()) return nullptr;
    auto executor = whole_->part(std::move(plan));
    if (!executor.ok()) {
      parts_.erase(part);
      return executor.error();
    }
    part->second = std::move(*executor);
    return part->second.get();
  }

  // What byte_input becomes of the floats, of the pictures from `first` on.
  void quantize_pictures_from(std::int64_t first) {
    const ByteInput& bytes = *plan().byte_input;
    const Shape& shape = bytes.view.shape;
    const std::int64_t pixels = shape[2] * shape[3];
    const float* floats = whole_->input(bytes.input).data<float>();
    for (std::int64_t n = first; n < shape[0]; ++n) {
      bytes.kernel->quantize_planes(pixels, static_cast<int>(shape[1]), floats + n * shape[1] * pixels, pixels,
                                    bytes.scale.get(), bytes.offset.get(), this->bytes() + n * bytes.view.strides[0]);
    }
  }

  std::shared_ptr<BatchPlans> plans_;
  std::unique_ptr<Executor> whole_;
  std::map<std::int64_t, std::unique_ptr<Executor>> parts_;  // by their pictures; null: none
  Executor* latest_ = nullptr;                               // that ran; its outputs are the session's
  std::shared_ptr<ThreadPool> shared_;
  int streams_ = 1;
};

Status check_options(const SessionOptions& options) {
  constexpr int kMaxThreads = 1024;
  const auto out_of_range = [](int count) { return count < 0 || count > kMaxThreads; };
  if (out_of_range(options.threads)) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} threads: 1 to {} are possible, 0 takes every CPU", options.threads, kMaxThreads)};
  }
  if (out_of_range(options.inter_threads) || out_of_range(options.streams)) {
    return Error{ErrorCode::kInvalid, fmt::format("{} operators at a time and {} streams: 1 to {} are possible",
                                                  options.inter_threads, options.streams, kMaxThreads)};
  }
  return {};
}

Result<std::shared_ptr<BatchPlans>> make_plans(const Model& model, const SessionOptions& options, int threads) {
  CompileOptions own;
  own.autotune = options.autotune;
  own.cache = knobs().cache;
  SAKER_ASSIGN(own.plan.isa, choose_isa(options.isa));
  own.plan.threads = threads;
  own.plan.max_bytes = options.max_memory_bytes;
  own.plan.bf16 = wants_bf16(options.precision, own.plan.isa);
  own.plan.low_memory = options.low_memory;
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  auto plans = BatchPlans::create(graph_of(model), options.input_shapes, std::move(names), std::move(own));
  release_free_heap();  // compiling takes twice the weights for a moment; once a session, never while one runs
  return plans;
}

Result<std::unique_ptr<OwnSession>> create_own(const Model& model, const SessionOptions& options) {
  const std::string& precision = options.precision;
  if (!precision.empty() && precision != "f32" && precision != "bf16" && precision != "auto") {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("precision {}: saker computes float models in f32 or bf16", precision)};
  }
  const auto shared = options.shared_threads ? pool_of(*options.shared_threads) : nullptr;
  const int own = options.threads > 0 ? options.threads : usable_cpus();
  const int asked = shared != nullptr ? shared->threads() : own;
  // Streams of one thread where they are ours to choose.
  const int threads = options.streams > 0 || shared != nullptr ? asked : 1;
  const int streams = options.streams > 0 ? options.streams : asked;
  SAKER_ASSIGN(auto plans, make_plans(model, options, threads));
  return OwnSession::create(std::move(plans), shared, streams);
}

Result<std::unique_ptr<BackendSession>> create_foreign(const Model& model, const SessionOptions& options) {
  for (const Shape& shape : options.input_shapes) {
    if (std::ranges::any_of(shape, [](std::int64_t extent) { return extent < 0; })) {
      return Error{ErrorCode::kInvalid, fmt::format("the input shape {} is not fixed", to_string(shape))};
    }
  }
  if (options.input_shapes.size() != model.inputs().size()) {
    return Error{ErrorCode::kInvalid, fmt::format("the model has {} inputs, {} shapes were given",
                                                  model.inputs().size(), options.input_shapes.size())};
  }
  return backend_model_of(model)->compile(options);
}

}  // namespace

struct Session::State {
  std::string model;
  std::unique_ptr<BackendSession> engine;
  OwnSession* own = nullptr;  // the same, if it is saker's
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Model& model, const SessionOptions& options) {
  return guarded(model.path(), [&]() -> Result<Session> {
    SAKER_TRY(check_options(options));
    SessionOptions complete = options;
    if (complete.input_shapes.empty()) {
      for (const TensorInfo& input : model.inputs()) complete.input_shapes.push_back(input.shape);
    }
    auto state = std::make_unique<State>();
    state->model = model.path();
    if (backend_model_of(model) != nullptr) {
      auto engine = create_foreign(model, complete);
      if (!engine.ok()) return engine.error().with_context(fmt::format("{} ({})", model.path(), model.backend()));
      state->engine = std::move(*engine);
    } else {
      auto own = create_own(model, complete);
      if (!own.ok()) return own.error().with_context(model.path());
      state->own = own->get();
      state->engine = std::move(*own);
    }
    return Session(std::move(state));
  });
}

Result<Session> Session::clone() const {
  return guarded(state_->model, [&]() -> Result<Session> {
    auto state = std::make_unique<State>();
    state->model = state_->model;
    SAKER_ASSIGN(state->engine, state_->engine->clone());
    if (state_->own != nullptr) state->own = static_cast<OwnSession*>(state->engine.get());
    return Session(std::move(state));
  });
}

std::size_t Session::input_count() const {
  return state_->engine->input_count();
}
std::size_t Session::output_count() const {
  return state_->engine->output_count();
}
Tensor Session::input(std::size_t i) {
  return state_->engine->input(i);
}
TensorView Session::output(std::size_t i) const {
  return state_->engine->output(i);
}
bool Session::output_stays(std::size_t i) const {
  return state_->own != nullptr && state_->own->plan().outputs[i].slot < 0;
}
const std::string& Session::output_name(std::size_t i) const {
  return state_->engine->output_name(i);
}
int Session::streams() const {
  return state_->engine->streams();
}
const std::string& Session::precision_note() const {
  static const std::string none;
  return state_->own != nullptr ? state_->own->plan().note : none;
}
std::size_t Session::activation_bytes() const {
  return state_->own != nullptr ? state_->own->plan().activation_bytes() : 0;
}
std::size_t Session::weight_bytes() const {
  return state_->own != nullptr ? state_->own->plan().weight_bytes : 0;
}
const Plan* plan_of(const Session& session) {
  const OwnSession* own = session.state().own;
  return own != nullptr ? &own->plan() : nullptr;
}

ThreadPool* pool_of(const Session& session) {
  OwnSession* const own = session.state().own;
  return own != nullptr ? &own->pool() : nullptr;
}

std::optional<ByteSlots> byte_slots_of(const Session& session) {
  OwnSession* const own = session.state().own;
  if (own == nullptr || !own->plan().byte_input) return std::nullopt;
  const ByteInput& input = *own->plan().byte_input;
  return ByteSlots{
      input.input, own->bytes(), input.view.strides[0], {input.kernel, input.scale.get(), input.offset.get()}};
}

// Whether so many are fewer than the batch; the error: they cannot be.
static Result<bool> are_fewer(Session& session, std::int64_t pictures) {
  const Shape shape = session.input_count() == 0 ? Shape{} : session.input(0).shape();
  const std::int64_t batch = shape.empty() ? 1 : shape[0];
  if (pictures < 1 || pictures > batch)
    return Error{ErrorCode::kInvalid, fmt::format("{} pictures of a batch of {}", pictures, batch)};
  return pictures < batch;
}

Status run_first_from_bytes(Session& session, std::int64_t pictures) {
  return guarded(session.state().model, [&]() -> Status {
    OwnSession& own = *session.state().own;
    SAKER_ASSIGN(const bool fewer, are_fewer(session, pictures));
    return fewer ? own.run_first_from_bytes(pictures) : own.run_from_bytes();
  });
}

Status Session::run() {
  return guarded(state_->model, [&] { return state_->engine->run(); });
}
Status Session::run_first(std::int64_t pictures) {
  return guarded(state_->model, [&]() -> Status {
    SAKER_ASSIGN(const bool fewer, are_fewer(*this, pictures));
    return fewer ? state_->engine->run_first(pictures) : state_->engine->run();
  });
}

Result<std::vector<Tensor>> Session::run(std::span<const Tensor> inputs) {
  return guarded(state_->model, [&] { return run_copied(inputs); });
}

Result<std::vector<Tensor>> Session::run_copied(std::span<const Tensor> inputs) {
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
  if (state_->own == nullptr) return Error{ErrorCode::kUnsupported, "only the saker engine times its steps"};
  return guarded(state_->model, [&]() -> Result<std::vector<StepProfile>> {
    std::vector<double> ms;
    SAKER_TRY(state_->own->run(ms));
    const std::vector<Step>& steps = state_->own->plan().steps;
    std::vector<StepProfile> profile;
    for (std::size_t i = 0; i < ms.size(); ++i) profile.push_back({steps[i].name, steps[i].kernel, ms[i]});
    return profile;
  });
}

}  // namespace saker
