// Slice, StridedSlice and splits.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

// One of StridedSlice's lists of flags; those that are not written are 0.
class Mask {
 public:
  explicit Mask(std::vector<std::int64_t> bits) : bits_(std::move(bits)) {}
  bool operator[](std::size_t i) const { return i < bits_.size() && bits_[i] != 0; }
  bool any() const {
    return std::ranges::any_of(bits_, [](std::int64_t bit) { return bit != 0; });
  }

 private:
  std::vector<std::int64_t> bits_;
};

struct Masks {
  Mask begin, end, new_axis, shrink, ellipsis;  // begin, end: not given, from the first or to the last
};

Result<Mask> mask(const LayerImporter& layer, std::string_view name) {
  SAKER_ASSIGN(std::vector<std::int64_t> bits, layer.ints_attr(name));
  return Mask(std::move(bits));
}

Result<Masks> masks(const LayerImporter& layer) {
  SAKER_ASSIGN(Mask begin, mask(layer, "begin_mask"));
  SAKER_ASSIGN(Mask end, mask(layer, "end_mask"));
  SAKER_ASSIGN(Mask new_axis, mask(layer, "new_axis_mask"));
  SAKER_ASSIGN(Mask shrink, mask(layer, "shrink_axis_mask"));
  SAKER_ASSIGN(Mask ellipsis, mask(layer, "ellipsis_mask"));
  return Masks{std::move(begin), std::move(end), std::move(new_axis), std::move(shrink), std::move(ellipsis)};
}

std::int64_t first_of(std::int64_t step) {
  return step > 0 ? 0 : INT64_MAX;
}
std::int64_t last_of(std::int64_t step) {
  return step > 0 ? INT64_MAX : INT64_MIN;
}

// Bounds that are computed: `fallback` where the mask says so.
Result<ValueId> masked(LayerImporter& layer, std::size_t input, const Mask& given,
                       std::span<const std::int64_t> fallback, const std::string& what) {
  SAKER_ASSIGN(const ValueId bounds, layer.input_as(input, DType::kInt64));
  if (!given.any()) return bounds;
  SAKER_ASSIGN(Tensor flags, Tensor::make(DType::kBool, {static_cast<std::int64_t>(fallback.size())}));
  for (std::size_t i = 0; i < fallback.size(); ++i) flags.data<std::uint8_t>()[i] = given[i] ? 1 : 0;
  SAKER_ASSIGN(const ValueId other, layer.int_constant(what + ".whole", fallback));
  const ValueId condition = layer.constant_of(what + ".mask", std::move(flags));
  return layer.step(Op::kWhere, {}, {condition, other, bounds}, what, DType::kInt64);
}

Status import_computed_slice(LayerImporter& layer, const Masks& mask, std::span<const std::int64_t> steps) {
  if (mask.new_axis.any() || mask.shrink.any() || mask.ellipsis.any())
    return Error{ErrorCode::kUnsupported, "bounds that are computed, and a mask of axes"};
  std::vector<std::int64_t> first, last;
  for (const std::int64_t step : steps) {
    first.push_back(first_of(step));
    last.push_back(last_of(step));
  }
  SAKER_ASSIGN(const ValueId begin, masked(layer, 1, mask.begin, first, "begin"));
  SAKER_ASSIGN(const ValueId end, masked(layer, 2, mask.end, last, "end"));
  SAKER_ASSIGN(const ValueId step_input, layer.int_constant("steps", steps));
  return layer.emit(Op::kSlice, {}, {layer.input(0), begin, end, kNoValue, step_input});
}

// What a StridedSlice with known bounds is made of.
struct Parts {
  std::vector<std::int64_t> starts, ends, axes, steps;
  std::vector<std::int64_t> squeezed;  // axes of the slice
  std::vector<std::int64_t> inserted;  // axes of the result
};

Result<Parts> parts_of(const LayerImporter& layer, const Masks& mask, std::span<const std::int64_t> steps) {
  SAKER_ASSIGN(const std::vector<std::int64_t> begin, layer.ints(1, "its begin"));
  SAKER_ASSIGN(const std::vector<std::int64_t> end, layer.ints(2, "its end"));
  if (begin.size() != steps.size() || end.size() != steps.size())
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} begins, {} ends, {} strides", begin.size(), end.size(), steps.size())};
  std::size_t taken = 0;  // axes of the data that entries stand for
  for (std::size_t i = 0; i < steps.size(); ++i) taken += mask.ellipsis[i] || mask.new_axis[i] ? 0 : 1;
  const std::size_t rank = layer.dims(0).size();
  if (taken > rank) return Error{ErrorCode::kInvalid, fmt::format("{} bounds for {} axes", taken, rank)};
  Parts parts;
  std::int64_t axis = 0, out = 0;
  bool had_ellipsis = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (mask.ellipsis[i]) {
      if (had_ellipsis) return Error{ErrorCode::kInvalid, "two ellipses"};
      had_ellipsis = true;
      axis += static_cast<std::int64_t>(rank - taken);
      out += static_cast<std::int64_t>(rank - taken);
      continue;
    }
    if (mask.new_axis[i]) {
      parts.inserted.push_back(out++);
      continue;
    }
    const bool shrinks = mask.shrink[i];
    parts.axes.push_back(axis);
    parts.steps.push_back(shrinks ? 1 : steps[i]);
    parts.starts.push_back(mask.begin[i] && !shrinks ? first_of(steps[i]) : begin[i]);
    if (shrinks) {
      parts.ends.push_back(begin[i] == -1 || begin[i] == INT64_MAX ? INT64_MAX : begin[i] + 1);
      parts.squeezed.push_back(axis);
    } else {
      parts.ends.push_back(mask.end[i] ? last_of(steps[i]) : end[i]);
      ++out;
    }
    ++axis;
  }
  return parts;
}

