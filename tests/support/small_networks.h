// Small networks for tests of what reads and writes them, and their comparison.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "graph/ops/convert.h"
#include "model/pt/import.h"
#include "nets/network.h"

namespace saker::test_support {

inline FileBytes bytes_of(std::span<const std::byte> bytes) {
  void* memory = std::aligned_alloc(64, (bytes.size() + 64) / 64 * 64);
  std::memcpy(memory, bytes.data(), bytes.size());
  return {{static_cast<std::byte*>(memory), std::free}, bytes.size()};
}

// Numbers between -1 and 1 that float16 keeps.
inline Tensor numbers(DType dtype, Shape shape) {
  Tensor wide = *Tensor::make(DType::kFloat32, shape);
  for (std::int64_t i = 0; i < wide.elements(); ++i) wide.data<float>()[i] = static_cast<float>((i * 37) % 19 - 9) / 16;
  return *ops::converted(wide, dtype);
}

inline nets::Module module(const std::string& name, const std::string& class_path,
                           std::vector<nets::Module> children = {}) {
  nets::Module made;
  made.name = name;
  made.class_path = class_path;
  made.type = class_path.substr(class_path.rfind('.') + 1);
  made.children = std::move(children);
  return made;
}

inline nets::Module conv2d(const std::string& name, std::int64_t inputs, std::int64_t outputs, std::int64_t kernel,
                           std::int64_t stride, bool bias) {
  nets::Module conv = module(name, "torch.nn.modules.conv.Conv2d");
  conv.weights["weight"] = numbers(DType::kFloat32, {outputs, inputs, kernel, kernel});
  if (bias) conv.weights["bias"] = numbers(DType::kFloat32, {outputs});
  conv.attributes["stride"] = std::vector<std::int64_t>{stride, stride};
  conv.attributes["padding"] = std::vector<std::int64_t>{kernel / 2, kernel / 2};
  conv.attributes["dilation"] = std::vector<std::int64_t>{1, 1};
  conv.attributes["groups"] = std::int64_t{1};
  return conv;
}

inline nets::Module conv(const std::string& name, const std::string& package, std::int64_t inputs, std::int64_t outputs,
                         std::int64_t kernel, std::int64_t stride) {
  nets::Module norm = module("bn", "torch.nn.modules.batchnorm.BatchNorm2d");
  for (const char* weight : {"weight", "bias", "running_mean"})
    norm.weights[weight] = numbers(DType::kFloat32, {outputs});
  norm.weights["running_var"] = numbers(DType::kFloat32, {outputs});
  for (std::int64_t i = 0; i < outputs; ++i) norm.weights["running_var"].data<float>()[i] = 0.5F;
  norm.attributes["eps"] = 1e-3;
  return module(name, package + ".Conv",
                {conv2d("conv", inputs, outputs, kernel, stride, false), std::move(norm),
                 module("act", "torch.nn.modules.activation.SiLU")});
}

// Paths as their places give them.
inline void set_paths(nets::Module& module, const std::string& path) {
  module.path = path;
  for (nets::Module& child : module.children) set_paths(child, path + "." + child.name);
}

inline nets::Network finished(nets::Network network) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    network.layers[i].module.name = std::to_string(i);
    set_paths(network.layers[i].module, "model." + std::to_string(i));
  }
  return network;
}

// Two convolutions and a head of one level, of stride 4.
inline nets::Network small_ultralytics() {
  const std::string package = "ultralytics.nn.modules.conv", list = "torch.nn.modules.container.ModuleList";
  nets::Module bins = conv2d("conv", 16, 1, 1, 1, false);
  for (std::int64_t i = 0; i < 16; ++i) bins.weights["weight"].data<float>()[i] = static_cast<float>(i);
  const auto branch = [&](const std::string& name, std::int64_t outputs) {
    return module(name, list,
                  {module("0", "torch.nn.modules.container.Sequential",
                          {conv("0", package, 8, 16, 3, 1), conv("1", package, 16, 16, 3, 1),
                           conv2d("2", 16, outputs, 1, 1, true)})});
  };
  nets::Module head = module(
      "2", "ultralytics.nn.modules.head.Detect",
      {branch("cv2", 64), branch("cv3", 2), module("dfl", "ultralytics.nn.modules.block.DFL", {std::move(bins)})});
  head.attributes["nc"] = std::int64_t{2};
  head.attributes["reg_max"] = std::int64_t{16};
  nets::Network network;
  network.family = "Ultralytics";
  network.name = "yolov8-small";
  network.layers = {{conv("0", package, 3, 8, 3, 2), {-1}}, {conv("1", package, 8, 8, 3, 2), {-1}}, {head, {1}}};
  network.names = {"cat", "dog's"};
  network.classes = 2;
  network.strides = {4};
  return finished(network);
}

inline void expect_same(const nets::Module& a, const nets::Module& b) {
  const std::string& where = b.path;
  EXPECT_EQ(a.name, b.name) << where;
  EXPECT_EQ(a.path, b.path) << where;
  EXPECT_EQ(a.type, b.type) << where;
  EXPECT_EQ(a.class_path, b.class_path) << where;
  EXPECT_EQ(a.attributes, b.attributes) << where;
  ASSERT_EQ(a.weights.size(), b.weights.size()) << where;
  for (const auto& [name, tensor] : b.weights) {
    const Tensor* found = a.weight(name);
    ASSERT_NE(found, nullptr) << where << "." << name;
    EXPECT_EQ(found->dtype(), tensor.dtype()) << where << "." << name;
    ASSERT_EQ(found->shape(), tensor.shape()) << where << "." << name;
    EXPECT_EQ(std::memcmp(found->raw(), tensor.raw(), tensor.bytes()), 0) << where << "." << name;
  }
  ASSERT_EQ(a.children.size(), b.children.size()) << where;
  for (std::size_t i = 0; i < b.children.size(); ++i) expect_same(a.children[i], b.children[i]);
}

inline void expect_same(const nets::Network& a, const nets::Network& b) {
  EXPECT_EQ(a.family, b.family);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.names, b.names);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.strides, b.strides);
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t i = 0; i < b.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].from, b.layers[i].from) << i;
    expect_same(a.layers[i].module, b.layers[i].module);
  }
}

// Of a checkpoint in SAKER_ASSETS; nothing where there is none.
inline std::optional<nets::Network> real_network(const std::string& name) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const std::string path = (assets == nullptr ? std::string("../shared/assets") : assets) + "/pt/" + name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto file = read_file(path, std::size_t{1} << 30);
  if (!file.ok()) return std::nullopt;
  auto network = pt::read_network(*file);
  return network.ok() ? std::optional(std::move(*network)) : std::nullopt;
}

}  // namespace saker::test_support
