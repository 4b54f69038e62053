// RNN, GRU and LSTM. f, g and h are a direction's activations, # is a product of elements.
//   RNN   H = f(W x + Wb + R H + Rb)
//   GRU   z, r = f(...);  c = g(W x + Wb + R (r # H) + Rb), or with linear_before_reset g(W x + Wb + r # (R H + Rb));
//         H = (1 - z) # c + z # H
//   LSTM  i, f = f(... + P # C);  c = g(...);  C = f # C + i # c;  o = f(... + P # C);  H = o # h(C)
#include <algorithm>
#include <cmath>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

enum Input : std::size_t { kX, kW, kR, kBias, kLengths, kInitialH, kInitialC, kPeepholes };

struct RecurrentPlan {
  std::int64_t gates = 1, times = 0, batch = 0, inputs = 0, hidden = 0, directions = 1;
};

std::int64_t gates_of(Op op) {
  return op == Op::kRNN ? 1 : op == Op::kGRU ? 3 : 4;
}

// H or C of all directions.
Shape state_shape(const RecurrentPlan& plan, bool batch_first) {
  return batch_first ? Shape{plan.batch, plan.directions, plan.hidden}
                     : Shape{plan.directions, plan.batch, plan.hidden};
}

Status check_input(const Args& args, std::size_t i, const Shape& expected) {
  if (!args.has(i) || args.shape(i) == nullptr || *args.shape(i) == expected) return {};
  return invalid("input {} has shape {}, not {}", i, to_string(*args.shape(i)), to_string(expected));
}

Result<RecurrentPlan> plan_recurrent(const Args& args) {
  const auto& attrs = args.as<RecurrentAttrs>();
  const Shape& x = *args.shape(kX);
  const Shape& r = *args.shape(kR);
  if (x.size() != 3 || r.size() != 3)
    return invalid("the input {} and the recurrent weights {}: both have rank 3", to_string(x), to_string(r));
  RecurrentPlan plan{gates_of(args.node().op), x[attrs.batch_first ? 1 : 0], x[attrs.batch_first ? 0 : 1], x[2], r[2]};
  plan.directions = attrs.direction == Direction::kBidirectional ? 2 : 1;
  if (attrs.hidden_size != 0 && attrs.hidden_size != plan.hidden)
    return invalid("hidden_size is {}, but the recurrent weights are {}", attrs.hidden_size, to_string(r));
  const std::int64_t rows = saturating_mul(plan.gates, plan.hidden);
  SAKER_TRY(check_input(args, kW, {plan.directions, rows, plan.inputs}));
  SAKER_TRY(check_input(args, kR, {plan.directions, rows, plan.hidden}));
  SAKER_TRY(check_input(args, kBias, {plan.directions, saturating_mul(2, rows)}));
  SAKER_TRY(check_input(args, kLengths, {plan.batch}));
  SAKER_TRY(check_input(args, kInitialH, state_shape(plan, attrs.batch_first)));
  SAKER_TRY(check_input(args, kInitialC, state_shape(plan, attrs.batch_first)));
  SAKER_TRY(check_input(args, kPeepholes, {plan.directions, saturating_mul(3, plan.hidden)}));
  return plan;
}

double activate(const GateActivation& gate, double x) {
  const double alpha = static_cast<double>(gate.alpha), beta = static_cast<double>(gate.beta);
  switch (gate.kind) {
    case Gate::kAffine:
      return alpha * x + beta;
    case Gate::kElu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case Gate::kHardSigmoid:
      return std::clamp(alpha * x + beta, 0.0, 1.0);
    case Gate::kLeakyRelu:
      return x < 0 ? alpha * x : x;
    case Gate::kRelu:
      return x < 0 ? 0 : x;
    case Gate::kScaledTanh:
      return alpha * std::tanh(beta * x);
    case Gate::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Gate::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
    case Gate::kSoftsign:
      return x / (1 + std::fabs(x));
    case Gate::kTanh:
      return std::tanh(x);
    case Gate::kThresholdedRelu:
      return x > alpha ? x : 0;
  }
  return x;
}

// One direction of a layer, for one sequence of the batch.
template <typename T>
class Cell {
 public:
  Cell(const Args& args, const RecurrentPlan& plan)
      : args_(args),
        attrs_(args.as<RecurrentAttrs>()),
        plan_(plan),
        h_(as_size(plan.hidden)),
        c_(h_.size()),
        reset_(h_.size()),
        gates_(h_.size() * as_size(plan.gates)) {}

