#include "model/pt/sparseml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "base/try.h"
#include "graph/ops/common.h"
#include "model/json_writer.h"
#include "model/pt/modules.h"
#include "nets/description.h"
#include "nets/families.h"

namespace saker::pt {
namespace {

// Parts of a name below which a quantizer keeps its ranges (torch.ao.quantization, SparseML's QATWrapper).
constexpr std::array<std::string_view, 5> kQuantizers = {"activation_post_process", "weight_fake_quant", "quant",
                                                         "input_quant_stubs", "output_quant_stubs"};
// Parts that are wrappers alone (QuantWrapper, DataParallel; QATWrapper).
constexpr std::array<std::string_view, 2> kWrappers = {"module", "forward_fn"};
// What networks keep and nothing depends on.
constexpr std::array<std::string_view, 2> kIdle = {"num_batches_tracked", "anchor_grid"};

// A network may be larger than the file's weights by so much, so that it is told which are missing.
constexpr std::int64_t kSpareParameters = 1'000'000;
constexpr std::size_t kMaxDepth = 8, kMaxText = std::size_t{1} << 20;  // of real ones: 4, 3 KB

bool is_among(std::span<const std::string_view> list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_of_quantizer(const std::string& name) {
  return std::ranges::any_of(split(name, '.'), [](const std::string& part) { return is_among(kQuantizers, part); });
}

using Names = std::set<std::string, std::less<>>;

// The name in the network as it is described, whose names are `known`. A convolution that was fused for training holds
// its normalization (torch.nn.intrinsic.qat.ConvBn2d): "conv.bn.weight" may be "bn.weight" there.
std::string plain_name(const std::string& name, const Names& known) {
  std::vector<std::string> parts = split(name, '.');
  std::erase_if(parts, [](const std::string& part) { return is_among(kWrappers, part); });
  const std::string plain = fmt::format("{}", fmt::join(parts, "."));
  if (known.contains(plain) || parts.size() < 4 || parts[parts.size() - 2] != "bn" || parts[parts.size() - 3] != "conv")
    return plain;
  parts.erase(parts.end() - 3);
  return fmt::format("{}", fmt::join(parts, "."));
}

// The description as JSON, which YAML contains, for the reader of the frameworks' YAML files.
class YamlText {
 public:
  Status put(const Value& value, std::size_t depth) {
    if (depth > kMaxDepth || buffer_.GetSize() > kMaxText)
      return Error{ErrorCode::kLimit, "the description of its network (`yaml`) is too long, or too deep"};
    switch (value.kind) {
      case Kind::kBool:
        json_.String(value.truth ? "True" : "False");
        return {};
      case Kind::kInt:
        json_.Int64(value.whole);
        return {};
      case Kind::kFloat:
        put_number(value.real);
        return {};
      case Kind::kText:
        put_text(json_, value.text());
        return {};
      case Kind::kList:
      case Kind::kTuple:
        return put_list(value, depth);
      case Kind::kDict:
        return put_dict(value, depth);
      default:
        json_.Null();
        return {};
    }
  }

  std::string_view text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  void put_number(double number) {
    if (std::isfinite(number)) {
      json_.Double(number);
    } else {
      json_.Null();
    }
  }

  Status put_list(const Value& list, std::size_t depth) {
    json_.StartArray();
    for (const Value& item : list.items()) SAKER_TRY(put(item, depth + 1));
    json_.EndArray();
    return {};
  }

  // Keys are texts in what YAML files of networks hold.
  Status put_dict(const Value& dict, std::size_t depth) {
    const std::vector<Value>& items = dict.items();
    json_.StartObject();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      if (items[i].kind != Kind::kText) continue;
      put_key(json_, items[i].text());
      SAKER_TRY(put(items[i + 1], depth + 1));
    }
    json_.EndObject();
    return {};
  }

  rapidjson::StringBuffer buffer_;
  JsonWriter json_{buffer_};
};

// "yolov8n" of "yolov8n.yaml"; empty: YOLOv5 does not keep the file's name.
std::string name_of(const Value& description) {
  const Value* file = description.find("yaml_file");
  return file == nullptr ? std::string() : std::filesystem::path(file->text()).stem().string();
}

Result<std::int64_t> classes_of(const Value& root, const Value& description) {
  for (const Value* where : {&root, &description}) {
    const Value* count = where->find("nc");
    if (count == nullptr || count->kind != Kind::kInt) continue;
    if (count->whole >= 1 && count->whole <= nets::kMostClasses) return count->whole;
    return Error{ErrorCode::kInvalid,
                 fmt::format("`nc` is {}; there may be 1 to {} classes", count->whole, nets::kMostClasses)};
  }
  return Error{ErrorCode::kInvalid, "nothing in the file says how many classes it has (`nc`)"};
}

// As it is described, with weights of its own.
Result<nets::Network> fresh_network(const Value& root, const Value& description, const Weights& weights) {
  YamlText yaml;
  SAKER_TRY(yaml.put(description, 0));
  SAKER_ASSIGN(const std::int64_t classes, classes_of(root, description));
  nets::FamilyOptions options;
  options.names.resize(static_cast<std::size_t>(classes));
  options.most_parameters = kSpareParameters;
  for (const auto& [name, tensor] : weights) options.most_parameters += tensor.elements();
  const std::string name = name_of(description);
  auto network = nets::network_from_yaml(yaml.text(), name.empty() ? "its `yaml`" : name + ".yaml", options);
  if (!network.ok()) return network.error().with_context("the description of its network");
  network->name = name;
  network->names.clear();
  if (const Value* names = root.find("names"); names != nullptr) network->names = names_of(*names);
  if (network->names.size() != static_cast<std::size_t>(classes)) network->names.clear();
  return network;
}

Status take(const nets::NamedWeight& weight, Weights& from) {
  Tensor& own = weight.module->weights.at(weight.of_module);
  const auto found = from.find(weight.name);
  if (found == from.end()) {
    if (is_among(kIdle, weight.of_module)) return {};
    return Error{ErrorCode::kInvalid, fmt::format("the file lacks the weight '{}' of the network that its `yaml` "
                                                  "describes",
                                                  printable_name(weight.name))};
  }
  const Tensor& tensor = found->second;
  if (tensor.shape() != own.shape()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the weight '{}' is {} in the file and {} in the network that its "
                             "`yaml` describes",
                             printable_name(weight.name), to_string(tensor.shape()), to_string(own.shape()))};
  }
  if (!is_among(kIdle, weight.of_module)) {
    if (!ops::contains(ops::kFloatTypes, tensor.dtype())) {
      return Error{ErrorCode::kUnsupported, fmt::format("the weight '{}' is of {}, not of floating-point numbers",
                                                        printable_name(weight.name), dtype_name(tensor.dtype()))};
    }
    own = tensor;
  }
  from.erase(found);
  return {};
}

