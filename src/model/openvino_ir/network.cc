#include "model/openvino_ir/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <unordered_map>

#include "base/text.h"
#include "base/try.h"
#include "model/budget.h"

namespace saker::openvino_ir {
namespace {

constexpr std::int64_t kMinVersion = 10, kMaxVersion = 11;
constexpr std::size_t kMaxXmlBytes = std::size_t{32} << 20;
constexpr std::size_t kMaxPorts = 4096, kMaxRank = 64;

using IndexById = std::unordered_map<std::int64_t, std::size_t>;

Error invalid(std::string message) {
  return {ErrorCode::kInvalid, std::move(message)};
}

Result<std::int64_t> number(const pugi::xml_node& node, const char* attribute) {
  auto value = parse_integer(node.attribute(attribute).value());
  if (!value.ok()) return value.error().with_context(fmt::format("'{}' of <{}>", attribute, node.name()));
  return *value;
}

Result<Port> parse_port(const pugi::xml_node& node) {
  Port port;
  SAKER_ASSIGN(port.id, number(node, "id"));
  port.dtype = port_precision(node.attribute("precision").value());
  port.names = node.attribute("names").value();
  for (const pugi::xml_node& dim : node.children("dim")) {
    if (port.dims.size() == kMaxRank)
      return Error{ErrorCode::kLimit, fmt::format("port {} has more than {} dimensions", port.id, kMaxRank)};
    auto extent = parse_integer(trimmed(dim.child_value()));
    if (!extent.ok() || *extent < -1)
      return invalid(fmt::format("port {}: a dimension is '{}'", port.id, printable_name(dim.child_value())));
    port.dims.push_back(*extent);
  }
  return port;
}

Status parse_ports(const pugi::xml_node& node, Layer& layer) {
  for (const pugi::xml_node& port : node.child("input").children("port")) {
    if (layer.input_ports.size() == kMaxPorts)
      return Error{ErrorCode::kLimit, fmt::format("more than {} inputs", kMaxPorts)};
    SAKER_ASSIGN(layer.input_ports.emplace_back(), number(port, "id"));
  }
  for (const pugi::xml_node& port : node.child("output").children("port")) {
    if (layer.outputs.size() == kMaxPorts)
      return Error{ErrorCode::kLimit, fmt::format("more than {} outputs", kMaxPorts)};
    SAKER_ASSIGN(layer.outputs.emplace_back(), parse_port(port));
  }
  std::vector<std::int64_t> ids = layer.input_ports;
  for (const Port& port : layer.outputs) ids.push_back(port.id);
  std::ranges::sort(ids);
  if (const auto twice = std::ranges::adjacent_find(ids); twice != ids.end())
    return invalid(fmt::format("port {} is there twice", *twice));
  return {};
}

Status parse_layers(const pugi::xml_node& net, Network& out, IndexById& index) {
  for (const pugi::xml_node& node : net.child("layers").children("layer")) {
    if (out.layers.size() == kMaxNodes) return too_many_nodes("layers");
    Layer& layer = out.layers.emplace_back();
    layer.name = node.attribute("name").value();
    layer.type = node.attribute("type").value();
    layer.version = node.attribute("version").value();
    auto id = number(node, "id");
    if (!id.ok()) return id.error().with_context(display_name(layer));
    layer.id = *id;
    if (!index.emplace(layer.id, out.layers.size() - 1).second)
      return invalid(fmt::format("{}: the id {} is another layer's, too", display_name(layer), layer.id));
    for (const pugi::xml_attribute& attribute : node.child("data").attributes())
      layer.attributes.emplace_back(attribute.name(), attribute.value());
    if (auto status = parse_ports(node, layer); !status.ok()) return status.error().with_context(display_name(layer));
    layer.inputs.assign(layer.input_ports.size(), {SIZE_MAX, 0});
  }
  if (out.layers.empty()) return invalid("the file has no layers");
  return {};
}

Status connect(const pugi::xml_node& edge, Network& network, const IndexById& index) {
  SAKER_ASSIGN(const std::int64_t from_layer, number(edge, "from-layer"));
  SAKER_ASSIGN(const std::int64_t from_port, number(edge, "from-port"));
  SAKER_ASSIGN(const std::int64_t to_layer, number(edge, "to-layer"));
  SAKER_ASSIGN(const std::int64_t to_port, number(edge, "to-port"));
  const auto from = index.find(from_layer), to = index.find(to_layer);
  for (const auto& [found, id] : {std::pair(from, from_layer), std::pair(to, to_layer)}) {
    if (found == index.end()) return invalid(fmt::format("an edge names the layer {}, which does not exist", id));
  }
  const Layer& producer = network.layers[from->second];
  Layer& reader = network.layers[to->second];
  const auto output = std::ranges::find(producer.outputs, from_port, &Port::id);
  if (output == producer.outputs.end())
    return invalid(
        fmt::format("{}: an edge starts at its output port {}, which it lacks", display_name(producer), from_port));
  const auto input = std::ranges::find(reader.input_ports, to_port);
  if (input == reader.input_ports.end())
    return invalid(fmt::format("{}: an edge ends at its input port {}, which it lacks", display_name(reader), to_port));
  Source& source = reader.inputs[static_cast<std::size_t>(input - reader.input_ports.begin())];
  if (source.layer != SIZE_MAX)
    return invalid(fmt::format("{}: two edges end at its input port {}", display_name(reader), to_port));
  source = {from->second, static_cast<std::size_t>(output - producer.outputs.begin())};
  return {};
}

Status check_connected(const Network& network) {
  for (const Layer& layer : network.layers) {
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (layer.inputs[i].layer == SIZE_MAX)
        return invalid(
            fmt::format("{}: its input port {} is not connected", display_name(layer), layer.input_ports[i]));
    }
  }
  return {};
}

// As the OpenVINO plug-in gives them: the ONNX file's own metadata, which converters put into `framework`, under their
// names, those of other groups as "model_info.labels".
void parse_metadata(const pugi::xml_node& info, std::map<std::string, std::string>& out) {
  for (const pugi::xml_node& entry : info.children()) {
    if (const pugi::xml_attribute value = entry.attribute("value")) out.emplace(entry.name(), value.value());
    const std::string prefix = std::string_view(entry.name()) == "framework" ? "" : std::string(entry.name()) + ".";
    for (const pugi::xml_node& member : entry.children()) {
      if (const pugi::xml_attribute value = member.attribute("value"))
        out.emplace(prefix + member.name(), value.value());
    }
  }
}

}  // namespace

