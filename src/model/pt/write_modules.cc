#include "model/pt/write_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/try.h"
#include "model/pt/module_templates.h"
#include "model/pt/modules.h"
#include "nets/heads.h"

namespace saker::pt {
namespace {

using nets::Module;
using Name = std::string_view;

constexpr std::size_t kMaxDepth = 40;  // of real networks: 9

// Of torch.nn.Module in torch 2.
constexpr std::array<Name, 12> kHooks = {"_backward_pre_hooks",
                                         "_backward_hooks",
                                         "_forward_hooks",
                                         "_forward_hooks_with_kwargs",
                                         "_forward_hooks_always_called",
                                         "_forward_pre_hooks",
                                         "_forward_pre_hooks_with_kwargs",
                                         "_state_dict_hooks",
                                         "_state_dict_pre_hooks",
                                         "_load_state_dict_pre_hooks",
                                         "_load_state_dict_post_hooks",
                                         "_is_full_backward_hook"};
constexpr Name kFullHook = "_is_full_backward_hook";  // the one that is no dictionary

// Attributes that are put apart: of every module, of every layer, and of heads.
constexpr auto kApart =
    std::to_array<Name>({kFullHook, "training", "f", "i", "np", "type", "anchor_grid", "anchors", "grid", "inplace",
                         "na", "nc", "nl", "no", "reg_max", "shape", "stride", "strides"});
constexpr std::span<const Name> kApartOfModules(kApart.data(), 2), kApartOfLayers(kApart.data(), 6),
    kApartOfHeads(kApart);

bool is_identifier(Name path) {
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

bool is_buffer_of(const Module& module, Name weight) {
  const TensorNames known = tensors_of(module.type);
  return is_buffer(weight) || std::ranges::find(known.buffers, weight) != known.buffers.end();
}

// An activation of no weights, which may be one object for all that have it.
bool is_shared(const Module& module) {
  return module.name == "act" && module.weights.empty() && module.children.empty() && module.type != "Identity";
}

// -1 alone, or several.
void put_from(PickleWriter& out, const std::vector<std::int64_t>& from) {
  if (from.size() == 1) {
    out.put(from[0]);
  } else {
    out.put_list(from);
  }
}

}  // namespace

Result<std::string> class_path_of(const Module& module) {
  std::string path = module.class_path;
  constexpr Name kPackage = "yolov5.";
  if (path.starts_with(kPackage)) path.erase(0, kPackage.size());
  constexpr std::array<Name, 4> kKnown = {"torch.nn.modules.", "models.", "ultralytics.nn.modules.",
                                          "ultralytics.nn.tasks."};
  if (is_identifier(path) && std::ranges::any_of(kKnown, [&](Name known) { return path.starts_with(known); }))
    return path;
  return Error{ErrorCode::kUnsupported,
               fmt::format("{} is of the class '{}', which is none of torch.nn, YOLOv5 or Ultralytics",
                           module.describe(), printable_name(module.class_path))};
}

Result<Tensor> float_tensor(std::span<const double> numbers) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(numbers.size())}));
  std::ranges::transform(numbers, tensor.data<float>(), [](double number) { return static_cast<float>(number); });
  return tensor;
}

Status ModuleWriter::put_object(const std::string& class_path, bool training, const More& tensors, const More& parts,
                                const More& attributes) {
  pickle_.begin_object(class_path);
  pickle_.put("training");
  pickle_.put(training);
  SAKER_TRY(tensors());
  pickle_.put("_non_persistent_buffers_set");
  pickle_.put_empty_set();
  for (const Name hook : kHooks) {
    pickle_.put(hook);
    if (hook == kFullHook) {
      pickle_.put_none();
    } else {
      pickle_.put_empty_ordered_dict();
    }
  }
  pickle_.put("_modules");
  pickle_.begin_ordered_dict();
  SAKER_TRY(parts());
  pickle_.end_ordered_dict();
  SAKER_TRY(attributes());
  pickle_.end_object();
  return {};
}

Status ModuleWriter::put_model(const nets::Network& network, const std::string& class_path,
                               const std::function<Status()>& attributes) {
  const auto none = [&] { return put_tensors({}); };
  const auto layers = [&]() -> Status {
    for (std::size_t i = 0; i < network.layers.size(); ++i) SAKER_TRY(put_layer(network, i));
    return {};
  };
  const auto sequence = [&]() -> Status {
    pickle_.put("model");
    return put_object("torch.nn.modules.container.Sequential", false, none, layers, [] { return Status(); });
  };
  return put_object(class_path, false, none, sequence, attributes);
}

Status ModuleWriter::put_layer(const nets::Network& network, std::size_t index) {
  const nets::Layer& layer = network.layers[index];
  const bool is_head = index + 1 == network.layers.size();
  SAKER_ASSIGN(const std::string class_path, class_path_of(layer.module));
  pickle_.put(std::to_string(index));
  return put_module(layer.module, 0, is_head ? kApartOfHeads : kApartOfLayers, [&]() -> Status {
    pickle_.put("i");
    pickle_.put(static_cast<std::int64_t>(index));
    pickle_.put("f");
    put_from(pickle_, layer.from);
    pickle_.put("type");
    pickle_.put(class_path);
    pickle_.put("np");
    pickle_.put(parameters_of(layer.module));
    return is_head ? put_head(network) : Status();
  });
}

