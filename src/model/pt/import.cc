#include "model/pt/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "base/text.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "model/pt/checkpoint.h"
#include "model/pt/description.h"
#include "model/pt/modules.h"
#include "model/pt/safetensors.h"
#include "model/pt/sparseml.h"
#include "model/pt/write.h"
#include "model/python_repr.h"
#include "nets/heads.h"
#include "nets/yolox.h"

namespace saker::pt {
namespace {

constexpr auto kOtherTasks = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"Classify", "classifies whole pictures"},
    {"OBB", "finds turned boxes"},
    {"OBB26", "finds turned boxes"},
    {"Pose", "finds the joints of bodies"},
    {"Pose26", "finds the joints of bodies"},
    {"Segment", "finds the outlines of objects"},
    {"Segment26", "finds the outlines of objects"},
    {"RTDETRDecoder", "is a transformer (RT-DETR)"},
    {"WorldDetect", "finds objects by words (YOLO-World)"},
    {"YOLOEDetect", "finds objects by words (YOLOE)"},
    {"YOLOESegment", "finds outlines by words (YOLOE)"},
});

bool is_state_dict(const Pickle& pickle, const Value& value) {
  const std::vector<Value>& items = value.items();
  if (value.kind != Kind::kDict || items.size() < 2) return false;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind != Kind::kText || pickle.tensor_of(items[i + 1]) == nullptr) return false;
  }
  return true;
}

Result<Weights> read_weights(const Pickle& pickle, const Value& dict, TensorReader& tensors) {
  Weights weights;
  const std::vector<Value>& items = dict.items();
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    auto tensor = tensors.read(*pickle.tensor_of(items[i + 1]));
    if (!tensor.ok()) return tensor.error().with_context(printable_name(items[i].text()));
    weights.insert_or_assign(items[i].text(), std::move(*tensor));
  }
  return weights;
}

// What a head of another task does; empty: it may be a detector's.
std::string_view other_task(const nets::Module& head) {
  const auto task = std::ranges::find(kOtherTasks, std::string_view(head.type),
                                      &std::pair<std::string_view, std::string_view>::first);
  return task == kOtherTasks.end() ? std::string_view() : task->second;
}

Error no_detector(const nets::Module& head) {
  const std::string_view task = other_task(head);
  const std::string what =
      task.empty() ? fmt::format("ends in {}, a head that saker does not know", printable_name(head.class_path))
                   : fmt::format("{} ({})", task, head.type);
  return {ErrorCode::kUnsupported, fmt::format("this is no detector of upright boxes: it {}", what)};
}

// The layers of `model.model`, each of which says what feeds it.
Result<std::vector<nets::Layer>> layers_of(nets::Module& model) {
  const auto sequence = std::ranges::find(model.children, "model", &nets::Module::name);
  if (sequence == model.children.end() || sequence->children.empty()) {
    return Error{ErrorCode::kUnsupported, fmt::format("the checkpoint holds a {}, which is no network of YOLOv3 to v5 "
                                                      "or Ultralytics",
                                                      printable_name(model.class_path))};
  }
  std::vector<nets::Layer> layers;
  for (nets::Module& module : sequence->children) {
    std::vector<std::int64_t> from = module.integers("f");
    if (from.empty())
      return Error{ErrorCode::kInvalid, fmt::format("{} does not say what feeds it", module.describe())};
    layers.push_back({std::move(module), std::move(from)});
  }
  return layers;
}

// Pixels of a cell, level by level.
Result<std::vector<double>> strides_of(const Value& object, const Pickle& pickle, TensorReader& tensors) {
  const Value* value = attribute_of(object, "stride");
  if (value == nullptr)
    return Error{ErrorCode::kUnsupported, "the network does not say how large its cells are (stride)"};
  const TensorRecord* record = pickle.tensor_of(*value);
  if (record == nullptr) return numbers_of(*value);
  SAKER_ASSIGN(const Tensor tensor, tensors.read(*record));
  const std::vector<float> numbers = nets::numbers_of(tensor);
  return std::vector<double>(numbers.begin(), numbers.end());
}

// The side of the pictures it was trained on; nothing where no arguments of the training are kept.
std::optional<std::int64_t> trained_side(const Value& root) {
  for (const char* key : {"train_args", "opt"}) {
    const Value* arguments = root.find(key);
    if (arguments == nullptr) continue;
    const Value* dict = arguments->state() != nullptr ? arguments->state() : arguments;
    for (const char* name : {"imgsz", "img_size"}) {
      const Value* side = dict->find(name);
      if (side == nullptr) continue;
      const Value& first = side->items().empty() ? *side : side->items()[0];
      if (first.integer(0) > 0) return first.integer(0);
    }
  }
  return std::nullopt;
}

// As the exports of Ultralytics state them; those of YOLOX state nothing, but what it finds may have names.
std::map<std::string, std::string> metadata_of(const nets::Network& network, std::optional<std::int64_t> side) {
  std::map<std::string, std::string> metadata;
  if (!network.names.empty()) metadata["names"] = python_dict(network.names);
  if (nets::head_family(network.layers.back().module) == nets::HeadFamily::kYolox) return metadata;
  metadata["task"] = "detect";
  metadata["batch"] = "1";
  metadata["stride"] = fmt::format("{:.0f}", std::ranges::max(network.strides));
  if (side) metadata["imgsz"] = fmt::format("[{0}, {0}]", *side);
  return metadata;
}

