#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "base/text.h"
#include "base/try.h"
#include "model/pt/checkpoint_writer.h"
#include "model/pt/description.h"
#include "model/pt/write.h"
#include "model/pt/write_modules.h"
#include "model/pt/yaml_rows.h"
#include "nets/heads.h"

namespace saker::pt {
namespace {

// ---- values as YAML writes them ----

// A word without quotes is what YAML takes it for.
void put_plain(PickleWriter& out, const std::string& text) {
  const std::string word = lower_case(text);
  if (word.empty() || word == "~" || word == "null") return out.put_none();
  if (word == "true" || word == "false") return out.put(word == "true");
  if (const auto whole = parse_whole(text)) return out.put(*whole);
  if (const auto number = parse_number(text)) return out.put(*number);
  out.put(text);
}

void put_node(PickleWriter& out, const YAML::Node& node) {
  if (node.IsSequence()) {
    out.begin_list();
    for (const YAML::Node& item : node) put_node(out, item);
    out.end_list();
  } else if (node.IsScalar() && node.Tag() == "!") {  // in quotes
    out.put(node.Scalar());
  } else {
    put_plain(out, node.IsScalar() ? node.Scalar() : "");
  }
}

// Lists and scalars; what is neither stays the text that it is.
void put_value(PickleWriter& out, const std::string& text) {
  // Longer ones, and references, which let a text contain itself, are no values of a training.
  constexpr std::size_t kLongest = 1000;
  if (text.size() > kLongest || text.find_first_of("&*") != std::string::npos) return out.put(text);
  YAML::Node node;
  try {
    node = YAML::Load(text);
  } catch (const YAML::Exception&) {
    return out.put(text);
  }
  if (node.IsMap()) return out.put(text);
  put_node(out, node);
}

void put_arguments(PickleWriter& out, const TrainingFacts& facts) {
  out.begin_dict();
  for (const auto& [name, value] : facts.arguments) {
    out.put(name);
    put_value(out, value);
  }
  out.end_dict();
}

// ---- what models have ----

void put_names(PickleWriter& out, const nets::Network& network) {
  out.begin_dict();
  for (std::size_t i = 0; i < network.names.size(); ++i) {
    out.put(static_cast<std::int64_t>(i));
    out.put(network.names[i]);
  }
  out.end_dict();
}

// The layers whose outputs are kept for others than the next one.
std::vector<std::int64_t> kept_layers(const nets::Network& network) {
  std::set<std::int64_t> kept;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    for (const std::int64_t from : network.layers[i].from) {
      if (from != -1) kept.insert(from < 0 ? static_cast<std::int64_t>(i) + from : from);
    }
  }
  return {kept.begin(), kept.end()};
}

// Attributes of DetectionModel in both frameworks.
Status put_model_attributes(CheckpointWriter& writer, const nets::Network& network) {
  PickleWriter& out = writer.pickle();
  out.put("yaml");
  SAKER_TRY(put_yaml(out, network));
  out.put("save");
  out.put_list(kept_layers(network));
  out.put("names");
  put_names(out, network);
  out.put("nc");
  out.put(network.classes);
  out.put("inplace");
  out.put(true);
  out.put("stride");
  SAKER_ASSIGN(const Tensor strides, float_tensor(network.strides));
  return writer.put_tensor(strides, DType::kFloat32);
}

// Keys that the loaders want, in their place and None where a training that has ended leaves nothing.
void put_none(PickleWriter& out, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    out.put(key);
    out.put_none();
  }
}

Status put_modules(CheckpointWriter& writer, const nets::Network& network, const TrainingFacts& facts) {
  const bool yolov5 = nets::head_family(network.layers.back().module) == nets::HeadFamily::kAnchors;
  PickleWriter& out = writer.pickle();
  out.put("epoch");
  out.put(facts.epoch);
  put_none(out, {"best_fitness", "ema", "updates", "optimizer"});
  out.put("model");
  const char* model = yolov5 ? "models.yolo.DetectionModel" : "ultralytics.nn.tasks.DetectionModel";
  SAKER_TRY(ModuleWriter(writer).put_model(network, model, [&]() -> Status {
    SAKER_TRY(put_model_attributes(writer, network));
    if (yolov5) return {};
    out.put("args");
    put_arguments(out, facts);
    out.put("task");
    out.put("detect");
    return {};
  }));
  out.put(yolov5 ? "opt" : "train_args");
  put_arguments(out, facts);
  return {};
}

// In the order of the modules, as PyTorch names them.
Status put_weights(CheckpointWriter& writer, const nets::Module& module) {
  for (const auto& [name, tensor] : module.weights) {
    writer.pickle().put(weight_name(module, name));
    if (const Status status = writer.put_tensor(tensor, DType::kFloat32); !status.ok())
      return status.error().with_context(module.describe());
  }
  if (module.type == "BatchNorm2d" && module.weight("num_batches_tracked") == nullptr) {
    SAKER_ASSIGN(Tensor zero, Tensor::make(DType::kInt64, {}));
    *zero.data<std::int64_t>() = 0;
    writer.pickle().put(weight_name(module, "num_batches_tracked"));
    SAKER_TRY(writer.put_tensor(zero, DType::kFloat32));
  }
  for (const nets::Module& child : module.children) SAKER_TRY(put_weights(writer, child));
  return {};
}

// A state dictionary. YOLOX knows no names of classes; they are for saker.
Status put_yolox(CheckpointWriter& writer, const nets::Network& network, const TrainingFacts& facts) {
  PickleWriter& out = writer.pickle();
  out.put("start_epoch");
  out.put(facts.epoch + 1);
  out.put("model");
  out.begin_ordered_dict();
  for (const nets::Layer& layer : network.layers) SAKER_TRY(put_weights(writer, layer.module));
  out.end_ordered_dict();
  out.put("names");
  put_names(out, network);
  return {};
}

}  // namespace

Result<std::vector<std::byte>> write_checkpoint(const nets::Network& network, const TrainingFacts& facts) {
  if (network.layers.empty()) return Error{ErrorCode::kInvalid, "the network has no layers"};
  CheckpointWriter writer;
  PickleWriter& out = writer.pickle();
  out.begin_dict();
  out.put("date");
  out.put(facts.date);
  switch (nets::head_family(network.layers.back().module)) {
    case nets::HeadFamily::kAnchors:
    case nets::HeadFamily::kDistances:
      SAKER_TRY(put_modules(writer, network, facts));
      break;
    case nets::HeadFamily::kYolox:
      SAKER_TRY(put_yolox(writer, network, facts));
      break;
    case nets::HeadFamily::kNone:
      return Error{ErrorCode::kUnsupported,
                   fmt::format("{} is no head of YOLOv5, Ultralytics or YOLOX: there is no checkpoint of it",
                               network.layers.back().module.describe())};
  }
  out.end_dict();
  return std::move(writer).finish();
}

}  // namespace saker::pt