// By the names in the network, without what quantizers keep. Error kInvalid: two of one name.
Result<Weights> plain_weights(Weights weights, const Names& known) {
  Weights plain;
  for (auto& [name, tensor] : weights) {
    if (is_of_quantizer(name)) continue;
    std::string in_network = plain_name(name, known);
    if (!plain.try_emplace(in_network, std::move(tensor)).second)
      return Error{ErrorCode::kInvalid, fmt::format("two weights are called '{}' without the wrappers around them",
                                                    printable_name(in_network))};
  }
  return plain;
}

}  // namespace

const Value* description_beside(const Value& root) {
  for (const char* key : {"yaml", "model_yaml"}) {
    const Value* found = root.find(key);
    if (found != nullptr && found->kind == Kind::kDict && found->find("backbone") != nullptr) return found;
  }
  return nullptr;
}

bool is_quantized(const Value& weights) {
  const std::vector<Value>& items = weights.items();
  for (std::size_t i = 0; weights.kind == Kind::kDict && i + 1 < items.size(); i += 2) {
    if (is_of_quantizer(items[i].text())) return true;
  }
  return false;
}

std::string recipe_in(const Value& root) {
  for (const char* key : {"checkpoint_recipe", "recipe"}) {
    const Value* found = root.find(key);
    if (found != nullptr && !found->text().empty()) return found->text();
  }
  return {};
}

Result<nets::Network> described_by_yaml(const Value& root, const Value& description, Weights weights) {
  SAKER_ASSIGN(nets::Network network, fresh_network(root, description, weights));
  const std::vector<nets::NamedWeight> wanted = nets::named_weights(network);
  Names known;
  for (const nets::NamedWeight& weight : wanted) known.insert(weight.name);
  SAKER_ASSIGN(Weights left, plain_weights(std::move(weights), known));
  for (const nets::NamedWeight& weight : wanted) SAKER_TRY(take(weight, left));
  for (const auto& [name, tensor] : left) {
    if (is_among(kIdle, std::string_view(name).substr(name.rfind('.') + 1))) continue;
    return Error{ErrorCode::kUnsupported, fmt::format("the weight '{}' has no place in the network that the file's "
                                                      "`yaml` describes ({} such)",
                                                      printable_name(name), left.size())};
  }
  return network;
}

}  // namespace saker::pt
