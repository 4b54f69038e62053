// What the tests of the real engines share: the plug-in if it was built, files, and short ways to run them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "backends/registry.h"
#include "base/half.h"

namespace saker::testing_backends {

// Where this build's plug-ins are. Null if it was made without this one.
inline Backend* built(const std::string& name) {
  const std::vector<std::string> folders = {SAKER_PLUGIN_FOLDER};
  const auto plugin = load_plugin(name, folders);
  if (!plugin.ok() && plugin.error().code != ErrorCode::kNotFound) ADD_FAILURE() << plugin.error().message;
  return plugin.ok() ? plugin->backend : nullptr;
}

// A file of $SAKER_ASSETS; empty if it is not there.
inline std::string asset(const std::string& path) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const std::string file = (assets == nullptr ? "../shared/assets" : std::string(assets)) + "/" + path;
  return std::filesystem::exists(file) ? file : "";
}

// Errors as failures of the test.
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  return std::move(result).value();
}

inline std::unique_ptr<BackendSession> compile(Backend& backend, const std::string& path, std::vector<Shape> shapes,
                                               SessionOptions options = {}) {
  options.input_shapes = std::move(shapes);
  if (options.threads == 0) options.threads = 1;
  return must(must(backend.load(path))->compile(options));
}

// Numbers that depend on the position, the same in each run; fills input i.
inline void fill(BackendSession& session, std::size_t i, std::uint32_t seed = 1) {
  Tensor input = session.input(i);
  std::uint32_t state = seed;
  for (std::int64_t k = 0; k < input.elements(); ++k) {
    state = state * 1664525u + 1013904223u;
    const float value = static_cast<float>(state >> 8) / static_cast<float>(1 << 24);  // [0, 1)
    if (input.dtype() == DType::kFloat32) input.data<float>()[k] = value;
    if (input.dtype() == DType::kFloat16) input.data<std::uint16_t>()[k] = float_to_half(value);
    if (input.dtype() == DType::kUint8) input.data<std::uint8_t>()[k] = static_cast<std::uint8_t>(state >> 24);
  }
}

}  // namespace saker::testing_backends