Status ModuleWriter::put_module(const Module& module, std::size_t depth, std::span<const Name> elsewhere,
                                const More& more) {
  if (depth > kMaxDepth) return Error{ErrorCode::kLimit, fmt::format("{} is too many parts deep", module.describe())};
  SAKER_ASSIGN(const std::string class_path, class_path_of(module));
  const auto parts = [&]() -> Status {
    for (const Module& child : module.children) {
      pickle_.put(child.name);
      SAKER_TRY(put_part(child, depth + 1));
    }
    return {};
  };
  return put_object(
      class_path, module.flag("training", false), [&] { return put_tensors(module); }, parts,
      [&] {
        put_attributes(pickle_, module, elsewhere);
        return more();
      });
}

Status ModuleWriter::put_part(const Module& module, std::size_t depth) {
  const auto put = [&] { return put_module(module, depth, kApartOfModules, [] { return Status(); }); };
  if (!is_shared(module)) return put();
  auto key = std::make_pair(module.class_path, module.attributes);
  if (const auto found = shared_.find(key); found != shared_.end()) {
    pickle_.put_again(found->second);
    return {};
  }
  SAKER_TRY(put());
  shared_.emplace(std::move(key), pickle_.remember());
  return {};
}

// The class's tensors in the order of its files, None where there is none; then what else the module has.
Status ModuleWriter::put_tensors(const Module& module) {
  const TensorNames known = tensors_of(module.type);
  const auto put = [&](Name name, const Tensor& tensor, bool buffer) -> Status {
    pickle_.put(name);
    const Status status =
        buffer ? out_.put_tensor(tensor, DType::kFloat16) : out_.put_parameter(tensor, DType::kFloat16);
    return status.ok() ? status : status.error().with_context(module.describe());
  };
  for (const bool buffers : {false, true}) {
    const std::span<const Name> names = buffers ? known.buffers : known.parameters;
    pickle_.put(buffers ? "_buffers" : "_parameters");
    pickle_.begin_ordered_dict();
    for (const Name name : names) {
      if (const Tensor* tensor = module.weight(name)) {
        SAKER_TRY(put(name, *tensor, buffers));
      } else if (name == "num_batches_tracked") {
        SAKER_ASSIGN(Tensor zero, Tensor::make(DType::kInt64, {}));
        *zero.data<std::int64_t>() = 0;
        SAKER_TRY(put(name, zero, buffers));
      } else {
        pickle_.put(name);
        pickle_.put_none();
      }
    }
    for (const auto& [name, tensor] : module.weights) {
      if (std::ranges::find(names, Name(name)) != names.end() || is_buffer_of(module, name) != buffers) continue;
      if (name == "anchor_grid") continue;  // of YOLOv5 before 6.0; since then it is a list that is made when needed
      SAKER_TRY(put(name, tensor, buffers));
    }
    pickle_.end_ordered_dict();
  }
  return {};
}

// What the frameworks' heads have, by YOLOv5 7.0 and Ultralytics 8.4. Grids and anchors are made by the first picture.
Status ModuleWriter::put_head(const nets::Network& network) {
  const Module& head = network.layers.back().module;
  SAKER_ASSIGN(const Tensor strides, float_tensor(network.strides));
  SAKER_ASSIGN(const Tensor empty, float_tensor({}));
  const auto whole = [&](const char* name, std::int64_t value) {
    pickle_.put(name);
    pickle_.put(value);
  };
  const auto tensor = [&](const char* name, const Tensor& value) {
    pickle_.put(name);
    return out_.put_tensor(value, DType::kFloat16);
  };
  whole("nc", network.classes);
  whole("nl", static_cast<std::int64_t>(network.strides.size()));
  pickle_.put("inplace");
  pickle_.put(head.flag("inplace", true));
  SAKER_TRY(tensor("stride", strides));
  if (nets::head_family(head) == nets::HeadFamily::kDistances) {
    const std::int64_t bins = head.integer("reg_max", 16);
    whole("reg_max", bins);
    whole("no", network.classes + 4 * bins);
    SAKER_TRY(tensor("anchors", empty));
    return tensor("strides", empty);
  }
  const Tensor* anchors = head.weight("anchors");
  whole("na", anchors->shape().size() == 3 ? anchors->shape()[1] : 0);
  whole("no", network.classes + 5);
  for (const char* name : {"grid", "anchor_grid"}) {
    pickle_.put(name);
    pickle_.begin_list();
    for (std::size_t level = 0; level < network.strides.size(); ++level)
      SAKER_TRY(out_.put_tensor(empty, DType::kFloat16));
    pickle_.end_list();
  }
  return {};
}

}  // namespace saker::pt
