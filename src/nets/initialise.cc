#include "nets/initialise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/fnv1a.h"
#include "base/random.h"
#include "base/try.h"
#include "nets/heads.h"

namespace saker::nets {
namespace {

// The name's hash, and the seed spread over all bits.
std::uint64_t seed_of(std::uint64_t seed, std::string_view path, std::string_view name) {
  const std::uint64_t hash = Fnv1a().add(path).add(".").add(name).value();
  return hash ^ (seed * 0x9E3779B97F4A7C15U);
}

Result<Tensor> uniform(const Shape& shape, double within, std::uint64_t seed) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, shape));
  PortableRandom random(seed);
  float* const numbers = tensor.data<float>();
  for (std::int64_t i = 0; i < tensor.elements(); ++i) numbers[i] = static_cast<float>(random.between(-within, within));
  return tensor;
}

bool is_convolution(const Module& module) {
  return module.type == "Conv2d" || module.type == "ConvTranspose2d";
}

// [out, in / groups, height, width]; the transposed one's first two are the other way round.
Shape shape_of(const Module& conv) {
  const std::vector<std::int64_t> kernel = conv.integers("kernel_size");
  std::int64_t first = conv.integer("out_channels", 0), second = conv.integer("in_channels", 0);
  if (conv.type == "ConvTranspose2d") std::swap(first, second);
  return {first, second / std::max<std::int64_t>(conv.integer("groups", 1), 1), kernel.at(0), kernel.at(1)};
}

std::int64_t biases_of(const Module& conv) {
  return conv.weight("bias") == nullptr ? 0 : conv.integer("out_channels", 0);
}

void take(WeightMap from, Module& into) {
  for (auto& [name, tensor] : from) {
    Tensor& own = into.weights[name];
    if (own.elements() == 0) own = std::move(tensor);
  }
}

// 0, 1, 2, ...
Tensor counted(const Shape& shape) {
  Tensor tensor = filled_tensor(shape, 0);
  for (std::int64_t i = 0; i < tensor.elements(); ++i) tensor.data<float>()[i] = static_cast<float>(i);
  return tensor;
}

}  // namespace

Tensor filled_tensor(const Shape& shape, float value) {
  auto tensor = Tensor::make(DType::kFloat32, shape);
  SAKER_CHECK(tensor.ok());
  std::fill_n(tensor->data<float>(), tensor->elements(), value);
  return std::move(tensor).value();
}

Result<WeightMap> first_convolution(const Shape& shape, std::int64_t biases, std::uint64_t seed,
                                    std::string_view path) {
  const double within = 1 / std::sqrt(static_cast<double>(shape[1] * shape[2] * shape[3]));
  WeightMap weights;
  SAKER_ASSIGN(weights["weight"], uniform(shape, within, seed_of(seed, path, "weight")));
  if (biases > 0) {
    SAKER_ASSIGN(weights["bias"], uniform({biases}, within, seed_of(seed, path, "bias")));
  }
  return weights;
}

Result<WeightMap> first_batch_norm(std::int64_t channels) {
  WeightMap weights;
  for (const auto& [name, value] :
       {std::pair("weight", 1.0F), {"bias", 0.0F}, {"running_mean", 0.0F}, {"running_var", 1.0F}})
    weights[name] = filled_tensor({channels}, value);
  SAKER_ASSIGN(Tensor batches, Tensor::make(DType::kInt64, {}));
  *batches.data<std::int64_t>() = 0;
  weights["num_batches_tracked"] = std::move(batches);
  return weights;
}

Status initialise(Module& module, std::uint64_t seed) {
  if (is_convolution(module)) {
    SAKER_ASSIGN(WeightMap weights, first_convolution(shape_of(module), biases_of(module), seed, module.path));
    take(std::move(weights), module);
  } else if (module.type == "BatchNorm2d") {
    SAKER_ASSIGN(WeightMap weights, first_batch_norm(module.integer("num_features", 0)));
    take(std::move(weights), module);
  } else if (module.type == "DFL") {
    module.children[0].weights["weight"] = counted(shape_of(module.children[0]));
  }
  for (Module& child : module.children) SAKER_TRY(initialise(child, seed));
  return {};
}

