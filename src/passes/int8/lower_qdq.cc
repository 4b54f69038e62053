// 8-bit layers in place of float ones between DequantizeLinear and QuantizeLinear.
//
// Walks the nodes once, in order. A value has a form when it is the dequantization of bytes: results of
// DequantizeLinear, and whatever moves or picks elements of values with forms (then the bytes are moved too). A
// convolution of a form by 8-bit weights becomes ConvInt8, and gives bytes if one quantization is all that reads it.
// QuantizeLinear of a form, of a function of one, or of a sum of forms works on bytes. What is left over of the float
// nodes nothing reads any more.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/try.h"
#include "graph/op_def.h"
#include "passes/int8/channels.h"
#include "passes/int8/functions.h"
#include "passes/int8/quantization.h"
#include "passes/int8/weights.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// A Form of one scale and one zero point that are known at run time only (DynamicQuantizeLinear).
struct DynamicForm {
  ValueId bytes = kNoValue, scale = kNoValue, zero_point = kNoValue;
};

// NaN has no byte.
bool is_finite(const Tensor& floats) {
  return std::all_of(floats.data<float>(), floats.data<float>() + floats.elements(),
                     [](float value) { return std::isfinite(value); });
}

class Lowering {
 public:
  explicit Lowering(Graph& graph)
      : graph_(graph),
        producer_(producers(graph)),
        readers_(graph.values.size()),
        is_output_(graph.values.size(), false),
        forms_(graph.values.size()),
        by_(own_values(graph)) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const ValueId id : graph.nodes[i].inputs) {
        if (id != kNoValue) readers_[index(id)].push_back(i);
      }
    }
    for (const ValueId id : graph.outputs) is_output_[index(id)] = true;
    for (const Value& value : graph.values) budget_ += value.constant ? 4 * value.constant->bytes() : 0;
  }

  Status run() {
    const std::size_t count = graph_.nodes.size();
    absorbed_.assign(count, false);
    for (std::size_t i = 0; i < count; ++i) {
      replace(graph_.nodes[i].inputs, by_);
      SAKER_TRY(visit(i));
    }
    replace(graph_.outputs, by_);
    for (std::size_t i = count; i < graph_.nodes.size(); ++i) replace(graph_.nodes[i].inputs, by_);
    absorbed_.resize(graph_.nodes.size(), false);
    erase_nodes(graph_, absorbed_);
    sort_nodes(graph_);
    return {};
  }

 private:
  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

  Status visit(std::size_t i) {
    if (absorbed_[i]) return {};
    const Node& node = graph_.nodes[i];
    if (node.op == Op::kDequantizeLinear) {
      if (auto quantization = quantization_of(graph_, node);
          quantization && !graph_.value(node.inputs[0]).constant && spend(*quantization))
        forms_[index(node.outputs[0])] = Form{node.inputs[0], std::move(*quantization)};
      else if (is_dynamic(node))
        dynamic_forms_[node.outputs[0]] = {node.inputs[0], node.inputs[1], node.inputs[2]};
      return {};
    }
    if (node.op == Op::kConv) return lower_conv(i);
    if (node.op == Op::kQuantizeLinear) return lower_quantize(i);
    if (moves_elements(graph_, node)) return move_bytes(i);
    return {};
  }

  // Many layers of a hostile file may share scales and weights, of which each gets a copy here.
  bool spend(std::size_t bytes) {
    spent_ += bytes;
    return spent_ <= budget_;
  }
  bool spend(const Quantization& quantization) { return spend(quantization.scale.size() * sizeof(double)); }

  const Form* form_of(ValueId id) const {
    const auto& form = forms_[index(id)];
    return form ? &*form : nullptr;
  }

  bool is_dynamic(const Node& node) const {
    const auto is_one = [&](std::size_t i) {
      const auto& shape = graph_.value(node.inputs[i]).shape;
      return shape && element_count(*shape).value() == 1;
    };
    return graph_.value(node.inputs[0]).dtype == DType::kUint8 && !graph_.value(node.inputs[0]).constant &&
           node.has_input(2) && is_one(1) && is_one(2);
  }
  const DynamicForm* dynamic_form_of(ValueId id) const {
    const auto found = dynamic_forms_.find(id);
    return found == dynamic_forms_.end() ? nullptr : &found->second;
  }

  ValueId add_bytes(ValueId like) {
    const ValueId id = graph_.add_value(graph_.value(like).name + ".int8", DType::kUint8);
    graph_.value(id).shape = graph_.value(like).shape;
    note_values();
    return id;
  }

  // Of values that are new: no form, no producer, nothing in their place.
  void note_values() {
    forms_.resize(graph_.values.size());
    producer_.resize(graph_.values.size(), -1);
    while (by_.size() < graph_.values.size()) by_.push_back(static_cast<ValueId>(by_.size()));
  }

  void append(Node node) {
    for (const ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      producer_[index(id)] = static_cast<std::int32_t>(graph_.nodes.size());
    }
    graph_.nodes.push_back(std::move(node));
  }

  // ---- movement ----

  Status move_bytes(std::size_t i) {
    Node moved = graph_.nodes[i];
    const std::size_t data = moved.op == Op::kConcat ? moved.inputs.size() : 1;
    std::vector<Quantization> parts;
    for (std::size_t k = 0; k < data; ++k) {
      const Form* form = form_of(moved.inputs[k]);
      if (form == nullptr) return {};
      parts.push_back(form->quantization);
      moved.inputs[k] = form->bytes;
    }
    std::vector<Quantization> results;
    if (spent_ > budget_ || !moved_quantization(graph_.nodes[i], parts, results)) return {};
    for (const Quantization& result : results) spend(result);
    moved.name += ".int8";
    for (std::size_t k = 0; k < moved.outputs.size(); ++k) {
      if (moved.outputs[k] == kNoValue) continue;
      const ValueId old = moved.outputs[k];
      moved.outputs[k] = add_bytes(old);
      forms_[index(old)] = Form{moved.outputs[k], results[k]};
    }
    append(std::move(moved));
    return {};
  }

  // What the results of a movement stand for, one for each output; false where they have no common form.
  bool moved_quantization(const Node& node, const std::vector<Quantization>& parts,
                          std::vector<Quantization>& results) const {
    const bool per_channel = std::ranges::any_of(parts, &Quantization::per_channel);
    const bool same = std::ranges::all_of(parts, [&](const Quantization& q) { return q == parts[0]; });
    if (!per_channel && same) {
      results.assign(node.outputs.size(), parts[0]);
      return true;
    }
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      const auto channels = moved_channels(graph_, node, k);
      if (!channels) return false;
      Quantization& result = results.emplace_back();
      for (const ChannelSource& source : *channels) {
        result.scale.push_back(parts[source.input].scale_of(source.channel));
        result.zero_point.push_back(parts[source.input].zero_of(source.channel));
      }
    }
    return true;
  }

  // ---- quantization ----

  Status lower_quantize(std::size_t i) {
    const Node& node = graph_.nodes[i];
    const auto quantization = quantization_of(graph_, node);
    if (!quantization || is_output_[index(node.outputs[0])]) return {};
    const Form* form = form_of(node.inputs[0]);
    if (form != nullptr && form->quantization == *quantization) {
      by_[index(node.outputs[0])] = form->bytes;
      absorbed_[i] = true;
      return {};
    }
    Node lowered = node;
    if (auto function = find_byte_function(graph_, producer_, node, lowered.note)) {
      lowered.op = Op::kLookup;
      lowered.inputs = {function->x};
      lowered.attrs = LookupAttrs{std::move(function->table)};
    } else if (auto sum = find_byte_sum(graph_, producer_, node, [this](ValueId id) { return form_of(id); })) {
      lowered.op = Op::kSumInt8;
      lowered.inputs = std::move(sum->inputs);
      lowered.attrs = std::move(sum->attrs);
      lowered.note.clear();
    }
    graph_.nodes[i] = std::move(lowered);
    return {};
  }

  // ---- convolution ----

  // The quantization that is all that reads a value, and its nodes.
  std::optional<Quantization> only_quantization(ValueId id) const {
    if (is_output_[index(id)] || readers_[index(id)].empty()) return std::nullopt;
    std::optional<Quantization> common;
    for (const std::size_t reader : readers_[index(id)]) {
      const Node& node = graph_.nodes[reader];
      const auto own = node.op == Op::kQuantizeLinear ? quantization_of(graph_, node) : std::nullopt;
      if (!own || (common && *common != *own) || is_output_[index(node.outputs[0])]) return std::nullopt;
      common = own;
    }
    return common;
  }

  Result<std::vector<float>> bias_of(const Node& conv, std::int64_t outputs) const {
    std::vector<float> bias(static_cast<std::size_t>(outputs), 0.0F);
    if (!conv.has_input(2)) return bias;
    const Tensor& constant = *graph_.value(conv.inputs[2]).constant;
    std::copy(constant.data<float>(), constant.data<float>() + outputs, bias.begin());
    return bias;
  }

  Status lower_conv(std::size_t i) {
    Int8Weights weights;
    SAKER_ASSIGN(std::string reason, why_not(graph_.nodes[i], weights));
    if (!reason.empty()) {
      graph_.nodes[i].note = std::move(reason);
      return {};
    }
    const Node conv = graph_.nodes[i];
    const DynamicForm* dynamic = dynamic_form_of(conv.inputs[0]);
    const Form x = dynamic == nullptr ? *form_of(conv.inputs[0]) : Form();  // a copy: forms_ grows below
    const std::int64_t outputs = weights.weights.shape()[0], channels = (*graph_.value(conv.inputs[0]).shape)[1];
    ConvInt8Attrs attrs;
    attrs.conv = conv.as<ConvAttrs>();
    attrs.multiplier = weights.multiplier;
    SAKER_ASSIGN(attrs.bias, bias_of(conv, outputs));
    for (std::int64_t c = 0; dynamic == nullptr && c < channels; ++c)
      attrs.zero_points.push_back(x.quantization.zero_of(c));
    const ValueId w = graph_.add_constant(conv.name + ".weights.int8", std::move(weights.weights));
    note_values();
    Node lowered{Op::kConvInt8, conv.name, {dynamic == nullptr ? x.bytes : dynamic->bytes, w}, {}, {}, {}};

    // An activation of its own, and the residual that comes after it, stay float nodes.
    const Activation activation = attrs.conv.activation;
    const bool separate = !int8_can_apply(activation.kind);
    if (separate) attrs.conv.activation = {};
    const Form* residual = conv.has_input(3) && !separate ? form_of(conv.inputs[3]) : nullptr;
    const bool whole = !separate && (residual != nullptr || !conv.has_input(3));
    const std::optional<Quantization> out = whole ? only_quantization(conv.outputs[0]) : std::nullopt;
    finish(attrs, out, residual == nullptr ? nullptr : &residual->quantization, outputs);
    if (residual != nullptr) lowered.inputs.push_back(residual->bytes);
    if (dynamic != nullptr) {
      lowered.inputs.resize(3, kNoValue);
      lowered.inputs.insert(lowered.inputs.end(), {dynamic->scale, dynamic->zero_point});
    }
    attrs.to = out ? DType::kUint8 : DType::kFloat32;
    lowered.attrs = std::move(attrs);
    if (out) {
      give_bytes(conv.outputs[0], lowered);
    } else if (whole) {
      lowered.outputs = conv.outputs;
    } else {
      add_float_tail(conv, activation, separate, lowered);
    }
    graph_.nodes[i] = std::move(lowered);
    return {};
  }

  Result<std::string> why_not(const Node& conv, Int8Weights& weights) {
    const Form* x = form_of(conv.inputs[0]);
    const bool dynamic = dynamic_form_of(conv.inputs[0]) != nullptr;
    if (x == nullptr && !dynamic) return std::string("its input is not quantized");
    const auto& shape = graph_.value(conv.inputs[0]).shape;
    if (!shape || shape->size() != 4 || !graph_.value(conv.outputs[0]).shape) return std::string("it is not 2-D");
    if (conv.has_input(4)) return std::string("it adds a picture of half the size");
    if (conv.has_input(2) &&
        (!graph_.value(conv.inputs[2]).constant || graph_.value(conv.inputs[2]).dtype != DType::kFloat32))
      return std::string("its bias is not constant");
    if (conv.has_input(2) && !is_finite(*graph_.value(conv.inputs[2]).constant))
      return std::string("its bias is not finite");
    const auto& weights_shape = graph_.value(conv.inputs[1]).shape;
    if (weights_shape && !spend(static_cast<std::size_t>(element_count(*weights_shape).value())))
      return std::string("too many layers share their weights");
    return find_int8_weights(graph_, producer_, conv, dynamic ? Quantization{{1}, {0}} : x->quantization, weights);
  }

  // The parameters behind the activation (ConvInt8Attrs).
  static void finish(ConvInt8Attrs& attrs, const std::optional<Quantization>& out, const Quantization* residual,
                     std::int64_t outputs) {
    if (!out && residual == nullptr) return;
    const bool fold = out && residual == nullptr && attrs.conv.activation.kind == ActivationKind::kNone;
    for (std::int64_t o = 0; o < outputs; ++o) {
      const auto k = static_cast<std::size_t>(o);
      const float scale = out ? 1 / out->scale_of(o) : 1;
      float offset = out ? static_cast<float>(out->zero_of(o)) : 0;
      if (fold) {
        attrs.multiplier[k] *= scale;
        attrs.bias[k] = attrs.bias[k] * scale + offset;
        continue;
      }
      if (residual != nullptr) {
        attrs.residual_scale.push_back(residual->scale_of(o) * scale);
        offset -= attrs.residual_scale.back() * static_cast<float>(residual->zero_of(o));
      }
      attrs.out_scale.push_back(scale);
      attrs.out_offset.push_back(offset);
    }
  }

  // The bytes in place of what the quantizations would give.
  void give_bytes(ValueId value, Node& lowered) {
    const auto& readers = readers_[index(value)];
    const ValueId bytes = graph_.nodes[readers[0]].outputs[0];
    for (const std::size_t reader : readers) {
      absorbed_[reader] = true;
      by_[index(graph_.nodes[reader].outputs[0])] = bytes;
    }
    lowered.outputs = {bytes};
    producer_[index(bytes)] = -1;  // what find_byte_function must not look through
  }

  // conv -> activation -> + residual as far as they are not part of `lowered`.
  void add_float_tail(const Node& conv, const Activation& activation, bool separate, Node& lowered) {
    const bool adds = conv.has_input(3);
    const auto value = [&](const char* what) {
      const ValueId id = graph_.add_value(fmt::format("{}.{}", conv.name, what), DType::kFloat32);
      graph_.value(id).shape = graph_.value(conv.outputs[0]).shape;
      note_values();
      return id;
    };
    ValueId at = value("int8.sum");
    lowered.outputs = {at};
    if (separate) {
      const ValueId out = adds ? value("activated") : conv.outputs[0];
      const bool hard = activation.kind == ActivationKind::kHardSigmoid;
      append({hard ? Op::kHardSigmoid : Op::kSigmoid,
              conv.name + ".activation",
              {at},
              {out},
              hard ? Attributes(HardSigmoidAttrs{activation.alpha, activation.beta}) : Attributes(),
              {}});
      at = out;
    }
    if (adds) append({Op::kAdd, conv.name + ".residual", {at, conv.inputs[3]}, {conv.outputs[0]}, {}, {}});
  }

  Graph& graph_;
  std::vector<std::int32_t> producer_;
  std::vector<std::vector<std::size_t>> readers_;  // nodes, as they were
  std::vector<bool> is_output_;
  std::vector<std::optional<Form>> forms_;
  std::map<ValueId, DynamicForm> dynamic_forms_;
  std::vector<ValueId> by_;
  std::vector<bool> absorbed_;
  std::size_t spent_ = 0, budget_ = std::size_t{64} << 20;  // bytes
};

// Lookup of bytes that only it reads, into the convolution that makes them.
void fuse_lookups(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> dead(graph.nodes.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    if (node.op != Op::kLookup) continue;
    const std::int32_t index = uses.producer_of(node.inputs[0], Op::kConvInt8);
    if (index < 0 || !uses.used_once(node.inputs[0])) continue;
    Node& conv = graph.nodes[static_cast<std::size_t>(index)];
    auto& attrs = *std::get_if<ConvInt8Attrs>(&conv.attrs);
    if (!attrs.table.empty()) continue;
    attrs.table = node.as<LookupAttrs>().table;
    conv.outputs = node.outputs;
    dead[i] = true;
  }
  erase_nodes(graph, dead);
}

}  // namespace

Status lower_qdq(Graph& graph) {
  const bool quantized = std::ranges::any_of(
      graph.nodes, [](const Node& node) { return node.op == Op::kDequantizeLinear || node.op == Op::kQuantizeLinear; });
  if (!quantized) return {};
  SAKER_TRY(Lowering(graph).run());
  SAKER_TRY(remove_dead(graph));
  fuse_lookups(graph);
  return {};
}

}  // namespace saker
