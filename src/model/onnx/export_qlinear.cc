#include "model/onnx/export_qlinear.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/check.h"

namespace saker::onnx {
namespace {

constexpr const char* kOnnx = "";
constexpr const char* kMicrosoft = "com.microsoft";

// The numbers that bytes stand for.
struct Grid {
  ValueId scale_id = kNoValue, zero_id = kNoValue;
  float scale = 0;
  std::uint8_t zero = 0;

  std::uint8_t byte_of(float value) const {
    return static_cast<std::uint8_t>(
        std::clamp(std::nearbyint(value / scale) + static_cast<float>(zero), 0.0F, 255.0F));
  }
};

// A value that is the dequantization of bytes.
struct Bytes {
  ValueId id = kNoValue;
  Grid grid;
};

// What quantizes a value; between them may be a Relu or Clip.
struct Ending {
  ValueId bytes = kNoValue;
  Grid grid;
  std::size_t quantize = 0;
  std::optional<std::size_t> clamp{};  // node index
};

struct Weights {
  ValueId bytes = kNoValue, scales = kNoValue, zeros = kNoValue, bias = kNoValue;
};

template <typename T>
Tensor filled(DType dtype, const Shape& shape, T value) {
  auto tensor = Tensor::make(dtype, shape);
  SAKER_CHECK(tensor.ok());
  std::fill_n(tensor->template data<T>(), tensor->elements(), value);
  return std::move(*tensor);
}

class Converter {
 public:
  explicit Converter(Graph graph)
      : graph_(std::move(graph)),
        producer_(producers(graph_)),
        uses_(use_counts(graph_)),
        reader_(graph_.values.size(), 0),
        forms_(graph_.nodes.size()),
        left_out_(graph_.nodes.size(), false) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const ValueId id : graph_.nodes[i].inputs) {
        if (id != kNoValue) reader_[static_cast<std::size_t>(id)] = i;
      }
    }
  }

  QLinearGraph run() && {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) convert(i);
    leave_out();
    return {std::move(graph_), std::move(forms_)};
  }

 private:
  void convert(std::size_t i) {
    switch (graph_.nodes[i].op) {
      case Op::kAdd:
        return convert_operator(i, "QLinearAdd");
      case Op::kConv:
        return convert_conv(i);
      case Op::kLeakyRelu:
        return convert_operator(i, "QLinearLeakyRelu");
      case Op::kMul:
        return convert_operator(i, "QLinearMul");
      case Op::kSigmoid:
        return convert_operator(i, "QLinearSigmoid");
      default:
        return;  // movements work on bytes as they are
    }
  }

  const Tensor* constant(const Node& node, std::size_t i, DType dtype) const {
    if (!node.has_input(i)) return nullptr;
    const Value& value = graph_.value(node.inputs[i]);
    return value.constant && value.dtype == dtype ? &*value.constant : nullptr;
  }

  // Of a QuantizeLinear or DequantizeLinear.
  std::optional<Grid> grid_of(const Node& node) const {
    const Tensor *scale = constant(node, 1, DType::kFloat32), *zero = constant(node, 2, DType::kUint8);
    if (scale == nullptr || zero == nullptr || scale->elements() != 1 || zero->elements() != 1) return std::nullopt;
    return Grid{node.inputs[1], node.inputs[2], *scale->data<float>(), *zero->data<std::uint8_t>()};
  }

  std::optional<Bytes> bytes_of(ValueId id) const {
    const Node* node = maker(id, Op::kDequantizeLinear);
    const auto grid = node == nullptr ? std::nullopt : grid_of(*node);
    if (!grid) return std::nullopt;
    return Bytes{node->inputs[0], *grid};
  }

  const Node* maker(ValueId id, Op op) const {
    const std::int32_t index = id == kNoValue ? -1 : producer_[static_cast<std::size_t>(id)];
    if (index < 0) return nullptr;
    const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    return node.op == op ? &node : nullptr;
  }

  // Only one node may read the value, and that quantizes it.
  std::optional<Ending> ending_of(ValueId id, bool may_clamp) const {
    if (id == kNoValue || uses_[static_cast<std::size_t>(id)] != 1 || is_output(id)) return std::nullopt;
    const std::size_t index = reader_[static_cast<std::size_t>(id)];
    const Node& node = graph_.nodes[index];
    if (node.inputs[0] != id) return std::nullopt;
    if (node.op == Op::kQuantizeLinear) {
      const auto grid = grid_of(node);
      if (!grid) return std::nullopt;
      return Ending{node.outputs[0], *grid, index};
    }
    const bool clamps = node.op == Op::kRelu || (node.op == Op::kClip && has_number(node, 1) && has_number(node, 2));
    if (!may_clamp || !clamps) return std::nullopt;
    auto ending = ending_of(node.outputs[0], false);
    if (ending) ending->clamp = index;
    return ending;
  }
  bool is_output(ValueId id) const { return std::ranges::find(graph_.outputs, id) != graph_.outputs.end(); }
  // Or nothing.
  bool has_number(const Node& node, std::size_t i) const {
    if (!node.has_input(i)) return true;
    const Tensor* value = constant(node, i, DType::kFloat32);
    return value != nullptr && value->elements() == 1;
  }

  // The node's result becomes bytes; clamping them is clamping what they stand for.
  void end(std::size_t i, const Ending& ending) {
    Node& node = graph_.nodes[i];
    left_out_[ending.quantize] = true;
    if (!ending.clamp) {
      node.outputs[0] = ending.bytes;
      return;
    }
    Node& clamp = graph_.nodes[*ending.clamp];
    std::uint8_t low = ending.grid.zero, high = 255;
    if (clamp.op == Op::kClip) {
      low = clamp.has_input(1) ? ending.grid.byte_of(*constant(clamp, 1, DType::kFloat32)->data<float>()) : 0;
      high = clamp.has_input(2) ? ending.grid.byte_of(*constant(clamp, 2, DType::kFloat32)->data<float>()) : 255;
    }
    if (low == 0 && high == 255) {
      left_out_[*ending.clamp] = true;
      node.outputs[0] = ending.bytes;
      return;
    }
    const ValueId lowest = graph_.add_constant(clamp.name + ".lowest", filled(DType::kUint8, {}, low));
    const ValueId highest = graph_.add_constant(clamp.name + ".highest", filled(DType::kUint8, {}, high));
    graph_.value(node.outputs[0]).dtype = DType::kUint8;
    clamp = {Op::kClip, clamp.name, {node.outputs[0], lowest, highest}, {ending.bytes}, {}, {}};
  }

  // One or two inputs.
  void convert_operator(std::size_t i, const char* op) {
    QLinearForm form{op, kMicrosoft};
    for (const ValueId id : graph_.nodes[i].inputs) {
      const auto x = bytes_of(id);
      if (!x) return;
      form.inputs.insert(form.inputs.end(), {x->id, x->grid.scale_id, x->grid.zero_id});
    }
    const auto ending = ending_of(graph_.nodes[i].outputs[0], true);
    if (!ending) return;
    form.inputs.insert(form.inputs.end(), {ending->grid.scale_id, ending->grid.zero_id});
    forms_[i] = std::move(form);
    end(i, *ending);
  }

  void convert_conv(std::size_t i) {
    const Node& node = graph_.nodes[i];
    const auto x = bytes_of(node.inputs[0]);
    const auto ending = ending_of(node.outputs[0], true);
    if (!x || !ending) return;
    const auto w = weights_of(node, x->grid.scale);
    if (!w) return;
    const Grid &in = x->grid, &out = ending->grid;
    forms_[i] = {"QLinearConv",
                 kOnnx,
                 {x->id, in.scale_id, in.zero_id, w->bytes, w->scales, w->zeros, out.scale_id, out.zero_id}};
    if (w->bias != kNoValue) forms_[i].inputs.push_back(w->bias);
    end(i, *ending);
  }

  std::optional<Weights> weights_of(const Node& conv, float x_scale) {
    const Node* node = maker(conv.inputs[1], Op::kDequantizeLinear);
    if (node == nullptr || conv.has_input(3) || conv.has_input(4)) return std::nullopt;
    const Tensor *bytes = constant(*node, 0, DType::kInt8), *scales = constant(*node, 1, DType::kFloat32);
    if (bytes == nullptr || scales == nullptr || node->as<AxisAttrs>().block != 0) return std::nullopt;
    const std::int64_t filters = bytes->shape()[0];
    const bool per_filter = scales->elements() == filters && (node->as<AxisAttrs>().axis == 0 || filters == 1);
    if (!per_filter || filters == 0) return std::nullopt;
    if (node->has_input(2)) {
      const Tensor* zeros = constant(*node, 2, DType::kInt8);
      if (zeros == nullptr || std::any_of(zeros->data<std::int8_t>(), zeros->data<std::int8_t>() + zeros->elements(),
                                          [](std::int8_t zero) { return zero != 0; }))
        return std::nullopt;
    }
    Weights result{node->inputs[0], node->inputs[1]};
    if (conv.has_input(2)) {
      const Tensor* bias = constant(conv, 2, DType::kFloat32);
      if (bias == nullptr || bias->elements() != filters) return std::nullopt;
      if (!add_bias(conv.name, *bytes, *scales, *bias, x_scale, result)) return std::nullopt;
    }
    result.zeros =
        graph_.add_constant(conv.name + ".weights.zero_point", filled(DType::kInt8, {filters}, std::int8_t{0}));
    return result;
  }

  // False: a bias that has no place in the sums of 32 bits.
  bool add_bias(const std::string& name, Tensor bytes, Tensor scales, Tensor bias, float x_scale, Weights& result) {
    constexpr float kMost = 1 << 30;       // leaves room for the products of a filter of 60000 weights
    constexpr float kOfNothing = 1 << 24;  // filters that are all zero: any scale does
    const std::int64_t filters = bias.elements(), size = bytes.elements() / filters;
    Tensor steps = filled(DType::kFloat32, {filters}, 0.0F), integers = filled(DType::kInt32, {filters}, 0);
    bool same = true;
    for (std::int64_t o = 0; o < filters; ++o) {
      const std::int8_t* filter = bytes.data<std::int8_t>() + o * size;
      const float value = bias.data<float>()[o];
      float& step = steps.data<float>()[o];
      step = scales.data<float>()[o];
      if (std::all_of(filter, filter + size, [](std::int8_t w) { return w == 0; })) {
        step = std::max(step, std::fabs(value) / x_scale / kOfNothing);
        same = same && step == scales.data<float>()[o];
      }
      if (value == 0) continue;
      const float integer = std::nearbyint(value / (x_scale * step));
      if (!(std::fabs(integer) <= kMost)) return false;
      integers.data<std::int32_t>()[o] = static_cast<std::int32_t>(integer);
    }
    result.bias = graph_.add_constant(name + ".bias.int32", std::move(integers));
    if (!same) result.scales = graph_.add_constant(name + ".weights.scale", std::move(steps));
    return true;
  }

  // What was replaced, and quantizations that nobody reads any more.
  void leave_out() {
    std::vector<int> uses(graph_.values.size(), 0);
    for (const ValueId id : graph_.outputs) ++uses[static_cast<std::size_t>(id)];
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const Node& node = graph_.nodes[i];
      const bool quantizes = node.op == Op::kQuantizeLinear || node.op == Op::kDequantizeLinear;
      if (quantizes && uses[static_cast<std::size_t>(node.outputs[0])] == 0) left_out_[i] = true;
      if (left_out_[i]) continue;
      for (const ValueId id : forms_[i].op == nullptr ? node.inputs : forms_[i].inputs) {
        if (id != kNoValue) ++uses[static_cast<std::size_t>(id)];
      }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (left_out_[i]) continue;
      if (kept != i) {
        graph_.nodes[kept] = std::move(graph_.nodes[i]);
        forms_[kept] = std::move(forms_[i]);
      }
      ++kept;
    }
    graph_.nodes.resize(kept);
    forms_.resize(kept);
  }

  Graph graph_;
  std::vector<std::int32_t> producer_, uses_;  // of the graph as it was
  std::vector<std::size_t> reader_;
  std::vector<QLinearForm> forms_;
  std::vector<bool> left_out_;
};

}  // namespace

QLinearGraph to_qlinear(Graph graph) {
  return Converter(std::move(graph)).run();
}

}  // namespace saker::onnx
