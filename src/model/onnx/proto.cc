#include "model/onnx/proto.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "model/budget.h"

namespace saker::onnx {
namespace {

// Calls on_field for each field of a message.
template <typename F>
Status for_each_field(Bytes bytes, F&& on_field) {
  WireReader reader(bytes);
  Field field;
  for (;;) {
    SAKER_ASSIGN(const bool more, reader.next(field));
    if (!more) return {};
    SAKER_TRY(on_field(field));
  }
}

// What may still be allocated.
struct Budget {
  std::size_t parts = kMaxParts;
  std::size_t list_bytes = kMaxListBytes;
};

Status take(std::size_t& left, std::size_t amount, const char* what) {
  if (amount > left) return Error{ErrorCode::kLimit, fmt::format("the graph has too many {}", what)};
  left -= amount;
  return {};
}

Status take_part(Budget& budget) {
  return take(budget.parts, 1, "names, attributes, dimensions or initialisers");
}

// As for lists of floats: the wire needs four bytes each; a varint one byte for the eight it becomes.
Status append_ints(const Field& field, Budget& budget, std::vector<std::int64_t>& out) {
  SAKER_TRY(take(budget.list_bytes, 8 * std::max<std::size_t>(field.bytes.size(), 1), "integers in attributes"));
  return for_each_varint(field, [&](std::uint64_t value) { out.push_back(static_cast<std::int64_t>(value)); });
}

Status append_floats(const Field& field, Budget& budget, std::vector<float>& out) {
  SAKER_TRY(take(budget.list_bytes, std::max<std::size_t>(field.bytes.size(), 4), "floats in attributes"));
  return for_each_fixed<float>(field, [&](float value) { out.push_back(value); });
}

Status set_text(const Field& field, std::string_view& out) {
  SAKER_TRY(expect(field, WireType::kLength, "text"));
  out = field.as_text();
  return {};
}

Status set_int(const Field& field, std::int64_t& out) {
  SAKER_TRY(expect(field, WireType::kVarint, "an integer"));
  out = field.as_int();
  return {};
}

Status append_text(const Field& field, Budget& budget, std::vector<std::string_view>& out) {
  SAKER_TRY(take_part(budget));
  SAKER_TRY(expect(field, WireType::kLength, "text"));
  out.push_back(field.as_text());
  return {};
}

Result<AttributeProto> parse_attribute(Bytes bytes, Budget& budget) {
  SAKER_TRY(take_part(budget));
  AttributeProto attribute;
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    switch (field.number) {
      case 1:
        return set_text(field, attribute.name);
      case 2:
        SAKER_TRY(expect(field, WireType::kFixed32, "a float"));
        attribute.f = field.as_float();
        return {};
      case 3:
        SAKER_TRY(expect(field, WireType::kVarint, "an integer"));
        attribute.i = field.as_int();
        return {};
      case 4:
        SAKER_TRY(expect(field, WireType::kLength, "text"));
        attribute.s = field.as_text();
        return {};
      case 5:
        SAKER_TRY(expect(field, WireType::kLength, "a tensor"));
        attribute.t = field.bytes;
        return {};
      case 6:
      case 11:
        attribute.has_graph = true;
        return {};
      case 7:
        return append_floats(field, budget, attribute.floats);
      case 8:
        return append_ints(field, budget, attribute.ints);
      case 9:
        return append_text(field, budget, attribute.strings);
      case 20:
        return set_int(field, attribute.type);
      default:
        return {};
    }
  }));
  return attribute;
}

Result<NodeProto> parse_node(Bytes bytes, Budget& budget) {
  NodeProto node;
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    switch (field.number) {
      case 1:
        return append_text(field, budget, node.inputs);
      case 2:
        return append_text(field, budget, node.outputs);
      case 3:
        return set_text(field, node.name);
      case 4:
        return set_text(field, node.op_type);
      case 5: {
        SAKER_TRY(expect(field, WireType::kLength, "an attribute"));
        SAKER_ASSIGN(node.attributes.emplace_back(), parse_attribute(field.bytes, budget));
        return {};
      }
      case 7:
        return set_text(field, node.domain);
      default:
        return {};
    }
  }));
  return node;
}

Result<DimProto> parse_dim(Bytes bytes, Budget& budget) {
  SAKER_TRY(take_part(budget));
  DimProto dim;
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    if (field.number == 1) return set_int(field, dim.value);
    if (field.number == 2) return set_text(field, dim.param);
    return {};
  }));
  return dim;
}

