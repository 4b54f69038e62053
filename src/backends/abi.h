// What an engine's plug-in and the library must agree on (base/plugin_abi.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/backend.h"
#include "base/plugin_abi.h"

namespace saker {

constexpr std::uint64_t plugin_abi_hash() {
  AbiHash hash;
  hash.sizes<Error, Status, Result<std::shared_ptr<BackendModel>>, Result<std::unique_ptr<BackendSession>>,
             Result<ModelDescription>, Shape, std::string, std::vector<TensorInfo>,
             decltype(ModelDescription::metadata), Tensor, TensorView, TensorInfo, ModelDescription, SessionOptions,
             Backend, BackendModel, BackendSession>();
  const std::size_t offsets[] = {
      offsetof(Error, message), offsetof(Error, setting),
      // ----
      offsetof(TensorView, dtype), offsetof(TensorView, shape), offsetof(TensorView, strides),
      // ----
      offsetof(TensorInfo, dtype), offsetof(TensorInfo, shape), offsetof(TensorInfo, symbols),
      offsetof(TensorInfo, has_shape),
      // ----
      offsetof(SessionOptions, threads), offsetof(SessionOptions, shared_threads),
      offsetof(SessionOptions, inter_threads), offsetof(SessionOptions, streams), offsetof(SessionOptions, throughput),
      offsetof(SessionOptions, precision), offsetof(SessionOptions, input_shapes), offsetof(SessionOptions, isa),
      offsetof(SessionOptions, max_memory_bytes), offsetof(SessionOptions, low_memory),
      offsetof(SessionOptions, autotune)};
  for (const std::size_t offset : offsets) hash.add(offset);
  hash.add(static_cast<std::uint64_t>(ErrorCode::kInternal)).add(static_cast<std::uint64_t>(DType::kBool));
  hash.functions<&Backend::version, &Backend::load>();
  hash.functions<&BackendModel::describe, &BackendModel::compile>();
  hash.functions<&BackendSession::input_count, &BackendSession::output_count, &BackendSession::input,
                 &BackendSession::run, &BackendSession::run_first, &BackendSession::output,
                 &BackendSession::output_name, &BackendSession::clone, &BackendSession::streams>();
  return hash.compiler().value();
}

// Its last digit is raised by hand for what no size shows: another order of virtual functions, another meaning of a
// field.
inline constexpr auto kPluginAbiText = abi_text("saker-backend-3", plugin_abi_hash());

// What saker_backend_abi() of a plug-in gives; another text is refused.
inline constexpr const char* kPluginAbi = kPluginAbiText.data();

}  // namespace saker
