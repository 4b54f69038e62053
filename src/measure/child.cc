// The process that loads one engine and measures it, for a process that reports.
#include "measure/child.h"

#include <saker/backend.h>

#include <cstdio>
#include <exception>
#include <istream>
#include <memory>
#include <string>

#include "base/cpu.h"
#include "base/try.h"
#include "measure/peak.h"
#include "measure/protocol.h"
#include "measure/workload.h"

namespace saker {
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
    if (!request.is_object()) return Error{ErrorCode::kInvalid, "the request is no JSON object"};
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
    if (request.contains("memory")) return json(PeakMemory{resident_megabytes("VmHWM:")});
    return Error{ErrorCode::kInvalid, "unknown request"};
  }

 private:
  Result<json> layers(int runs) const {
    SAKER_ASSIGN(const auto layers, workload_->layers(runs));
    const Loaded& loaded = workload_->loaded();
    SAKER_ASSIGN(const Isa isa, choose_isa(loaded.isa));
    return json(LayerTimes{layers, all_peaks(isa, loaded.threads)});
  }

  std::unique_ptr<Workload> workload_;
};

json reply(Child& child, const std::string& line) {
  try {
    auto result = child.answer(from_line(line));
    if (result.ok()) return std::move(*result);
    return {{"error", result.error().message}, {"setting", result.error().setting}};
  } catch (const std::exception& e) {
    return {{"error", e.what()}};
  }
}

}  // namespace

bool answer_requests(std::istream& requests, std::FILE* answers) {
  Child child;
  for (std::string line; std::getline(requests, line);) {
    const std::string answer = to_line(reply(child, line));
    std::fprintf(answers, "%s\n", answer.c_str());
    if (std::fflush(answers) != 0) return false;
  }
  return true;
}

}  // namespace saker
