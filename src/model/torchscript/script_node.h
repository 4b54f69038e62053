// One node on its way into TorchScript: what its inputs are called, and the statements that make its outputs.
#pragma once

#include <fmt/format.h>
#include <saker/result.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "model/torchscript/identifiers.h"

namespace saker::torchscript {

Error unsupported(std::string_view what);

// c10::ScalarType. Nothing: TorchScript has no such element type.
std::optional<int> scalar_type(DType dtype);

// Literals of the language.
std::string literal(double number);
std::string literal(std::int64_t number);
std::string literal(bool truth);
std::string literal(const std::vector<std::int64_t>& numbers);  // "[1, 2]"

// The one number of a tensor.
std::optional<double> number_of(const Tensor& tensor);

class ScriptNode {
 public:
  // `read`: what a value is called in an expression; `outputs`: a variable each, empty where unwanted.
  ScriptNode(const Graph& graph, const Node& node, std::function<std::string(ValueId)> read,
             std::vector<std::string> outputs, Identifiers& variables)
      : graph_(graph), node_(node), read_(std::move(read)), outputs_(std::move(outputs)), variables_(variables) {}

  const Node& node() const { return node_; }
  template <typename T>
  const T& as() const {
    return node_.as<T>();
  }
  Op op() const { return node_.op; }

  // An input as an expression, "None" if it is absent. A constant that nobody asks for so is no part of the file.
  std::string in(std::size_t i) const { return has(i) ? read_(node_.inputs[i]) : "None"; }
  bool has(std::size_t i) const { return node_.has_input(i); }
  std::size_t input_count() const { return node_.inputs.size(); }
  const Value& input(std::size_t i) const { return graph_.value(node_.inputs[i]); }
  DType dtype(std::size_t i) const { return input(i).dtype; }
  // Null: not known before a run.
  const Shape* shape(std::size_t i) const { return input(i).shape ? &*input(i).shape : nullptr; }
  const Shape* out_shape(std::size_t i = 0) const;
  std::size_t output_count() const { return outputs_.size(); }
  bool wants(std::size_t i) const { return i < outputs_.size() && !outputs_[i].empty(); }

  // The numbers of a constant input of int64 or int32.
  std::optional<std::vector<std::int64_t>> constants(std::size_t i) const;
  // number_of a constant input.
  std::optional<double> number(std::size_t i) const;
  // A list of integers as a List[int], and element k of it as an int: literals, or taken out at run time.
  std::string integers(std::size_t i) const;
  std::string integer(std::size_t i, std::size_t k) const;

  // A statement with a variable of its own, whose name is returned.
  std::string step(const std::string& expression);
  void assign(const std::string& expression, std::size_t output = 0);
  // Every output from one list or tuple.
  void assign_all(const std::string& expression);

  const std::vector<std::string>& statements() const { return statements_; }

 private:
  const Graph& graph_;
  const Node& node_;
  std::function<std::string(ValueId)> read_;
  std::vector<std::string> outputs_;
  Identifiers& variables_;
  std::vector<std::string> statements_;
};

// torch.NAME(a, b, ...)
template <typename... Args>
std::string call(std::string_view name, const Args&... args) {
  const std::vector<std::string> all = {std::string(args)...};
  return fmt::format("torch.{}({})", name, fmt::join(all, ", "));
}

}  // namespace saker::torchscript
