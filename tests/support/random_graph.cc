// Random graphs: numbers, inputs, outputs, and which operator comes next.
#include "support/random_graph.h"

#include <algorithm>

#include "graph/op_def.h"
#include "graph/ops/convert.h"
#include "support/graph_input.h"
#include "support/random_graph_maker.h"

namespace saker {

std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

float Random::real(float low, float high) {
  return low + (high - low) * static_cast<float>(next() >> 40) * 0x1p-24F;
}

namespace {

bool is_narrow(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kBFloat16;
}
bool is_floating(DType dtype) {
  return is_narrow(dtype) || dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

// Integers get small numbers around zero, as far as their type has them.
Tensor random_numbers(Random& random, Shape shape, DType dtype, float low, float high, bool steps) {
  Tensor wide = Tensor::make(DType::kFloat32, shape).value();
  for (std::int64_t i = 0; i < wide.elements(); ++i) {
    float x = random.real(low, high);
    if (!is_floating(dtype))
      x = static_cast<float>(random.in(dtype == DType::kBool || dtype == DType::kUint8 ? 0 : -3, 3));
    wide.data<float>()[i] = steps ? static_cast<float>(static_cast<int>(x * 8)) / 8 : x;
  }
  return ops::converted(wide, dtype).value();
}

}  // namespace

RandomGraphMaker::RandomGraphMaker(std::uint64_t seed) : random_(seed) {
  if (random_.chance(3)) max_elements_ = 60000;  // enough to be cut for several threads
}

void RandomGraphMaker::drop_values(std::size_t keep) {
  graph_.values.resize(keep);
}

std::vector<ValueId> RandomGraphMaker::add(Op op, std::vector<ValueId> inputs, Attributes attrs, std::size_t outputs) {
  for (const ValueId id : inputs) {
    if (id != kNoValue && id >= static_cast<ValueId>(graph_.values.size())) return {};
  }
  const std::size_t before = graph_.values.size();
  Node node{op, "n" + std::to_string(graph_.nodes.size()), std::move(inputs), {}, std::move(attrs)};
  for (std::size_t i = 0; i < outputs; ++i)
    node.outputs.push_back(graph_.add_value(node.name + "." + std::to_string(i), DType::kFloat32));
  bool good = infer_node(graph_, node).ok();
  for (const ValueId id : node.outputs) good = good && (!value(id).shape || size(id) <= max_elements_);
  if (!good) {
    drop_values(before);
    return {};
  }
  const bool is_exact = keeps_exact(node);
  exact_.resize(graph_.values.size(), is_exact);
  for (const ValueId id : node.outputs) (value(id).shape ? available_ : unknown_).push_back(id);
  graph_.nodes.push_back(node);
  return node.outputs;
}

ValueId RandomGraphMaker::add(Op op, std::vector<ValueId> inputs, Attributes attrs) {
  if (std::ranges::count(inputs, kNoValue) > 0 && op != Op::kClip && op != Op::kResize && op != Op::kPad)
    return kNoValue;
  const auto outputs = add(op, std::move(inputs), std::move(attrs), 1);
  return outputs.empty() ? kNoValue : outputs[0];
}

// Whether every way to compute the node gives the same bits.
bool RandomGraphMaker::keeps_exact(const Node& node) const {
  if (node.op == Op::kShape) return true;
  bool narrow = false;
  for (const ValueId id : node.inputs) {
    if (id == kNoValue) continue;
    if (!exact(id)) return false;
    narrow = narrow || is_narrow(value(id).dtype);
  }
  const DType out = value(node.outputs[0]).dtype;
  switch (node.op) {
    case Op::kCast:
      return !is_narrow(out) || value(node.inputs[0]).dtype == out;
    case Op::kAdd:
    case Op::kSub:
      return !narrow;
    case Op::kResize:
      return node.as<ResizeAttrs>().mode == ResizeMode::kNearest;
    case Op::kConv:
    case Op::kConvTranspose:
    case Op::kGemm:
    case Op::kMatMul:
    case Op::kMul:
    case Op::kDiv:
    case Op::kPow:
    case Op::kSoftmax:
    case Op::kReduceMean:
    case Op::kReduceSum:
    case Op::kBatchNormalization:
    case Op::kAveragePool:
    case Op::kGlobalAveragePool:
    case Op::kPRelu:
    case Op::kLeakyRelu:
    case Op::kSigmoid:
    case Op::kSilu:
    case Op::kHardSwish:
    case Op::kHardSigmoid:
    case Op::kTanh:
    case Op::kErf:
    case Op::kExp:
    case Op::kSqrt:
      return !is_floating(out);
    default:
      return true;
  }
}

ValueId RandomGraphMaker::input(Shape shape, DType dtype) {
  const ValueId id = add_input(graph_, std::move(shape), dtype);
  exact_.resize(graph_.values.size(), true);
  available_.push_back(id);
  return id;
}

ValueId RandomGraphMaker::constant(Tensor tensor) {
  const ValueId id = graph_.add_constant("c" + std::to_string(graph_.values.size()), std::move(tensor));
  exact_.resize(graph_.values.size(), true);
  if (random_.chance(10)) available_.push_back(id);
  return id;
}

ValueId RandomGraphMaker::numbers(Shape shape, DType dtype, float low, float high) {
  return constant(random_numbers(random_, std::move(shape), dtype, low, high, random_.chance(20)));
}

ValueId RandomGraphMaker::scalar(float value, std::size_t rank) {
  Tensor tensor = Tensor::make(DType::kFloat32, Shape(rank, 1)).value();
  *tensor.data<float>() = value;
  return constant(std::move(tensor));
}

ValueId RandomGraphMaker::ints(const std::vector<std::int64_t>& values) {
  Tensor tensor = Tensor::make(DType::kInt64, {static_cast<std::int64_t>(values.size())}).value();
  std::ranges::copy(values, tensor.data<std::int64_t>());
  return constant(std::move(tensor));
}

ValueId RandomGraphMaker::choose(const Wanted& wanted) {
  std::vector<ValueId> found;
  for (const ValueId id : available_) {
    if (wanted(id)) found.push_back(id);
  }
  if (found.empty()) return kNoValue;
  if (found.size() > 4 && random_.chance(60)) found.erase(found.begin(), found.end() - 4);
  return random_.pick(found);
}

ValueId RandomGraphMaker::choose_float(std::int64_t least_rank) {
  return choose([&](ValueId id) { return is_float32(id) && rank(id) >= least_rank; });
}
ValueId RandomGraphMaker::choose_any(std::int64_t least_rank) {
  if (random_.chance(70)) {
    if (const ValueId id = choose_float(least_rank); id != kNoValue) return id;
  }
  return choose([&](ValueId id) { return rank(id) >= least_rank; });
}

std::int64_t RandomGraphMaker::extent() {
  if (random_.chance(1)) return 0;
  return random_.pick({1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 20, 33});
}

Shape RandomGraphMaker::random_shape(std::size_t rank) {
  Shape shape;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    std::int64_t next = extent();
    if (count * next > max_elements_ / 4) next = random_.in(1, 2);
    shape.push_back(next);
    count *= std::max<std::int64_t>(next, 1);
  }
  return shape;
}

std::int64_t RandomGraphMaker::axis_of(ValueId id, std::int64_t axis) {
  return random_.chance(30) ? axis - rank(id) : axis;
}

void RandomGraphMaker::add_inputs() {
  const std::int64_t side = max_elements_ > 10000 ? 40 : 9;
  if (random_.chance(85)) {
    const std::int64_t channels = random_.pick({1, 2, 3, 3, 4, 6, 8, 12, 16, 17, 32});
    const std::int64_t most = std::max<std::int64_t>(max_elements_ / 2 / channels, 1);
    const std::int64_t h = random_.in(1, side);
    const std::int64_t w = std::min(random_.in(1, side), std::max<std::int64_t>(most / h, 1));
    input({random_.pick({1, 1, 2}), channels, h, w}, DType::kFloat32);
  }
  for (std::int64_t i = random_.in(graph_.inputs.empty() ? 1 : 0, 2); i > 0; --i) {
    const DType dtype = random_.chance(75) ? DType::kFloat32
                                           : random_.pick({DType::kInt64, DType::kInt32, DType::kFloat64, DType::kBool,
                                                           DType::kUint8, DType::kFloat16, DType::kBFloat16});
    input(random_shape(static_cast<std::size_t>(random_.in(0, 6))), dtype);
  }
}

void RandomGraphMaker::choose_outputs() {
  std::vector<bool> used(graph_.values.size(), false);
  for (const Node& node : graph_.nodes) {
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) used[static_cast<std::size_t>(id)] = true;
    }
  }
  std::vector<ValueId> all = available_;
  all.insert(all.end(), unknown_.begin(), unknown_.end());
  for (const ValueId id : all) {
    const bool made = !value(id).constant && std::ranges::count(graph_.inputs, id) == 0;
    const int percent = !made ? 4 : used[static_cast<std::size_t>(id)] ? 12 : 85;
    if (random_.chance(percent)) graph_.outputs.push_back(id);
    if (random_.chance(2)) graph_.outputs.push_back(id);
  }
  if (graph_.outputs.empty()) graph_.outputs.push_back(all.back());
  if (random_.chance(50)) random_.shuffle(graph_.outputs);
}

