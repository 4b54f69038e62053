// An IR that is being written: layers with their ports, what connects them, and what their constants hold.
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/openvino_ir/network.h"

namespace saker::openvino_ir {

// The attributes of a layer.
using LayerData = std::vector<std::pair<const char*, std::string>>;

struct PortType {
  DType dtype = DType::kFloat32;
  std::optional<Shape> dims;  // -1: open; empty: not known
  std::string name = {};      // of the tensor; may be empty
};

struct WrittenLayer {
  const char* type;
  const char* version;
  std::string name;
  LayerData data;
  std::vector<Source> inputs;
  std::vector<PortType> outputs;
};

struct ConstantBytes {
  DType dtype = DType::kFloat32;
  Shape shape;
  std::string_view bytes;  // dense row-major
};

class NetworkWriter {
 public:
  // half: float32 constants are stored as float16 where that can say them, and converted when they are loaded.
  NetworkWriter(const std::string& name, bool half);

  // The first output.
  Source add(const WrittenLayer& layer);
  // exact: stays float32.
  Source constant(const std::string& name, const ConstantBytes& constant, bool exact = false);

  // With the entries of rt_info: "names" goes where converters put a framework's own, "model_info.labels" into its
  // group.
  std::string xml(const std::map<std::string, std::string>& metadata);
  std::string take_bin() { return std::move(bin_); }

 private:
  pugi::xml_node append(const WrittenLayer& layer, Source& first);
  Source stored(const std::string& name, const ConstantBytes& constant);
  std::size_t offset_of(std::string_view bytes);
  std::string free_name(const std::string& wanted);

  pugi::xml_document document_;
  pugi::xml_node layers_, edges_;
  std::vector<std::vector<PortType>> outputs_;  // of each layer
  std::vector<std::size_t> inputs_;             // of each layer, how many
  std::string bin_;
  std::unordered_multimap<std::size_t, std::pair<std::size_t, std::size_t>> places_;  // by hash: offset and size
  std::set<std::string> layer_names_;
  bool half_;
};

}  // namespace saker::openvino_ir
