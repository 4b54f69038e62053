#include "plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "graph/printer.h"
#include "plan/bf16.h"
#include "plan/conv_method.h"
#include "plan/store_bf16.h"

namespace saker {
namespace {

struct Lowering {
  Op op;
  LowerFn lower;
};

// Per operator, best first; the reference evaluator stands behind every list.
constexpr std::array kLowerings = {
    Lowering{Op::kConv, lower_conv},
    Lowering{Op::kConvInt8, lower_conv},
    Lowering{Op::kQuantizeLinear, lower_quantize},
    Lowering{Op::kDynamicQuantizeLinear, lower_dynamic_quantize},
    Lowering{Op::kDequantizeLinear, lower_dequantize},
    Lowering{Op::kLookup, lower_lookup},
    Lowering{Op::kSumInt8, lower_sum_int8},
    Lowering{Op::kMaxPool, lower_pool},
    Lowering{Op::kAveragePool, lower_pool},
    Lowering{Op::kGlobalAveragePool, lower_pool},
    Lowering{Op::kResize, lower_resize},
    Lowering{Op::kConcat, lower_concat},
    Lowering{Op::kReshape, lower_view},
    Lowering{Op::kFlatten, lower_view},
    Lowering{Op::kSqueeze, lower_view},
    Lowering{Op::kUnsqueeze, lower_view},
    Lowering{Op::kIdentity, lower_view},
    Lowering{Op::kTranspose, lower_view},
    Lowering{Op::kSlice, lower_view},
    Lowering{Op::kSplit, lower_view},
    Lowering{Op::kExpand, lower_view},
    Lowering{Op::kRelu, lower_activation},
    Lowering{Op::kLeakyRelu, lower_activation},
    Lowering{Op::kClip, lower_activation},
    Lowering{Op::kSigmoid, lower_activation},
    Lowering{Op::kSilu, lower_activation},
    Lowering{Op::kHardSigmoid, lower_activation},
    Lowering{Op::kHardSwish, lower_activation},
    Lowering{Op::kAdd, lower_binary},
    Lowering{Op::kSub, lower_binary},
    Lowering{Op::kMul, lower_binary},
    Lowering{Op::kDiv, lower_binary},
    Lowering{Op::kMin, lower_binary},
    Lowering{Op::kMax, lower_binary},
    Lowering{Op::kDecodeBoxes, lower_decode_boxes},
    Lowering{Op::kSoftmax, lower_softmax},
    Lowering{Op::kMatMul, lower_matmul},
    Lowering{Op::kReduceMax, lower_reduce},
    Lowering{Op::kReduceMean, lower_reduce},
    Lowering{Op::kReduceSum, lower_reduce},
};

bool meets(const PlanView& view, Need need) {
  switch (need) {
    case Need::kAny:
      return true;
    case Need::kChannelsInnermost:
      return channels_innermost(view);
    case Need::kQuads:
      return in_quads(view);
    case Need::kConsecutive: {
      const LoopNest nest = nest_of({&view});
      return nest.rank == 0 || nest.strides[0][nest.rank - 1] == 1;
    }
    case Need::kDense:
      return is_dense(view.shape, view.strides);
  }
  return false;
}

Order order_for(const PlanView& view, Need need) {
  if (need == Need::kChannelsInnermost || need == Need::kQuads) return channels_last(view.shape.size());
  return need == Need::kDense ? row_major(view.shape.size()) : order_of(view.shape, view.strides);
}

}  // namespace

Planner::Planner(const Graph& graph, const PlanOptions& options)
    : graph_(graph),
      options_(options),
      kernels_(kernels_for(options.isa)),
      layouts_(choose_layouts(graph)),
      producers_(saker::producers(graph)),
      states_(graph.values.size()),
      weights_(options.base.get(), options.max_bytes) {
  plan_.isa = options.isa;
  plan_.threads = options.threads;
  if (options.bf16) store_in_bf16(graph, options, layouts_);
}

bool Planner::is_dynamic(ValueId id) const {
  return id != kNoValue && (states_[static_cast<std::size_t>(id)].slot >= 0 || !graph_.value(id).shape);
}

SlotId Planner::slot(ValueId id) {
  if (state(id).slot < 0) {
    state(id).slot = static_cast<SlotId>(plan_.slots++);
    slot_uses_.push_back(0);
  }
  return state(id).slot;
}

PlanView Planner::allocate(DType dtype, const Shape& shape, const Order& order) {
  // Byte pictures in quads, whatever their number of channels.
  Shape padded = shape;
  if (dtype_size(dtype) == 1 && shape.size() == 4 && order == channels_last(4)) padded[1] = (shape[1] + 3) / 4 * 4;
  const auto elements = element_count(padded);
  if (!elements.ok()) {
    if (allocated_.ok()) allocated_ = elements.error();
    padded.assign(shape.size(), 1);
  }
  Buffer buffer;
  buffer.bytes = static_cast<std::size_t>(elements.ok() ? *elements : 1) * dtype_size(dtype);
  plan_.buffers.push_back(std::move(buffer));
  return {static_cast<BufferId>(plan_.buffers.size() - 1), 0, dtype, elements.ok() ? shape : padded,
          strides_by_order(padded, order)};
}

PlanView Planner::scratch(DType dtype, Shape shape) {
  const Order order = row_major(shape.size());
  return allocate(dtype, shape, order);
}

Result<std::shared_ptr<const float>> Planner::weights(std::int64_t floats, const std::function<void(float*)>& fill) {
  packed_bytes_ += static_cast<std::size_t>((std::max<std::int64_t>(floats, 1) + 15) / 16 * 16) * sizeof(float);
  return weights_.pack(floats, fill);
}

// The axes of more than one element lie in the order, the innermost without gaps.
static bool is_in_order(const PlanView& view, const Order& order) {
  std::int64_t last = INT64_MAX;
  for (const std::size_t axis : order) {
    if (view.shape[axis] == 1) continue;
    if (view.strides[axis] > last) return false;
    last = view.strides[axis];
  }
  return last == 1 || last == INT64_MAX;
}

std::optional<PlanView> Planner::home_of(ValueId id) {
  const auto& placement = layouts_.placements[static_cast<std::size_t>(id)];
  if (!placement) return std::nullopt;
  // What is a view of this value gets its place when it is lowered.
  const std::int32_t maker = producers_[static_cast<std::size_t>(placement->parent)];
  const bool is_seen_through = maker >= 0 && is_view(graph_.nodes[static_cast<std::size_t>(maker)].op);
  const std::optional<PlanView> parent =
      state(placement->parent).view || !is_seen_through ? place(placement->parent) : home_of(placement->parent);
  if (!parent) return std::nullopt;
  const Shape& shape = *graph_.value(id).shape;
  switch (placement->as) {
    case PlacedAs::kSlice:
      return sliced(*parent, placement->axis, placement->offset, shape[placement->axis]);
    case PlacedAs::kReshaped:
      return reshaped(*parent, shape);
    case PlacedAs::kTransposed:
      return permuted(*parent, placement->perm);
    case PlacedAs::kSame:
      break;
  }
  return parent;
}

PlanView Planner::place(ValueId id) {
  if (state(id).view) return *state(id).view;
  const auto& placement = layouts_.placements[static_cast<std::size_t>(id)];
  const Layout& layout = layouts_.layouts[static_cast<std::size_t>(id)];
  std::optional<PlanView> view = home_of(id);
  if (view && view->dtype != layout.storage) view.reset();
  if (view && placement->only_in_order && !is_in_order(*view, layout.order)) view.reset();
  if (!view) view = allocate(layout.storage, *graph_.value(id).shape, layout.order);
  state(id).view = *view;
  return *view;
}

PlanView Planner::read(ValueId id) {
  State& own = state(id);
  if (own.view) return *own.view;
  const Value& info = graph_.value(id);
  SAKER_CHECK(info.constant.has_value());
  Buffer buffer;
  buffer.kind = BufferKind::kConstant;
  buffer.bytes = info.constant->bytes();
  buffer.constant = weights_.keep(*info.constant);
  plan_.buffers.push_back(std::move(buffer));
  own.view =
      PlanView{static_cast<BufferId>(plan_.buffers.size() - 1), 0, info.dtype, *info.shape, dense_strides(*info.shape)};
  return *own.view;
}

PlanView Planner::read(ValueId id, Need need) {
  const PlanView view = read(id);
  if (meets(view, need)) return view;
  auto& copy = need == Need::kDense ? state(id).as_dense : state(id).as_channels;
  if (!copy) {
    copy = allocate(view.dtype, view.shape, order_for(view, need));
    emit_copy(graph_.value(id).name, need == Need::kDense ? "to row-major order" : "to channels innermost", view,
              *copy);
  }
  return *copy;
}

Output Planner::write(ValueId id, Need need) {
  const PlanView view = place(id);
  if (meets(view, need)) return {view, std::nullopt};
  return {allocate(view.dtype, view.shape, order_for(view, need)), view};
}

void Planner::alias(const Node& node, ValueId id, const PlanView& view) {
  const auto& placement = layouts_.placements[static_cast<std::size_t>(id)];
  if (!state(id).view && (!placement || placement->only_in_order)) {
    state(id).view = view;
    return;
  }
  const PlanView home = place(id);
  if (same_place(home, view)) return;
  emit_copy(node.name, "into its place", view, home);
}

void Planner::bind_inputs() {
  for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
    const Value& info = graph_.value(graph_.inputs[i]);
    Buffer buffer;
    buffer.kind = BufferKind::kInput;
    buffer.input = i;
    buffer.bytes = static_cast<std::size_t>(element_count(*info.shape).value()) * dtype_size(info.dtype);
    plan_.buffers.push_back(std::move(buffer));
    const PlanView view{static_cast<BufferId>(plan_.buffers.size() - 1), 0, info.dtype, *info.shape,
                        dense_strides(*info.shape)};
    state(graph_.inputs[i]).view = view;
    plan_.inputs.push_back(view);
    plan_.input_names.push_back(info.name);
  }
}

