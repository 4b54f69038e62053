#include "runtime/executor.h"

#include <fmt/format.h>

#include <cstring>
#include <new>
#include <span>

#include "base/check.h"
#include "base/clock.h"
#include "base/try.h"

namespace saker {

Result<std::unique_ptr<Executor>> Executor::create(std::shared_ptr<const Plan> plan, std::shared_ptr<ThreadPool> pool) {
  const Plan& p = *plan;
  if (pool == nullptr) pool = std::make_shared<ThreadPool>(p.threads);
  if (pool->threads() != p.threads) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("a plan for {} threads cannot run on {}", p.threads, pool->threads())};
  }
  std::unique_ptr<Executor> executor(new Executor(std::move(plan), std::move(pool)));
  SAKER_ASSIGN(executor->arena_, Tensor::make(DType::kUint8, {static_cast<std::int64_t>(p.arena_bytes)}));
  for (const PlanView& view : p.inputs) {
    SAKER_ASSIGN(Tensor input, Tensor::make(view.dtype, view.shape));
    std::memset(input.raw(), 0, input.bytes());
    executor->inputs_.push_back(std::move(input));
  }
  if (p.byte_input) {
    SAKER_ASSIGN(executor->bytes_, Tensor::make(DType::kUint8, {static_cast<std::int64_t>(p.byte_input_bytes())}));
    std::memset(executor->bytes_.raw(), 0, p.byte_input_bytes());
  }
  executor->bind_buffers();
  return executor;
}

Result<std::unique_ptr<Executor>> Executor::part(std::shared_ptr<const Plan> plan) const {
  std::unique_ptr<Executor> executor(new Executor(std::move(plan), pool_));
  const Plan& p = *executor->plan_;
  SAKER_CHECK(p.threads == plan_->threads && p.inputs.size() == inputs_.size());
  for (const Buffer& buffer : p.buffers)
    SAKER_CHECK(buffer.kind != BufferKind::kInput || buffer.bytes <= inputs_[buffer.input].bytes());
  SAKER_CHECK(p.byte_input.has_value() == plan_->byte_input.has_value());
  SAKER_CHECK(p.byte_input_bytes() <= plan_->byte_input_bytes());
  executor->inputs_ = inputs_;
  executor->bytes_ = bytes_;
  executor->arena_ = arena_;
  if (p.arena_bytes > arena_.bytes()) {  // packed less well
    SAKER_ASSIGN(executor->arena_, Tensor::make(DType::kUint8, {static_cast<std::int64_t>(p.arena_bytes)}));
  }
  executor->bind_buffers();
  return executor;
}

void Executor::bind_buffers() {
  std::vector<std::byte*> bases;
  for (const Buffer& buffer : plan_->buffers) {
    switch (buffer.kind) {
      case BufferKind::kArena:
        bases.push_back(static_cast<std::byte*>(arena_.raw()) + buffer.offset);
        break;
      case BufferKind::kInput:
        bases.push_back(static_cast<std::byte*>(inputs_[buffer.input].raw()));
        break;
      case BufferKind::kBytes:
        bases.push_back(static_cast<std::byte*>(bytes_.raw()));
        break;
      case BufferKind::kConstant:
        bases.push_back(static_cast<std::byte*>(const_cast<void*>(buffer.constant.raw())));
        break;
    }
  }
  context_ = std::make_unique<RunContext>(std::move(bases), plan_->slots, plan_->slot_limit, *pool_);
}

TensorView Executor::output(std::size_t i) const {
  const PlanValue& value = plan_->outputs[i];
  if (value.slot >= 0) return view_of(context_->slot(value.slot));
  return {context_->bytes_at(value.view), value.view.dtype, value.view.shape, value.view.strides};
}

Status Executor::run(std::vector<double>* step_ms) {
  return run_steps(0, step_ms);
}

Status Executor::run_from_bytes() {
  SAKER_CHECK(plan_->byte_input.has_value());
  return run_steps(1, nullptr);
}

Status Executor::run_steps(std::size_t first, std::vector<double>* step_ms) {
  if (step_ms != nullptr) step_ms->clear();
  try {
    const ThreadPool::Turn turn(*pool_);
    for (const PlanValue& output : plan_->outputs) {
      if (output.slot >= 0) context_->set_slot(output.slot, {});  // of the run before
    }
    Stopwatch watch;
    for (const Step& step : std::span(plan_->steps).subspan(first)) {
      SAKER_TRY(step.run(*context_));
      for (const SlotId slot : step.last_reads) context_->set_slot(slot, {});
      if (step_ms != nullptr) step_ms->push_back(watch.lap());
    }
  } catch (const std::bad_alloc&) {  // evaluators keep notes in vectors
    return Error{ErrorCode::kLimit, "out of memory"};
  }
  return {};
}

}  // namespace saker