  void start(std::int64_t direction, std::int64_t sequence) {
    direction_ = direction;
    const std::int64_t at = state_offset(sequence);
    const auto load = [&](std::size_t input, std::vector<double>& to) {
      std::fill(to.begin(), to.end(), 0);
      if (args_.has(input)) std::copy_n(args_.tensor(input).data<T>() + at, to.size(), to.begin());
    };
    load(kInitialH, h_);
    load(kInitialC, c_);
  }

  void step(const T* x) {
    switch (args_.node().op) {
      case Op::kRNN:
        return step_rnn(x);
      case Op::kGRU:
        return step_gru(x);
      default:
        return step_lstm(x);
    }
  }

  std::int64_t state_offset(std::int64_t sequence) const {
    const std::int64_t row =
        attrs_.batch_first ? sequence * plan_.directions + direction_ : direction_ * plan_.batch + sequence;
    return row * plan_.hidden;
  }
  const std::vector<double>& h() const { return h_; }
  const std::vector<double>& c() const { return c_; }

 private:
  // Row `row` of the direction's weights, times a vector.
  template <typename V>
  double product(std::size_t weights, std::int64_t row, const V* by, std::int64_t length) const {
    const T* w = args_.tensor(weights).data<T>() + (direction_ * plan_.gates * plan_.hidden + row) * length;
    double sum = 0;
    for (std::int64_t i = 0; i < length; ++i) sum += static_cast<double>(w[i]) * static_cast<double>(by[i]);
    return sum;
  }
  double input(std::int64_t row, const T* x) const { return product(kW, row, x, plan_.inputs) + bias(0, row); }
  double recurrent(std::int64_t row, const std::vector<double>& h) const {
    return product(kR, row, h.data(), plan_.hidden) + bias(1, row);
  }
  double bias(std::int64_t half, std::int64_t row) const {
    if (!args_.has(kBias)) return 0;
    const std::int64_t rows = plan_.gates * plan_.hidden;
    return static_cast<double>(args_.tensor(kBias).data<T>()[(direction_ * 2 + half) * rows + row]);
  }
  double peephole(std::int64_t gate, std::int64_t j, double c) const {
    if (!args_.has(kPeepholes)) return 0;
    return c * static_cast<double>(args_.tensor(kPeepholes).data<T>()[(direction_ * 3 + gate) * plan_.hidden + j]);
  }
  double activated(std::size_t which, double x) const {
    const double limit = static_cast<double>(attrs_.clip);
    const std::size_t each = attrs_.activations.size() / as_size(plan_.directions);
    return activate(attrs_.activations[as_size(direction_) * each + which],
                    limit > 0 ? std::clamp(x, -limit, limit) : x);
  }

  // What each row of the weights gives before its activation.
  void sum_gates(const T* x, std::int64_t rows) {
    for (std::int64_t row = 0; row < rows; ++row) gates_[as_size(row)] = input(row, x) + recurrent(row, h_);
  }

  void step_rnn(const T* x) {
    sum_gates(x, plan_.hidden);
    for (std::size_t j = 0; j < h_.size(); ++j) h_[j] = activated(0, gates_[j]);
  }

  void step_gru(const T* x) {
    const std::size_t n = h_.size();
    sum_gates(x, 2 * plan_.hidden);
    for (std::size_t j = 0; j < 2 * n; ++j) gates_[j] = activated(0, gates_[j]);
    for (std::size_t j = 0; j < n; ++j) reset_[j] = gates_[n + j] * h_[j];
    for (std::size_t j = 0; j < n; ++j) {
      const std::int64_t row = as_int(2 * n + j);
      const double past = attrs_.linear_before_reset ? gates_[n + j] * recurrent(row, h_) : recurrent(row, reset_);
      gates_[2 * n + j] = activated(1, input(row, x) + past);
    }
    for (std::size_t j = 0; j < n; ++j) h_[j] = (1 - gates_[j]) * gates_[2 * n + j] + gates_[j] * h_[j];
  }

  void step_lstm(const T* x) {
    const std::size_t n = h_.size();
    sum_gates(x, 4 * plan_.hidden);
    for (std::size_t j = 0; j < n; ++j) {
      const auto at = as_int(j);
      const double i = activated(0, gates_[j] + peephole(0, at, c_[j]));
      const double f = attrs_.input_forget ? 1 - i : activated(0, gates_[2 * n + j] + peephole(2, at, c_[j]));
      c_[j] = f * c_[j] + i * activated(1, gates_[3 * n + j]);
      h_[j] = activated(0, gates_[n + j] + peephole(1, at, c_[j])) * activated(2, c_[j]);
    }
  }