void Planner::offer_bytes(const Node& node, ByteInput bytes) {
  const auto input = std::ranges::find(graph_.inputs, node.inputs[0]);
  if (input == graph_.inputs.end() || !plan_.steps.empty()) return;
  const auto readers = std::ranges::count_if(
      graph_.nodes, [&](const Node& other) { return std::ranges::count(other.inputs, node.inputs[0]) > 0; });
  if (readers > 1 || std::ranges::count(graph_.outputs, node.inputs[0]) > 0) return;
  Buffer& buffer = plan_.buffers[static_cast<std::size_t>(bytes.view.buffer)];
  const Shape& shape = bytes.view.shape;
  if (buffer.kind != BufferKind::kArena || buffer.bytes != static_cast<std::size_t>(shape[0] * shape[2] * shape[3] * 4))
    return;
  buffer.kind = BufferKind::kBytes;
  bytes.input = static_cast<std::size_t>(input - graph_.inputs.begin());
  plan_.byte_input = std::move(bytes);
}

Status Planner::lower(const Node& node) {
  refused_.clear();
  bool dynamic = false;
  bool empty = true;
  std::size_t rank = 0;
  for (const ValueId id : node.inputs) {
    dynamic = dynamic || is_dynamic(id);
    if (id != kNoValue && value(id).shape) rank = std::max(rank, value(id).shape->size());
  }
  for (const ValueId id : node.outputs) {
    dynamic = dynamic || is_dynamic(id);
    if (id == kNoValue) continue;
    empty = empty && value(id).shape && element_count(*value(id).shape).value() == 0;
    if (value(id).shape) rank = std::max(rank, value(id).shape->size());
  }
  if (!node.note.empty()) refuse("int8", node.note);
  if (dynamic) return lower_dynamic(*this, node);
  if (empty) {
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) place(id);
    }
    return {};
  }
  if (rank > LoopNest::kMaxRank) {
    return Error{ErrorCode::kUnsupported, fmt::format("{}: a tensor of {} dimensions; at most {} are supported",
                                                      describe(node), rank, int{LoopNest::kMaxRank})};
  }
  const std::size_t before = plan_.steps.size();
  for (const Lowering& lowering : kLowerings) {
    if (lowering.op != node.op) continue;
    auto taken = lowering.lower(*this, node);
    if (!taken.ok()) return taken.error().with_context(describe(node));
    if (!*taken) continue;
    if (plan_.steps.size() == before) ++plan_.views;
    return {};
  }
  return lower_reference(*this, node);
}

