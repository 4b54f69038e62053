// Einsum and Det.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string_view>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// An axis of the loops: a letter, or one of the axes that "..." stands for, counted from the last.
constexpr std::size_t kLetters = 52, kLabels = kLetters + kMaxRank;
using Labels = std::vector<std::size_t>;

struct EinsumPlan {
  std::vector<Labels> operands;
  Labels output, summed;
  std::array<std::int64_t, kLabels> extent;  // -1: no operand has the label

  Shape extents(const Labels& labels) const {
    Shape shape;
    for (const std::size_t label : labels) shape.push_back(extent[label]);
    return shape;
  }
};

std::size_t letter_label(char c) {
  return c >= 'a' ? static_cast<std::size_t>(c - 'a') + 26 : static_cast<std::size_t>(c - 'A');
}

// "...": as many labels as `dots` says.
Result<Labels> read_term(std::string_view term, std::size_t dots) {
  Labels labels;
  bool had_dots = false;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term.substr(i, 3) == "..." && !had_dots) {
      for (std::size_t k = dots; k-- > 0;) labels.push_back(kLetters + k);
      had_dots = true;
      i += 2;
    } else if (std::isalpha(static_cast<unsigned char>(term[i])) != 0) {
      labels.push_back(letter_label(term[i]));
    } else {
      return invalid("the equation has a '{}' where it cannot stand",
                     std::isprint(static_cast<unsigned char>(term[i])) != 0 ? term[i] : '?');
    }
  }
  return labels;
}

std::size_t letters_of(std::string_view term) {
  return as_size(std::count_if(term.begin(), term.end(), [](unsigned char c) { return std::isalpha(c) != 0; }));
}

bool has_dots(std::string_view term) {
  return term.find("...") != std::string_view::npos;
}

// Extents of the operand's labels; those of "..." may be stretched.
Status take_extents(const Labels& labels, const Shape& shape, EinsumPlan& plan) {
  if (labels.size() != shape.size())
    return invalid("an operand of shape {} for {} axes of the equation", to_string(shape), labels.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::int64_t& extent = plan.extent[labels[i]];
    const bool stretches = labels[i] >= kLetters && (extent == 1 || shape[i] == 1);
    if (extent >= 0 && extent != shape[i] && !stretches)
      return invalid("an axis of the equation has the extents {} and {}", extent, shape[i]);
    if (extent < 0 || extent == 1) extent = shape[i];
  }
  return {};
}

// Without "->": the axes of "...", then the letters that occur once, in their order.
Labels implied_output(const EinsumPlan& plan, std::size_t dots) {
  std::array<int, kLabels> uses{};
  for (const Labels& labels : plan.operands) {
    for (const std::size_t label : labels) ++uses[label];
  }
  Labels output;
  for (std::size_t k = dots; k-- > 0;) output.push_back(kLetters + k);
  for (std::size_t label = 0; label < kLetters; ++label) {
    if (uses[label] == 1) output.push_back(label);
  }
  return output;
}

Status check_output(const EinsumPlan& plan) {
  std::array<bool, kLabels> seen{};
  for (const std::size_t label : plan.output) {
    if (plan.extent[label] < 0) return invalid("the result has an axis that no operand has");
    if (seen[label]) return invalid("the result has an axis twice");
    seen[label] = true;
  }
  return {};
}

Result<EinsumPlan> plan_einsum(const Args& args) {
  std::string equation = args.as<EinsumAttrs>().equation;
  std::erase(equation, ' ');
  const std::size_t arrow = equation.find("->");
  std::string_view left = std::string_view(equation).substr(0, arrow);
  EinsumPlan plan;
  plan.extent.fill(-1);
  std::size_t most_dots = 0;
  std::vector<std::string_view> terms;
  for (std::size_t end = 0; end != std::string_view::npos;
       left.remove_prefix(end == std::string_view::npos ? 0 : end + 1)) {
    end = left.find(',');
    terms.push_back(left.substr(0, end));
  }
  if (terms.size() != args.count())
    return invalid("an equation of {} operands, but there are {}", terms.size(), args.count());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const std::size_t rank = args.shape(i)->size(), letters = letters_of(terms[i]);
    const std::size_t dots = has_dots(terms[i]) && rank > letters ? rank - letters : 0;
    SAKER_ASSIGN(plan.operands.emplace_back(), read_term(terms[i], dots));
    SAKER_TRY(take_extents(plan.operands.back(), *args.shape(i), plan));
    most_dots = std::max(most_dots, dots);
  }
  if (arrow == std::string::npos) {
    plan.output = implied_output(plan, most_dots);
  } else {
    SAKER_ASSIGN(plan.output, read_term(std::string_view(equation).substr(arrow + 2), most_dots));
  }
  SAKER_TRY(check_output(plan));
  for (std::size_t label = 0; label < kLabels; ++label) {
    if (plan.extent[label] >= 0 && std::ranges::find(plan.output, label) == plan.output.end())
      plan.summed.push_back(label);
  }
  return plan;
}

