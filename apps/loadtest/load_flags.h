// What saker loadtest is told.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <vector>

#include "serve/loadtest/load.h"

namespace CLI {
class App;
}

namespace saker::cli {

struct LoadFlags {
  std::string url, target, method, body, content_type, model, token;
  std::vector<std::string> sources, headers, concurrency, rates;
  double duration = 10, warmup = 2, timeout = 30;
  int connections = 1024;
  std::uint64_t seed = 0;
  std::string json, plot;
  bool quiet = false;
};

void add_load_flags(CLI::App& app, LoadFlags& flags);

// What contradicts itself, before anything is read. Error kInvalid, about flags.
Status check_load_flags(const LoadFlags& flags);

// The requests, with their bodies read. `notes`: what was left out.
Result<serve::LoadOptions> load_options(const LoadFlags& flags, std::vector<std::string>& notes);

Result<std::vector<serve::LoadStage>> load_stages(const LoadFlags& flags);

}  // namespace saker::cli
