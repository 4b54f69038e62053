// Operators that move elements.
#include <algorithm>

#include "base/try.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

std::string reshaped(const std::string& x, const std::string& shape) {
  return call("reshape", x, shape);
}

// Axes of a tensor of that rank, ascending; of Squeeze and Unsqueeze.
std::vector<std::int64_t> sorted_axes(std::vector<std::int64_t> axes, std::size_t rank) {
  for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(axis_index(axis, rank));
  std::ranges::sort(axes);
  return axes;
}

}  // namespace

Status add_concat(ScriptNode& n) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < n.input_count(); ++i) parts.push_back(n.in(i));
  n.assign(fmt::format("torch.cat([{}], {})", fmt::join(parts, ", "), n.as<AxisAttrs>().axis));
  return {};
}

// What is 0 in the list is the input's extent there, unless zeros are allowed.
Status add_reshape(ScriptNode& n) {
  const bool zero_is_kept = !n.as<ReshapeAttrs>().allow_zero;
  if (const Shape* out = n.out_shape()) {
    n.assign(reshaped(n.in(0), literal(*out)));
    return {};
  }
  if (const auto known = n.constants(1)) {
    std::vector<std::string> extents;
    for (std::size_t i = 0; i < known->size(); ++i)
      extents.push_back((*known)[i] == 0 && zero_is_kept ? call("size", n.in(0), literal(static_cast<std::int64_t>(i)))
                                                         : literal((*known)[i]));
    n.assign(reshaped(n.in(0), fmt::format("[{}]", fmt::join(extents, ", "))));
    return {};
  }
  if (!zero_is_kept) {
    n.assign(reshaped(n.in(0), n.integers(1)));
    return {};
  }
  const std::string to = n.in(1), all = call("cat", fmt::format("[torch._shape_as_tensor({}), {}]", n.in(0), to));
  const std::string first = call("slice", all, "0", "0", fmt::format("torch.numel({})", to), "1");
  const std::string kept = n.step(call("where", call("eq", to, "0"), first, to));
  n.assign(reshaped(n.in(0), fmt::format("annotate(List[int], {}.tolist())", kept)));
  return {};
}

Status add_flatten(ScriptNode& n) {
  const std::int64_t axis = n.as<AxisAttrs>().axis;
  if (const Shape* out = n.out_shape()) {
    n.assign(reshaped(n.in(0), literal(*out)));
  } else if (axis == 1) {
    n.assign(call("reshape", n.in(0), fmt::format("[torch.size({}, 0), -1]", n.in(0))));
  } else {
    return unsupported("an input whose shape is not known");
  }
  return {};
}

