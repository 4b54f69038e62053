#include "passes/int8/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "graph/activation_of.h"
#include "graph/op_def.h"

namespace saker {
namespace {

constexpr std::size_t kMaxNodes = 64;  // of a function: HardSwish written out has five
constexpr std::size_t kMaxTerms = 4;

bool is_elementwise(Op op) {
  switch (op) {
    case Op::kAdd:
    case Op::kClip:
    case Op::kDequantizeLinear:
    case Op::kDiv:
    case Op::kExp:
    case Op::kHardSigmoid:
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kLookup:
    case Op::kMax:
    case Op::kMin:
    case Op::kMul:
    case Op::kPow:
    case Op::kRelu:
    case Op::kSigmoid:
    case Op::kSilu:
    case Op::kSqrt:
    case Op::kSub:
    case Op::kTanh:
      return true;
    default:
      return false;
  }
}

// The nodes between a result and the one uint8 tensor that everything in it comes from.
class FunctionFinder {
 public:
  FunctionFinder(const Graph& graph, const std::vector<std::int32_t>& producer) : graph_(graph), producer_(producer) {}

  bool collect(ValueId id) {
    if (done_.contains(id)) return true;
    const Value& value = graph_.value(id);
    if (value.constant) return value.constant->elements() == 1;
    const Node* node = producer_of(graph_, producer_, id);
    const bool inside = node != nullptr && is_elementwise(node->op) && node->outputs.size() == 1;
    if (value.dtype == DType::kUint8 && (!inside || node->op != Op::kLookup)) return take_root(id);
    // Counted on the way down, which bounds the depth too.
    if (!inside) why_not_ = fmt::format("it is a function of numbers that are not 8-bit, those of '{}'", value.name);
    if (!inside || ++entered_ > kMaxNodes || value.shape != graph_.value(node->inputs[0]).shape) return false;
    for (const ValueId input : node->inputs) {
      if (input != kNoValue && !collect(input)) return false;
    }
    done_.emplace(id, Tensor());
    nodes_.push_back(node);
    return true;
  }

  // The function's values for 0 to 255; empty where an evaluator refuses.
  std::optional<Tensor> evaluate_at(ValueId result) {
    auto bytes = Tensor::make(DType::kUint8, {256});
    if (!bytes.ok() || root_ == kNoValue) return std::nullopt;
    std::iota(bytes->data<std::uint8_t>(), bytes->data<std::uint8_t>() + 256, std::uint8_t{0});
    done_[root_] = *bytes;
    for (const Node* node : nodes_) {
      std::vector<const Tensor*> inputs;
      for (const ValueId id : node->inputs) {
        inputs.push_back(id == kNoValue              ? nullptr
                         : graph_.value(id).constant ? &*graph_.value(id).constant
                                                     : &done_.at(id));
      }
      auto outputs = evaluate(*node, inputs);
      if (!outputs.ok() || (*outputs)[0].elements() != 256) return std::nullopt;
      done_[node->outputs[0]] = (*outputs)[0].reshaped({256});
    }
    return done_.at(result);
  }

  ValueId root() const { return root_; }
  const std::string& why_not() const { return why_not_; }

 private:
  bool take_root(ValueId id) {
    if (root_ != kNoValue && root_ != id) {
      why_not_ = fmt::format("it is a function of two 8-bit tensors, '{}' and '{}'", graph_.value(root_).name,
                             graph_.value(id).name);
      return false;
    }
    root_ = id;
    done_.emplace(id, Tensor());
    return true;
  }

  const Graph& graph_;
  const std::vector<std::int32_t>& producer_;
  ValueId root_ = kNoValue;
  std::size_t entered_ = 0;
  std::vector<const Node*> nodes_;  // in the order of their evaluation
  std::map<ValueId, Tensor> done_;
  std::string why_not_;
};

}  // namespace

std::optional<ByteFunction> find_byte_function(const Graph& graph, const std::vector<std::int32_t>& producer,
                                               const Node& quantize, std::string& why_not) {
  const auto quantization = quantization_of(graph, quantize);
  if (!quantization || quantization->per_channel()) return std::nullopt;
  FunctionFinder finder(graph, producer);
  if (!finder.collect(quantize.inputs[0]) || finder.root() == kNoValue) {
    const Node* last = producer_of(graph, producer, quantize.inputs[0]);
    if (last != nullptr && is_elementwise(last->op)) why_not = finder.why_not();
    return std::nullopt;
  }
  if (graph.value(finder.root()).shape != graph.value(quantize.outputs[0]).shape) return std::nullopt;
  const auto results = finder.evaluate_at(quantize.inputs[0]);
  if (!results) return std::nullopt;
  const Tensor *scale = &*graph.value(quantize.inputs[1]).constant,
               *zero = quantize.has_input(2) ? &*graph.value(quantize.inputs[2]).constant : nullptr;
  const Tensor* inputs[] = {&*results, scale, zero};
  auto bytes = evaluate(quantize, std::span<const Tensor* const>(inputs, zero == nullptr ? 2 : 3));
  if (!bytes.ok()) return std::nullopt;
  const std::uint8_t* table = (*bytes)[0].data<std::uint8_t>();
  return ByteFunction{finder.root(), {table, table + 256}};
}

std::optional<ByteSum> find_byte_sum(const Graph& graph, const std::vector<std::int32_t>& producer,
                                     const Node& quantize, const std::function<const Form*(ValueId)>& form_of) {
  const auto quantization = quantization_of(graph, quantize);
  if (!quantization) return std::nullopt;
  // Left to right, so that the order of additions is the file's where it adds to what it has.
  std::vector<ValueId> terms, pending = {quantize.inputs[0]};
  while (!pending.empty()) {
    const ValueId id = pending.back();
    pending.pop_back();
    const Node* node = producer_of(graph, producer, id);
    if (node != nullptr && node->op == Op::kAdd && graph.value(id).shape == graph.value(quantize.outputs[0]).shape) {
      pending.push_back(node->inputs[1]);
      pending.push_back(node->inputs[0]);
      if (terms.size() + pending.size() > kMaxTerms) return std::nullopt;
    } else {
      terms.push_back(id);
    }
  }
  ByteSum sum;
  for (ValueId id : terms) {
    SumInt8Attrs::Term term;
    if (const Node* node = producer_of(graph, producer, id)) {
      if (const auto activation = activation_of(graph, *node)) {
        term.activation = *activation;
        id = node->inputs[0];
      }
    }
    const Form* form = form_of(id);
    if (form == nullptr || graph.value(form->bytes).shape != graph.value(quantize.outputs[0]).shape)
      return std::nullopt;
    const Quantization& own = form->quantization;
    term.scale = own.scale;
    for (std::size_t i = 0; i < own.scale.size(); ++i)
      term.shift.push_back(-own.scale[i] * static_cast<float>(own.zero_point[i]));
    sum.inputs.push_back(form->bytes);
    sum.attrs.terms.push_back(std::move(term));
  }
  for (std::size_t i = 0; i < quantization->scale.size(); ++i) {
    sum.attrs.out_scale.push_back(1 / quantization->scale[i]);
    sum.attrs.out_offset.push_back(static_cast<float>(quantization->zero_point[i]));
  }
  return sum;
}

}  // namespace saker