std::int64_t count_parameters(const Module& module) {
  std::int64_t sum = 0;
  if (is_convolution(module)) {
    const Shape shape = shape_of(module);
    sum = shape[0] * shape[1] * shape[2] * shape[3];
    sum += biases_of(module);
  } else if (module.type == "BatchNorm2d") {
    sum = 2 * module.integer("num_features", 0);
  } else if (const Tensor* gamma = module.weight("gamma")) {
    sum = gamma->elements();
  }
  for (const Module& child : module.children) sum += count_parameters(child);
  return sum;
}

Module* last_of_branch(Module& head, std::string_view part, std::size_t level) {
  const auto found = std::ranges::find(head.children, part, &Module::name);
  if (found == head.children.end() || level >= found->children.size()) return nullptr;
  Module* at = &found->children[level];
  while (!at->children.empty()) at = &at->children.back();
  return at;
}

namespace {

float* last_bias(Module& head, std::string_view part, std::size_t level) {
  Module* last = last_of_branch(head, part, level);
  return last == nullptr ? nullptr : last->weights.at("bias").data<float>();
}

// Pictures of 640 have (640 / stride)^2 cells at a level.
double cells(double stride) {
  return (640 / stride) * (640 / stride);
}

// YOLOv5: about 8 objects in a picture, 0.6 of all classes' share each. Added to what is there.
void set_anchor_biases(Network& network, Module& head) {
  const std::int64_t each = head.integer("na", 0), numbers = network.classes + 5;
  const auto classes = static_cast<double>(network.classes);
  for (std::size_t level = 0; level < network.strides.size(); ++level) {
    float* bias = last_bias(head, "m", level);
    for (std::int64_t anchor = 0; anchor < each; ++anchor, bias += numbers) {
      bias[4] += static_cast<float>(std::log(8 / cells(network.strides[level])));
      for (std::int64_t i = 5; i < numbers; ++i) bias[i] += static_cast<float>(std::log(0.6 / (classes - 0.99999)));
    }
  }
}

// Ultralytics 8.4: boxes 2, about 5 objects in a picture.
void set_distance_biases(Network& network, Module& head) {
  for (const std::string which : {"", "one2one_"}) {
    for (std::size_t level = 0; level < network.strides.size(); ++level) {
      float* boxes = last_bias(head, which + "cv2", level);
      if (boxes == nullptr) continue;
      std::fill_n(boxes, 4 * head.integer("reg_max", 1), 2.0F);
      const double rare = 5 / static_cast<double>(network.classes) / cells(network.strides[level]);
      std::fill_n(last_bias(head, which + "cv3", level), network.classes, static_cast<float>(std::log(rare)));
    }
  }
}

// YOLOX: scores of 0.01.
void set_yolox_biases(Network& network, Module& head) {
  const auto rare = static_cast<float>(-std::log((1 - 0.01) / 0.01));
  for (std::size_t level = 0; level < network.strides.size(); ++level) {
    std::fill_n(last_bias(head, "obj_preds", level), 1, rare);
    std::fill_n(last_bias(head, "cls_preds", level), network.classes, rare);
  }
}

}  // namespace

void set_head_biases(Network& network) {
  Module& head = network.layers.back().module;
  switch (head_family(head)) {
    case HeadFamily::kAnchors:
      return set_anchor_biases(network, head);
    case HeadFamily::kDistances:
      return set_distance_biases(network, head);
    case HeadFamily::kYolox:
      return set_yolox_biases(network, head);
    case HeadFamily::kNone:
      return;
  }
}

}  // namespace saker::nets