  const Args& args_;
  const RecurrentAttrs& attrs_;
  const RecurrentPlan& plan_;
  std::int64_t direction_ = 0;
  std::vector<double> h_, c_, reset_, gates_;
};

void fill_zeros(Tensor& tensor) {
  if (tensor.bytes() > 0) std::memset(tensor.raw(), 0, tensor.bytes());
}

template <typename T>
void store(const std::vector<double>& values, T* to) {
  for (std::size_t j = 0; j < values.size(); ++j) to[j] = static_cast<T>(values[j]);
}

// Y holds H after each step, zeros behind a sequence's end; the other outputs H and C after the last one.
template <typename T>
Status run_recurrent(const Args& args, const RecurrentPlan& plan, std::span<Tensor> outputs) {
  const auto& attrs = args.as<RecurrentAttrs>();
  Cell<T> cell(args, plan);
  fill_zeros(outputs[0]);
  for (std::int64_t i = 0; i < plan.directions * plan.batch; ++i) {
    const std::int64_t direction = i / plan.batch, b = i % plan.batch;
    const std::int64_t length = args.has(kLengths) ? args.tensor(kLengths).data<std::int32_t>()[b] : plan.times;
    if (length < 0 || length > plan.times) return invalid("a sequence of {} of {} steps", length, plan.times);
    const bool backwards = direction == 1 || attrs.direction == Direction::kReverse;
    cell.start(direction, b);
    for (std::int64_t s = 0; s < length; ++s) {
      const std::int64_t t = backwards ? length - 1 - s : s;
      const std::int64_t row = attrs.batch_first ? b * plan.times + t : t * plan.batch + b;
      cell.step(args.tensor(kX).data<T>() + row * plan.inputs);
      const std::int64_t to =
          attrs.batch_first ? row * plan.directions + direction : (t * plan.directions + direction) * plan.batch + b;
      store(cell.h(), outputs[0].data<T>() + to * plan.hidden);
    }
    if (outputs.size() > 1) store(cell.h(), outputs[1].data<T>() + cell.state_offset(b));
    if (outputs.size() > 2) store(cell.c(), outputs[2].data<T>() + cell.state_offset(b));
  }
  return {};
}

}  // namespace

// Inputs: x [times, batch, inputs], or the batch first; weights of each direction's gates for x and for H, biases of
// both, lengths of the sequences, H at first; LSTM: C at first, and the peepholes of i, o and f.
Result<Outputs> recurrent_rule(const Args& args) {
  const auto& attrs = args.as<RecurrentAttrs>();
  SAKER_TRY(args.check_type(0, kFloatTypes));
  bool known = true;
  for (std::size_t i = 1; i < args.count(); ++i) {
    if (!args.has(i)) continue;
    SAKER_TRY(args.check_type(i, i == kLengths ? type_set({DType::kInt32}) : type_set({args.dtype(0)})));
  }
  for (const std::size_t i : {kX, kR}) known = known && args.shape(i) != nullptr;
  const std::size_t directions = attrs.direction == Direction::kBidirectional ? 2 : 1;
  const std::size_t each = args.node().op == Op::kRNN ? 1 : args.node().op == Op::kGRU ? 2 : 3;
  if (attrs.activations.size() != directions * each)
    return invalid("{} activations, {} are needed", attrs.activations.size(), directions * each);
  Outputs outputs(args.output_count(), {args.dtype(0), std::nullopt});
  if (!known) return outputs;
  SAKER_ASSIGN(const RecurrentPlan plan, plan_recurrent(args));
  outputs[0].shape = attrs.batch_first ? Shape{plan.batch, plan.times, plan.directions, plan.hidden}
                                       : Shape{plan.times, plan.directions, plan.batch, plan.hidden};
  for (std::size_t i = 1; i < outputs.size(); ++i) outputs[i].shape = state_shape(plan, attrs.batch_first);
  return outputs;
}

Status recurrent_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const RecurrentPlan plan, plan_recurrent(args));
  return visit_float(args.dtype(0), [&](auto zero) { return run_recurrent<decltype(zero)>(args, plan, outputs); });
}

// H, C, what the reset gate leaves, and the gates.
std::size_t recurrent_scratch(const Args& args, const Outputs& /*outputs*/) {
  const std::int64_t hidden = args.shape(kR)->size() == 3 ? (*args.shape(kR))[2] : 0;
  return as_size(hidden * (3 + gates_of(args.node().op))) * sizeof(double);
}

}  // namespace saker::ops
