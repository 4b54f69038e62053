// Loading and unloading of models for all protocols that have it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "serve/api/route.h"
#include "serve/refusal.h"

namespace saker::serve {

enum class ModelChange : std::uint8_t { kLoad, kUnload };

// Of what Triton's clients may send along only that is taken which changes nothing here. Nothing: it may be there.
std::optional<Refusal> check_change_parameter(std::string_view name);

// `done` is called once, when it is done, on the thread that loads; or before this returns, where it is refused.
void change_model(const ApiContext& context, const std::string& name, ModelChange what,
                  std::function<void(const std::optional<Refusal>&)> done);

}  // namespace saker::serve
