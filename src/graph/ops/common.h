// What the operators share: one view of a node's inputs for inference and evaluation, the machinery
// that turns (rule, kernel) pairs into the table's functions, and checks of axes, types and lists.
//
// Every operator is a rule and a kernel. The rule computes dtype and shape of the outputs from what
// is known of the inputs and reports everything that is wrong with the node; the kernel runs only
// after the rule has accepted the actual tensors, on outputs of the shapes the rule gave.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

#include "base/try.h"
#include "graph/op_def.h"

namespace saker::ops {

constexpr std::size_t kMaxRank = 64;

inline std::size_t as_size(std::int64_t i) {
  return static_cast<std::size_t>(i);
}
inline std::int64_t as_int(std::size_t i) {
  return static_cast<std::int64_t>(i);
}

template <typename... T>
Error invalid(fmt::format_string<T...> format, T&&... values) {
  return {ErrorCode::kInvalid, fmt::format(format, std::forward<T>(values)...)};
}

// Sets of element types, as bits.
using TypeSet = std::uint32_t;
constexpr TypeSet type_set(std::initializer_list<DType> types) {
  TypeSet set = 0;
  for (const DType type : types) set |= TypeSet{1} << static_cast<unsigned>(type);
  return set;
}
constexpr TypeSet kFloatTypes = type_set({DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64});
constexpr TypeSet kSignedTypes = type_set({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64});
constexpr TypeSet kUnsignedTypes = type_set({DType::kUint8, DType::kUint16, DType::kUint32, DType::kUint64});
constexpr TypeSet kIntTypes = kSignedTypes | kUnsignedTypes;
constexpr TypeSet kNumberTypes = kFloatTypes | kIntTypes;
constexpr TypeSet kBoolType = type_set({DType::kBool});
constexpr TypeSet kAllTypes = kNumberTypes | kBoolType;
constexpr TypeSet kIndexTypes = type_set({DType::kInt32, DType::kInt64});

constexpr bool contains(TypeSet set, DType type) {
  return ((set >> static_cast<unsigned>(type)) & 1U) != 0;
}
constexpr bool is_half(DType type) {
  return type == DType::kFloat16 || type == DType::kBFloat16;
}

// The inputs of a node, as far as they are known. A constant's shape is always known.
class Args {
 public:
  explicit Args(const InferContext& context);
  explicit Args(const EvalContext& context);
  Args(const Graph& graph, const Node& node);  // as the graph knows them
  Args(const Node& node, std::span<const Tensor* const> inputs);

  const Node& node() const { return *node_; }
  template <typename T>
  const T& as() const {
    return node_->as<T>();
  }
  std::size_t count() const { return infos_.size(); }
  std::size_t output_count() const { return node_->outputs.size(); }
  bool has(std::size_t i) const { return i < infos_.size() && infos_[i].has_value(); }
  DType dtype(std::size_t i) const { return infos_[i]->dtype; }
  const Shape* shape(std::size_t i) const { return infos_[i]->shape; }         // null: unknown
  const Tensor* constant(std::size_t i) const { return infos_[i]->constant; }  // null: unknown
  const Tensor& tensor(std::size_t i) const { return *infos_[i]->constant; }   // in kernels: has(i)
  bool has_unknown_data(std::size_t i) const { return has(i) && constant(i) == nullptr; }

  // Of the inputs that are there.
  bool has_all_shapes() const;

  // Arity against the table, and extents whose product cannot overflow.
  Status check() const;
  Status check_type(std::size_t i, TypeSet allowed) const;
  // All present inputs have the type of input 0, which is one of `allowed`.
  Status check_same_types(TypeSet allowed) const;

 private:
  const Node* node_;
  std::vector<std::optional<ValueInfo>> infos_;
};

struct InferredOutput {
  DType dtype = DType::kFloat32;
  std::optional<Shape> shape;  // empty only if some shape or constant it needs is unknown
};
using Outputs = std::vector<InferredOutput>;
inline Outputs one(DType dtype, std::optional<Shape> shape) {
  return {{dtype, std::move(shape)}};
}

using RuleFn = Result<Outputs> (*)(const Args&);
using KernelFn = Status (*)(const Args&, std::span<Tensor>);

// kWiden: float16 and bfloat16 tensors are handed to the kernel as float32, and back.
enum class Halves { kWiden, kKeep };

// What `converted` takes (convert.h): nothing if the input has that type.
std::size_t converted_bytes(const Args& args, std::size_t i, DType dtype);

// Bytes that the node's evaluator takes besides its inputs and outputs, at most.
std::size_t scratch_bytes(const Args& args, const Outputs& outputs);

Result<Outputs> apply_rule(const Args& args, RuleFn rule);
Status infer_by(InferContext& context, RuleFn rule);
Status eval_by(EvalContext& context, RuleFn rule, KernelFn kernel, Halves halves);

template <RuleFn rule>
Status infer(InferContext& context) {
  return infer_by(context, rule);
}
template <RuleFn rule, KernelFn kernel, Halves halves = Halves::kWiden>
Status eval(EvalContext& context) {
  return eval_by(context, rule, kernel, halves);
}

// axis in [-rank, rank) to [0, rank).
Result<std::size_t> normalize_axis(std::int64_t axis, std::size_t rank);
// The same for a list, which must not name an axis twice.
Result<std::vector<std::size_t>> normalize_axes(std::span<const std::int64_t> axes, std::size_t rank);

// The elements of an int32 or int64 tensor of rank 0 or 1.
Result<std::vector<std::int64_t>> int_list(const Tensor& tensor, const char* what);
// The elements of a float tensor of rank 0 or 1.
Result<std::vector<double>> float_list(const Tensor& tensor, const char* what);

// Extents aligned at the end; 1 stretches.
Result<Shape> broadcast_shapes(const Shape& a, const Shape& b);
// Strides that read `from` as if it had shape `to` (which it broadcasts to): 0 where it stretches.
Shape broadcast_strides(const Shape& from, const Shape& to);

// Clamped at the ends of int64 instead of overflowing; element_count refuses such extents later.
std::int64_t saturating_mul(std::int64_t a, std::int64_t b);
std::int64_t saturating_add(std::int64_t a, std::int64_t b);

// Product of the extents in [begin, end).
std::int64_t extent_product(const Shape& shape, std::size_t begin, std::size_t end);

}  // namespace saker::ops
