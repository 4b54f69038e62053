// A graph built node by node: what importers of checkpoints and exports of training write networks with.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "graph/graph.h"

namespace saker {

// Shapes are inferred as nodes are added. The first error stays: what is asked for after it adds nothing and gives
// kNoValue, status() tells it and finish() returns it, so that a network is written without a check behind each line.
class NetworkBuilder {
 public:
  // Of the node, constant, input or output that is added next, so make a call's operands before it; else they are n0,
  // n1, ... and what tells them apart.
  NetworkBuilder& named(std::string name);

  ValueId input(Shape shape, DType dtype = DType::kFloat32);
  // Some of whose extents are open: the shapes of what follows from it are not known either.
  ValueId open_input(std::vector<DeclaredDim> dims, DType dtype = DType::kFloat32);
  ValueId constant(Tensor tensor);
  ValueId ints(const std::vector<std::int64_t>& values);
  ValueId floats(Shape shape, const std::vector<float>& values);
  ValueId scalar(float value) { return floats({}, {value}); }

  // Any operator; `attrs` are its own.
  ValueId add(Op op, std::vector<ValueId> inputs, Attributes attrs = {});
  std::vector<ValueId> add(Op op, std::vector<ValueId> inputs, Attributes attrs, std::size_t outputs);

  struct Window {
    std::int64_t stride = 1;
    std::int64_t pad = -1;  // on each side; -1: kernel / 2
    std::int64_t dilation = 1, group = 1;
  };
  // weights [M, C/group, h, w]; bias [M], or kNoValue.
  ValueId conv(ValueId x, ValueId weights, ValueId bias, const Window& window);
  struct Normalization {  // [C] each
    ValueId scale = kNoValue, shift = kNoValue, mean = kNoValue, variance = kNoValue;
    float epsilon = 1e-5F;
  };
  ValueId batch_norm(ValueId x, const Normalization& of);
  ValueId activation(ValueId x, const Activation& activation);
  ValueId max_pool(ValueId x, std::int64_t kernel, std::int64_t stride = 1);
  ValueId concat(std::vector<ValueId> inputs, std::int64_t axis = 1);
  std::vector<ValueId> split(ValueId x, const std::vector<std::int64_t>& sizes, std::int64_t axis = 1);
  ValueId slice(ValueId x, std::int64_t axis, std::int64_t start, std::int64_t end, std::int64_t step = 1);
  ValueId reshape(ValueId x, const std::vector<std::int64_t>& to);
  ValueId transpose(ValueId x, std::vector<std::int64_t> perm);
  // A picture of twice the height and width.
  ValueId upsample(ValueId x, bool linear = false);

  NetworkBuilder& output(ValueId id);

  // Empty where the data decides it, and of kNoValue.
  Shape shape(ValueId id) const;
  const Status& status() const { return status_; }
  // What was built, verified. The builder is empty afterwards.
  Result<Graph> finish();

 protected:
  Graph graph_;

 private:
  bool fail(Error error);
  std::string take_name(const char* prefix, std::size_t count);
  bool exists(ValueId id) const { return id >= 0 && static_cast<std::size_t>(id) < graph_.values.size(); }

  Status status_;
  std::string next_name_;
};

}  // namespace saker