std::string display_name(const Layer& layer) {
  return fmt::format("layer '{}' ({})", layer.name.empty() ? fmt::format("#{}", layer.id) : printable_name(layer.name),
                     printable_name(layer.type));
}

Result<std::int64_t> parse_integer(std::string_view text) {
  const auto value = parse_whole(text);
  if (!value) return invalid(fmt::format("'{}' is not an integer", printable_name(text.substr(0, 40))));
  return *value;
}

Result<std::vector<std::int64_t>> parse_list(std::string_view text, bool dynamic) {
  std::vector<std::int64_t> values;
  text = trimmed(text);
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view entry = trimmed(text.substr(0, comma));
    if (values.size() == kMaxRank) return Error{ErrorCode::kLimit, fmt::format("more than {} numbers", kMaxRank)};
    if (dynamic && (entry == "?" || (entry != "..." && entry.find("..") != std::string_view::npos))) {
      values.push_back(-1);
    } else {
      SAKER_ASSIGN(values.emplace_back(), parse_integer(entry));
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return values;
}

Result<Network> parse_network(std::span<const std::byte> xml) {
  if (xml.empty()) return invalid("the file is empty");
  if (xml.size() > kMaxXmlBytes)
    return Error{ErrorCode::kLimit, fmt::format("the XML has {} bytes, more than {}", xml.size(), kMaxXmlBytes)};
  const auto document = std::make_shared<pugi::xml_document>();
  const auto parsed = document->load_buffer(xml.data(), xml.size());
  if (!parsed) {
    return Error{parsed.status == pugi::status_out_of_memory ? ErrorCode::kLimit : ErrorCode::kInvalid,
                 fmt::format("not an OpenVINO IR file: {} at byte {}", parsed.description(), parsed.offset)};
  }
  const pugi::xml_node net = document->child("net");
  if (!net) return invalid("not an OpenVINO IR file: it has no <net>");
  Network network;
  network.text = document;
  network.name = net.attribute("name").value();
  if (const auto version = parse_integer(net.attribute("version").value()); version.ok()) network.version = *version;
  if (network.version < kMinVersion || network.version > kMaxVersion) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("OpenVINO IR version '{}' is not supported ({} and {} are): convert the model again with a "
                    "newer OpenVINO",
                    printable_name(net.attribute("version").value()), kMinVersion, kMaxVersion)};
  }
  IndexById index;
  SAKER_TRY(parse_layers(net, network, index));
  for (const pugi::xml_node& edge : net.child("edges").children("edge")) SAKER_TRY(connect(edge, network, index));
  SAKER_TRY(check_connected(network));
  parse_metadata(net.child("rt_info"), network.metadata);
  return network;
}

}  // namespace saker::openvino_ir