void Planner::plan_slots() {
  for (const PlanValue& output : plan_.outputs) {
    if (output.slot >= 0) slot_uses_[static_cast<std::size_t>(output.slot)] = plan_.steps.size();
  }
  for (std::size_t i = 0; i < slot_uses_.size(); ++i) {
    if (slot_uses_[i] < plan_.steps.size()) plan_.steps[slot_uses_[i]].last_reads.push_back(static_cast<SlotId>(i));
  }
}

Status Planner::plan_memory() {
  const auto last = static_cast<std::int32_t>(plan_.steps.size());
  for (std::int32_t i = 0; i < last; ++i) {
    for (const BufferId id : plan_.steps[static_cast<std::size_t>(i)].buffers) {
      Buffer& buffer = plan_.buffers[static_cast<std::size_t>(id)];
      if (buffer.first_step < 0) buffer.first_step = i;
      buffer.last_step = i;
    }
  }
  for (const PlanValue& output : plan_.outputs) {
    if (output.slot >= 0) continue;
    Buffer& buffer = plan_.buffers[static_cast<std::size_t>(output.view.buffer)];
    if (buffer.first_step < 0) buffer.first_step = 0;
    buffer.last_step = last;
  }
  plan_.arena_bytes = pack_arena(plan_.buffers);
  std::size_t inputs = 0;
  for (const Buffer& buffer : plan_.buffers) inputs += buffer.kind == BufferKind::kInput ? buffer.bytes : 0;
  const std::size_t activations = plan_.activation_bytes();
  const std::size_t needed = activations + inputs + plan_.weight_bytes;
  if (needed > options_.max_bytes) {
    return Error{
        ErrorCode::kLimit,
        fmt::format(
            "at this input size the model needs {} bytes ({} activations, {} inputs, {} weights); the limit is {}",
            needed, activations, inputs, plan_.weight_bytes, options_.max_bytes)};
  }
  plan_.slot_limit = options_.max_bytes - (needed - plan_.open_bytes);
  return {};
}

Result<Plan> Planner::run(const std::vector<std::string>& output_names) {
  bind_inputs();
  for (const Node& node : graph_.nodes) {
    SAKER_TRY(lower(node));
    if (!allocated_.ok()) return allocated_.error().with_context(describe(node));
  }
  for (const ValueId id : graph_.outputs) {
    if (is_dynamic(id)) {
      plan_.outputs.push_back({{}, slot(id)});
    } else {
      plan_.outputs.push_back({read(id), -1});
    }
  }
  plan_slots();
  plan_.output_names = output_names;
  plan_.weight_bytes = weights_.bytes();
  plan_.weights = weights_.finish();
  SAKER_TRY(plan_memory());
  return std::move(plan_);
}

Result<Plan> make_plan(const Graph& graph, const std::vector<std::string>& output_names, const PlanOptions& options) {
  for (const ValueId id : graph.inputs) {
    if (!graph.value(id).shape) return Error{ErrorCode::kInternal, "the graph's inputs have no shapes"};
  }
  if (options.bf16) SAKER_TRY(check_bf16(options.isa));
  SAKER_ASSIGN(Plan plan, Planner(graph, options).run(output_names));
  if (options.bf16) plan.note = bf16_note(plan);
  return plan;
}

}  // namespace saker