// How far an operand moves for one step of each label.
Shape steps_of(const Labels& wanted, const Labels& labels, const Shape& shape) {
  const Shape dense = dense_strides(shape);
  Shape steps;
  for (const std::size_t label : wanted) {
    std::int64_t step = 0;  // an axis that is named twice is a diagonal
    for (std::size_t i = 0; i < labels.size(); ++i) step += labels[i] == label && shape[i] != 1 ? dense[i] : 0;
    steps.push_back(step);
  }
  return steps;
}

std::int64_t offset_of(const Shape& index, const Shape& steps) {
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < index.size(); ++i) offset += index[i] * steps[i];
  return offset;
}

template <typename T>
void multiply_and_add(const Args& args, const EinsumPlan& plan, Tensor& out) {
  const Shape outer = plan.extents(plan.output), inner = plan.extents(plan.summed);
  if (std::ranges::find(inner, 0) != inner.end()) {  // sums of nothing
    std::memset(out.raw(), 0, out.bytes());
    return;
  }
  std::vector<Shape> outer_steps, inner_steps;
  std::vector<const T*> row(args.count());
  for (std::size_t k = 0; k < args.count(); ++k) {
    outer_steps.push_back(steps_of(plan.output, plan.operands[k], *args.shape(k)));
    inner_steps.push_back(steps_of(plan.summed, plan.operands[k], *args.shape(k)));
  }
  const std::size_t last = inner.empty() ? 0 : inner.size() - 1;
  const std::int64_t length = inner.empty() ? 1 : inner[last];
  Shape index(outer.size(), 0);
  T* to = out.data<T>();
  do {
    Wide<T> sum = 0;
    Shape at(inner.size(), 0);
    do {
      for (std::size_t k = 0; k < row.size(); ++k)
        row[k] = args.tensor(k).data<T>() + offset_of(index, outer_steps[k]) + offset_of(at, inner_steps[k]);
      for (std::int64_t i = 0; i < length; ++i) {
        Wide<T> product = 1;
        for (std::size_t k = 0; k < row.size(); ++k)
          product *= static_cast<Wide<T>>(row[k][inner.empty() ? 0 : i * inner_steps[k][last]]);
        sum += product;
      }
    } while (next_index(at, inner, last));
    *to++ = static_cast<T>(sum);
  } while (next_index(index, outer, index.size()));
}

}  // namespace

Result<Outputs> einsum_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kNumberTypes));
  if (!args.has_all_shapes()) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const EinsumPlan plan, plan_einsum(args));
  return one(args.dtype(0), plan.extents(plan.output));
}

Status einsum_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const EinsumPlan plan, plan_einsum(args));
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    multiply_and_add<decltype(zero)>(args, plan, outputs[0]);
    return {};
  });
}

// [..., M, M] to [...]
Result<Outputs> det_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  if (x.size() < 2 || x.back() != x[x.size() - 2])
    return invalid("the input {} is not of square matrices", to_string(x));
  return one(args.dtype(0), Shape(x.begin(), x.end() - 2));
}

// The product of the pivots of Gauss' elimination, the largest of each column first.
Status det_kernel(const Args& args, std::span<Tensor> outputs) {
  const std::int64_t n = args.shape(0)->back();
  std::vector<double> matrix(as_size(n * n));
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t m = 0; m < outputs[0].elements(); ++m) {
      std::copy_n(args.tensor(0).data<T>() + m * n * n, n * n, matrix.begin());
      double product = 1;
      for (std::int64_t k = 0; k < n && product != 0; ++k) {
        std::int64_t pivot = k;
        for (std::int64_t i = k + 1; i < n; ++i) {
          if (std::fabs(matrix[as_size(i * n + k)]) > std::fabs(matrix[as_size(pivot * n + k)])) pivot = i;
        }
        if (pivot != k) {
          std::swap_ranges(matrix.begin() + k * n, matrix.begin() + (k + 1) * n, matrix.begin() + pivot * n);
          product = -product;
        }
        const double head = matrix[as_size(k * n + k)];
        product *= head;
        for (std::int64_t i = k + 1; i < n && head != 0; ++i) {
          const double by = matrix[as_size(i * n + k)] / head;
          for (std::int64_t j = k; j < n; ++j) matrix[as_size(i * n + j)] -= by * matrix[as_size(k * n + j)];
        }
      }
      outputs[0].data<T>()[m] = static_cast<T>(product);
    }
    return {};
  });
}

std::size_t det_scratch(const Args& args, const Outputs& /*outputs*/) {
  const std::size_t n = as_size(args.shape(0)->back());
  return n * n * sizeof(double);
}

}  // namespace saker::ops
