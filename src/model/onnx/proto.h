// The parts of ONNX's messages the importer reads, as plain structs that point into the file.
// Field numbers: onnx/onnx.proto of the ONNX project. Strings are views: the file's bytes must live on.
#pragma once

#include <saker/tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/onnx/tensor_source.h"
#include "model/onnx/wire.h"

namespace saker::onnx {

struct AttributeProto {
  std::string_view name;
  std::int64_t type = 0;  // AttributeProto.AttributeType; 0 in very old files
  std::optional<float> f;
  std::optional<std::int64_t> i;
  std::optional<std::string_view> s;
  std::optional<Bytes> t;  // a TensorProto
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
  std::vector<std::string_view> strings;
  bool has_graph = false;
};

struct NodeProto {
  std::string_view name, op_type, domain;
  std::vector<std::string_view> inputs, outputs;
  std::vector<AttributeProto> attributes;
};

struct DimProto {
  std::int64_t value = -1;  // -1: symbolic or unknown
  std::string_view param;
};

struct ValueInfoProto {
  std::string_view name;
  std::int64_t elem_type = 0;  // 0: not a tensor, or not declared
  bool is_tensor = true;       // false: a sequence, map, optional or sparse tensor
  bool has_shape = false;
  std::vector<DimProto> dims;
};

struct GraphProto {
  std::string_view name;
  std::vector<NodeProto> nodes;
  std::vector<Bytes> initializers;  // TensorProtos
  std::vector<ValueInfoProto> inputs, outputs;
  bool has_sparse = false;
};

struct ModelProto {
  std::int64_t ir_version = 0;
  std::vector<std::pair<std::string_view, std::int64_t>> opsets;  // domain, version
  std::vector<std::pair<std::string_view, std::string_view>> metadata;
  std::optional<GraphProto> graph;
  bool has_functions = false;
};

// Bounds on what a file can make us allocate besides its nodes (budget.h): an empty message takes two bytes there and
// a hundred here.
constexpr std::size_t kMaxParts = 500'000;         // names, attributes, dimensions, initialisers, ... of all nodes
constexpr std::size_t kMaxListBytes = 16U << 20U;  // of all attributes that are lists

// Error kLimit beyond those bounds.
Result<ModelProto> parse_model(Bytes bytes);

struct NamedTensor {
  std::string_view name;
  Tensor tensor;
  bool four_bit = false;  // int4 or uint4 in the file
};

// Data that is aligned is not copied: the tensor keeps its file alive. Error kLimit beyond the source's bounds.
Result<NamedTensor> parse_tensor(Bytes bytes, TensorSource& source);

// The name alone, of a tensor whose type parse_tensor refuses.
Result<std::string_view> tensor_name(Bytes bytes);

// TensorProto.DataType -> DType, for 4-bit integers that of the 8-bit ones that hold them; error for strings, complex,
// float8, ...
Result<DType> dtype_of(std::int64_t onnx_type);
bool is_four_bit(std::int64_t onnx_type);

}  // namespace saker::onnx
