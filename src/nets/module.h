// A network as its training framework keeps it: a tree of modules, each with the attributes, the children and the
// weights that the class of that name has there. Readers of checkpoints make it; networks are written down as what
// flows through it (flow.h), for whatever builder (builder.h).
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::nets {

// Lists hold what Python's lists and tuples of numbers did.
using Attribute = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>>;

struct Module {
  std::string name;        // among its siblings: "cv1"
  std::string path;        // "model.2.cv1"; empty: the root
  std::string type;        // the class without its packages: "Conv2d", "C2f"
  std::string class_path;  // with them, for messages: "ultralytics.nn.modules.block.C2f"
  std::map<std::string, Attribute, std::less<>> attributes;
  std::map<std::string, Tensor, std::less<>> weights;  // parameters and buffers by their own names: "weight", "bias"
  std::vector<Module> children;                        // in order

  const Module* child(std::string_view child_name) const;  // null: none of that name
  const Tensor* weight(std::string_view weight_name) const;

  // Attributes; the fallback where there is none, or one of another type.
  std::int64_t integer(std::string_view attribute, std::int64_t fallback) const;
  double number(std::string_view attribute, double fallback) const;
  bool flag(std::string_view attribute, bool fallback) const;
  std::string text(std::string_view attribute) const;
  // A number counts as a list of one; empty: none.
  std::vector<std::int64_t> integers(std::string_view attribute) const;

  // "model.2.cv1 (Conv)", for messages.
  std::string describe() const;
};

}  // namespace saker::nets
