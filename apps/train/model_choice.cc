#include "model_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "graph/ops/common.h"
#include "graph/ops/convert.h"
#include "model/pt/facts.h"
#include "model/pt/import.h"
#include "nets/families.h"
#include "nets/heads.h"

namespace saker::train_cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxCheckpoint = std::size_t{4} << 30, kMaxYaml = std::size_t{1} << 20;

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_yaml(const std::string& path) {
  const std::string extension = lower_extension(path);
  return extension == ".yaml" || extension == ".yml";
}

// "yolox_s" and "YOLOX-S" are "yolox-s"; empty: no family's name.
std::string family_of(const std::string& text) {
  std::string name = lower_case(text);
  std::ranges::replace(name, '_', '-');
  const std::vector<std::string> known = nets::family_names();
  for (const std::string& form : {name, name.starts_with("yolov11") ? "yolo11" + name.substr(7) : name}) {
    if (std::ranges::find(known, form) != known.end()) return form;
  }
  return {};
}

Error no_such_model(const std::string& wanted) {
  const std::string family = family_of(fs::path(wanted).stem().string());
  std::string remedy = fmt::format("there are {}", fmt::join(nets::family_names(), ", "));
  if (!family.empty()) {
    remedy =
        fmt::format("--model {} trains from nothing; `saker pull {}.pt` fetches official weights where there are some",
                    family, family);
  }
  return {ErrorCode::kNotFound, fmt::format("there is no file {}, and no model is called so\nWhat to do: {}",
                                            printable_name(wanted), remedy)};
}

// A model's YAML: the file, or the family that it is named after where it is not there.
Status take_yaml(const std::string& path, ChosenModel& chosen) {
  chosen.name = fs::path(path).stem().string();
  if (is_there(path)) {
    chosen.yaml = path;
    return {};
  }
  chosen.family = family_of(chosen.name);
  if (chosen.family.empty()) return no_such_model(path);
  chosen.notes.push_back(fmt::format("there is no file {}; saker's own {} is taken", path, chosen.family));
  return {};
}

// The family that a checkpoint is of, where it is one that can be built for other classes.
Status take_checkpoint(const std::string& path, ChosenModel& chosen) {
  chosen.checkpoint = path;
  if (!chosen.name.empty()) return {};
  chosen.name = fs::path(path).stem().string();
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kMaxCheckpoint));
  auto facts = pt::checkpoint_facts(file);
  if (!facts) return facts.error().with_context(path);
  chosen.family = family_of(facts->network);
  return {};
}

Result<nets::Network> read_checkpoint(const std::string& path) {
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kMaxCheckpoint));
  auto network = pt::read_network(file);
  if (!network) return network.error().with_context(path);
  return network;
}

// Weights are trained in float32, and most files have float16.
Status widen(nets::Network& network) {
  for (const nets::NamedWeight& weight : nets::named_weights(network)) {
    Tensor& tensor = weight.module->weights.at(weight.of_module);
    if (tensor.dtype() == DType::kFloat32 || !ops::contains(ops::kFloatTypes, tensor.dtype())) continue;
    SAKER_ASSIGN(tensor, ops::converted(tensor, DType::kFloat32));
  }
  return {};
}

}  // namespace

Result<nets::Network> read_float_network(const std::string& path) {
  SAKER_ASSIGN(nets::Network network, read_checkpoint(path));
  SAKER_TRY(widen(network));
  return network;
}

namespace {

void list_left(const nets::Transfer& transfer, const std::string& path, ChosenModel& chosen) {
  constexpr std::size_t kShown = 6;
  std::string text = fmt::format("{} of {} weights taken from {}", transfer.taken, transfer.of, path);
  for (std::size_t i = 0; i < std::min(transfer.left.size(), kShown); ++i) text += "\n  left out: " + transfer.left[i];
  if (transfer.left.size() > kShown) text += fmt::format("\n  and {} more", transfer.left.size() - kShown);
  chosen.notes.push_back(std::move(text));
}

Result<nets::Network> build(const ChosenModel& chosen, const Setup& setup, const nets::FamilyOptions& options) {
  if (setup.width > 0 && chosen.family.empty() && chosen.yaml.empty())
    return nets::yolox_network(setup.depth, setup.width, setup.depthwise, options);
  if (chosen.yaml.empty()) return nets::make_family(chosen.family, options);
  SAKER_ASSIGN(const FileBytes file, read_named_file(chosen.yaml, kMaxYaml));
  return nets::network_from_yaml({reinterpret_cast<const char*>(file.data.get()), file.size}, chosen.yaml, options);
}

}  // namespace