Status check_detector(const nets::Network& network) {
  const nets::Module& head = network.layers.back().module;
  if (nets::head_family(head) == nets::HeadFamily::kNone || !other_task(head).empty()) return no_detector(head);
  if (network.classes < 1 || network.strides.empty())
    return Error{ErrorCode::kInvalid, "the head does not say how many classes or levels it has"};
  return {};
}

// Of the file that the network was described in: "yolov8n" of "yolov8n.yaml".
std::string described_in(const Value& model) {
  const Value* yaml = attribute_of(model, "yaml");
  for (const Value* found : {attribute_of(model, "yaml_file"), yaml == nullptr ? nullptr : yaml->find("yaml_file")}) {
    if (found == nullptr || found->text().empty()) continue;
    return std::filesystem::path(found->text()).stem().string();
  }
  return {};
}

Result<nets::Network> module_network(const Pickle& pickle, const Value& object, TensorReader& tensors) {
  SAKER_ASSIGN(nets::Module model, read_module(pickle, object, tensors));
  nets::Network network;
  SAKER_ASSIGN(network.layers, layers_of(model));
  const nets::Module& head = network.layers.back().module;
  network.family = nets::head_family(head) == nets::HeadFamily::kAnchors ? "YOLOv5" : "Ultralytics";
  network.name = described_in(object);
  network.classes = head.integer("nc", 0);
  SAKER_ASSIGN(network.strides, strides_of(object, pickle, tensors));
  if (const Value* names = attribute_of(object, "names")) network.names = names_of(*names);
  SAKER_TRY(check_detector(network));
  return network;
}

// The names and strides that it has count, whatever its metadata were when it was read from elsewhere.
Result<nets::Network> described_detector(const std::string& description, const Safetensors& file) {
  SAKER_ASSIGN(nets::Network network, described_network(description, file.weights));
  SAKER_TRY(check_detector(network));
  const auto side = file.metadata.find(std::string(kArgumentPrefix) + "imgsz");
  auto metadata = metadata_of(network, side == file.metadata.end() ? std::nullopt : parse_whole(side->second));
  metadata.merge(network.metadata);
  network.metadata = std::move(metadata);
  return network;
}

// Weights alone: only YOLOX's tell their network.
Result<nets::Network> network_of(const Weights& weights) {
  if (nets::is_yolox(weights)) return nets::yolox_from_weights(weights);
  return Error{ErrorCode::kUnsupported,
               "the file holds weights without their network (a state dictionary), nothing beside them describes it "
               "(`yaml`, `model_yaml`), and they are none of YOLOX\n"
               "What to do: save the whole model in the framework that made it, or export it to ONNX there"};
}

}  // namespace

Result<nets::Network> read_network(const FileBytes& file) {
  Budget budget(file.size);
  if (is_safetensors(file.span(), file.size)) {
    SAKER_ASSIGN(const Safetensors opened, read_safetensors(file, budget));
    const auto description = opened.metadata.find(kDescriptionKey);
    return description == opened.metadata.end() ? network_of(opened.weights)
                                                : described_detector(description->second, opened);
  }
  SAKER_ASSIGN(const Checkpoint checkpoint, open_checkpoint(file, budget));
  const Pickle& pickle = checkpoint.pickle;
  TensorReader tensors(pickle, checkpoint.storage, budget);
  const Value* found = trained_in(pickle.root).value;
  if (found != nullptr && found->kind == Kind::kObject && is_module(*found)) {
    SAKER_ASSIGN(nets::Network network, module_network(pickle, *found, tensors));
    network.metadata = metadata_of(network, trained_side(pickle.root));
    return network;
  }
  if (found == nullptr || !is_state_dict(pickle, *found))
    return Error{ErrorCode::kUnsupported, "the checkpoint holds no network under 'ema' or 'model'"};
  SAKER_ASSIGN(Weights weights, read_weights(pickle, *found, tensors));
  if (const Value* description = description_beside(pickle.root)) {
    SAKER_ASSIGN(nets::Network network, described_by_yaml(pickle.root, *description, std::move(weights)));
    SAKER_TRY(check_detector(network));
    network.metadata = metadata_of(network, trained_side(pickle.root));
    return network;
  }
  SAKER_ASSIGN(nets::Network network, network_of(weights));
  // Beside the weights of YOLOX only write_checkpoint puts names.
  if (const Value* names = pickle.root.find("names")) network.names = names_of(*names);
  network.metadata = metadata_of(network, std::nullopt);
  return network;
}

Result<ImportedModel> import_model(const FileBytes& file, const nets::GraphOptions& options) {
  SAKER_ASSIGN(nets::Network network, read_network(file));
  ImportedModel imported;
  SAKER_ASSIGN(imported.graph, nets::make_graph(network, options));
  imported.observed = std::move(network.observed);
  const Graph& graph = imported.graph;
  for (const Node& node : graph.nodes) ++imported.operators[op_def(node.op).name];
  for (const ValueId id : graph.outputs)
    imported.outputs.push_back({graph.value(id).name, graph.value(id).dtype, false, {}});
  return imported;
}

}  // namespace saker::pt
