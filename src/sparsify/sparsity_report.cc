#include "sparsify/sparsity_report.h"

#include <algorithm>
#include <optional>

namespace saker::sparsify {
namespace {

using Flags = std::vector<std::uint8_t>;  // of weights: 1 what is not zero

constexpr int kMostSteps = 8;  // from the weights to the constant they are made of

std::int64_t integer_at(const Tensor& tensor, std::int64_t i) {
  return tensor.dtype() == DType::kUint8 ? static_cast<std::int64_t>(tensor.data<std::uint8_t>()[i])
                                         : static_cast<std::int64_t>(tensor.data<std::int8_t>()[i]);
}
bool is_bytes(DType type) {
  return type == DType::kUint8 || type == DType::kInt8;
}

Flags of_floats(const Tensor& tensor) {
  Flags flags(static_cast<std::size_t>(tensor.elements()));
  for (std::size_t i = 0; i < flags.size(); ++i) flags[i] = tensor.data<float>()[i] != 0 ? 1 : 0;
  return flags;
}

// Zero points: none, one, or one for each index of the axis.
std::optional<Flags> of_bytes(const Graph& graph, const Node& dequantize) {
  const auto& bytes = graph.value(dequantize.inputs[0]).constant;
  if (!bytes || !is_bytes(bytes->dtype())) return std::nullopt;
  const Shape& shape = bytes->shape();
  std::int64_t inner = 1, extent = 1;
  const Tensor* zero = nullptr;
  if (dequantize.has_input(2)) {
    const auto& constant = graph.value(dequantize.inputs[2]).constant;
    if (!constant || !is_bytes(constant->dtype())) return std::nullopt;
    zero = &*constant;
    if (zero->elements() > 1) {
      const std::size_t axis = axis_index(dequantize.as<AxisAttrs>().axis, shape.size());
      extent = shape[axis];
      for (std::size_t k = axis + 1; k < shape.size(); ++k) inner *= shape[k];
      if (zero->elements() != extent) return std::nullopt;
    }
  }
  Flags flags(static_cast<std::size_t>(bytes->elements()));
  for (std::int64_t i = 0; i < bytes->elements(); ++i) {
    const std::int64_t at = zero == nullptr ? 0 : integer_at(*zero, i / inner % extent);
    flags[static_cast<std::size_t>(i)] = integer_at(*bytes, i) != at ? 1 : 0;
  }
  return flags;
}

// Constants, dequantized, times constants that scale them.
std::optional<Flags> find_flags(const Graph& graph, const std::vector<std::int32_t>& producer, ValueId id) {
  for (int step = 0; step < kMostSteps; ++step) {
    const Value& value = graph.value(id);
    if (value.constant) {
      if (value.dtype == DType::kFloat32) return of_floats(*value.constant);
      return std::nullopt;
    }
    const std::int32_t maker = producer[static_cast<std::size_t>(id)];
    if (maker < 0) return std::nullopt;
    const Node& node = graph.nodes[static_cast<std::size_t>(maker)];
    if (node.op == Op::kDequantizeLinear) return of_bytes(graph, node);
    if (node.op != Op::kMul) return std::nullopt;
    const std::size_t factor = graph.value(node.inputs[1]).constant ? 1 : 0;
    if (!graph.value(node.inputs[factor]).constant) return std::nullopt;
    id = node.inputs[1 - factor];
  }
  return std::nullopt;
}

Count count_zero_blocks(const std::uint8_t* flags, const WeightDims& dims, const BlockSize& block) {
  const std::int64_t all = count_blocks(dims, block);
  return {all - count_full_blocks<std::uint8_t>(flags, dims, block, 0), all};
}

Count count_two_of_four(const std::uint8_t* flags, const WeightDims& dims) {
  Count count;
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t c = 0; c < dims.in_c; c += 4) {
      for (std::int64_t tap = 0; tap < dims.taps; ++tap) {
        int full = 0;
        for (std::int64_t k = c; k < std::min(c + 4, dims.in_c); ++k)
          full += flags[(o * dims.in_c + k) * dims.taps + tap];
        count.add({full <= 2 ? 1 : 0, 1});
      }
    }
  }
  return count;
}

ZeroCounts count_group(const std::uint8_t* flags, const WeightDims& dims) {
  ZeroCounts zeros;
  zeros.elements = {dims.size() - std::count(flags, flags + dims.size(), 1), dims.size()};
  zeros.block4 = count_zero_blocks(flags, dims, {1, 4});
  zeros.block2x4 = count_zero_blocks(flags, dims, {2, 4});
  zeros.block4x4 = count_zero_blocks(flags, dims, {4, 4});
  zeros.two_of_four = count_two_of_four(flags, dims);
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    const std::uint8_t* own = flags + o * dims.in_c * dims.taps;
    zeros.channels.add({std::count(own, own + dims.in_c * dims.taps, 1) == 0 ? 1 : 0, 1});
  }
  return zeros;
}

void add_counts(ZeroCounts& to, const ZeroCounts& from) {
  for (const auto member : {&ZeroCounts::elements, &ZeroCounts::block4, &ZeroCounts::block2x4, &ZeroCounts::block4x4,
                            &ZeroCounts::two_of_four, &ZeroCounts::channels})
    (to.*member).add(from.*member);
}

}  // namespace

SparsityReport report_sparsity(const Graph& graph) {
  const std::vector<std::int32_t> producer = producers(graph);
  SparsityReport report;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConv) continue;
    const auto& shape = graph.value(node.inputs[1]).shape;
    const auto flags = find_flags(graph, producer, node.inputs[1]);
    if (!flags || !shape || shape->size() < 2 ||
        element_count(*shape).value() != static_cast<std::int64_t>(flags->size())) {
      report.unknown.push_back(node.name);
      continue;
    }
    const std::int64_t groups = node.as<ConvAttrs>().group;
    WeightDims dims{(*shape)[0] / groups, (*shape)[1], 1};
    for (std::size_t k = 2; k < shape->size(); ++k) dims.taps *= (*shape)[k];
    LayerSparsity layer{node.name, *shape, {}};
    for (std::int64_t g = 0; g < groups; ++g)
      add_counts(layer.zeros, count_group(flags->data() + g * dims.size(), dims));
    add_counts(report.all, layer.zeros);
    report.layers.push_back(std::move(layer));
  }
  return report;
}

}  // namespace saker::sparsify
