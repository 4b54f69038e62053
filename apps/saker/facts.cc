// What a model file says of itself, as text and as JSON.
#include "facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "detect/labels.h"
#include "graph/op_def.h"
#include "graph/printer.h"

namespace saker::cli {
namespace {

std::string tensor_text(const TensorInfo& info) {
  std::string dims;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    const std::string symbol = i < info.symbols.size() ? info.symbols[i] : "";
    const std::string open = symbol.empty() ? "?" : symbol;
    dims += (i > 0 ? ", " : "") + (info.shape[i] < 0 ? open : std::to_string(info.shape[i]));
  }
  return fmt::format("{}  {} {}", info.name, dtype_name(info.dtype), info.has_shape ? "[" + dims + "]" : "(no shape)");
}

Json tensor_json(const TensorInfo& info) {
  Json shape = Json::array();
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    const bool named = info.shape[i] < 0 && i < info.symbols.size() && !info.symbols[i].empty();
    shape.push_back(named ? Json(info.symbols[i]) : Json(info.shape[i]));
  }
  return {{"name", info.name}, {"dtype", dtype_name(info.dtype)}, {"shape", info.has_shape ? shape : Json(nullptr)}};
}

std::string shortened(const std::string& text) {
  return printable_name(one_line(text), 70);
}

// "80 classes: person, bicycle, car, ..."
std::string names_text(const std::string& value) {
  const auto names = parse_python_names(value);
  if (!names.ok()) return shortened(value);
  std::string some;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, names->size()); ++i) some += (i > 0 ? ", " : "") + (*names)[i];
  return fmt::format("{} classes: {}{}", names->size(), some, names->size() > 5 ? ", ..." : "");
}

std::vector<std::pair<std::string, int>> operators_by_count(const Model& model) {
  const auto operators = model.operators();
  std::vector<std::pair<std::string, int>> sorted(operators.begin(), operators.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

Json value_json(const Graph& graph, ValueId id) {
  if (id == kNoValue) return nullptr;
  const Value& value = graph.value(id);
  Json json = {{"name", value.name}, {"dtype", dtype_name(value.dtype)}};
  json["shape"] = value.shape ? Json(*value.shape) : Json(nullptr);
  json["constant"] = value.constant.has_value();
  return json;
}

Json values_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json list = Json::array();
  for (const ValueId id : ids) list.push_back(value_json(graph, id));
  return list;
}

}  // namespace

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string wrapped(std::string line, const std::vector<std::string>& items) {
  constexpr std::size_t kWidth = 100;
  std::string text;
  for (const std::string& item : items) {
    if (line.size() + 1 + item.size() > kWidth) {
      text += line + "\n";
      line = std::string(10, ' ');
    }
    line += " " + item;
  }
  return text + line + "\n";
}

std::string facts_text(const Model& model) {
  std::string text = fmt::format("model      {}  ({})\n", model.path(), megabytes(model.file_bytes()));
  for (const TensorInfo& input : model.inputs()) text += fmt::format("input      {}\n", tensor_text(input));
  for (const TensorInfo& output : model.outputs()) text += fmt::format("output     {}\n", tensor_text(output));
  for (const auto& [key, value] : model.metadata())
    text += fmt::format("metadata   {} = {}\n", one_line(key), key == "names" ? names_text(value) : shortened(value));
  int nodes = 0;
  for (const auto& [name, count] : model.operators()) nodes += count;
  std::vector<std::string> items;
  for (const auto& [name, count] : operators_by_count(model)) items.push_back(fmt::format("{} {}", name, count));
  return text + wrapped(fmt::format("operators  {} nodes:", nodes), items);
}

Json facts_json(const Model& model) {
  Json json = Json::object();
  json["model"] = model.path();
  json["file_bytes"] = model.file_bytes();
  json["inputs"] = Json::array();
  for (const TensorInfo& input : model.inputs()) json["inputs"].push_back(tensor_json(input));
  json["outputs"] = Json::array();
  for (const TensorInfo& output : model.outputs()) json["outputs"].push_back(tensor_json(output));
  json["metadata"] = model.metadata();
  json["operators"] = Json::object();
  for (const auto& [name, count] : operators_by_count(model)) json["operators"][name] = count;
  return json;
}

Json graph_json(const Graph& graph) {
  Json json = Json::object();
  json["inputs"] = values_json(graph, graph.inputs);
  json["outputs"] = values_json(graph, graph.outputs);
  json["nodes"] = Json::array();
  for (const Node& node : graph.nodes) {
    json["nodes"].push_back({{"name", node.name},
                             {"op", op_def(node.op).name},
                             {"attributes", print_attributes(node)},
                             {"inputs", values_json(graph, node.inputs)},
                             {"outputs", values_json(graph, node.outputs)}});
  }
  return json;
}

Json plan_json(const Plan& plan, bool why) {
  Json json = Json::object();
  json["isa"] = isa_name(plan.isa);
  json["activation_bytes"] = plan.activation_bytes();
  json["weight_bytes"] = plan.weight_bytes;
  json["views"] = plan.views;
  if (!plan.note.empty()) json["note"] = plan.note;
  json["steps"] = Json::array();
  for (const Step& step : plan.steps) {
    Json entry = {{"name", step.name},
                  {"what", step.what},
                  {"kernel", step.kernel},
                  {"output", step.shape},
                  {"flops", step.flops}};
    if (why) {
      entry["refused"] = Json::array();
      for (const Refusal& refusal : step.refused)
        entry["refused"].push_back({{"kernel", refusal.kernel}, {"reason", refusal.reason}});
    }
    json["steps"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace saker::cli
