// Attention and RotaryEmbedding. Both take heads as an axis of their own, [N, heads, length, size], or side by side,
// [N, length, heads x size].
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// A tensor of heads, whichever way it lies.
struct HeadsView {
  std::int64_t batch = 0, heads = 0, length = 0, size = 0;
  std::int64_t head_step = 0, row_step = 0;

  std::int64_t at(std::int64_t n, std::int64_t head, std::int64_t row) const {
    return n * heads * length * size + head * head_step + row * row_step;
  }
};

Result<HeadsView> view_heads(const Shape& shape, std::int64_t heads, const char* what) {
  if (shape.size() == 4) return HeadsView{shape[0], shape[1], shape[2], shape[3], shape[2] * shape[3], shape[3]};
  if (shape.size() != 3) return invalid("{} has shape {}: its rank is 3 or 4", what, to_string(shape));
  if (heads < 1 || shape[2] % heads != 0)
    return invalid("{} has shape {}, for {} heads", what, to_string(shape), heads);
  const std::int64_t size = shape[2] / heads;
  return HeadsView{shape[0], heads, shape[1], size, size, shape[2]};
}

struct AttentionPlan {
  HeadsView q, k, v;
  std::int64_t past = 0, total = 0;  // keys before these, and all
  bool side_by_side = false;
};

constexpr std::size_t kMask = 3, kPastKey = 4, kPastValue = 5;

Status check_past(const Args& args, std::size_t i, const HeadsView& now, std::int64_t past) {
  const Shape expected{now.batch, now.heads, past, now.size};
  if (*args.shape(i) == expected) return {};
  return invalid("input {} has shape {}, not {}", i, to_string(*args.shape(i)), to_string(expected));
}

Result<AttentionPlan> plan_attention(const Args& args) {
  const auto& attrs = args.as<AttentionAttrs>();
  AttentionPlan plan;
  plan.side_by_side = args.shape(0)->size() == 3;
  SAKER_ASSIGN(plan.q, view_heads(*args.shape(0), attrs.q_heads, "Q"));
  SAKER_ASSIGN(plan.k, view_heads(*args.shape(1), attrs.kv_heads, "K"));
  SAKER_ASSIGN(plan.v, view_heads(*args.shape(2), attrs.kv_heads, "V"));
  const HeadsView &q = plan.q, &k = plan.k, &v = plan.v;
  const bool fits = q.batch == k.batch && k.batch == v.batch && k.heads == v.heads && k.length == v.length &&
                    q.size == k.size && k.heads > 0 && q.heads % k.heads == 0;
  if (!fits) {
    return invalid("Q {}, K {} and V {} do not fit together", to_string(*args.shape(0)), to_string(*args.shape(1)),
                   to_string(*args.shape(2)));
  }
  if (args.has(kPastKey) != args.has(kPastValue)) return invalid("past keys and past values go together");
  if (args.has(kPastKey)) {
    plan.past = args.shape(kPastKey)->size() == 4 ? (*args.shape(kPastKey))[2] : 0;
    SAKER_TRY(check_past(args, kPastKey, k, plan.past));
    SAKER_TRY(check_past(args, kPastValue, v, plan.past));
  }
  plan.total = plan.past + k.length;
  if (args.has(kMask)) {
    const Shape scores{q.batch, q.heads, q.length, plan.total};
    SAKER_ASSIGN(const Shape together, broadcast_shapes(scores, *args.shape(kMask)));
    if (together != scores)
      return invalid("a mask of shape {} for scores of shape {}", to_string(*args.shape(kMask)), to_string(scores));
  }
  return plan;
}

// The keys or values so far and the new ones, [N, heads, length, size].
template <typename T>
class Cached {
 public:
  Cached(const Args& args, std::size_t now, std::size_t past, const HeadsView& view, std::int64_t count)
      : now_(args.tensor(now).data<T>()),
        past_(args.has(past) ? args.tensor(past).data<T>() : nullptr),
        view_(view),
        count_(count) {}

  const T* row(std::int64_t n, std::int64_t head, std::int64_t i) const {
    if (i < count_) return past_ + ((n * view_.heads + head) * count_ + i) * view_.size;
    return now_ + view_.at(n, head, i - count_);
  }

  void write(Tensor& out) const {
    T* to = out.data<T>();
    for (std::int64_t i = 0; i < view_.batch * view_.heads; ++i) {
      for (std::int64_t j = 0; j < count_ + view_.length; ++j, to += view_.size)
        std::copy_n(row(i / view_.heads, i % view_.heads, j), view_.size, to);
    }
  }

 private:
  const T *now_, *past_;
  const HeadsView& view_;
  std::int64_t count_;
};