Result<std::vector<std::int64_t>> strides(const LayerImporter& layer) {
  if (layer.has_input(3)) return layer.ints(3, "its list of strides");
  const Shape& bounds = layer.dims(1);
  if (bounds.size() != 1 || bounds[0] < 0 || bounds[0] > 64)
    return Error{ErrorCode::kInvalid, fmt::format("its begin has shape {}", to_string(bounds))};
  return std::vector<std::int64_t>(static_cast<std::size_t>(bounds[0]), 1);
}

}  // namespace

Status import_slice(LayerImporter& layer) {
  std::vector<ValueId> inputs = {layer.input(0), kNoValue, kNoValue, kNoValue, kNoValue};
  const std::size_t places[] = {0, 1, 2, 4, 3};  // IR: start, stop, step, axes; ONNX: starts, ends, axes, steps
  for (std::size_t i = 1; i < layer.input_count(); ++i) {
    SAKER_ASSIGN(inputs[places[i]], layer.input_as(i, DType::kInt64));
  }
  return layer.emit(Op::kSlice, {}, std::move(inputs));
}

Status import_strided_slice(LayerImporter& layer) {
  SAKER_ASSIGN(const Masks mask, masks(layer));
  SAKER_ASSIGN(const std::vector<std::int64_t> steps, strides(layer));
  if (layer.decided(1) == nullptr || layer.decided(2) == nullptr) return import_computed_slice(layer, mask, steps);
  SAKER_ASSIGN(const Parts parts, parts_of(layer, mask, steps));
  const DType dtype = layer.dtype(0);
  SAKER_ASSIGN(const ValueId starts, layer.int_constant("starts", parts.starts));
  SAKER_ASSIGN(const ValueId ends, layer.int_constant("ends", parts.ends));
  SAKER_ASSIGN(const ValueId axes, layer.int_constant("axes", parts.axes));
  SAKER_ASSIGN(const ValueId step_input, layer.int_constant("steps", parts.steps));
  const std::vector<ValueId> inputs = {layer.input(0), starts, ends, axes, step_input};
  if (parts.squeezed.empty() && parts.inserted.empty()) return layer.emit(Op::kSlice, {}, inputs);
  ValueId at = layer.step(Op::kSlice, {}, inputs, "slice", dtype);
  if (!parts.squeezed.empty()) {
    SAKER_ASSIGN(const ValueId list, layer.int_constant("squeezed", parts.squeezed));
    if (parts.inserted.empty()) return layer.emit(Op::kSqueeze, {}, {at, list});
    at = layer.step(Op::kSqueeze, {}, {at, list}, "squeeze", dtype);
  }
  SAKER_ASSIGN(const ValueId list, layer.int_constant("inserted", parts.inserted));
  return layer.emit(Op::kUnsqueeze, {}, {at, list});
}

Status import_split(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.one_int(1, "its axis"));
  SAKER_ASSIGN(const std::int64_t parts, layer.int_attr("num_splits", 0));
  const auto outputs = static_cast<std::int64_t>(layer.layer().outputs.size());
  if (parts != outputs)
    return Error{ErrorCode::kInvalid, fmt::format("num_splits is {}, but it has {} outputs", parts, outputs)};
  return layer.emit(Op::kSplit, SplitAttrs{axis}, {layer.input(0)});
}

namespace {

// As they are written or computed; where that is not known here, as the file declares the outputs.
Result<std::vector<std::int64_t>> lengths_of(const LayerImporter& layer, std::size_t axis, std::size_t rank) {
  if (layer.decided(2) != nullptr) return layer.ints(2, "its list of lengths");
  std::vector<std::int64_t> lengths;
  for (const Port& output : layer.layer().outputs) {
    if (output.dims.size() != rank || output.dims[axis] < 0)
      return Error{ErrorCode::kUnsupported, "its list of lengths is not a constant, and its outputs' are not declared"};
    lengths.push_back(output.dims[axis]);
  }
  return lengths;
}

}  // namespace

// One length may be -1: what the others leave.
Status import_variadic_split(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.one_int(1, "its axis"));
  const Shape& dims = layer.dims(0);
  const auto rank = static_cast<std::int64_t>(dims.size());
  if (axis < -rank || axis >= rank) return Error{ErrorCode::kInvalid, fmt::format("axis {} of {}", axis, rank)};
  const auto place = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
  SAKER_ASSIGN(std::vector<std::int64_t> lengths, lengths_of(layer, place, dims.size()));
  if (lengths.size() != layer.layer().outputs.size())
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} lengths, but {} outputs", lengths.size(), layer.layer().outputs.size())};
  std::int64_t left = dims[place];
  const bool known = left >= 0;
  std::int64_t* rest = nullptr;
  for (std::int64_t& length : lengths) {
    if (length < -1 || (length == -1 && rest != nullptr))
      return Error{ErrorCode::kInvalid, fmt::format("its lengths are {}", to_string(lengths))};
    if (length == -1) {
      rest = &length;
    } else if (known) {
      if (length > left) return Error{ErrorCode::kInvalid, "its lengths are more than there is"};
      left -= length;
    }
  }
  if (rest != nullptr && !known) return Error{ErrorCode::kUnsupported, "a length of -1 of a dynamic dimension"};
  if (rest != nullptr) *rest = left;
  SAKER_ASSIGN(const ValueId sizes, layer.int_constant("lengths", lengths));
  return layer.emit(Op::kSplit, SplitAttrs{axis}, {layer.input(0), sizes});
}

}  // namespace saker::openvino_ir
