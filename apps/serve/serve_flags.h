// The flags of `saker serve`: those of the settings' table, and --config.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>

#include "serve/settings.h"

namespace CLI {
class App;
}

namespace saker::cli {

// Adds them. The result is to be called after parsing: the settings of the config file with what the flags say put over
// them. Errors kInvalid, kNotFound, kIo.
std::function<Result<serve::Settings>()> add_serve_flags(CLI::App& app);

// The message, with the flags of the settings that it names: "name it with `model`" as "name it with --model".
std::string serve_flags_in(const Error& error);

}  // namespace saker::cli
