// Unique, whose output's length the data decides, and TfIdfVectorizer.
#include <algorithm>
#include <numeric>

#include "base/half.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// x as slices that are compared: its elements, or what stands at each index of an axis.
struct Slices {
  std::int64_t count = 0, outer = 1, inner = 1;  // element (o, i) of slice k: at (o * count + k) * inner + i
};

Result<Slices> read_slices(const Args& args) {
  const Shape& x = *args.shape(0);
  const auto& attrs = args.as<UniqueAttrs>();
  if (!attrs.axis) return Slices{extent_product(x, 0, x.size()), 1, 1};
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(*attrs.axis, x.size()));
  return Slices{x[axis], extent_product(x, 0, axis), extent_product(x, axis + 1, x.size())};
}

// -1, 0 or 1: NaN is larger than all numbers, and equal to itself.
template <typename T>
int order(T a, T b) {
  if (a < b) return -1;
  if (b < a) return 1;
  if (a == b) return 0;
  return static_cast<int>(a != a) - static_cast<int>(b != b);
}

// Calls f(value(i)) with a function that gives element i of a tensor as a number that compares.
template <typename F>
Status with_elements(const Tensor& x, F&& f) {
  if (is_half(x.dtype())) {
    const bool half = x.dtype() == DType::kFloat16;
    const auto* data = x.data<std::uint16_t>();
    return f([=](std::int64_t i) { return half ? half_to_float(data[i]) : bfloat16_to_float(data[i]); });
  }
  if (x.dtype() == DType::kBool) return f([data = x.data<std::uint8_t>()](std::int64_t i) { return data[i] != 0; });
  return visit_number(
      x.dtype(), [&](auto zero) { return f([data = x.data<decltype(zero)>()](std::int64_t i) { return data[i]; }); });
}

// The slices in order, equal ones as they come; and where in it a new one begins.
struct Groups {
  std::vector<std::int64_t> sorted, starts;
};

template <typename Value>
Groups group(const Slices& slices, Value value) {
  const auto compare = [&](std::int64_t a, std::int64_t b) {
    for (std::int64_t o = 0; o < slices.outer; ++o) {
      for (std::int64_t i = 0; i < slices.inner; ++i) {
        const auto at = [&](std::int64_t k) { return value((o * slices.count + k) * slices.inner + i); };
        if (const int by = order(at(a), at(b)); by != 0) return by;
      }
    }
    return 0;
  };
  Groups groups;
  groups.sorted.resize(as_size(slices.count));
  groups.starts.reserve(groups.sorted.size());
  std::iota(groups.sorted.begin(), groups.sorted.end(), 0);
  std::sort(groups.sorted.begin(), groups.sorted.end(), [&](std::int64_t a, std::int64_t b) {
    const int by = compare(a, b);
    return by != 0 ? by < 0 : a < b;
  });
  for (std::size_t i = 0; i < groups.sorted.size(); ++i) {
    if (i == 0 || compare(groups.sorted[i - 1], groups.sorted[i]) != 0) groups.starts.push_back(as_int(i));
  }
  return groups;
}

Shape unique_shape(const Args& args, std::int64_t count) {
  const auto& attrs = args.as<UniqueAttrs>();
  if (!attrs.axis) return {count};
  Shape shape = *args.shape(0);
  shape[*normalize_axis(*attrs.axis, shape.size())] = count;
  return shape;
}

// Groups, and their order in the output.
std::size_t unique_bytes(const Slices& slices) {
  return as_size(slices.count) * 3 * sizeof(std::int64_t);
}

