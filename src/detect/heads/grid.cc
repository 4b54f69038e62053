// Strided reading of output tensors.
#include "detect/heads/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/half.h"
#include "base/try.h"

namespace saker {
namespace {

// Dense strides that keep the order of the axes in memory, so that converting runs along it.
Shape strides_in_order(const Shape& shape, const Shape& like, std::vector<std::size_t>& axes) {
  axes.resize(shape.size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  std::stable_sort(axes.begin(), axes.end(), [&](std::size_t a, std::size_t b) { return like[a] > like[b]; });
  Shape strides(shape.size());
  std::int64_t next = 1;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    strides[*axis] = next;
    next *= shape[*axis];
  }
  return strides;
}

// Convert: a function object, so that the inner loop holds no call.
template <typename T, typename Convert>
FloatView widen(const T* data, Convert convert, const Shape& shape, const Shape& strides, std::vector<float>& scratch) {
  std::vector<std::size_t> axes;
  FloatView result;
  result.shape = shape;
  result.strides = strides_in_order(shape, strides, axes);
  std::int64_t total = 1;
  for (const std::int64_t extent : shape) total *= extent;
  scratch.resize(static_cast<std::size_t>(total));
  result.data = scratch.data();
  if (total == 0) return result;
  const std::int64_t inner = axes.empty() ? 1 : shape[axes.back()];
  const std::int64_t step = axes.empty() ? 0 : strides[axes.back()];
  Shape index(shape.size(), 0);
  for (std::int64_t done = 0; done < total; done += inner) {
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) offset += index[axis] * strides[axis];
    float* out = scratch.data() + done;
    for (std::int64_t i = 0; i < inner; ++i) out[i] = convert(data[offset + i * step]);
    for (std::size_t k = axes.size() - (axes.empty() ? 0 : 1); k-- > 0;) {
      if (++index[axes[k]] < shape[axes[k]]) break;
      index[axes[k]] = 0;
    }
  }
  return result;
}

// Integers count as a type that no head has.
DType float_type(DType type) {
  return type == DType::kInt32 || type == DType::kInt64 || type == DType::kUint8 ? DType::kBool : type;
}

Result<FloatView> float_view(const TensorView& view, std::int64_t offset, Shape shape, Shape strides,
                             std::vector<float>& scratch, bool integers) {
  switch (integers ? view.dtype : float_type(view.dtype)) {
    case DType::kFloat32:
      return FloatView{view.as<float>() + offset, std::move(shape), std::move(strides)};
    case DType::kFloat16:
      return widen(
          view.as<std::uint16_t>() + offset, [](std::uint16_t h) { return half_to_float(h); }, shape, strides, scratch);
    case DType::kBFloat16:
      return widen(
          view.as<std::uint16_t>() + offset, [](std::uint16_t b) { return bfloat16_to_float(b); }, shape, strides,
          scratch);
    case DType::kInt32:
      return widen(
          view.as<std::int32_t>() + offset, [](std::int32_t i) { return static_cast<float>(i); }, shape, strides,
          scratch);
    case DType::kUint8:
      return widen(
          view.as<std::uint8_t>() + offset, [](std::uint8_t i) { return static_cast<float>(i); }, shape, strides,
          scratch);
    case DType::kInt64:
      return widen(
          view.as<std::int64_t>() + offset, [](std::int64_t i) { return static_cast<float>(i); }, shape, strides,
          scratch);
    default:
      return Error{ErrorCode::kUnsupported,
                   fmt::format("an output of the head is {}; it must be {}", dtype_name(view.dtype),
                               integers ? "a float type, uint8, int32 or int64" : "a float type")};
  }
}

Error rank_error(const TensorView& view, std::size_t rank) {
  return {ErrorCode::kInvalid, fmt::format("an output has the shape {} in this run; the head was compiled for {} "
                                           "dimensions",
                                           to_string(view.shape), rank)};
}

bool any_above(const float* values, std::int64_t count, float threshold) {
  int any = 0;
  for (std::int64_t i = 0; i < count; ++i) any |= static_cast<int>(values[i] > threshold);
  return any != 0;
}

// Channel after channel over a block of cells, for tensors in which neighbouring cells are adjacent.
void cells_above_by_channel(const Grid& grid, std::int64_t first, std::int64_t count, float threshold,
                            std::vector<std::int64_t>& cells) {
  constexpr std::int64_t kBlock = 512;
  std::int32_t any[kBlock];
  for (std::int64_t start = 0; start < grid.cells; start += kBlock) {
    const std::int64_t size = std::min(kBlock, grid.cells - start);
    std::fill(any, any + size, 0);
    for (std::int64_t channel = first; channel < first + count; ++channel) {
      const float* values = grid.data + start + channel * grid.channel_stride;
      for (std::int64_t i = 0; i < size; ++i) any[i] |= static_cast<std::int32_t>(values[i] > threshold);
    }
    for (std::int64_t i = 0; i < size; ++i) {
      if (any[i] != 0) cells.push_back(start + i);
    }
  }
}

// Logits below it cannot reach the probability; a little low, so that rounding drops nothing.
float logit_bound(float probability) {
  if (!(probability > 0)) return -std::numeric_limits<float>::infinity();
  if (probability >= 1) return std::numeric_limits<float>::infinity();
  return std::log(probability / (1 - probability)) - 1e-3F;
}

}  // namespace