Status parse_shape(Bytes bytes, Budget& budget, std::vector<DimProto>& dims) {
  return for_each_field(bytes, [&](const Field& field) -> Status {
    if (field.number != 1) return {};
    SAKER_TRY(expect(field, WireType::kLength, "a dimension"));
    SAKER_ASSIGN(dims.emplace_back(), parse_dim(field.bytes, budget));
    return {};
  });
}

Status parse_tensor_type(Bytes bytes, Budget& budget, ValueInfoProto& info) {
  return for_each_field(bytes, [&](const Field& field) -> Status {
    if (field.number == 1) return set_int(field, info.elem_type);
    if (field.number != 2) return {};
    SAKER_TRY(expect(field, WireType::kLength, "a shape"));
    info.has_shape = true;
    return parse_shape(field.bytes, budget, info.dims);
  });
}

Result<ValueInfoProto> parse_value_info(Bytes bytes, Budget& budget) {
  SAKER_TRY(take_part(budget));
  ValueInfoProto info;
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    if (field.number == 1) return set_text(field, info.name);
    if (field.number != 2) return {};
    SAKER_TRY(expect(field, WireType::kLength, "a type"));
    return for_each_field(field.bytes, [&](const Field& type) -> Status {
      // Fields 4, 5, 8 and 9 are the other types; 6 is a denotation.
      if (type.number != 1) {
        info.is_tensor = info.is_tensor && type.number == 6;
        return {};
      }
      SAKER_TRY(expect(type, WireType::kLength, "a tensor type"));
      return parse_tensor_type(type.bytes, budget, info);
    });
  }));
  return info;
}

Result<GraphProto> parse_graph(Bytes bytes, Budget& budget) {
  GraphProto graph;
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    switch (field.number) {
      case 1:
      case 5:
      case 11:
      case 12:
        SAKER_TRY(expect(field, WireType::kLength, "a message"));
        break;
      default:
        break;
    }
    switch (field.number) {
      case 1: {
        if (graph.nodes.size() == kMaxNodes) return too_many_nodes("nodes");
        SAKER_ASSIGN(graph.nodes.emplace_back(), parse_node(field.bytes, budget));
        return {};
      }
      case 2:
        return set_text(field, graph.name);
      case 5:
        SAKER_TRY(take_part(budget));
        graph.initializers.push_back(field.bytes);
        return {};
      case 11: {
        SAKER_ASSIGN(graph.inputs.emplace_back(), parse_value_info(field.bytes, budget));
        return {};
      }
      case 12: {
        SAKER_ASSIGN(graph.outputs.emplace_back(), parse_value_info(field.bytes, budget));
        return {};
      }
      case 15:
        graph.has_sparse = true;
        return {};
      default:
        return {};
    }
  }));
  return graph;
}

// OperatorSetIdProto {domain = 1, version = 2} and StringStringEntryProto {key = 1, value = 2}.
template <typename Value, typename SetValue>
Result<std::pair<std::string_view, Value>> parse_pair(Bytes bytes, SetValue&& set_value) {
  std::pair<std::string_view, Value> pair{};
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    if (field.number == 1) return set_text(field, pair.first);
    if (field.number == 2) return set_value(field, pair.second);
    return {};
  }));
  return pair;
}

}  // namespace

Result<ModelProto> parse_model(Bytes bytes) {
  ModelProto model;
  Budget budget;
  SAKER_TRY(for_each_field(bytes, [&](const Field& field) -> Status {
    switch (field.number) {
      case 1:
        return set_int(field, model.ir_version);
      case 7: {
        SAKER_TRY(expect(field, WireType::kLength, "a graph"));
        SAKER_ASSIGN(model.graph, parse_graph(field.bytes, budget));
        return {};
      }
      case 8: {
        SAKER_TRY(expect(field, WireType::kLength, "an opset"));
        SAKER_TRY(take_part(budget));
        SAKER_ASSIGN(model.opsets.emplace_back(), parse_pair<std::int64_t>(field.bytes, set_int));
        return {};
      }
      case 14: {
        SAKER_TRY(expect(field, WireType::kLength, "a metadata entry"));
        SAKER_TRY(take_part(budget));
        SAKER_ASSIGN(model.metadata.emplace_back(), parse_pair<std::string_view>(field.bytes, set_text));
        return {};
      }
      case 25:
        model.has_functions = true;
        return {};
      default:
        return {};
    }
  }));
  return model;
}

}  // namespace saker::onnx