Status write_unique(EvalContext& context, const Args& args, const Slices& slices, const Groups& groups) {
  std::vector<std::int64_t> places(groups.starts.size());  // of the output: which group
  std::iota(places.begin(), places.end(), 0);
  const auto first = [&](std::int64_t g) { return groups.sorted[as_size(groups.starts[as_size(g)])]; };
  const auto end = [&](std::int64_t g) {
    return as_size(g) + 1 < groups.starts.size() ? groups.starts[as_size(g) + 1] : as_int(groups.sorted.size());
  };
  if (!args.as<UniqueAttrs>().sorted)
    std::ranges::sort(places, [&](std::int64_t a, std::int64_t b) { return first(a) < first(b); });
  const std::int64_t count = as_int(places.size());
  SAKER_ASSIGN(Tensor y, context.output(0, args.dtype(0), unique_shape(args, count)));
  Tensor more[3];  // first places, which of the output each slice is, how many there are
  for (std::size_t i = 0; i < 3 && i + 1 < context.output_count(); ++i) {
    SAKER_ASSIGN(more[i], context.output(i + 1, DType::kInt64, {i == 1 ? slices.count : count}));
  }
  const std::int64_t bytes = slices.inner * as_int(dtype_size(args.dtype(0)));
  for (std::int64_t at = 0; at < count; ++at) {
    const std::int64_t g = places[as_size(at)];
    for (std::int64_t o = 0; o < slices.outer; ++o) {
      copy_bytes(static_cast<std::byte*>(y.raw()) + (o * count + at) * bytes,
                 static_cast<const std::byte*>(args.tensor(0).raw()) + (o * slices.count + first(g)) * bytes, bytes);
    }
    if (more[0].elements() > 0) more[0].data<std::int64_t>()[at] = first(g);
    for (std::int64_t i = groups.starts[as_size(g)]; more[1].elements() > 0 && i < end(g); ++i)
      more[1].data<std::int64_t>()[groups.sorted[as_size(i)]] = at;
    if (more[2].elements() > 0) more[2].data<std::int64_t>()[at] = end(g) - groups.starts[as_size(g)];
  }
  return {};
}

}  // namespace

// Outputs: the different slices, and of each where it first is; which one each slice is; how many there are of each.
Result<Outputs> unique_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kAllTypes));
  Outputs outputs = one(args.dtype(0), std::nullopt);
  for (std::size_t i = 1; i < args.output_count(); ++i) outputs.push_back({DType::kInt64, std::nullopt});
  if (args.shape(0) == nullptr) return outputs;
  SAKER_ASSIGN(const Slices slices, read_slices(args));
  if (outputs.size() > 2) outputs[2].shape = Shape{slices.count};
  return outputs;
}

Status eval_unique(EvalContext& context) {
  const Args args(context);
  SAKER_ASSIGN([[maybe_unused]] const Outputs infos, apply_rule(args, unique_rule));
  SAKER_ASSIGN(const Slices slices, read_slices(args));
  SAKER_TRY(context.take_scratch(unique_bytes(slices)));
  return with_elements(args.tensor(0),
                       [&](auto value) { return write_unique(context, args, slices, group(slices, value)); });
}

std::size_t unique_scratch(const Args& args, const Outputs& /*outputs*/) {
  const auto slices = read_slices(args);
  return slices.ok() ? unique_bytes(*slices) : 0;
}

// Where all are different.
std::size_t most_unique(const Args& args) {
  const Shape& x = *args.shape(0);
  const auto slices = read_slices(args);
  const std::size_t integers = slices.ok() ? as_size(slices->count) * (args.output_count() - 1) : 0;
  return as_size(extent_product(x, 0, x.size())) * dtype_size(args.dtype(0)) + integers * sizeof(std::int64_t);
}