Result<FloatView> picture_view(const TensorView& view, int picture, std::size_t rank, std::vector<float>& scratch,
                               bool integers) {
  if (view.shape.size() != rank || view.strides.size() != rank) return rank_error(view, rank);
  if (picture < 0 || picture >= view.shape[0]) {
    return Error{ErrorCode::kInvalid, fmt::format("picture {} of the batch is wanted; an output has the shape {}",
                                                  picture, to_string(view.shape))};
  }
  return float_view(view, picture * view.strides[0], Shape(view.shape.begin() + 1, view.shape.end()),
                    Shape(view.strides.begin() + 1, view.strides.end()), scratch, integers);
}

Result<FloatView> whole_view(const TensorView& view, std::size_t rank, std::vector<float>& scratch, bool integers) {
  if (view.shape.size() != rank || view.strides.size() != rank) return rank_error(view, rank);
  return float_view(view, 0, view.shape, view.strides, scratch, integers);
}

Grid grid_of(const FloatView& view, std::size_t cell_axis, std::size_t channel_axis) {
  return {view.data, view.shape[cell_axis], view.shape[channel_axis], view.strides[cell_axis],
          view.strides[channel_axis]};
}

Result<Grid> picture_grid(const TensorView& output, int picture, bool channels_first, std::vector<float>& scratch) {
  SAKER_ASSIGN(const FloatView view, picture_view(output, picture, 3, scratch));
  return channels_first ? grid_of(view, 1, 0) : grid_of(view, 0, 1);
}

Grid part_of(const Grid& grid, std::int64_t cell, std::int64_t cells, std::int64_t channel, std::int64_t channels) {
  return {grid.cell(cell) + channel * grid.channel_stride, cells, channels, grid.cell_stride, grid.channel_stride};
}

Error shape_error(const HeadSpec& spec, const TensorView& view) {
  return {ErrorCode::kInvalid, fmt::format("an output has the shape {} in this run, not the one the {} head was "
                                           "compiled for",
                                           to_string(view.shape), head_name(spec.kind))};
}

void cells_above(const Grid& grid, std::int64_t first, std::int64_t count, float threshold,
                 std::vector<std::int64_t>& cells) {
  if (grid.cell_stride == 1 && grid.channel_stride != 1) {
    cells_above_by_channel(grid, first, count, threshold, cells);
    return;
  }
  for (std::int64_t i = 0; i < grid.cells; ++i) {
    const float* values = grid.cell(i) + first * grid.channel_stride;
    bool any = false;
    if (grid.channel_stride == 1) {
      any = any_above(values, count, threshold);
    } else {
      for (std::int64_t c = 0; c < count && !any; ++c) any = values[c * grid.channel_stride] > threshold;
    }
    if (any) cells.push_back(i);
  }
}

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

