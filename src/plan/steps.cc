// The steps the planner emits: kernels, and copies where strides cannot say it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "graph/op_def.h"
#include "graph/printer.h"
#include "kernels/copy/copy.h"
#include "plan/conv_method.h"
#include "plan/planner.h"

namespace saker {

// A view that repeats its elements may have more than a tensor could.
static double bytes_of(const PlanView& view) {
  auto bytes = static_cast<double>(dtype_size(view.dtype));
  for (const std::int64_t extent : view.shape) bytes *= static_cast<double>(extent);
  return bytes;
}

// A kernel of a lower level than the plan's, or for a rare feature, has not one beside it for each level.
void Planner::refuse_other_levels(const KernelName& taken) {
  if (taken.isa.level != options_.isa.level || (taken.isa.features & ~Isa::kVnni) != 0) return;
  bool is_above = true;
  const std::vector<Isa> named = named_isas();
  for (auto each = named.rbegin(); each != named.rend(); ++each) {
    const Isa level(each->level, each->features & Isa::kVnni);
    if (level == taken.isa) {
      is_above = false;
    } else if (taken.has_dots || !level.has(Isa::kVnni)) {
      refuse(KernelName{taken.family, level}, !is_above ? fmt::format("{} does more at a time", isa_name(taken.isa))
                                              : isa_supported(level)
                                                  ? fmt::format("the session is held at {}", isa_name(options_.isa))
                                                  : "this CPU lacks it");
    }
  }
  refuse("reference", "only where no kernel fits");
}

void Planner::choose(const ConvMethod& method, std::string key) {
  method_ = &method;
  plan_.conv_methods[std::move(key)] = method.name;
}

void Planner::emit(const Node& node, const KernelName& kernel, std::vector<PlanView> views,
                   std::function<Status(RunContext&)> run, double flops) {
  refuse_other_levels(kernel);
  emit(node, kernel.text(), std::move(views), std::move(run), flops);
}

void Planner::emit(const Node& node, std::string kernel, std::vector<PlanView> views,
                   std::function<Status(RunContext&)> run, double flops) {
  Step step;
  step.name = node.name;
  const std::string attributes = print_attributes(node);
  step.what = attributes.empty() ? op_def(node.op).name : fmt::format("{} {}", op_def(node.op).name, attributes);
  step.what += std::exchange(remark_, {});
  step.kernel = std::move(kernel);
  step.method = std::exchange(method_, nullptr);
  step.refused = std::exchange(refused_, {});
  step.run = std::move(run);
  step.bytes = static_cast<double>(std::exchange(packed_bytes_, 0));
  for (const PlanView& view : views) {
    step.buffers.push_back(view.buffer);
    step.bytes += bytes_of(view);
  }
  step.flops = flops;
  for (const ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    step.shape = graph_.value(id).shape.value_or(Shape{});
    break;
  }
  plan_.steps.push_back(std::move(step));
}

LoopNest nest_of(std::initializer_list<const PlanView*> operands) {
  LoopNest nest;
  nest.operands = static_cast<int>(operands.size());
  const Shape& shape = (*operands.begin())->shape;
  // Leading ones and more axes than a nest holds: merge what a reshape can, which dense views always allow.
  int axis = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    SAKER_CHECK(axis < LoopNest::kMaxRank);
    nest.extents[axis] = shape[i];
    int k = 0;
    for (const PlanView* view : operands) nest.strides[k++][axis] = view->strides[i];
    ++axis;
  }
  nest.rank = axis;
  return simplified(nest);
}

// A picture of few planes into pixels of four bytes.
static bool is_interleaving(const PlanView& from, const PlanView& to) {
  return from.shape.size() == 4 && dtype_size(from.dtype) == 1 && from.shape[1] <= 4 && from.strides[3] == 1 &&
         from.strides[1] != 1 && in_quads(to) && to.strides[3] == 4;
}

static std::function<Status(RunContext&)> interleave(const PlanView& from, const PlanView& to) {
  return [from, to](RunContext& context) -> Status {
    const std::int64_t rows = from.shape[2];
    context.pool().run(from.shape[0] * rows, [&](std::int64_t i, int) {
      const std::int64_t n = i / rows, y = i % rows;
      interleave_planes(from.shape[3], static_cast<int>(from.shape[1]),
                        context.at<std::uint8_t>(from) + n * from.strides[0] + y * from.strides[2], from.strides[1],
                        context.at<std::uint8_t>(to) + n * to.strides[0] + y * to.strides[2]);
    });
    return {};
  };
}

void Planner::emit_copy(const std::string& name, std::string why, const PlanView& from, const PlanView& to) {
  SAKER_CHECK(from.dtype == to.dtype);
  if (element_count(to.shape).value() == 0) return;
  Step step;
  step.name = name;
  step.what = "Copy " + std::move(why);
  step.kernel = "copy_strided";
  step.buffers = {from.buffer, to.buffer};
  step.bytes = bytes_of(from) + bytes_of(to);
  step.shape = to.shape;
  if (is_interleaving(from, to)) {
    step.kernel = "copy_interleaved";
    step.run = interleave(from, to);
    plan_.steps.push_back(std::move(step));
    return;
  }
  const LoopNest nest = nest_of({&to, &from});
  const std::size_t size = dtype_size(to.dtype);
  const std::int64_t extent = nest.extent_or_one(0);
  const std::int64_t parts = nest.elements() < 4096 ? 1 : std::min<std::int64_t>(extent, threads() * 4);
  step.run = [from, to, nest, size, extent, parts](RunContext& context) -> Status {
    context.pool().run(parts, [&](std::int64_t part, int) {
      copy_strided(nest, size, context.bytes_at(from), context.bytes_at(to), part * extent / parts,
                   (part + 1) * extent / parts);
    });
    return {};
  };
  plan_.steps.push_back(std::move(step));
}

void Planner::finish(const Node& node, const Output& output) {
  if (output.copy_to) emit_copy(node.name, "into its place", output.view, *output.copy_to);
}

bool Planner::refuse(std::string kernel, std::string reason) {
  refused_.push_back({std::move(kernel), std::move(reason)});
  return false;
}

}  // namespace saker
