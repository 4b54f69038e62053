// Convolutions with their biases, pools, BatchNormInference, MatMul.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

Result<WindowAttrs> window_attrs(const LayerImporter& layer) {
  WindowAttrs window;
  SAKER_ASSIGN(window.strides, layer.ints_attr("strides"));
  SAKER_ASSIGN(window.dilations, layer.ints_attr("dilations"));
  const std::string_view auto_pad = layer.text_attr("auto_pad", "explicit");
  if (auto_pad == "same_upper") {
    window.auto_pad = AutoPad::kSameUpper;
  } else if (auto_pad == "same_lower") {
    window.auto_pad = AutoPad::kSameLower;
  } else if (auto_pad == "valid") {
    window.auto_pad = AutoPad::kValid;
  } else if (auto_pad != "explicit" && auto_pad != "notset") {
    return Error{ErrorCode::kInvalid, fmt::format("unknown auto_pad '{}'", printable_name(auto_pad))};
  }
  if (window.auto_pad != AutoPad::kExplicit) return window;  // what the pads say does not count
  SAKER_ASSIGN(window.pads, layer.ints_attr("pads_begin"));
  SAKER_ASSIGN(const std::vector<std::int64_t> ends, layer.ints_attr("pads_end"));
  if (ends.size() != window.pads.size())
    return Error{ErrorCode::kInvalid, fmt::format("{} pads_begin but {} pads_end", window.pads.size(), ends.size())};
  window.pads.insert(window.pads.end(), ends.begin(), ends.end());
  return window;
}

Result<PoolAttrs> pool_attrs(const LayerImporter& layer) {
  PoolAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(layer));
  SAKER_ASSIGN(attrs.window.kernel, layer.ints_attr("kernel"));
  if (attrs.window.kernel.empty()) return Error{ErrorCode::kInvalid, "kernel is missing"};
  const std::string_view rounding = layer.text_attr("rounding_type", "floor");
  if (rounding != "floor" && rounding != "ceil" && rounding != "ceil_torch")
    return Error{ErrorCode::kInvalid, fmt::format("unknown rounding_type '{}'", printable_name(rounding))};
  attrs.ceil_mode = rounding != "floor";
  return attrs;
}

// A convolution whose result has one reader takes a bias from it.
Status emit_conv(LayerImporter& layer, ConvAttrs attrs, ValueId weights) {
  SAKER_TRY(layer.emit_first(Op::kConv, std::move(attrs), {layer.input(0), weights}));
  Graph& graph = layer.work().graph;
  if (layer.readers(0) == 1) layer.work().convs.emplace(graph.nodes.back().outputs[0], graph.nodes.size() - 1);
  return {};
}

// IR's weights of groups have an axis for the groups, ONNX's do not: [G, A, B, kernel] as [G * A, B, kernel].
struct Grouped {
  std::int64_t groups = 1;
  ValueId weights = kNoValue;
};
Result<Grouped> without_group_axis(LayerImporter& layer) {
  const Shape& from = layer.dims(1);
  if (from.size() < 4 || std::ranges::any_of(from, [](std::int64_t extent) { return extent < 1; }))
    return Error{ErrorCode::kUnsupported, fmt::format("weights of shape {}", to_string(from))};
  SAKER_ASSIGN([[maybe_unused]] const std::int64_t count, element_count(from));
  Shape to(from.begin() + 1, from.end());
  to[0] *= from[0];
  Grouped out{from[0], kNoValue};
  const auto form = layer.work().dequantized.find(layer.input(1));
  if (form != layer.work().dequantized.end() && form->second.has_scale && form->second.bytes.shape() == from) {
    SAKER_ASSIGN(const std::optional<ValueId> made, dequantize_as(layer, form->second, to));
    if (made) {
      out.weights = *made;
      return out;
    }
  }
  if (const Tensor* constant = layer.constant(1)) {
    out.weights = layer.constant_of("weights", constant->reshaped(to));
    return out;
  }
  SAKER_ASSIGN(const ValueId shape, layer.int_constant("weights.shape", to));
  out.weights = layer.step(Op::kReshape, ReshapeAttrs{}, {layer.input(1), shape}, "weights", layer.dtype(1));
  return out;
}

