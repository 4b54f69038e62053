// Makes one random graph. Internal to random_graph.h: the parts are random_graph*.cc.
#pragma once

#include <functional>

#include "support/random_graph.h"

namespace saker {

class RandomGraphMaker {
 public:
  explicit RandomGraphMaker(std::uint64_t seed);
  Graph make();

 private:
  using Wanted = std::function<bool(ValueId)>;

  // Building: kNoValue, or no outputs, where the operator does not take these inputs.
  ValueId add(Op op, std::vector<ValueId> inputs, Attributes attrs = {});
  std::vector<ValueId> add(Op op, std::vector<ValueId> inputs, Attributes attrs, std::size_t outputs);
  void drop_values(std::size_t keep);
  bool keeps_exact(const Node& node) const;
  ValueId input(Shape shape, DType dtype);
  ValueId constant(Tensor tensor);
  ValueId numbers(Shape shape, DType dtype, float low, float high);
  ValueId floats(Shape shape, float low, float high) { return numbers(std::move(shape), DType::kFloat32, low, high); }
  ValueId scalar(float value, std::size_t rank = 0);
  ValueId ints(const std::vector<std::int64_t>& values);

  // Looking up.
  const Value& value(ValueId id) const { return graph_.value(id); }
  const Shape& shape(ValueId id) const { return *graph_.value(id).shape; }
  std::int64_t rank(ValueId id) const { return static_cast<std::int64_t>(shape(id).size()); }
  std::int64_t size(ValueId id) const { return element_count(shape(id)).value(); }
  bool is_float32(ValueId id) const { return value(id).dtype == DType::kFloat32; }
  bool exact(ValueId id) const { return exact_[static_cast<std::size_t>(id)]; }
  ValueId choose(const Wanted& wanted);  // among values of known shape; kNoValue if there is none
  ValueId choose_float(std::int64_t least_rank = 0);
  ValueId choose_any(std::int64_t least_rank = 0);
  ValueId image();  // float32 of rank 4; made if there is none

  Shape random_shape(std::size_t rank);
  std::int64_t extent();
  std::int64_t axis_of(ValueId id, std::int64_t axis);  // as it may stand in an attribute: maybe counted from the end
  Shape random_reshape(const Shape& from);
  Shape broadcastable(const Shape& to);

  // Operators; each tries once.
  void conv();
  ValueId conv_of(ValueId x, std::int64_t out_channels, bool same_size);
  std::int64_t group_of(std::int64_t channels);
  ValueId batch_norm(ValueId x);
  ValueId activation(ValueId x);
  ValueId hard_swish(ValueId x);
  void residual();
  void head();
  void pool();
  void resize();
  void activate();
  void binary();
  void several_operands();
  void softmax();
  void matmul();
  void reduce();
  void rare();
  void compare();
  void top_k();
  void cast();
  void concat();
  ValueId concat_part(ValueId like, std::size_t axis, std::vector<ValueId>& parts);
  void split();
  std::vector<ValueId> split_of(ValueId x, std::int64_t axis);
  void slice();
  ValueId slice_of(ValueId x);
  void transpose();
  void reshape();
  ValueId reshape_of(ValueId x);
  void expand();
  void tile_or_pad();
  void gather();
  void shape_arithmetic();
  void dynamic();

  void add_inputs();
  void choose_outputs();

  Random random_;
  Graph graph_;
  std::vector<bool> exact_;         // by value: the same bits however it is computed
  std::vector<ValueId> available_;  // values of known shape
  std::vector<ValueId> unknown_;    // values whose shape the data decides
  std::int64_t max_elements_ = 3000;
};

}  // namespace saker
