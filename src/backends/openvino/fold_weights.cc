#include "backends/openvino/fold_weights.h"

#include <openvino/op/constant.hpp>
#include <openvino/op/multiply.hpp>

namespace saker::openvino {
namespace {

constexpr int kDepth = 6;  // Constant, Convert, Subtract, Multiply, Multiply, and one to spare

// An empty Output where it depends on an input of the model, is deeper than that, or OpenVINO cannot compute it now.
ov::Output<ov::Node> constant_of(const ov::Output<ov::Node>& value, int depth = kDepth) {
  const std::shared_ptr<ov::Node> node = value.get_node_shared_ptr();
  if (ov::is_type<ov::op::v0::Constant>(node)) return value;
  if (depth == 0) return {};
  ov::OutputVector inputs, results(node->get_output_size());
  for (std::size_t i = 0; i < node->get_input_size(); ++i) {
    inputs.push_back(constant_of(node->input_value(i), depth - 1));
    if (inputs.back().get_node() == nullptr) return {};
  }
  if (inputs.empty() || !node->constant_fold(results, inputs)) return {};
  return results[value.get_index()];
}

bool is_product(const ov::Output<ov::Node>& value) {
  return ov::is_type<ov::op::v1::Multiply>(value.get_node());
}

}  // namespace

void fold_weight_products(const std::shared_ptr<ov::Model>& model) {
  for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
    if (!ov::is_type<ov::op::v1::Multiply>(node)) continue;
    if (!is_product(node->input_value(0)) && !is_product(node->input_value(1))) continue;
    if (const ov::Output<ov::Node> folded = constant_of(node->output(0)); folded.get_node() != nullptr) {
      node->output(0).replace(folded);
    }
  }
}

}  // namespace saker::openvino