Result<ChosenModel> choose_model(const Setup& setup) {
  ChosenModel chosen;
  const bool own_size = setup.depth > 0 && setup.width > 0;
  if (own_size) chosen.name = setup.experiment.empty() ? "yolox" : fs::path(setup.experiment).stem().string();
  if (!setup.cfg.empty()) SAKER_TRY(take_yaml(setup.cfg, chosen));
  if (const std::string& model = setup.model; !model.empty()) {
    if (is_yaml(model)) {
      SAKER_TRY(take_yaml(model, chosen));
    } else if (is_there(model)) {
      SAKER_TRY(take_checkpoint(model, chosen));
    } else if (chosen.family = family_of(model); !chosen.family.empty()) {
      chosen.name = chosen.family;
    } else {
      return no_such_model(model);
    }
  }
  if (!setup.weights.empty()) {
    if (!is_there(setup.weights)) return no_such_model(setup.weights);
    SAKER_TRY(take_checkpoint(setup.weights, chosen));
  }
  if (!chosen.name.empty()) return chosen;
  return Error{ErrorCode::kInvalid,
               fmt::format("no model is named: --model {}, or a checkpoint", fmt::join(nets::family_names(), ", "))};
}

train::Recipe recipe_of(const nets::Network& network) {
  const nets::HeadFamily head = nets::head_family(network.layers.back().module);
  if (head == nets::HeadFamily::kAnchors) return train::Recipe::kYolov5;
  return head == nets::HeadFamily::kYolox ? train::Recipe::kYolox : train::Recipe::kUltralytics;
}

Result<train::Recipe> recipe_of(const ChosenModel& chosen) {
  const std::string name = chosen.family.empty() ? lower_case(chosen.name) : chosen.family;
  if (!chosen.yaml.empty() || (chosen.family.empty() && !chosen.checkpoint.empty())) {
    Setup none;
    ChosenModel copy = chosen;
    SAKER_ASSIGN(const nets::Network network, make_network(copy, none, {}, 0));
    return recipe_of(network);
  }
  if (chosen.family.empty() || name.starts_with("yolox")) return train::Recipe::kYolox;
  return name.starts_with("yolov5") || name.starts_with("yolov3") ? train::Recipe::kYolov5
                                                                  : train::Recipe::kUltralytics;
}

Result<nets::Network> make_network(ChosenModel& chosen, const Setup& setup, const std::vector<std::string>& names,
                                   std::uint64_t seed) {
  nets::FamilyOptions options;
  options.names = names.empty() ? std::vector<std::string>{"object"} : names;
  options.activation = setup.activation;
  options.seed = seed;
  const bool can_build = !chosen.family.empty() || !chosen.yaml.empty() || setup.width > 0;
  if (!can_build) {  // a network that only the checkpoint describes
    SAKER_ASSIGN(nets::Network network, read_float_network(chosen.checkpoint));
    if (names.empty() || network.classes == static_cast<std::int64_t>(names.size())) return network;
    chosen.notes.push_back(
        fmt::format("{} finds {} classes and the data have {}: the layers that give the scores begin "
                    "anew, all others keep their weights",
                    chosen.checkpoint, network.classes, names.size()));
    return nets::with_classes(network, names, seed);
  }
  SAKER_ASSIGN(nets::Network network, build(chosen, setup, options));
  if (chosen.checkpoint.empty()) return network;
  SAKER_ASSIGN(const nets::Network from, read_checkpoint(chosen.checkpoint));
  const nets::Transfer transfer = nets::take_weights(network, from);
  if (transfer.taken == 0) {
    return Error{ErrorCode::kInvalid, fmt::format("no weight of {} fits {}: it holds a model of {}", chosen.checkpoint,
                                                  chosen.name, from.family)};
  }
  list_left(transfer, chosen.checkpoint, chosen);
  return network;
}

}  // namespace saker::train_cli
