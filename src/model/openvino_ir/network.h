// OpenVINO IR's XML as plain structs: layers, their ports, and what each input is connected to. Everything the file
// says of numbers, names and connections is checked here; what the layers mean is not.
// https://docs.openvino.ai/2024/documentation/openvino-ir-format/operation-sets.html
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/openvino_ir/element_types.h"

namespace saker::openvino_ir {

// An output of a layer as the file declares it.
struct Port {
  std::int64_t id = 0;
  std::optional<DType> dtype;  // empty: one that saker lacks
  Shape dims;                  // -1: dynamic
  std::string_view names;      // of the tensor, separated by commas; often empty
};

// Where an input comes from: indices, not the file's ids.
struct Source {
  std::size_t layer = 0, port = 0;
};

struct Layer {
  std::int64_t id = 0;
  std::string_view name, type, version;
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
  std::vector<std::int64_t> input_ports;  // the file's ids
  std::vector<Source> inputs;             // parallel to input_ports
  std::vector<Port> outputs;
};

struct Network {
  std::int64_t version = 0;
  std::string_view name;
  std::vector<Layer> layers;
  std::map<std::string, std::string> metadata;  // rt_info
  std::shared_ptr<const void> text;             // what the views point into
};

// Errors: kInvalid, kLimit, and kUnsupported for other versions than 10 and 11.
Result<Network> parse_network(std::span<const std::byte> xml);

// "layer 'NAME' (Type)"
std::string display_name(const Layer& layer);

// "1, 3, 640"; with `dynamic` also "?", "-1" and "1..8", all of which become -1.
Result<std::vector<std::int64_t>> parse_list(std::string_view text, bool dynamic = false);
Result<std::int64_t> parse_integer(std::string_view text);

}  // namespace saker::openvino_ir
