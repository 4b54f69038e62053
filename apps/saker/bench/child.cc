// `saker bench-child`: the process that loads one engine and measures it; not for people.
#include "bench/child.h"

#include <saker/backend.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "base/cpu.h"
#include "base/try.h"
#include "bench/peak.h"
#include "bench/protocol.h"
#include "bench/workload.h"
#include "report.h"

namespace saker::cli {
namespace {

using nlohmann::json;

json installed_versions() {
  json versions = json::object();
  for (const BackendInfo& info : list_backends()) {
    if (info.installed && !info.version.empty()) versions[info.name] = info.version;
  }
  return versions;
}

class Child {
 public:
  Result<json> answer(const json& request) {
    if (request.contains("load")) {
      SAKER_ASSIGN(workload_, Workload::load(request["load"].get<Configuration>()));
      return json(workload_->loaded());
    }
    if (request.contains("backends")) return installed_versions();
    if (workload_ == nullptr) return Error{ErrorCode::kInvalid, "nothing is loaded"};
    if (request.contains("round")) {
      SAKER_ASSIGN(const Round round, workload_->round(request["round"].get<RoundOrder>()));
      return json(round);
    }
    if (request.contains("layers")) return layers(request["layers"].at("runs").get<int>());
    if (request.contains("memory")) return json(Memory{resident_megabytes("VmHWM:")});
    return Error{ErrorCode::kInvalid, "unknown request"};
  }

 private:
  Result<json> layers(int runs) const {
    SAKER_ASSIGN(const auto layers, workload_->layers(runs));
    const Loaded& loaded = workload_->loaded();
    SAKER_ASSIGN(const Isa isa, choose_isa(loaded.isa));
    return json(Layers{layers, peak_gflops(isa, loaded.threads)});
  }

  std::unique_ptr<Workload> workload_;
};

std::string reply(Child& child, const std::string& line) {
  json answer;
  try {
    auto result = child.answer(json::parse(line));
    answer = result.ok() ? std::move(*result) : json{{"error", in_flags(result.error())}};
  } catch (const std::exception& e) {
    answer = {{"error", e.what()}};
  }
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

int bench_child() {
  // Some engines' libraries write to stdout; that goes to stderr, and stdout is ours alone.
  std::FILE* out = ::fdopen(::dup(STDOUT_FILENO), "w");
  if (out == nullptr || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return 1;
  Child child;
  for (std::string line; std::getline(std::cin, line);) {
    std::fprintf(out, "%s\n", reply(child, line).c_str());
    if (std::fflush(out) != 0) return 1;
  }
  return 0;
}

}  // namespace saker::cli
