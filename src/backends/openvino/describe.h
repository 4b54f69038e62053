// What OpenVINO knows of a model, in saker's terms.
#pragma once

#include <openvino/core/model.hpp>
#include <string>
#include <utility>

#include "backends/plugin.h"

namespace saker::openvino {

Result<DType> from_openvino(const ov::element::Type& type);
ov::element::Type to_openvino(DType dtype);
Result<ModelDescription> describe(const ov::Model& model);

// Without the lines that name places in OpenVINO's own sources.
Error shortened(const Error& error);

template <typename F>
auto engine_guarded(ErrorCode code, F&& f) -> decltype(f()) {
  auto result = guarded(code, std::forward<F>(f));
  if (!result.ok()) return shortened(result.error());
  return result;
}

}  // namespace saker::openvino
