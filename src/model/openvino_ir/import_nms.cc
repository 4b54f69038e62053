// NonMaxSuppression and NonZero, whose results are as long as the data decide.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

// Versions 1 to 4 fill their outputs up with rows of -1, which no exporter has written for years.
Status check_version(const Layer& layer) {
  if (layer.version == "opset5" || layer.version == "opset9") return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("NonMaxSuppression of {} (opset5 and opset9 are read): convert the model again with a newer "
                           "OpenVINO",
                           printable_name(layer.version))};
}

Result<bool> center_point(const LayerImporter& layer) {
  const std::string_view encoding = layer.text_attr("box_encoding", "corner");
  if (encoding == "corner" || encoding == "center") return encoding == "center";
  return Error{ErrorCode::kInvalid, fmt::format("unknown box_encoding '{}'", printable_name(encoding))};
}

// The first numbers of a dimension of `from`.
Result<ValueId> columns(LayerImporter& layer, ValueId from, std::int64_t count) {
  SAKER_ASSIGN(const ValueId start, layer.int_constant("first", std::array<std::int64_t, 1>{0}));
  SAKER_ASSIGN(const ValueId end, layer.int_constant("end", std::array{count}));
  SAKER_ASSIGN(const ValueId axis, layer.int_constant("axis", std::array<std::int64_t, 1>{1}));
  return layer.step(Op::kSlice, {}, {from, start, end, axis}, "columns", DType::kInt64);
}

// ONNX's rows are those of one image and class after those of another; here the best of all come first.
ValueId sorted_rows(LayerImporter& layer, ValueId rows, ValueId scores) {
  const ValueId chosen = layer.step(Op::kGatherND, BatchDimsAttrs{0}, {scores, rows}, "unsorted");
  const ValueId count = layer.step(Op::kShape, ShapeAttrs{0, 1}, {rows}, "count", DType::kInt64);
  Graph& graph = layer.work().graph;
  const ValueId order = graph.add_value(graph.value(rows).name + ".order", DType::kInt64);
  graph.nodes.push_back(
      {Op::kTopK, graph.value(order).name, {chosen, count}, {kNoValue, order}, TopKAttrs{0, true, true}});
  return layer.step(Op::kGather, AxisAttrs{0}, {rows, order}, "sorted", DType::kInt64);
}

// Inputs as ONNX's operator has them; thresholds that are not given are 0 here.
Result<std::vector<ValueId>> nms_inputs(LayerImporter& layer) {
  constexpr std::array kTypes = {DType::kFloat32, DType::kFloat32, DType::kInt64, DType::kFloat32, DType::kFloat32};
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (layer.has_input(i)) {
      SAKER_ASSIGN(inputs.emplace_back(), layer.input_as(i, kTypes[i]));
    } else if (kTypes[i] == DType::kInt64) {
      SAKER_ASSIGN(inputs.emplace_back(), layer.int_constant("most", std::array<std::int64_t, 1>{0}));
    } else {
      SAKER_ASSIGN(inputs.emplace_back(), layer.float_constant("threshold", 0, DType::kFloat32));
    }
  }
  return inputs;
}

}  // namespace

// Outputs: rows (batch, class, box); rows (batch, class, score); the number of rows.
Status import_non_max_suppression(LayerImporter& layer) {
  SAKER_TRY(check_version(layer.layer()));
  SAKER_ASSIGN(const bool center, center_point(layer));
  SAKER_ASSIGN(const bool sorts, layer.bool_attr("sort_result_descending", true));
  SAKER_ASSIGN(const DType to, element_type(layer.text_attr("output_type", "i64")));
  if (layer.has_input(5)) {
    SAKER_ASSIGN(const float sigma, layer.one_float(5, "soft_nms_sigma"));
    if (sigma != 0) return Error{ErrorCode::kUnsupported, fmt::format("soft_nms_sigma {}", sigma)};
  }
  const std::size_t outputs = layer.layer().outputs.size();
  if (outputs > 3) return Error{ErrorCode::kInvalid, fmt::format("it has {} outputs", outputs)};
  SAKER_ASSIGN(const std::vector<ValueId> inputs, nms_inputs(layer));
  ValueId rows = layer.step(Op::kNonMaxSuppression, NonMaxSuppressionAttrs{center}, inputs, "rows", DType::kInt64);
  if (sorts) rows = sorted_rows(layer, rows, inputs[1]);
  layer.emit_output(0, Op::kCast, CastAttrs{to}, {rows});
  if (outputs > 1) {
    SAKER_ASSIGN(const ValueId places, columns(layer, rows, 2));
    const ValueId left = layer.step(Op::kCast, CastAttrs{DType::kFloat32}, {places}, "places");
    const ValueId chosen = layer.step(Op::kGatherND, BatchDimsAttrs{0}, {inputs[1], rows}, "scores");
    SAKER_ASSIGN(const ValueId last, layer.int_constant("last", std::array<std::int64_t, 1>{1}));
    const ValueId right = layer.step(Op::kUnsqueeze, {}, {chosen, last}, "column");
    layer.emit_output(1, Op::kConcat, AxisAttrs{1}, {left, right});
  }
  if (outputs > 2) {
    const ValueId count = layer.step(Op::kShape, ShapeAttrs{0, 1}, {rows}, "rows.count", DType::kInt64);
    layer.emit_output(2, Op::kCast, CastAttrs{to}, {count});
  }
  return {};
}

Status import_non_zero(LayerImporter& layer) {
  SAKER_ASSIGN(const DType to, element_type(layer.text_attr("output_type", "i64")));
  const ValueId places = layer.step(Op::kNonZero, {}, {layer.input(0)}, "places", DType::kInt64);
  layer.emit_output(0, Op::kCast, CastAttrs{to}, {places});
  return {};
}

}  // namespace saker::openvino_ir
