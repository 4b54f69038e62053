// MatMul and Gemm.
#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

constexpr TypeSet kMatrixTypes = kFloatTypes | type_set({DType::kInt32, DType::kInt64, DType::kUint32, DType::kUint64});

template <typename T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;

// Element (i, j) of a matrix is data[i * row + j * column].
template <typename T>
struct Matrix {
  const T* data;
  std::int64_t row, column;
};

// sums[j] = sum over k < depth of a(i, k) * b(k, j); integers wrap around.
template <typename T>
void multiply_row(Matrix<T> a, std::int64_t i, Matrix<T> b, std::int64_t depth, std::vector<Accumulator<T>>& sums) {
  std::fill(sums.begin(), sums.end(), Accumulator<T>{0});
  for (std::int64_t k = 0; k < depth; ++k) {
    const auto x = static_cast<Accumulator<T>>(a.data[i * a.row + k * a.column]);
    const T* y = b.data + k * b.row;
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += x * static_cast<Accumulator<T>>(y[as_int(j) * b.column]);
  }
}

// Shapes of MatMul with vectors made into matrices.
struct MatMulPlan {
  Shape a, b, batch;
  std::int64_t rows = 0, depth = 0, columns = 0;
};

Result<MatMulPlan> plan_matmul(Shape a, Shape b) {
  if (a.empty() || b.empty()) return invalid("{} times {}: a scalar is no matrix", to_string(a), to_string(b));
  MatMulPlan plan;
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  plan.rows = a[a.size() - 2];
  plan.depth = a.back();
  plan.columns = b.back();
  if (b[b.size() - 2] != plan.depth) {
    return invalid("{} columns times {} rows: {} and {}", plan.depth, b[b.size() - 2], to_string(a), to_string(b));
  }
  plan.a.assign(a.begin(), a.end() - 2);
  plan.b.assign(b.begin(), b.end() - 2);
  SAKER_ASSIGN(plan.batch, broadcast_shapes(plan.a, plan.b));
  return plan;
}

}  // namespace

Result<Outputs> matmul_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kMatrixTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(MatMulPlan plan, plan_matmul(*args.shape(0), *args.shape(1)));
  Shape shape = std::move(plan.batch);
  if (args.shape(0)->size() > 1) shape.push_back(plan.rows);
  if (args.shape(1)->size() > 1) shape.push_back(plan.columns);
  return one(args.dtype(0), std::move(shape));
}

Status matmul_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const MatMulPlan plan, plan_matmul(*args.shape(0), *args.shape(1)));
  const Shape a_strides = broadcast_strides(plan.a, plan.batch);
  const Shape b_strides = broadcast_strides(plan.b, plan.batch);
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    T* to = outputs[0].data<T>();
    std::vector<Accumulator<T>> sums(as_size(plan.columns));
    Shape index(plan.batch.size(), 0);
    do {
      Matrix<T> a{args.tensor(0).data<T>(), plan.depth, 1};
      Matrix<T> b{args.tensor(1).data<T>(), plan.columns, 1};
      for (std::size_t i = 0; i < index.size(); ++i) {
        a.data += index[i] * a_strides[i] * plan.rows * plan.depth;
        b.data += index[i] * b_strides[i] * plan.depth * plan.columns;
      }
      for (std::int64_t i = 0; i < plan.rows; ++i) {
        multiply_row(a, i, b, plan.depth, sums);
        for (const auto sum : sums) *to++ = static_cast<T>(sum);
      }
    } while (next_index(index, plan.batch, index.size()));
    return {};
  });
}

namespace {

struct GemmPlan {
  std::int64_t rows = 0, depth = 0, columns = 0;
};

Result<GemmPlan> plan_gemm(const GemmAttrs& attrs, const Shape& a, const Shape& b) {
  if (a.size() != 2 || b.size() != 2) return invalid("{} and {} are not two matrices", to_string(a), to_string(b));
  const GemmPlan plan{a[attrs.trans_a ? 1 : 0], a[attrs.trans_a ? 0 : 1], b[attrs.trans_b ? 0 : 1]};
  const std::int64_t depth = b[attrs.trans_b ? 1 : 0];
  if (depth != plan.depth) {
    return invalid("{} columns times {} rows: {} and {}", plan.depth, depth, to_string(a), to_string(b));
  }
  return plan;
}

}  // namespace

// alpha * op(A) * op(B) + beta * C, where C broadcasts to the result.
Result<Outputs> gemm_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kMatrixTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const GemmPlan plan, plan_gemm(args.as<GemmAttrs>(), *args.shape(0), *args.shape(1)));
  Shape shape{plan.rows, plan.columns};
  if (args.has(2) && args.shape(2) != nullptr) {
    SAKER_ASSIGN(const Shape with_c, broadcast_shapes(shape, *args.shape(2)));
    if (with_c != shape) return invalid("C {} does not broadcast to {}", to_string(*args.shape(2)), to_string(shape));
  }
  return one(args.dtype(0), std::move(shape));
}

Status gemm_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  if (out.elements() == 0) return {};
  const auto& attrs = args.as<GemmAttrs>();
  const Shape& a_shape = *args.shape(0);
  const Shape& b_shape = *args.shape(1);
  SAKER_ASSIGN(const GemmPlan plan, plan_gemm(attrs, a_shape, b_shape));
  const Shape c = args.has(2) ? broadcast_strides(*args.shape(2), out.shape()) : Shape{0, 0};
  const double alpha = static_cast<double>(attrs.alpha);
  const double beta = static_cast<double>(attrs.beta);
  return visit_number(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const Matrix<T> a{args.tensor(0).data<T>(), attrs.trans_a ? 1 : a_shape[1], attrs.trans_a ? a_shape[1] : 1};
    const Matrix<T> b{args.tensor(1).data<T>(), attrs.trans_b ? 1 : b_shape[1], attrs.trans_b ? b_shape[1] : 1};
    std::vector<Accumulator<T>> sums(as_size(plan.columns));
    const bool plain = alpha == 1 && beta == 1;  // exact for integers
    for (std::int64_t i = 0; i < out.elements(); ++i) {
      const std::int64_t column = i % plan.columns;
      if (column == 0) multiply_row(a, i / plan.columns, b, plan.depth, sums);
      const Accumulator<T> product = sums[as_size(column)];
      const std::int64_t at = i / plan.columns * c[0] + column * c[1];
      const T addend = args.has(2) ? args.tensor(2).data<T>()[at] : T{0};
      if (plain) {
        out.data<T>()[i] = static_cast<T>(product + static_cast<Accumulator<T>>(addend));
      } else {
        using Exact = std::conditional_t<std::is_floating_point_v<T>, double, T>;
        const double scaled =
            alpha * static_cast<double>(static_cast<Exact>(product)) + beta * static_cast<double>(addend);
        out.data<T>()[i] = number_cast<T>(scaled);
      }
    }
    return {};
  });
}

// The sums of a row.
std::size_t matmul_scratch(const Args& args, const Outputs& outputs) {
  const bool is_vector = args.node().op == Op::kMatMul && args.shape(1)->size() == 1;
  return is_vector || outputs[0].shape->empty() ? 8 : as_size(outputs[0].shape->back()) * 8;
}

}  // namespace saker::ops