Graph RandomGraphMaker::make() {
  struct Choice {
    int weight;
    void (RandomGraphMaker::*add)();
  };
  using M = RandomGraphMaker;
  static constexpr Choice kChoices[] = {
      {16, &M::conv},   {7, &M::residual},    {4, &M::head},      {5, &M::pool},
      {4, &M::resize},  {8, &M::activate},    {12, &M::binary},   {2, &M::several_operands},
      {4, &M::softmax}, {5, &M::matmul},      {5, &M::reduce},    {4, &M::rare},
      {2, &M::compare}, {2, &M::top_k},       {3, &M::cast},      {18, &M::concat},
      {6, &M::split},   {7, &M::slice},       {8, &M::transpose}, {9, &M::reshape},
      {3, &M::expand},  {3, &M::tile_or_pad}, {3, &M::gather},    {2, &M::shape_arithmetic},
      {1, &M::dynamic}};
  int total = 0;
  for (const Choice& choice : kChoices) total += choice.weight;
  add_inputs();
  const auto wanted = static_cast<std::size_t>(random_.in(3, 22));
  for (int tries = 0; graph_.nodes.size() < wanted && tries < 100; ++tries) {
    std::int64_t at = random_.below(total);
    for (const Choice& choice : kChoices) {
      at -= choice.weight;
      if (at >= 0) continue;
      (this->*choice.add)();
      break;
    }
  }
  choose_outputs();
  return std::move(graph_);
}

Graph random_graph(std::uint64_t seed) {
  return RandomGraphMaker(seed).make();
}

std::vector<Tensor> random_graph_inputs(const Graph& graph, std::uint64_t seed) {
  Random random(seed ^ 0x5eed);
  std::vector<Tensor> inputs;
  for (const ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    inputs.push_back(random_numbers(random, *value.shape, value.dtype, -1, 1, random.chance(50)));
  }
  return inputs;
}

}  // namespace saker
