// Whatever no kernel takes runs through the operator's reference evaluator: on dense copies into
// planned memory when shapes are known, into fresh tensors when only the data decides them.
#include <fmt/format.h>

#include <cstring>

#include "base/try.h"
#include "graph/op_def.h"
#include "plan/planner.h"

namespace saker {
namespace {

// Hands out memory the plan has set aside.
class PlannedOutputs : public EvalOutputs {
 public:
  PlannedOutputs(const RunContext& context, const std::vector<PlanView>& views) : context_(context), views_(views) {}
  Result<Tensor> allocate(std::size_t i, DType dtype, const Shape& shape) override {
    if (i >= views_.size() || views_[i].buffer < 0) return Tensor::make(dtype, shape);
    if (dtype != views_[i].dtype || shape != views_[i].shape) {
      return Error{ErrorCode::kInternal,
                   fmt::format("output {} is {} {}, planned was {} {}", i, dtype_name(dtype), to_string(shape),
                               dtype_name(views_[i].dtype), to_string(views_[i].shape))};
    }
    return Tensor::wrap(dtype, shape, context_.bytes_at(views_[i]), nullptr);
  }
  Status take_scratch(std::size_t /*bytes*/) override { return {}; }  // the plan counts it

 private:
  const RunContext& context_;
  const std::vector<PlanView>& views_;
};

struct Source {
  bool present = false;
  SlotId slot = -1;
  PlanView view;
};

// The node's inputs as tensors of this run.
class Inputs {
 public:
  Inputs(RunContext& context, const std::vector<Source>& sources)
      : tensors_(sources.size()), pointers_(sources.size(), nullptr) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Source& source = sources[i];
      if (!source.present) continue;
      if (source.slot < 0)
        tensors_[i] = Tensor::wrap(source.view.dtype, source.view.shape, context.bytes_at(source.view), nullptr);
      pointers_[i] = source.slot >= 0 ? &context.slot(source.slot) : &tensors_[i];
    }
  }
  std::span<const Tensor* const> pointers() const { return pointers_; }

 private:
  std::vector<Tensor> tensors_;
  std::vector<const Tensor*> pointers_;
};

std::vector<Source> sources_of(Planner& planner, const Node& node) {
  std::vector<Source> sources(node.inputs.size());
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    sources[i].present = true;
    if (planner.is_dynamic(node.inputs[i])) {
      sources[i].slot = planner.slot(node.inputs[i]);
    } else {
      sources[i].view = planner.read(node.inputs[i], Need::kDense);
    }
  }
  return sources;
}

std::vector<PlanView> views_of(const std::vector<Source>& sources) {
  std::vector<PlanView> views;
  for (const Source& source : sources) {
    if (source.present && source.slot < 0) views.push_back(source.view);
  }
  return views;
}

}  // namespace

Status lower_reference(Planner& planner, const Node& node) {
  const std::vector<Source> sources = sources_of(planner, node);
  std::vector<Output> outputs;
  std::vector<PlanView> views;
  std::vector<PlanView> touched = views_of(sources);
  for (const ValueId id : node.outputs) {
    outputs.push_back(id == kNoValue ? Output{} : planner.write(id, Need::kDense));
    views.push_back(outputs.back().view);
    if (id != kNoValue) touched.push_back(views.back());
  }
  auto shared = std::make_shared<const Node>(node);
  planner.emit(node, "reference", std::move(touched), [=](RunContext& context) -> Status {
    const Inputs inputs(context, sources);
    PlannedOutputs planned(context, views);
    EvalContext eval(*shared, inputs.pointers(), planned);
    if (auto status = op_def(shared->op).eval(eval); !status.ok())
      return status.error().with_context(describe(*shared));
    return {};
  });
  planner.take_scratch(scratch_bytes(planner.graph(), node));
  for (const Output& output : outputs) planner.finish(node, output);
  return {};
}

Status lower_dynamic(Planner& planner, const Node& node) {
  const std::vector<Source> sources = sources_of(planner, node);
  std::vector<SlotId> slots;
  for (const ValueId id : node.outputs) slots.push_back(id == kNoValue ? -1 : planner.slot(id));
  auto shared = std::make_shared<const Node>(node);
  planner.emit(node, "reference (dynamic)", views_of(sources), [=](RunContext& context) -> Status {
    const Inputs inputs(context, sources);
    SAKER_ASSIGN(std::vector<Tensor> results, evaluate(*shared, inputs.pointers(), context.room_for_slots()));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] >= 0) context.set_slot(slots[i], std::move(results[i]));
    }
    return {};
  });
  bool follows_another = false;
  for (const Source& source : sources) {
    if (source.slot >= 0) planner.touch_slot(source.slot);
    follows_another = follows_another || source.slot >= 0;
  }
  for (const SlotId slot : slots) {
    if (slot >= 0) planner.touch_slot(slot);
  }
  if (!follows_another) planner.take_open(most_open_bytes(planner.graph(), node));
  return {};
}

}  // namespace saker