Status emit_backprop(LayerImporter& layer, std::int64_t groups, ValueId weights) {
  ConvTransposeAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(layer));
  SAKER_ASSIGN(attrs.output_padding, layer.ints_attr("output_padding"));
  if (layer.has_input(2)) {
    SAKER_ASSIGN(attrs.output_shape, layer.ints(2, "its output shape"));
  }
  attrs.group = groups;
  return layer.emit_first(Op::kConvTranspose, std::move(attrs), {layer.input(0), weights});
}

}  // namespace

Status import_convolution(LayerImporter& layer) {
  ConvAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(layer));
  return emit_conv(layer, std::move(attrs), layer.input(1));
}

Status import_group_convolution(LayerImporter& layer) {
  ConvAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(layer));
  SAKER_ASSIGN(const Grouped grouped, without_group_axis(layer));
  attrs.group = grouped.groups;
  return emit_conv(layer, std::move(attrs), grouped.weights);
}

Status import_convolution_backprop(LayerImporter& layer) {
  return emit_backprop(layer, 1, layer.input(1));
}

Status import_group_convolution_backprop(LayerImporter& layer) {
  SAKER_ASSIGN(const Grouped grouped, without_group_axis(layer));
  return emit_backprop(layer, grouped.groups, grouped.weights);
}

Result<bool> fold_bias(LayerImporter& layer, std::size_t x) {
  const auto conv = layer.work().convs.find(layer.input(x));
  const Tensor* bias = layer.constant(1 - x);
  if (conv == layer.work().convs.end() || bias == nullptr) return false;
  const Shape &sum = layer.dims(x), &shape = bias->shape();
  if (sum.size() < 3 || shape.size() > sum.size() || sum[1] < 1 || bias->elements() != sum[1]) return false;
  // All of it along axis 1, counted from the end as broadcasting does.
  const std::size_t behind = sum.size() - 2;
  if (shape.size() <= behind || shape[shape.size() - 1 - behind] != sum[1]) return false;
  const ValueId bias_input = layer.constant_of("bias", bias->reshaped({sum[1]}));
  // One value for both: whoever asks for the shape of the convolution's result gets the sum's.
  const ValueId id = conv->first;
  layer.work().graph.nodes[conv->second].inputs.push_back(bias_input);
  layer.work().graph.value(id).name = output_name(layer.layer(), 0);
  layer.set_output(0, id);
  layer.work().convs.erase(conv);
  return true;
}

Status import_max_pool(LayerImporter& layer) {
  SAKER_ASSIGN(PoolAttrs attrs, pool_attrs(layer));
  return layer.emit_first(Op::kMaxPool, std::move(attrs), {layer.input(0)});
}

Status import_avg_pool(LayerImporter& layer) {
  SAKER_ASSIGN(PoolAttrs attrs, pool_attrs(layer));
  SAKER_ASSIGN(const bool exclude_pad, layer.bool_attr("exclude-pad", false));
  attrs.count_include_pad = !exclude_pad;
  return layer.emit(Op::kAveragePool, std::move(attrs));
}

// opset1 has gamma and beta before the data.
Status import_batch_norm(LayerImporter& layer) {
  BatchNormalizationAttrs attrs;
  SAKER_ASSIGN(attrs.epsilon, layer.float_attr("epsilon", 1e-5F));
  if (layer.layer().version != "opset1") return layer.emit(Op::kBatchNormalization, attrs);
  return layer.emit(Op::kBatchNormalization, attrs,
                    {layer.input(2), layer.input(0), layer.input(1), layer.input(3), layer.input(4)});
}

Status import_mat_mul(LayerImporter& layer) {
  std::vector<ValueId> inputs;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    SAKER_ASSIGN(const bool transpose, layer.bool_attr(i == 0 ? "transpose_a" : "transpose_b", false));
    ValueId id = layer.input(i);
    const std::size_t rank = layer.dims(i).size();
    if (transpose && rank >= 2) {  // a vector stays what it is
      TransposeAttrs attrs;
      for (std::size_t axis = 0; axis < rank; ++axis) attrs.perm.push_back(static_cast<std::int64_t>(axis));
      std::swap(attrs.perm[rank - 1], attrs.perm[rank - 2]);
      id = layer.step(Op::kTranspose, std::move(attrs), {id}, i == 0 ? "a" : "b", layer.dtype(i));
    }
    inputs.push_back(id);
  }
  return layer.emit(Op::kMatMul, {}, std::move(inputs));
}

}  // namespace saker::openvino_ir
