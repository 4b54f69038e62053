// Writes small ONNX models for tests, valid or not. Field numbers: onnx.proto of the ONNX project.
#pragma once

#include <saker/tensor.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "support/proto_writer.h"

namespace saker::test_support {

// TensorProto.DataType
enum OnnxType : std::int64_t {
  kOnnxFloat = 1,
  kOnnxUint8 = 2,
  kOnnxInt8 = 3,
  kOnnxUint16 = 4,
  kOnnxInt16 = 5,
  kOnnxInt32 = 6,
  kOnnxInt64 = 7,
  kOnnxString = 8,
  kOnnxBool = 9,
  kOnnxFloat16 = 10,
  kOnnxDouble = 11,
  kOnnxUint32 = 12,
  kOnnxUint64 = 13,
  kOnnxBFloat16 = 16,
  kOnnxUint4 = 21,
  kOnnxInt4 = 22
};

// A TensorProto without data.
inline ProtoWriter tensor_head(std::string_view name, std::int64_t type, const Shape& dims) {
  ProtoWriter out;
  for (const std::int64_t dim : dims) out.varint(1, dim);
  return out.varint(2, type).bytes(8, name);
}

template <typename T>
ProtoWriter raw_tensor(std::string_view name, std::int64_t type, const Shape& dims, const std::vector<T>& values) {
  return tensor_head(name, type, dims)
      .bytes(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}
inline ProtoWriter float_tensor(std::string_view name, const Shape& dims, const std::vector<float>& values) {
  return raw_tensor(name, kOnnxFloat, dims, values);
}

// Attributes; field 20 is the declared type.
inline ProtoWriter int_attr(std::string_view name, std::int64_t value) {
  return ProtoWriter().bytes(1, name).varint(3, value).varint(20, 2);
}
inline ProtoWriter float_attr(std::string_view name, float value) {
  return ProtoWriter().bytes(1, name).fixed32(2, value).varint(20, 1);
}
inline ProtoWriter text_attr(std::string_view name, std::string_view value) {
  return ProtoWriter().bytes(1, name).bytes(4, value).varint(20, 3);
}
inline ProtoWriter ints_attr(std::string_view name, const std::vector<std::int64_t>& values) {
  ProtoWriter out;
  out.bytes(1, name);
  for (const std::int64_t value : values) out.varint(8, value);
  return out.varint(20, 7);
}
inline ProtoWriter texts_attr(std::string_view name, const std::vector<std::string_view>& values) {
  ProtoWriter out;
  out.bytes(1, name);
  for (const std::string_view value : values) out.bytes(9, value);
  return out.varint(20, 8);
}
inline ProtoWriter floats_attr(std::string_view name, const std::vector<float>& values) {
  ProtoWriter out;
  out.bytes(1, name);
  for (const float value : values) out.fixed32(7, value);
  return out.varint(20, 6);
}
inline ProtoWriter tensor_attr(std::string_view name, const ProtoWriter& tensor) {
  return ProtoWriter().bytes(1, name).message(5, tensor).varint(20, 4);
}

using Names = std::initializer_list<std::string_view>;

inline ProtoWriter node(std::string_view op, Names inputs, Names outputs, const std::vector<ProtoWriter>& attrs = {},
                        std::string_view name = "") {
  ProtoWriter out;
  for (const std::string_view input : inputs) out.bytes(1, input);
  for (const std::string_view output : outputs) out.bytes(2, output);
  if (!name.empty()) out.bytes(3, name);
  out.bytes(4, op);
  for (const ProtoWriter& attr : attrs) out.message(5, attr);
  return out;
}

// An extent that has a name instead of a number.
constexpr std::int64_t kOpenExtent = std::numeric_limits<std::int64_t>::min();

// ValueInfoProto of a tensor.
inline ProtoWriter value_info(std::string_view name, const Shape& dims, std::int64_t type = kOnnxFloat) {
  ProtoWriter shape;
  for (const std::int64_t dim : dims) {
    shape.message(1, dim == kOpenExtent ? ProtoWriter().bytes(2, "batch") : ProtoWriter().varint(1, dim));
  }
  const ProtoWriter tensor = ProtoWriter().varint(1, type).message(2, shape);
  return ProtoWriter().bytes(1, name).message(2, ProtoWriter().message(1, tensor));
}

// ModelProto. Inputs and outputs without a type of their own are float32.
class ModelWriter {
 public:
  explicit ModelWriter(std::int64_t opset = 17, std::int64_t ir = 8) {
    model_.varint(1, ir).message(8, ProtoWriter().bytes(1, "").varint(2, opset));
  }
  ModelWriter& node(std::string_view op, Names inputs, Names outputs, const std::vector<ProtoWriter>& attrs = {},
                    std::string_view name = "") {
    graph_.message(1, test_support::node(op, inputs, outputs, attrs, name));
    return *this;
  }
  ModelWriter& constant(const ProtoWriter& tensor) {
    graph_.message(5, tensor);
    return *this;
  }
  ModelWriter& input(std::string_view name, const Shape& dims, std::int64_t type = kOnnxFloat) {
    graph_.message(11, value_info(name, dims, type));
    return *this;
  }
  ModelWriter& output(std::string_view name) {
    graph_.message(12, ProtoWriter().bytes(1, name));
    return *this;
  }
  // Anything else in the graph or the model.
  ProtoWriter& graph() { return graph_; }
  ProtoWriter& model() { return model_; }

  std::string text() const { return ProtoWriter(model_).message(7, graph_).text(); }

 private:
  ProtoWriter model_, graph_;
};

}  // namespace saker::test_support
