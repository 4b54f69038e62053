// An engine in a process of its own, seen from the process that reports: asked, suspended, and buried when it dies.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "base/process.h"
#include "measure/protocol.h"

namespace saker {

class EngineProcess {
 public:
  static Result<EngineProcess> start(const std::vector<std::string>& command);

  // One request, one answer (protocol.h). Errors: what the child complained of; how it ended, with the last lines of
  // its stderr, when it did; an answer that makes no sense or does not come in time (then it is killed).
  Result<nlohmann::json> ask(const nlohmann::json& request, double timeout_ms);
  template <typename T>
  Result<T> ask_for(const nlohmann::json& request, double timeout_ms) {
    auto answer = ask(request, timeout_ms);
    if (!answer.ok()) return answer.error();
    try {
      T value = answer->template get<T>();
      if constexpr (requires { makes_sense(value); }) {
        if (!makes_sense(value)) return senseless();
      }
      return value;
    } catch (const nlohmann::json::exception&) {
      return senseless();
    }
  }

  void suspend() const { process_.suspend(); }
  void resume() const { process_.resume(); }

 private:
  explicit EngineProcess(Process process) : process_(std::move(process)) {}
  Error ended();
  static Error senseless();

  Process process_;
};

}  // namespace saker
