// Gathers, scatters, TopK, reductions.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {

Status import_gather(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.one_int(2, "its axis"));
  SAKER_ASSIGN(const std::int64_t batch_dims, layer.int_attr("batch_dims", 0));
  if (batch_dims != 0) return Error{ErrorCode::kUnsupported, fmt::format("batch_dims {}", batch_dims)};
  const bool is_taken = layer.dtype(1) == DType::kInt32 || layer.dtype(1) == DType::kInt64;
  SAKER_ASSIGN(const ValueId indices, is_taken ? Result<ValueId>(layer.input(1)) : layer.input_as(1, DType::kInt64));
  return layer.emit(Op::kGather, AxisAttrs{axis}, {layer.input(0), indices});
}

Status import_gather_elements(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.int_attr("axis", 0));
  return layer.emit(Op::kGatherElements, AxisAttrs{axis});
}

Status import_gather_nd(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t batch_dims, layer.int_attr("batch_dims", 0));
  SAKER_ASSIGN(const ValueId indices, layer.input_as(1, DType::kInt64));
  return layer.emit(Op::kGatherND, BatchDimsAttrs{batch_dims}, {layer.input(0), indices});
}

Status import_scatter_nd_update(LayerImporter& layer) {
  SAKER_ASSIGN(const ValueId indices, layer.input_as(1, DType::kInt64));
  return layer.emit(Op::kScatterND, ScatterNDAttrs{}, {layer.input(0), indices, layer.input(2)});
}

// Along axis 0 each index becomes a list of one, as ScatterND has it.
Status import_scatter_update(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.one_int(3, "its axis"));
  if (axis != 0) return Error{ErrorCode::kUnsupported, fmt::format("ScatterUpdate along axis {}", axis)};
  SAKER_ASSIGN(const ValueId indices, layer.input_as(1, DType::kInt64));
  SAKER_ASSIGN(const ValueId last, layer.int_constant("last", std::array<std::int64_t, 1>{-1}));
  const ValueId lists = layer.step(Op::kUnsqueeze, {}, {indices, last}, "indices", DType::kInt64);
  return layer.emit(Op::kScatterND, ScatterNDAttrs{}, {layer.input(0), lists, layer.input(2)});
}

Status import_cum_sum(LayerImporter& layer) {
  CumSumAttrs attrs;
  SAKER_ASSIGN(attrs.exclusive, layer.bool_attr("exclusive", false));
  SAKER_ASSIGN(attrs.reverse, layer.bool_attr("reverse", false));
  return layer.emit(Op::kCumSum, attrs);
}

Status import_top_k(LayerImporter& layer) {
  TopKAttrs attrs;
  SAKER_ASSIGN(attrs.axis, layer.int_attr("axis", -1));
  const std::string_view mode = layer.text_attr("mode", ""), sort = layer.text_attr("sort", "");
  if (mode != "max" && mode != "min")
    return Error{ErrorCode::kInvalid, fmt::format("unknown mode '{}'", printable_name(mode))};
  if (sort != "value" && sort != "none")
    return Error{ErrorCode::kUnsupported, fmt::format("sort '{}'", printable_name(sort))};
  attrs.largest = mode == "max";
  attrs.sorted = sort == "value";
  if (layer.layer().outputs.size() != 2)
    return Error{ErrorCode::kInvalid, fmt::format("it has {} outputs", layer.layer().outputs.size())};
  ValueId k = kNoValue;
  if (layer.constant(1) != nullptr) {
    SAKER_ASSIGN(const std::int64_t count, layer.one_int(1, "k"));
    SAKER_ASSIGN(k, layer.int_constant("k", std::array{count}));
  } else {
    SAKER_ASSIGN(const ValueId wide, layer.input_as(1, DType::kInt64));
    SAKER_ASSIGN(const ValueId one, layer.int_constant("one", std::array<std::int64_t, 1>{1}));
    k = layer.step(Op::kReshape, ReshapeAttrs{}, {wide, one}, "k", DType::kInt64);
  }
  SAKER_TRY(layer.emit(Op::kTopK, attrs, {layer.input(0), k}));
  SAKER_ASSIGN(const DType index_type, element_type(layer.text_attr("index_element_type", "i32")));
  if (index_type == DType::kInt64 || layer.readers(1) == 0) return {};
  const ValueId indices = layer.work().graph.nodes.back().outputs[1];
  layer.set_output(1, layer.step(Op::kCast, CastAttrs{index_type}, {indices}, "indices", index_type));
  return {};
}

Status import_reduce(LayerImporter& layer, Op op) {
  ReduceAttrs attrs;
  SAKER_ASSIGN(attrs.keepdims, layer.bool_attr("keep_dims", false));
  attrs.noop_with_empty_axes = true;
  SAKER_ASSIGN(const std::vector<std::int64_t> axes, layer.ints(1, "its list of axes"));
  SAKER_ASSIGN(const ValueId list, layer.int_constant("axes", axes));
  return layer.emit(op, attrs, {layer.input(0), list});
}

// Of a short list, as converters have it of extents: its numbers one after another, which are known where those are.
Status import_reduce_prod(LayerImporter& layer) {
  constexpr std::int64_t kMost = 16;
  SAKER_ASSIGN(const bool keeps, layer.bool_attr("keep_dims", false));
  const Shape& dims = layer.dims(0);
  if (dims.size() != 1 || dims[0] < 1 || dims[0] > kMost) return import_reduce(layer, Op::kReduceProd);
  SAKER_ASSIGN(const std::int64_t axis, layer.one_int(1, "its axis"));
  if (axis < -1 || axis > 0) return Error{ErrorCode::kInvalid, fmt::format("axis {} of a list", axis)};
  const DType dtype = layer.dtype(0);
  ValueId product = kNoValue;
  for (std::int64_t i = 0; i < dims[0]; ++i) {
    SAKER_ASSIGN(Tensor place, Tensor::make(DType::kInt64, keeps ? Shape{1} : Shape{}));
    *place.data<std::int64_t>() = i;
    const ValueId index = layer.constant_of(fmt::format("place{}", i), std::move(place));
    const ValueId factor =
        layer.step(Op::kGather, AxisAttrs{0}, {layer.input(0), index}, fmt::format("factor{}", i), dtype);
    product = i == 0 ? factor : layer.step(Op::kMul, {}, {product, factor}, fmt::format("product{}", i), dtype);
  }
  layer.emit_output(0, Op::kIdentity, {}, {product});
  return {};
}

}  // namespace saker::openvino_ir
