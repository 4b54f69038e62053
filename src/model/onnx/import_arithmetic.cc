// Operators of two tensors or more that broadcast, and those of one that are such with a constant.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

// The second operand of opsets 1 to 6, whose axes are those of the first from `axis` on: with as many axes of extent 1
// behind them as the first has more.
Result<ValueId> aligned(NodeImporter& node, std::int64_t axis) {
  SAKER_ASSIGN(Tensor one, Tensor::make(DType::kInt64, {1}));
  *one.data<std::int64_t>() = 1;
  SAKER_ASSIGN(const ValueId zero, node.int_constant("zero", std::array{std::int64_t{0}}));
  SAKER_ASSIGN(const ValueId begin, node.int_constant("axis", std::array{axis}));
  const ValueId a = node.step(Op::kShape, ShapeAttrs{}, {node.input(0)}, "a.shape");
  const ValueId b = node.step(Op::kShape, ShapeAttrs{}, {node.input(1)}, "b.shape");
  const ValueId rank_a = node.step(Op::kShape, ShapeAttrs{}, {a}, "a.rank");
  const ValueId rank_b = node.step(Op::kShape, ShapeAttrs{}, {b}, "b.rank");
  const ValueId from = axis < 0 ? zero : rank_a;  // a negative axis counts from the end
  const ValueId rest = node.step(Op::kSub, {}, {from, begin}, "rest");
  const ValueId count = node.step(Op::kSub, {}, {rest, rank_b}, "behind");
  const ValueId ones = node.step(Op::kConstantOfShape, ConstantOfShapeAttrs{std::move(one)}, {count}, "ones");
  const ValueId shape = node.step(Op::kConcat, AxisAttrs{0}, {b, ones}, "shape");
  return node.step(Op::kReshape, ReshapeAttrs{true}, {node.input(1), shape}, "b");
}

// The two operands in today's form.
Result<std::vector<ValueId>> operands(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 2));
  std::vector<ValueId> both = {node.input(0), node.input(1)};
  if (node.opset() >= 7 || !node.has_attr("axis")) return both;
  SAKER_ASSIGN(const bool broadcast, node.bool_attr("broadcast", false));
  if (!broadcast) return both;
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr_within("axis", 0, INT32_MIN, INT32_MAX));
  SAKER_ASSIGN(both[1], aligned(node, axis));
  return both;
}

Result<ValueId> sum_of_all(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(1, SIZE_MAX));
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    if (node.input(i) == kNoValue) return Error{ErrorCode::kInvalid, fmt::format("its input {} is missing", i)};
  }
  ValueId sum = node.input(0);
  for (std::size_t i = 1; i < node.input_count(); ++i)
    sum = node.step(Op::kAdd, {}, {sum, node.input(i)}, fmt::format("sum{}", i));
  return sum;
}

}  // namespace

Status import_binary(NodeImporter& node, Op op) {
  SAKER_ASSIGN(std::vector<ValueId> both, operands(node));
  return node.emit(op, {}, std::move(both));
}

// a < b is b > a.
Status import_swapped(NodeImporter& node, Op op) {
  SAKER_ASSIGN(const std::vector<ValueId> both, operands(node));
  return node.emit(op, {}, {both[1], both[0]});
}

Status import_bit_shift(NodeImporter& node) {
  SAKER_ASSIGN(const std::string_view direction, node.text_attr("direction", ""));
  if (direction != "LEFT" && direction != "RIGHT")
    return Error{ErrorCode::kInvalid, fmt::format("unknown direction '{}'", printable_name(direction))};
  return node.emit(Op::kBitShift, BitShiftAttrs{direction == "LEFT"});
}

Status import_mean(NodeImporter& node) {
  SAKER_ASSIGN(const ValueId sum, sum_of_all(node));
  SAKER_ASSIGN(const ValueId count, node.number_like("count", static_cast<float>(node.input_count()), sum));
  return node.emit(Op::kDiv, {}, {sum, count});
}

Status import_mod(NodeImporter& node) {
  SAKER_ASSIGN(const bool fmod, node.bool_attr("fmod", false));
  return node.emit(Op::kMod, ModAttrs{fmod});
}

// -1 * x, which keeps the sign of zero.
Status import_neg(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(1, 1));
  SAKER_ASSIGN(const ValueId minus_one, node.number_like("minus_one", -1, node.input(0)));
  return node.emit(Op::kMul, {}, {node.input(0), minus_one});
}

// Until opset 7 the slopes were those of the channels.
Status import_prelu(NodeImporter& node) {
  if (node.opset() >= 7) return node.emit(Op::kPRelu);
  SAKER_TRY(node.check_inputs(2, 2));
  SAKER_ASSIGN(const ValueId slope, aligned(node, 1));
  return node.emit(Op::kPRelu, {}, {node.input(0), slope});
}

Status import_reciprocal(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(1, 1));
  SAKER_ASSIGN(const ValueId one, node.number_like("one", 1, node.input(0)));
  return node.emit(Op::kDiv, {}, {one, node.input(0)});
}

Status import_sum(NodeImporter& node) {
  SAKER_ASSIGN(const ValueId sum, sum_of_all(node));
  return node.emit(Op::kIdentity, {}, {sum});
}

}  // namespace saker::onnx
