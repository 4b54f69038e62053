// What a TorchScript file says of itself, in saker's terms.
#pragma once

#include <torch/script.h>

#include <string>
#include <utility>

#include "backends/plugin.h"

namespace saker::torchscript {

Result<DType> from_torch(c10::ScalarType type);
c10::ScalarType to_torch(DType dtype);

// The one input is taken for pictures of any size, [-1, 3, -1, -1], in the type of the weights; shapes of outputs are
// not known. `config` is the text of the extra file config.txt that Ultralytics' exports have, or empty.
Result<ModelDescription> describe(const torch::jit::Module& module, const std::string& config);

// Without the traces of LibTorch's own C++ functions.
template <typename F>
auto engine_guarded(ErrorCode code, F&& f) -> decltype(f()) {
  return guarded(code, [&]() -> decltype(f()) {
    try {
      return f();
    } catch (const c10::Error& e) {
      return Error{code, engine_message(e.what_without_backtrace())};
    }
  });
}

}  // namespace saker::torchscript
