#include "model/pt/modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/try.h"
#include "model/budget.h"

namespace saker::pt {
namespace {

constexpr std::size_t kMaxDepth = 40;   // of real networks: 9
constexpr std::size_t kMaxList = 1000;  // numbers of an attribute
constexpr std::array<std::string_view, 2> kTensors = {"_parameters", "_buffers"};
constexpr std::array<std::string_view, 5> kBuffers = {"running_mean", "running_var", "num_batches_tracked", "anchors",
                                                      "anchor_grid"};

// Numbers, texts, and lists of numbers; what else hangs on a module does not matter to what it computes.
std::optional<nets::Attribute> attribute(const Value& value) {
  switch (value.kind) {
    case Kind::kBool:
      return value.truth;
    case Kind::kInt:
      return value.whole;
    case Kind::kFloat:
      return value.real;
    case Kind::kText:
      return value.text();
    case Kind::kList:
    case Kind::kTuple:
      break;
    default:
      return std::nullopt;
  }
  const std::vector<Value>& items = value.items();
  if (items.size() > kMaxList) return std::nullopt;
  const auto all = [&](Kind kind) {
    return std::ranges::all_of(items, [&](const Value& v) { return v.kind == kind; });
  };
  if (all(Kind::kInt)) {
    std::vector<std::int64_t> list;
    for (const Value& item : items) list.push_back(item.whole);
    return list;
  }
  const std::vector<double> list = numbers_of(value);
  return list.empty() ? std::nullopt : std::optional<nets::Attribute>(list);
}

class Reader {
 public:
  Reader(const Pickle& pickle, TensorReader& tensors) : pickle_(pickle), tensors_(tensors) {}

  Result<nets::Module> read(const Value& value, std::string name, std::string path, std::size_t depth) {
    if (depth > kMaxDepth || ++count_ > kMaxNodes)
      return Error{ErrorCode::kLimit,
                   fmt::format("the network has too many modules within each other, at '{}'", printable_name(path))};
    nets::Module module;
    module.name = std::move(name);
    module.path = std::move(path);
    module.class_path = value.text();
    module.type = module.class_path.substr(module.class_path.rfind('.') + 1);
    const Value* state = value.state();
    for (std::size_t i = 0; state != nullptr && i + 1 < state->items().size(); i += 2) {
      const Value &key = state->items()[i], &item = state->items()[i + 1];
      if (key.kind != Kind::kText) continue;
      if (std::ranges::find(kTensors, std::string_view(key.text())) != kTensors.end()) {
        SAKER_TRY(read_weights(item, module));
      } else if (key.text() == "_modules") {
        SAKER_TRY(read_children(item, module, depth));
      } else if (auto plain = attribute(item)) {
        module.attributes.insert_or_assign(key.text(), std::move(*plain));
      }
    }
    return module;
  }

 private:
  static std::string below(const nets::Module& module, const std::string& name) {
    return module.path.empty() ? name : module.path + "." + name;
  }

  Status read_weights(const Value& dict, nets::Module& module) {
    const std::vector<Value>& items = dict.items();
    for (std::size_t i = 0; dict.kind == Kind::kDict && i + 1 < items.size(); i += 2) {
      const TensorRecord* record = pickle_.tensor_of(items[i + 1]);
      if (record == nullptr || items[i].kind != Kind::kText) continue;  // None: a layer without it
      auto tensor = tensors_.read(*record);
      if (!tensor.ok()) return tensor.error().with_context(printable_name(below(module, items[i].text())));
      module.weights.insert_or_assign(items[i].text(), std::move(*tensor));
    }
    return {};
  }

  Status read_children(const Value& dict, nets::Module& module, std::size_t depth) {
    const std::vector<Value>& items = dict.items();
    for (std::size_t i = 0; dict.kind == Kind::kDict && i + 1 < items.size(); i += 2) {
      if (items[i].kind != Kind::kText || items[i + 1].kind != Kind::kObject) continue;
      const std::string& name = items[i].text();
      SAKER_ASSIGN(nets::Module child, read(items[i + 1], name, below(module, name), depth + 1));
      module.children.push_back(std::move(child));
    }
    return {};
  }

  const Pickle& pickle_;
  TensorReader& tensors_;
  std::size_t count_ = 0;
};

}  // namespace

bool is_module(const Value& value) {
  return attribute_of(value, "_modules") != nullptr;
}

Result<nets::Module> read_module(const Pickle& pickle, const Value& value, TensorReader& tensors) {
  return Reader(pickle, tensors).read(value, "", "", 0);
}

bool is_buffer(std::string_view weight) {
  return std::ranges::find(kBuffers, weight) != kBuffers.end();
}

std::int64_t parameters_of(const nets::Module& module) {
  std::int64_t sum = 0;
  for (const auto& [name, tensor] : module.weights) {
    if (!is_buffer(name)) sum += tensor.elements();
  }
  for (const nets::Module& child : module.children) sum += parameters_of(child);
  return sum;
}

const Value* attribute_of(const Value& object, std::string_view name) {
  const Value* state = object.state();
  return state == nullptr ? nullptr : state->find(name);
}

std::vector<std::string> names_of(const Value& value) {
  std::vector<std::string> names;
  const std::vector<Value>& items = value.items();
  if (value.kind == Kind::kList || value.kind == Kind::kTuple) {
    for (const Value& item : items) names.push_back(item.text());
  }
  for (std::size_t i = 0; value.kind == Kind::kDict && i + 1 < items.size(); i += 2) {
    const std::int64_t number = items[i].integer(-1);
    if (number < 0 || number >= static_cast<std::int64_t>(items.size() / 2)) return {};
    names.resize(std::max(names.size(), static_cast<std::size_t>(number) + 1));
    names[static_cast<std::size_t>(number)] = items[i + 1].text();
  }
  return names;
}

std::vector<double> numbers_of(const Value& value) {
  std::vector<double> numbers;
  if (value.kind != Kind::kList && value.kind != Kind::kTuple) return numbers;
  for (const Value& item : value.items()) {
    if (item.kind != Kind::kInt && item.kind != Kind::kFloat) return {};
    numbers.push_back(item.number(0));
  }
  return numbers;
}

}  // namespace saker::pt
