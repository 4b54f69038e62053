#include "model/pt/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "base/try.h"
#include "model/pt/checkpoint.h"
#include "model/pt/import.h"
#include "model/pt/modules.h"
#include "model/pt/safetensors.h"
#include "model/pt/sparseml.h"
#include "model/pt/write.h"
#include "model/python_repr.h"

namespace saker::pt {
namespace {

constexpr std::size_t kMaxArguments = 300, kMaxItems = 20;
constexpr int kMaxDepth = 3;  // objects may contain each other in a circle

std::string list_text(const Value& list, int depth);

// As Python's repr() has it; what is neither number, text nor a list of such is named by its class.
std::string value_text(const Value& value, int depth = 0) {
  switch (value.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return value.truth ? "True" : "False";
    case Kind::kInt:
      return std::to_string(value.whole);
    case Kind::kFloat:
      return fmt::format("{}", value.real);
    case Kind::kText:
      return python_text(value.text());
    case Kind::kList:
    case Kind::kTuple:
      return list_text(value, depth);
    case Kind::kObject:  // a path is its parts
      if (value.text().starts_with("pathlib.") && !value.items().empty() && depth < kMaxDepth)
        return list_text(value, depth);
      break;
    default:
      break;
  }
  return value.text().empty() ? "..." : value.text();
}

std::string list_text(const Value& list, int depth) {
  if (depth == kMaxDepth) return "...";
  std::string text;
  for (std::size_t i = 0; i < std::min(list.items().size(), kMaxItems); ++i)
    text += (i > 0 ? ", " : "") + value_text(list.items()[i], depth + 1);
  if (list.items().size() > kMaxItems) text += ", ...";
  return "[" + text + "]";
}

void add_arguments(const Value* value, std::vector<std::pair<std::string, std::string>>& to) {
  if (value == nullptr) return;
  const Value& dict = value->state() != nullptr ? *value->state() : *value;  // argparse's Namespace
  if (dict.kind != Kind::kDict) return;
  const std::vector<Value>& items = dict.items();
  for (std::size_t i = 0; i + 1 < items.size() && to.size() < kMaxArguments; i += 2) {
    if (items[i].kind == Kind::kText) to.emplace_back(items[i].text(), value_text(items[i + 1]));
  }
}

void add_text(const Value& root, const char* key, std::string& to) {
  if (const Value* value = root.find(key)) to = value->text();
}

// What write_safetensors was given beside the network (write.h); nothing in a file of weights alone.
void add_metadata_facts(const Safetensors& file, CheckpointFacts& facts) {
  for (const auto& [key, text] : file.metadata) {
    if (key == "date") facts.date = text;
    if (key == "version") facts.version = text;
    if (key == "epoch") facts.epoch = parse_whole(text);
    if (key.starts_with(kArgumentPrefix) && facts.training.size() < kMaxArguments)
      facts.training.emplace_back(key.substr(kArgumentPrefix.size()), text);
  }
}

// What stands beside the network.
Status add_file_facts(const FileBytes& file, CheckpointFacts& facts) {
  facts.weights = "the only ones";
  Budget budget(file.size);
  if (is_safetensors(file.span(), file.size)) {
    SAKER_ASSIGN(const Safetensors opened, read_safetensors(file, budget));
    add_metadata_facts(opened, facts);
    return {};
  }
  SAKER_ASSIGN(const Checkpoint checkpoint, open_checkpoint(file, budget));
  const Value& root = checkpoint.pickle.root;
  const TrainedValue trained = trained_in(root);
  if (trained.key == "ema") facts.weights = "averaged (ema)";
  if (trained.key == "model") facts.weights = "the last ones (model)";
  facts.quantized = trained.value != nullptr && is_quantized(*trained.value);
  facts.recipe = recipe_in(root);
  add_text(root, "date", facts.date);
  add_text(root, "version", facts.version);
  for (const char* key : {"epoch", "start_epoch"}) {
    const Value* epoch = root.find(key);
    if (epoch != nullptr && epoch->kind == Kind::kInt) facts.epoch = epoch->whole;
  }
  for (const char* key : {"train_args", "opt"}) add_arguments(root.find(key), facts.training);
  return {};
}

std::string trained_for_8_bits(const ObservedRanges& observed) {
  std::string_view each = "channel";
  if (observed.scales == StoredScales::kTensor) each = "tensor";
  if (observed.scales == StoredScales::kEverywhere) each = "tensor, activations and sums included";
  return fmt::format("{} convolutions, one scale a {}{}", observed.convs.size(), each,
                     observed.symmetric ? ", symmetric" : "");
}

}  // namespace

Result<CheckpointFacts> checkpoint_facts(const FileBytes& file) {
  SAKER_ASSIGN(const nets::Network network, read_network(file));
  CheckpointFacts facts;
  facts.family = network.family;
  facts.network = network.name;
  facts.classes = network.classes;
  if (network.observed) facts.eight_bits = trained_for_8_bits(*network.observed);
  SAKER_TRY(add_file_facts(file, facts));
  for (const nets::Layer& layer : network.layers) {
    const nets::Module& module = layer.module;
    facts.layers.push_back(
        {layer.from, module.class_path.empty() ? module.type : module.class_path, parameters_of(module)});
    facts.parameters += facts.layers.back().parameters;
  }
  return facts;
}

}  // namespace saker::pt
