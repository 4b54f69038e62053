// What a plug-in and the library must agree on to pass C++ objects to each other, as one text: computed while they are
// compiled, from the sizes and offsets of everything that crosses and the signatures of what is called.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <version>

#include "backends/backend.h"
#include "base/fnv1a.h"

namespace saker {

// Raised by hand for what no size shows: another order of virtual functions, another meaning of a field.
constexpr int kPluginFormat = 3;

class AbiHash {
 public:
  constexpr AbiHash& add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) hash_.byte(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }
  constexpr AbiHash& add(std::string_view text) {
    hash_.add(text);
    return add(text.size());
  }
  template <typename... T>
  constexpr AbiHash& sizes() {
    (add(sizeof(T)).add(alignof(T)), ...);
    return *this;
  }
  // The functions with their signatures, as the compiler spells them.
  template <auto... kFunctions>
  constexpr AbiHash& functions() {
    return types<decltype(kFunctions)...>();
  }
  constexpr std::uint64_t value() const { return hash_.value(); }

 private:
  template <typename... T>
  constexpr AbiHash& types() {
    return add(std::string_view(__PRETTY_FUNCTION__));
  }

  Fnv1a hash_;
};

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
  hash.add(__GXX_ABI_VERSION).add(__cplusplus);
#if defined(_GLIBCXX_USE_CXX11_ABI)
  hash.add(_GLIBCXX_USE_CXX11_ABI);
#endif
  return hash.value();
}

namespace abi_detail {

constexpr std::string_view kCompiler = " " __VERSION__;

// "saker-backend-3 0123456789abcdef 12.2.0"
constexpr auto text() {
  constexpr std::string_view kName = "saker-backend-";
  static_assert(kPluginFormat < 10);
  std::array<char, kName.size() + 2 + 16 + kCompiler.size() + 1> out{};
  std::size_t at = 0;
  for (const char c : kName) out[at++] = c;
  out[at++] = '0' + kPluginFormat;
  out[at++] = ' ';
  for (int shift = 60; shift >= 0; shift -= 4) out[at++] = "0123456789abcdef"[(plugin_abi_hash() >> shift) & 0xFU];
  for (const char c : kCompiler) out[at++] = c;
  return out;
}

inline constexpr auto kText = text();

}  // namespace abi_detail

// What saker_backend_abi() of a plug-in gives; another text is refused.
inline constexpr const char* kPluginAbi = abi_detail::kText.data();

}  // namespace saker
