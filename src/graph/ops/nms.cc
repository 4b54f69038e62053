// NonMaxSuppression, the one operator whose output shape depends on all of its data.
#include <algorithm>
#include <deque>

#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

struct Box {
  float y1, x1, y2, x2, area;
};

// Corners in any order, or (x centre, y centre, width, height).
Box read_box(const float* p, bool center_point) {
  Box box{};
  if (center_point) {
    box = {p[1] - p[3] / 2, p[0] - p[2] / 2, p[1] + p[3] / 2, p[0] + p[2] / 2, 0};
  } else {
    box = {std::min(p[0], p[2]), std::min(p[1], p[3]), std::max(p[0], p[2]), std::max(p[1], p[3]), 0};
  }
  box.area = (box.y2 - box.y1) * (box.x2 - box.x1);
  return box;
}

// Intersection over union; 0 for boxes that do not meet.
float overlap(const Box& a, const Box& b) {
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  if (!(height > 0) || !(width > 0)) return 0;
  const float both = height * width;
  return both / (a.area + b.area - both);
}

struct Limits {
  std::int64_t max_boxes = 0;
  float iou = 0;
  std::optional<float> score;
};

Result<Limits> read_limits(const Args& args) {
  Limits limits;
  for (std::size_t i = 2; i < 5; ++i) {
    if (args.has(i) && args.tensor(i).elements() != 1) {
      return invalid("input {} must be a scalar, but has shape {}", i, to_string(*args.shape(i)));
    }
  }
  if (args.has(2)) limits.max_boxes = std::max<std::int64_t>(*args.tensor(2).data<std::int64_t>(), 0);
  if (args.has(3)) limits.iou = *args.tensor(3).data<float>();
  if (args.has(4)) limits.score = *args.tensor(4).data<float>();
  if (!(limits.iou >= 0 && limits.iou <= 1)) return invalid("the IoU threshold {} is not in [0, 1]", limits.iou);
  return limits;
}

// Greedy: best score first, skipping boxes that overlap a chosen one by more than the threshold.
std::vector<std::int64_t> choose(const std::vector<Box>& boxes, const float* scores, const Limits& limits) {
  std::vector<std::int64_t> order;
  order.reserve(boxes.size());
  for (std::int64_t i = 0; i < as_int(boxes.size()); ++i) {
    const bool passes = limits.score ? scores[i] > *limits.score : scores[i] == scores[i];
    if (passes) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) { return scores[i] > scores[j]; });
  std::vector<std::int64_t> chosen;
  chosen.reserve(std::min(order.size(), as_size(limits.max_boxes)));
  for (const std::int64_t i : order) {
    if (as_int(chosen.size()) >= limits.max_boxes) break;
    const bool keep = std::none_of(chosen.begin(), chosen.end(), [&](std::int64_t j) {
      return overlap(boxes[as_size(i)], boxes[as_size(j)]) > limits.iou;
    });
    if (keep) chosen.push_back(i);
  }
  return chosen;
}

}  // namespace

// Inputs: boxes [B, N, 4], scores [B, C, N], most boxes per class, IoU threshold, score threshold.
Result<Outputs> non_max_suppression_rule(const Args& args) {
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}}) {
    if (args.has(i)) SAKER_TRY(args.check_type(i, type_set({DType::kFloat32})));
  }
  if (args.has(2)) SAKER_TRY(args.check_type(2, type_set({DType::kInt64})));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(DType::kInt64, std::nullopt);
  const Shape& boxes = *args.shape(0);
  const Shape& scores = *args.shape(1);
  if (boxes.size() != 3 || boxes[2] != 4) return invalid("the boxes have shape {}, not [B, N, 4]", to_string(boxes));
  if (scores.size() != 3 || scores[0] != boxes[0] || scores[2] != boxes[1]) {
    return invalid("the scores have shape {} for boxes of shape {}", to_string(scores), to_string(boxes));
  }
  return one(DType::kInt64, std::nullopt);
}

namespace {

// Boxes that one class of one picture may keep.
std::int64_t most_chosen(const Args& args) {
  const std::int64_t count = (*args.shape(1))[2];
  if (!args.has(2)) return 0;
  if (args.constant(2) == nullptr || args.constant(2)->elements() != 1) return count;
  return std::clamp<std::int64_t>(*args.constant(2)->data<std::int64_t>(), 0, count);
}

std::size_t most_rows(const Args& args) {
  const Shape& scores = *args.shape(1);
  return as_size(scores[0]) * as_size(scores[1]) * as_size(most_chosen(args));
}

}  // namespace

// Rows of (batch, class, box).
std::size_t most_suppressed(const Args& args) {
  return most_rows(args) * 3 * sizeof(std::int64_t);
}

// What was chosen so far, in blocks; and of a picture the boxes, their order, and what sorting it takes.
std::size_t non_max_suppression_scratch(const Args& args, const Outputs& /*outputs*/) {
  const Shape& scores = *args.shape(1);
  const std::size_t chosen = most_rows(args) + as_size(scores[0]) * as_size(scores[1]) + as_size(most_chosen(args)) * 2;
  const std::size_t boxes = as_size(scores[2]) * (sizeof(Box) + 2 * sizeof(std::int64_t));
  return boxes + (chosen + chosen / 32) * sizeof(std::int64_t);
}

Status eval_non_max_suppression(EvalContext& context) {
  const Args args(context);
  SAKER_ASSIGN([[maybe_unused]] const Outputs infos, apply_rule(args, non_max_suppression_rule));
  SAKER_ASSIGN(const Limits limits, read_limits(args));
  SAKER_TRY(context.take_scratch(non_max_suppression_scratch(args, infos)));
  const std::int64_t batches = (*args.shape(1))[0];
  const std::int64_t classes = (*args.shape(1))[1];
  const std::int64_t count = (*args.shape(1))[2];
  const bool center_point = args.as<NonMaxSuppressionAttrs>().center_point_box;
  std::deque<std::int64_t> chosen;  // class after class
  std::vector<std::size_t> ends;    // of each class
  if (count > 0 && limits.max_boxes > 0 && classes > 0) {
    ends.reserve(as_size(batches * classes));
    std::vector<Box> boxes(as_size(count));
    for (std::int64_t b = 0; b < batches; ++b) {
      const float* corners = args.tensor(0).data<float>() + b * count * 4;
      for (std::size_t i = 0; i < boxes.size(); ++i) boxes[i] = read_box(corners + 4 * i, center_point);
      for (std::int64_t c = 0; c < classes; ++c) {
        const float* scores = args.tensor(1).data<float>() + (b * classes + c) * count;
        std::ranges::copy(choose(boxes, scores, limits), std::back_inserter(chosen));
        ends.push_back(chosen.size());
      }
    }
  }
  SAKER_ASSIGN(Tensor out, context.output(0, DType::kInt64, Shape{as_int(chosen.size()), 3}));
  std::int64_t* row = out.data<std::int64_t>();
  std::size_t next = 0;
  for (std::size_t k = 0; k < ends.size(); ++k) {
    for (; next < ends[k]; ++next, row += 3) {
      row[0] = as_int(k) / classes;
      row[1] = as_int(k) % classes;
      row[2] = chosen[next];
    }
  }
  return {};
}

}  // namespace saker::ops
