// The planner: walks the graph once, asks the lowerings of each operator in turn, and keeps what
// they decide. Internal to plan/.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "kernels/loop_nest.h"
#include "kernels/table.h"
#include "plan/layout.h"
#include "plan/plan.h"
#include "plan/view.h"
#include "plan/weight_store.h"

namespace saker {

// What a kernel asks of a view. kQuads: bytes, channels innermost, every pixel at a multiple of four bytes and readable
// up to the next one. kConsecutive: whichever axis is innermost, no gaps between its elements.
enum class Need : std::uint8_t { kAny, kChannelsInnermost, kQuads, kConsecutive, kDense };

// Where a kernel writes, and where that has to be copied to afterwards if it could not write there.
struct Output {
  PlanView view;
  std::optional<PlanView> copy_to;
};

class Planner {
 public:
  Planner(const Graph& graph, const PlanOptions& options);
  Result<Plan> run(const std::vector<std::string>& output_names);

  const Graph& graph() const { return graph_; }
  const Value& value(ValueId id) const { return graph_.value(id); }
  const Kernels& kernels() const { return kernels_; }
  const PlanOptions& options() const { return options_; }
  int threads() const { return options_.threads; }

  // Views of inputs as they are, or through a copy that meets the need (shared between readers).
  PlanView read(ValueId id);
  PlanView read(ValueId id, Need need);
  Output write(ValueId id, Need need = Need::kAny);
  // An output that is a view of its input, copied only where the output has a place of its own.
  void alias(const Node& node, ValueId id, const PlanView& view);

  PlanView scratch(DType dtype, Shape shape);  // arena memory for one step (list it in Step::buffers)
  // Of more elements than a tensor may have: a view of one element, and the node ends in an error (kLimit).
  PlanView allocate(DType dtype, const Shape& shape, const Order& order);
  // Constants of the current node's step, made by `fill`: see WeightStore::pack.
  Result<std::shared_ptr<const float>> weights(std::int64_t floats, const std::function<void(float*)>& fill);
  // How the current node, a convolution, is run; `key` (conv_key_of_one) is for plans that take this one as their base.
  void choose(const ConvMethod& method, std::string key);

  // The current node's step; views are what it touches.
  // Of a kernel that there is for other CPUs too, those are refused.
  void emit(const Node& node, const KernelName& kernel, std::vector<PlanView> views,
            std::function<Status(RunContext&)> run, double flops = 0);
  void emit(const Node& node, std::string kernel, std::vector<PlanView> views, std::function<Status(RunContext&)> run,
            double flops = 0);
  // Of the current node's step, to be emitted: what is to be known of it besides its node's attributes.
  void remark(const std::string& text) { remark_ = "; " + text; }
  void emit_copy(const std::string& name, std::string why, const PlanView& from, const PlanView& to);
  // After emit: the copy a writer could not avoid.
  void finish(const Node& node, const Output& output);
  // Why a kernel does not take the current node; always false.
  bool refuse(std::string kernel, std::string reason);
  bool refuse(const KernelName& kernel, std::string reason) { return refuse(kernel.text(), std::move(reason)); }

  // The current node's step, to be emitted, does nothing but quantize its input into that place: Plan::byte_input,
  // where it can be.
  void offer_bytes(const Node& node, ByteInput bytes);

  bool is_dynamic(ValueId id) const;  // its shape, or that of what it is made from, is known at run time only
  SlotId slot(ValueId id);
  // The current step, just emitted: reads or writes a slot.
  void touch_slot(SlotId id) { slot_uses_[static_cast<std::size_t>(id)] = plan_.steps.size() - 1; }
  // What the current step's evaluator takes.
  void take_scratch(std::size_t bytes) { plan_.evaluator_bytes = std::max(plan_.evaluator_bytes, bytes); }
  void take_open(std::size_t bytes) { plan_.open_bytes += bytes; }

 private:
  struct State {
    std::optional<PlanView> view;
    std::optional<PlanView> as_channels, as_dense;  // copies already made for a need
    SlotId slot = -1;
  };

  State& state(ValueId id) { return states_[static_cast<std::size_t>(id)]; }
  PlanView place(ValueId id);                   // where the value is written
  std::optional<PlanView> home_of(ValueId id);  // where its placement puts it
  void bind_inputs();
  void refuse_other_levels(const KernelName& taken);
  Status lower(const Node& node);
  void plan_slots();
  Status plan_memory();

  const Graph& graph_;
  const PlanOptions& options_;
  const Kernels kernels_;
  Layouts layouts_;
  Status allocated_;  // whether every allocate() was possible
  std::vector<std::int32_t> producers_;
  std::vector<State> states_;
  std::vector<std::size_t> slot_uses_;  // the last step of each
  std::vector<Refusal> refused_;
  const ConvMethod* method_ = nullptr;  // chosen for the current node
  std::string remark_;                  // on its step
  WeightStore weights_;
  std::size_t packed_bytes_ = 0;  // weights() since the last step
  Plan plan_;
};

// A lowering makes the step(s) for a node and returns true, or refuses with reasons.
using LowerFn = Result<bool> (*)(Planner&, const Node&);

Result<bool> lower_view(Planner& planner, const Node& node);
Result<bool> lower_concat(Planner& planner, const Node& node);
Result<bool> lower_conv(Planner& planner, const Node& node);
Result<bool> lower_pool(Planner& planner, const Node& node);
Result<bool> lower_resize(Planner& planner, const Node& node);
bool resizes_to_nearest(const Graph& graph, const Node& node);  // by lower_resize
Result<bool> lower_activation(Planner& planner, const Node& node);
Result<bool> lower_binary(Planner& planner, const Node& node);
Result<bool> lower_decode_boxes(Planner& planner, const Node& node);
Result<bool> lower_softmax(Planner& planner, const Node& node);
Result<bool> lower_matmul(Planner& planner, const Node& node);
Result<bool> lower_quantize(Planner& planner, const Node& node);
Result<bool> lower_dynamic_quantize(Planner& planner, const Node& node);
Result<bool> lower_dequantize(Planner& planner, const Node& node);
Result<bool> lower_lookup(Planner& planner, const Node& node);
Result<bool> lower_sum_int8(Planner& planner, const Node& node);
Result<bool> lower_reduce(Planner& planner, const Node& node);
// The operator's evaluator in graph/ops; takes everything.
Status lower_reference(Planner& planner, const Node& node);
Status lower_dynamic(Planner& planner, const Node& node);

// Packs arena buffers by lifetime; returns the arena's size. (memory.cc)
std::size_t pack_arena(std::vector<Buffer>& buffers);

// Of a [N, C, H, W] view whose channels are innermost, as the picture kernels take them; in units of that many
// elements.
inline ImageStrides picture_strides(const PlanView& view, std::int64_t unit = 1) {
  return {view.strides[0] / unit, view.strides[2] / unit, view.strides[3] / unit};
}

// The iterations of an elementwise step, destination first. Views have the destination's shape.
LoopNest nest_of(std::initializer_list<const PlanView*> operands);

}  // namespace saker