// What the mask adds to a row of scores.
class Mask {
 public:
  Mask(const Args& args, const AttentionPlan& plan) : causal_(args.as<AttentionAttrs>().causal), past_(plan.past) {
    if (!args.has(kMask)) return;
    strides_ = broadcast_strides(*args.shape(kMask), {plan.q.batch, plan.q.heads, plan.q.length, plan.total});
    hides_ = args.dtype(kMask) == DType::kBool;
  }
  Status read(const Args& args) {
    if (!args.has(kMask)) return {};
    SAKER_ASSIGN(values_, converted(args.tensor(kMask), DType::kFloat64));
    return {};
  }

  void add(std::int64_t n, std::int64_t head, std::int64_t row, std::vector<double>& scores) const {
    constexpr double kHidden = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (causal_ && as_int(j) > row + past_) scores[j] = kHidden;
      if (strides_.empty()) continue;
      const double value =
          values_.data<double>()[n * strides_[0] + head * strides_[1] + row * strides_[2] + as_int(j) * strides_[3]];
      scores[j] += !hides_ ? value : value != 0 ? 0 : kHidden;
    }
  }

 private:
  bool causal_, hides_ = false;
  std::int64_t past_;
  Shape strides_;
  Tensor values_;
};

// Where the mask hides all, zeros.
void take_softmax(std::vector<double>& scores) {
  if (scores.empty()) return;
  const double most = *std::max_element(scores.begin(), scores.end());
  if (std::isinf(most) && most < 0) {
    std::fill(scores.begin(), scores.end(), 0);
    return;
  }
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - most);
  for (double& score : scores) score /= sum;
}

// Y = softmax(cap(scale Q K') + mask) V, row for row.
template <typename T, typename V>
Status attend(const Args& args, const AttentionPlan& plan, std::span<Tensor> outputs) {
  const auto& attrs = args.as<AttentionAttrs>();
  const double scale =
      attrs.scale ? static_cast<double>(*attrs.scale) : 1 / std::sqrt(static_cast<double>(plan.q.size));
  const Cached<T> keys(args, 1, kPastKey, plan.k, plan.past);
  const Cached<V> values(args, 2, kPastValue, plan.v, plan.past);
  Mask mask(args, plan);
  SAKER_TRY(mask.read(args));
  if (outputs.size() > 1) keys.write(outputs[1]);
  if (outputs.size() > 2) values.write(outputs[2]);
  std::vector<double> scores(as_size(plan.total)), sums(as_size(plan.v.size));
  T* shown = outputs.size() > 3 ? outputs[3].data<T>() : nullptr;
  const auto show = [&](AttentionScores what) {
    for (std::size_t j = 0; shown != nullptr && what == attrs.scores && j < scores.size(); ++j)
      shown[j] = static_cast<T>(scores[j]);
  };
  const HeadsView& q = plan.q;
  const HeadsView y{q.batch,
                    q.heads,
                    q.length,
                    plan.v.size,
                    plan.side_by_side ? plan.v.size : q.length * plan.v.size,
                    plan.side_by_side ? q.heads * plan.v.size : plan.v.size};
  for (std::int64_t i = 0; i < q.batch * q.heads * q.length; ++i) {
    const std::int64_t n = i / q.length / q.heads, head = i / q.length % q.heads, row = i % q.length;
    const std::int64_t shared = head / (q.heads / plan.k.heads);  // several heads of Q have one of K and V
    const T* query = args.tensor(0).data<T>() + q.at(n, head, row);
    for (std::int64_t j = 0; j < plan.total; ++j) {
      const T* key = keys.row(n, shared, j);
      double sum = 0;
      for (std::int64_t k = 0; k < q.size; ++k) sum += static_cast<double>(query[k]) * static_cast<double>(key[k]);
      scores[as_size(j)] = sum * scale;
    }
    show(AttentionScores::kProducts);
    const double cap = static_cast<double>(attrs.softcap);
    for (double& score : scores) score = cap > 0 ? cap * std::tanh(score / cap) : score;
    show(AttentionScores::kCapped);
    mask.add(n, head, row, scores);
    show(AttentionScores::kMasked);
    take_softmax(scores);
    show(AttentionScores::kSoftmax);
    if (shown != nullptr) shown += plan.total;
    std::fill(sums.begin(), sums.end(), 0);
    for (std::int64_t j = 0; j < plan.total; ++j) {
      const V* value = values.row(n, shared, j);
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += scores[as_size(j)] * static_cast<double>(value[k]);
    }
    T* to = outputs[0].data<T>() + y.at(n, head, row);
    for (std::size_t k = 0; k < sums.size(); ++k) to[k] = static_cast<T>(sums[k]);
  }
  return {};
}

}  // namespace