Status add_transpose(ScriptNode& n) {
  std::vector<std::int64_t> order = n.as<TransposeAttrs>().perm;
  if (order.empty()) {
    const Shape* shape = n.shape(0);
    if (shape == nullptr) return unsupported("an input whose rank is not known");
    for (std::size_t i = shape->size(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  }
  n.assign(call("permute", n.in(0), literal(order)));
  return {};
}

Status add_squeeze(ScriptNode& n) {
  if (const Shape* out = n.out_shape()) {
    n.assign(reshaped(n.in(0), literal(*out)));
    return {};
  }
  const auto axes = n.constants(1);
  if (!axes || axes->size() != 1) return unsupported("axes of a tensor whose shape is not known");
  n.assign(call("squeeze", n.in(0), literal(axes->front())));
  return {};
}

Status add_unsqueeze(ScriptNode& n) {
  const auto axes = n.constants(1);
  if (!axes) return unsupported("axes that are not constant");
  const Shape* shape = n.shape(0);
  const bool needs_rank = axes->size() > 1 && std::ranges::any_of(*axes, [](std::int64_t axis) { return axis < 0; });
  if (needs_rank && shape == nullptr) return unsupported("axes of a tensor whose rank is not known");
  std::vector<std::int64_t> order = *axes;
  std::ranges::sort(order);
  if (shape != nullptr) order = sorted_axes(*axes, shape->size() + axes->size());
  std::string x = n.in(0);
  for (const std::int64_t axis : order) x = call("unsqueeze", x, literal(axis));
  n.assign(x);
  return {};
}

// Both shapes are broadcast, so that 1 in the list keeps what is there.
Status add_expand(ScriptNode& n) {
  if (const Shape* out = n.out_shape()) {
    n.assign(call("expand", n.in(0), literal(*out)));
    return {};
  }
  const auto type = scalar_type(n.dtype(0));
  if (!type || n.dtype(0) == DType::kBool) return unsupported("its element type");
  n.assign(call("mul", n.in(0), call("ones", n.integers(1), fmt::format("dtype={}", *type))));
  return {};
}

Status add_tile(ScriptNode& n) {
  n.assign(call("repeat", n.in(0), n.integers(1)));
  return {};
}

Status add_split(ScriptNode& n) {
  const std::int64_t axis = n.as<SplitAttrs>().axis;
  std::vector<std::int64_t> sizes;
  if (const Shape* in = n.shape(0)) {
    for (std::size_t i = 0; i < n.output_count(); ++i) {
      const Shape* out = n.wants(i) ? n.out_shape(i) : nullptr;
      if (out != nullptr) sizes.push_back((*out)[axis_index(axis, in->size())]);
    }
  }
  std::string list = literal(sizes);
  if (n.has(1)) {
    list = n.integers(1);
  } else if (sizes.size() != n.output_count()) {
    n.assign_all(call("chunk", n.in(0), literal(static_cast<std::int64_t>(n.output_count())), literal(axis)));
    return {};
  }
  n.assign_all(call("split_with_sizes", n.in(0), list, literal(axis)));
  return {};
}

namespace {

// Torch goes forwards only: what goes backwards must be the whole axis.
Result<std::string> sliced(const std::string& x, std::int64_t axis, const std::string& start, const std::string& end,
                           std::int64_t step) {
  if (step > 0) return call("slice", x, literal(axis), start, end, literal(step));
  constexpr std::int64_t kFar = std::int64_t{1} << 31;
  const auto is_far = [](const std::string& text, bool below) {
    const std::int64_t number = text.find('(') == std::string::npos ? std::stoll(text) : 0;
    return below ? number < -kFar : number > kFar || number == -1;
  };
  if (step == -1 && is_far(start, false) && is_far(end, true)) return call("flip", x, literal(Shape{axis}));
  return unsupported("a slice that goes backwards");
}

}  // namespace

Status add_slice(ScriptNode& n) {
  std::size_t count = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    if (const auto known = n.constants(i)) count = known->size();
  }
  if (const Shape* length = n.shape(1); length != nullptr && count == 0 && length->size() == 1)
    count = static_cast<std::size_t>(length->front());
  std::vector<std::int64_t> axes, steps(count, 1);
  for (std::size_t i = 0; i < count; ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (n.has(3)) axes = n.constants(3).value_or(Shape{});
  if (n.has(4)) steps = n.constants(4).value_or(Shape{});
  if (count == 0 || axes.size() != count || steps.size() != count)
    return unsupported("axes or steps that are not constant");
  std::string x = n.in(0);
  for (std::size_t i = 0; i < count; ++i) {
    SAKER_ASSIGN(x, sliced(x, axes[i], n.integer(1, i), n.integer(2, i), steps[i]));
  }
  n.assign(x);
  return {};
}

// Begins of all axes, then their ends; torch wants pairs, the last axis first.
Status add_pad(ScriptNode& n) {
  constexpr const char* kModes[] = {"constant_pad_nd", "reflection_pad", "replication_pad"};
  const PadMode mode = n.as<PadAttrs>().mode;
  const auto pads = n.constants(1);
  if (!pads || n.has(3) || mode == PadMode::kWrap)
    return unsupported("its mode or axes, or pads that are not constant");
  const std::size_t rank = pads->size() / 2;
  std::vector<std::int64_t> pairs;
  for (std::size_t i = rank; i-- > 0;) pairs.insert(pairs.end(), {(*pads)[i], (*pads)[rank + i]});
  if (mode == PadMode::kConstant) {
    const auto value = n.has(2) ? n.number(2) : 0.0;
    if (!value) return unsupported("a value that is not constant");
    n.assign(call(kModes[0], n.in(0), literal(pairs), literal(*value)));
    return {};
  }
  const std::size_t axes = rank > 2 ? rank - 2 : 0;
  const bool inner = std::all_of(pairs.begin() + static_cast<std::ptrdiff_t>(2 * axes), pairs.end(),
                                 [](std::int64_t pad) { return pad == 0; });
  if (axes < 1 || axes > 3 || !inner) return unsupported("pads of other axes than the spatial ones");
  pairs.resize(2 * axes);
  n.assign(call(fmt::format("{}{}d", kModes[static_cast<std::size_t>(mode)], axes), n.in(0), literal(pairs)));
  return {};
}

// Blocks of cells to channels and back; the order says whether the block's place or the channel comes first.
Status add_depth_space(ScriptNode& n) {
  const auto& attrs = n.as<DepthSpaceAttrs>();
  const Shape *in = n.shape(0), *out = n.out_shape();
  if (in == nullptr || out == nullptr || in->size() != 4) return unsupported("an input whose shape is not known");
  const std::int64_t b = attrs.block;
  const bool to_space = n.op() == Op::kDepthToSpace, block_first = attrs.order == DepthOrder::kDcr;
  Shape parts, order;
  if (to_space) {
    const std::int64_t c = (*out)[1];
    parts = block_first ? Shape{(*in)[0], b, b, c, (*in)[2], (*in)[3]} : Shape{(*in)[0], c, b, b, (*in)[2], (*in)[3]};
    order = block_first ? Shape{0, 3, 4, 1, 5, 2} : Shape{0, 1, 4, 2, 5, 3};
  } else {
    parts = {(*in)[0], (*in)[1], (*out)[2], b, (*out)[3], b};
    order = block_first ? Shape{0, 3, 5, 1, 2, 4} : Shape{0, 1, 3, 5, 2, 4};
  }
  n.assign(reshaped(call("permute", reshaped(n.in(0), literal(parts)), literal(order)), literal(*out)));
  return {};
}

}  // namespace saker::torchscript