Box box_at(const HeadSpec& spec, const Grid& grid, std::int64_t cell) {
  const float x_scale = spec.normalized ? static_cast<float>(spec.input_width) : 1;
  const float y_scale = spec.normalized ? static_cast<float>(spec.input_height) : 1;
  const float a = grid.at(cell, 0) * x_scale, b = grid.at(cell, 1) * y_scale;
  const float c = grid.at(cell, 2) * x_scale, d = grid.at(cell, 3) * y_scale;
  return spec.corners ? Box{a, b, c, d} : box_from_centre(a, b, c, d);
}

void add_candidate(const Box& box, float score, int class_id, std::vector<Candidate>& candidates) {
  const float width = box.x2 - box.x1, height = box.y2 - box.y1;
  const bool finite = std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) &&
                      std::isfinite(box.y2) && std::isfinite(width) && std::isfinite(height) && std::isfinite(score);
  if (!finite || width < 0 || height < 0) return;
  candidates.push_back({box.x1, box.y1, box.x2, box.y2, score, class_id});
}

void add_classes(const Grid& grid, std::int64_t cell, std::int64_t first, int classes, float factor, const Box& box,
                 const DecodeOptions& options, std::vector<Candidate>& candidates) {
  const float* scores = grid.cell(cell) + first * grid.channel_stride;
  if (options.multi_label) {
    for (int c = 0; c < classes; ++c) {
      const float score = scores[c * grid.channel_stride] * factor;
      if (score > options.conf) add_candidate(box, score, c, candidates);
    }
    return;
  }
  int best = -1;
  float best_score = -std::numeric_limits<float>::infinity();
  for (int c = 0; c < classes; ++c) {
    const float score = scores[c * grid.channel_stride] * factor;
    if (score > best_score && score < std::numeric_limits<float>::infinity()) {
      best_score = score;
      best = c;
    }
  }
  if (best >= 0 && best_score > options.conf) add_candidate(box, best_score, best, candidates);
}

float score_bound(const HeadSpec& spec, const DecodeOptions& options) {
  if (spec.no_object) return -std::numeric_limits<float>::infinity();
  return spec.logits ? logit_bound(options.conf) : options.conf;
}

// Over the classes and the one behind them, which is "nothing".
static void softmax(const Grid& grid, std::int64_t cell, std::int64_t first, std::vector<float>& probabilities) {
  const auto nothing = static_cast<std::int64_t>(probabilities.size());
  float highest = grid.at(cell, first);
  for (std::int64_t c = 1; c <= nothing; ++c) highest = std::max(highest, grid.at(cell, first + c));
  float sum = std::exp(grid.at(cell, first + nothing) - highest);
  for (std::int64_t c = 0; c < nothing; ++c) {
    float& each = probabilities[static_cast<std::size_t>(c)];
    each = std::exp(grid.at(cell, first + c) - highest);
    sum += each;
  }
  for (float& each : probabilities) each /= sum;
}

void add_scores(const HeadSpec& spec, const Grid& grid, std::int64_t cell, std::int64_t first, float factor,
                const Box& box, const DecodeOptions& options, std::vector<float>& probabilities,
                std::vector<Candidate>& candidates) {
  if (!spec.logits) return add_classes(grid, cell, first, spec.classes, factor, box, options, candidates);
  probabilities.resize(static_cast<std::size_t>(spec.classes));
  if (spec.no_object) {
    softmax(grid, cell, first, probabilities);
  } else {
    for (int c = 0; c < spec.classes; ++c)
      probabilities[static_cast<std::size_t>(c)] = sigmoid(grid.at(cell, first + c));
  }
  const Grid classes = {probabilities.data(), 1, spec.classes, spec.classes, 1};
  add_classes(classes, 0, 0, spec.classes, factor, box, options, candidates);
}

}  // namespace saker