// Inputs: Q, K, V, optionally a mask (bools: which keys count; numbers: added), past keys and past values. Outputs: Y,
// optionally all keys, all values, and the scores.
Result<Outputs> attention_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_TRY(args.check_type(1, type_set({args.dtype(0)})));
  SAKER_TRY(args.check_type(2, kFloatTypes));
  if (args.has(kMask)) SAKER_TRY(args.check_type(kMask, kAllTypes));
  if (args.has(kPastKey)) SAKER_TRY(args.check_type(kPastKey, type_set({args.dtype(0)})));
  if (args.has(kPastValue)) SAKER_TRY(args.check_type(kPastValue, type_set({args.dtype(2)})));
  Outputs outputs(args.output_count(), {args.dtype(0), std::nullopt});
  if (outputs.size() > 2) outputs[2].dtype = args.dtype(2);
  if (!args.has_all_shapes()) return outputs;
  SAKER_ASSIGN(const AttentionPlan plan, plan_attention(args));
  const HeadsView& q = plan.q;
  const Shape shapes[] = {plan.side_by_side ? Shape{q.batch, q.length, saturating_mul(q.heads, plan.v.size)}
                                            : Shape{q.batch, q.heads, q.length, plan.v.size},
                          {q.batch, plan.k.heads, plan.total, plan.k.size},
                          {q.batch, plan.k.heads, plan.total, plan.v.size},
                          {q.batch, q.heads, q.length, plan.total}};
  for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i].shape = shapes[i];
  return outputs;
}

Status attention_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const AttentionPlan plan, plan_attention(args));
  return visit_float(args.dtype(0), [&](auto zero) {
    return visit_float(args.dtype(2),
                       [&](auto value) { return attend<decltype(zero), decltype(value)>(args, plan, outputs); });
  });
}

// A row of scores, one of the result, and the mask as numbers.
std::size_t attention_scratch(const Args& args, const Outputs& /*outputs*/) {
  const auto plan = plan_attention(args);
  if (!plan.ok()) return 0;
  return as_size(plan->total + plan->v.size) * sizeof(double) + converted_bytes(args, kMask, DType::kFloat64);
}

namespace {

struct RotaryPlan {
  HeadsView x;
  std::int64_t half = 0, columns = 0, rows = 0;  // of the tables
};

Result<RotaryPlan> plan_rotary(const Args& args) {
  const auto& attrs = args.as<RotaryEmbeddingAttrs>();
  RotaryPlan plan;
  SAKER_ASSIGN(plan.x, view_heads(*args.shape(0), attrs.heads, "x"));
  const std::int64_t rotated = attrs.rotated == 0 ? plan.x.size : attrs.rotated;
  if (rotated < 0 || rotated > plan.x.size || rotated % 2 != 0)
    return invalid("{} of {} values rotated", rotated, plan.x.size);
  plan.half = rotated / 2;
  const Shape& table = *args.shape(1);
  const bool by_position = args.has(3);
  const bool fits = *args.shape(2) == table && table.size() == (by_position ? 2U : 3U) && table.back() >= plan.half &&
                    (by_position || (table[0] == plan.x.batch && table[1] == plan.x.length));
  if (!fits || (by_position && *args.shape(3) != Shape{plan.x.batch, plan.x.length}))
    return invalid("tables {} and {} for x {}", to_string(table), to_string(*args.shape(2)), to_string(*args.shape(0)));
  plan.columns = table.back();
  plan.rows = extent_product(table, 0, table.size() - 1);
  return plan;
}

}  // namespace

// Inputs: x, tables of cosines and sines, optionally the row of the tables for each position of x.
Result<Outputs> rotary_embedding_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  for (const std::size_t i : {1U, 2U}) SAKER_TRY(args.check_type(i, type_set({args.dtype(0)})));
  if (args.has(3)) SAKER_TRY(args.check_type(3, type_set({DType::kInt64})));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  if (args.has_all_shapes()) SAKER_TRY(plan_rotary(args));
  return one(args.dtype(0), *args.shape(0));
}

// Pairs of values turned by an angle: (a, b) to (a cos - b sin, a sin + b cos).
Status rotary_embedding_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const RotaryPlan plan, plan_rotary(args));
  const HeadsView& x = plan.x;
  const bool interleaved = args.as<RotaryEmbeddingAttrs>().interleaved;
  copy_all(args.tensor(0), outputs[0]);
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < x.batch * x.length; ++i) {
      const std::int64_t row = args.has(3) ? args.tensor(3).data<std::int64_t>()[i] : i;
      if (row < 0 || row >= plan.rows) return invalid("position {}, the tables have {} rows", row, plan.rows);
      const T* cosines = args.tensor(1).data<T>() + row * plan.columns;
      const T* sines = args.tensor(2).data<T>() + row * plan.columns;
      for (std::int64_t head = 0; head < x.heads; ++head) {
        T* y = outputs[0].data<T>() + x.at(i / x.length, head, i % x.length);
        for (std::int64_t k = 0; k < plan.half; ++k) {
          T& a = y[interleaved ? 2 * k : k];
          T& b = y[interleaved ? 2 * k + 1 : plan.half + k];
          const T turned = a * cosines[k] - b * sines[k];
          b = a * sines[k] + b * cosines[k];
          a = turned;
        }
      }
    }
    return {};
  });
}

}  // namespace saker::ops
