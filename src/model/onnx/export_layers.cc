// Attributes of the operators of graph/layer_attributes.h, as opset 17 has them (export_attributes.h).
#include <algorithm>

#include "base/try.h"
#include "model/onnx/export_attributes.h"
#include "model/onnx/gates.h"

namespace saker::onnx {
namespace {

Status add_recurrent(const Graph& graph, const Node& node, ExportAttributes& out) {
  constexpr const char* kDirections[] = {"forward", "reverse", "bidirectional"};
  const auto& attrs = node.as<RecurrentAttrs>();
  std::vector<std::string_view> names;
  std::vector<float> alphas, betas;
  for (const GateActivation& gate : attrs.activations) {
    const GateEntry& entry = *std::ranges::find(kGates, gate.kind, &GateEntry::kind);
    names.emplace_back(entry.name);
    if (entry.has_alpha) alphas.push_back(gate.alpha);
    if (entry.has_beta) betas.push_back(gate.beta);
  }
  out.texts("activations", names);
  out.numbers("activation_alpha", alphas);
  out.numbers("activation_beta", betas);
  out.text("direction", kDirections[static_cast<std::size_t>(attrs.direction)]);
  if (attrs.clip != 0) out.number("clip", attrs.clip);
  const auto& weights = graph.value(node.inputs[2]).shape;
  const bool known = attrs.hidden_size == 0 && weights && weights->size() == 3;
  out.integer("hidden_size", known ? weights->back() : attrs.hidden_size);
  out.integer("layout", attrs.batch_first ? 1 : 0);
  if (node.op == Op::kGRU) out.integer("linear_before_reset", attrs.linear_before_reset ? 1 : 0);
  if (node.op == Op::kLSTM) out.integer("input_forget", attrs.input_forget ? 1 : 0);
  return {};
}

Status add_grid_sample(const Graph& graph, const Node& node, ExportAttributes& out) {
  constexpr const char* kModes[] = {"bilinear", "nearest", "bicubic"};
  constexpr const char* kPaddings[] = {"zeros", "border", "reflection"};
  const auto& attrs = node.as<GridSampleAttrs>();
  const auto& shape = graph.value(node.inputs[0]).shape;
  if (shape && shape->size() != 4) return unsupported("samples of a volume");
  out.text("mode", kModes[static_cast<std::size_t>(attrs.mode)]);
  out.text("padding_mode", kPaddings[static_cast<std::size_t>(attrs.padding)]);
  out.integer("align_corners", attrs.align_corners ? 1 : 0);
  return {};
}

Status add_lp_pool(const LpPoolAttrs& attrs, ExportAttributes& out) {
  if (attrs.ceil_mode || std::ranges::any_of(attrs.window.dilations, [](std::int64_t d) { return d != 1; }))
    return unsupported("its dilations or ceil_mode");
  WindowAttrs window = attrs.window;
  window.dilations.clear();
  add_window(window, out);
  out.integer("p", attrs.p);
  return {};
}

Status add_roi_align(const RoiAlignAttrs& attrs, ExportAttributes& out) {
  out.text("coordinate_transformation_mode", attrs.half_pixel ? "half_pixel" : "output_half_pixel");
  out.text("mode", attrs.maximum ? "max" : "avg");
  out.integer("output_height", attrs.height);
  out.integer("output_width", attrs.width);
  out.integer("sampling_ratio", attrs.samples);
  out.number("spatial_scale", attrs.spatial_scale);
  return {};
}

// The axis is an attribute.
Status add_dft(const Graph& graph, const Node& node, ExportAttributes& out, ExportedNode& exported) {
  const auto& attrs = node.as<DftAttrs>();
  std::int64_t axis = -2;
  if (node.has_input(2)) {
    const auto& constant = graph.value(node.inputs[2]).constant;
    if (!constant || constant->dtype() != DType::kInt64 || constant->elements() != 1)
      return unsupported("an axis that is not constant");
    axis = *constant->data<std::int64_t>();
  }
  const auto& shape = graph.value(node.inputs[0]).shape;
  if (axis < 0 && !shape) return unsupported("an axis that counts from the end");
  out.integer("axis", axis < 0 ? axis + static_cast<std::int64_t>(shape->size()) : axis);
  out.integer("inverse", attrs.inverse ? 1 : 0);
  out.integer("onesided", attrs.onesided ? 1 : 0);
  exported.inputs = 2;
  return {};
}

Status add_tf_idf(const TfIdfVectorizerAttrs& attrs, ExportAttributes& out) {
  constexpr const char* kModes[] = {"TF", "IDF", "TFIDF"};
  out.text("mode", kModes[static_cast<std::size_t>(attrs.mode)]);
  out.integer("min_gram_length", attrs.min_length);
  out.integer("max_gram_length", attrs.max_length);
  out.integer("max_skip_count", attrs.max_skip);
  out.integers("ngram_counts", attrs.counts);
  out.integers("ngram_indexes", attrs.indexes);
  out.integers("pool_int64s", attrs.pool);
  out.numbers("weights", attrs.weights);
  return {};
}

// Those whose attributes are a number or two.
void add_plain(const Node& node, ExportAttributes& out) {
  if (const auto* axes = std::get_if<AxesAttrs>(&node.attrs)) {
    out.integers("axes", axes->axes);
  } else if (const auto* einsum = std::get_if<EinsumAttrs>(&node.attrs)) {
    out.text("equation", einsum->equation);
  } else if (const auto* lp = std::get_if<LpAttrs>(&node.attrs)) {
    out.integer("p", lp->p);
    if (node.op == Op::kLpNormalization) out.integer("axis", lp->axis);
  } else if (const auto* lrn = std::get_if<LrnAttrs>(&node.attrs)) {
    out.number("alpha", lrn->alpha);
    out.number("beta", lrn->beta);
    out.number("bias", lrn->bias);
    out.integer("size", lrn->size);
  } else if (const auto* pool = std::get_if<MaxRoiPoolAttrs>(&node.attrs)) {
    out.integers("pooled_shape", {pool->height, pool->width});
    out.number("spatial_scale", pool->spatial_scale);
  } else if (const auto* norm = std::get_if<NormalizationAttrs>(&node.attrs)) {
    out.number("epsilon", norm->epsilon);
    if (node.op == Op::kLayerNormalization) out.integer("axis", norm->axis);
  } else if (const auto* reverse = std::get_if<ReverseSequenceAttrs>(&node.attrs)) {
    out.integer("batch_axis", reverse->batch_axis);
    out.integer("time_axis", reverse->time_axis);
  } else if (const auto* window = std::get_if<SignalWindowAttrs>(&node.attrs)) {
    out.integer("output_datatype", onnx_type(window->to));
    if (node.op != Op::kMelWeightMatrix) out.integer("periodic", window->periodic ? 1 : 0);
  } else if (const auto* stft = std::get_if<StftAttrs>(&node.attrs)) {
    out.integer("onesided", stft->onesided ? 1 : 0);
  } else if (const auto* unique = std::get_if<UniqueAttrs>(&node.attrs)) {
    if (unique->axis) out.integer("axis", *unique->axis);
    out.integer("sorted", unique->sorted ? 1 : 0);
  } else if (const auto* unpool = std::get_if<WindowAttrs>(&node.attrs)) {
    add_window(*unpool, out);
  }
}

}  // namespace

bool is_layer(const Node& node) {
  switch (node.op) {
    case Op::kAffineGrid:
    case Op::kAttention:
    case Op::kBlackmanWindow:
    case Op::kCenterCropPad:
    case Op::kCol2Im:
    case Op::kDeformConv:
    case Op::kDFT:
    case Op::kEinsum:
    case Op::kGlobalLpPool:
    case Op::kGridSample:
    case Op::kGroupNormalization:
    case Op::kGRU:
    case Op::kHammingWindow:
    case Op::kHannWindow:
    case Op::kInstanceNormalization:
    case Op::kLayerNormalization:
    case Op::kLpNormalization:
    case Op::kLpPool:
    case Op::kLRN:
    case Op::kLSTM:
    case Op::kMaxRoiPool:
    case Op::kMaxUnpool:
    case Op::kMeanVarianceNormalization:
    case Op::kMelWeightMatrix:
    case Op::kReverseSequence:
    case Op::kRMSNormalization:
    case Op::kRNN:
    case Op::kRoiAlign:
    case Op::kRotaryEmbedding:
    case Op::kSTFT:
    case Op::kTfIdfVectorizer:
    case Op::kUnique:
      return true;
    default:
      return false;
  }
}

Status add_layer(const Graph& graph, const Node& node, ExportAttributes& out, ExportedNode& exported) {
  switch (node.op) {
    case Op::kAffineGrid:
    case Op::kAttention:
    case Op::kCenterCropPad:
    case Op::kCol2Im:
    case Op::kDeformConv:
    case Op::kGroupNormalization:
    case Op::kRMSNormalization:
    case Op::kRotaryEmbedding:
      return unsupported("the operator came later");
    case Op::kDFT:
      return add_dft(graph, node, out, exported);
    case Op::kGridSample:
      return add_grid_sample(graph, node, out);
    case Op::kGRU:
    case Op::kLSTM:
    case Op::kRNN:
      return add_recurrent(graph, node, out);
    case Op::kLpPool:
      return add_lp_pool(node.as<LpPoolAttrs>(), out);
    case Op::kRoiAlign:
      return add_roi_align(node.as<RoiAlignAttrs>(), out);
    case Op::kTfIdfVectorizer:
      return add_tf_idf(node.as<TfIdfVectorizerAttrs>(), out);
    default:
      add_plain(node, out);
      return {};
  }
}

}  // namespace saker::onnx