namespace {

// The n-grams of one length in the pool.
struct Grams {
  std::int64_t length = 1, begin = 0, end = 0, first = 0;  // items in the pool; the number of the first n-gram
};

Result<std::vector<Grams>> read_grams(const TfIdfVectorizerAttrs& attrs) {
  std::vector<Grams> list;
  std::int64_t number = 0;
  const std::int64_t items = as_int(attrs.pool.size());
  for (std::size_t i = 0; i < attrs.counts.size(); ++i) {
    const std::int64_t begin = attrs.counts[i], end = i + 1 < attrs.counts.size() ? attrs.counts[i + 1] : items;
    const std::int64_t length = as_int(i) + 1;
    if (begin < 0 || end < begin || end > items || (end - begin) % length != 0)
      return invalid("n-grams of length {} from {} to {} of a pool of {}", length, begin, end, items);
    list.push_back({length, begin, end, number});
    number += (end - begin) / length;
  }
  if (number != as_int(attrs.indexes.size()) ||
      (!attrs.weights.empty() && attrs.weights.size() != attrs.indexes.size()))
    return invalid("{} n-grams, {} indexes and {} weights", number, attrs.indexes.size(), attrs.weights.size());
  return list;
}

Result<std::int64_t> row_length(const TfIdfVectorizerAttrs& attrs) {
  std::int64_t most = -1;
  for (const std::int64_t index : attrs.indexes) {
    if (index < 0 || index == INT64_MAX) return invalid("an n-gram has the index {}", index);
    most = std::max(most, index);
  }
  return most + 1;
}

// How often a row has an n-gram, its items next to each other or up to max_skip items between any two.
template <typename T>
std::int64_t occurrences(const T* row, std::int64_t count, const std::int64_t* gram, std::int64_t length,
                         std::int64_t max_skip) {
  std::int64_t found = 0;
  const std::int64_t most = length == 1 ? 0 : std::min(max_skip, count);
  for (std::int64_t step = 1; step <= most + 1 && (length - 1) * step < count; ++step) {
    for (std::int64_t at = 0; at + (length - 1) * step < count; ++at) {
      std::int64_t k = 0;
      while (k < length && row[at + k * step] == gram[k]) ++k;
      found += k == length ? 1 : 0;
    }
  }
  return found;
}

}  // namespace

// Rows of integers to how often each has the n-grams of the pool.
Result<Outputs> tf_idf_vectorizer_rule(const Args& args) {
  const auto& attrs = args.as<TfIdfVectorizerAttrs>();
  SAKER_TRY(args.check_type(0, kIndexTypes));
  if (attrs.min_length < 1 || attrs.max_length < attrs.min_length || attrs.max_skip < 0)
    return invalid("n-grams of length {} to {}, {} skipped", attrs.min_length, attrs.max_length, attrs.max_skip);
  SAKER_TRY(read_grams(attrs));
  SAKER_ASSIGN(const std::int64_t length, row_length(attrs));
  if (args.shape(0) == nullptr) return one(DType::kFloat32, std::nullopt);
  Shape shape = *args.shape(0);
  if (shape.size() > 2) return invalid("the input {} has more than two axes", to_string(shape));
  if (shape.empty()) shape.push_back(1);
  shape.back() = length;
  return one(DType::kFloat32, std::move(shape));
}

Status tf_idf_vectorizer_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<TfIdfVectorizerAttrs>();
  Tensor& out = outputs[0];
  if (out.elements() == 0) return {};
  std::memset(out.raw(), 0, out.bytes());
  SAKER_ASSIGN(const std::vector<Grams> grams, read_grams(attrs));
  const std::int64_t rows = out.elements() / out.shape().back(), count = args.tensor(0).elements() / rows;
  const auto count_grams = [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < rows; ++i) {
      const T* row = args.tensor(0).data<T>() + i * count;
      for (const Grams& of : grams) {
        if (of.length < attrs.min_length || of.length > attrs.max_length) continue;
        for (std::int64_t at = of.begin; at < of.end; at += of.length) {
          const auto gram = as_size(of.first + (at - of.begin) / of.length);
          const std::int64_t found = occurrences(row, count, attrs.pool.data() + at, of.length, attrs.max_skip);
          const float weight = attrs.weights.empty() || attrs.mode == TermWeighting::kTf ? 1 : attrs.weights[gram];
          float& to = out.data<float>()[i * out.shape().back() + attrs.indexes[gram]];
          if (attrs.mode != TermWeighting::kIdf) to += weight * static_cast<float>(found);
          if (attrs.mode == TermWeighting::kIdf && found > 0) to = weight;
        }
      }
    }
  };
  args.dtype(0) == DType::kInt64 ? count_grams(std::int64_t{}) : count_grams(std::int32_t{});
  return {};
}

}  // namespace saker::ops
