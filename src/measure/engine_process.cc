// An engine in a process of its own, seen from the process that reports: asked, suspended, and buried when it dies.
#include "measure/engine_process.h"

#include <fmt/format.h>
#include <signal.h>

#include <optional>
#include <utility>

#include "base/text.h"
#include "base/try.h"

namespace saker {

using nlohmann::json;

namespace {

// The last lines a program wrote.
std::string last_words(const std::string& errors) {
  constexpr std::size_t kLines = 8;
  const auto lines = split(trimmed(errors), '\n');
  std::string text;
  for (std::size_t i = lines.size() - std::min(lines.size(), kLines); i < lines.size(); ++i) text += "\n" + lines[i];
  return text == "\n" ? "" : text;
}

std::optional<std::string> text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

Result<EngineProcess> EngineProcess::start(const std::vector<std::string>& command) {
  ProcessOptions options;
  options.write = true;
  SAKER_ASSIGN(Process process, Process::start(command, options));
  return EngineProcess(std::move(process));
}

Error EngineProcess::senseless() {
  return {ErrorCode::kInternal, "the engine's process gave an answer that makes no sense"};
}

Error EngineProcess::ended() {
  constexpr double kMoment = 2000;  // its output has ended, so it is about to
  const auto ending = process_.wait(kMoment);
  if (!ending.ok()) process_.kill();
  std::string how = ending.ok() ? to_string(*ending) : "it closed its output";
  if (ending.ok() && ending->signal == SIGKILL) how += "; was there too little memory?";
  return {ErrorCode::kInternal, fmt::format("the engine's process ended: {}{}", how, last_words(process_.errors()))};
}

Result<json> EngineProcess::ask(const json& request, double timeout_ms) {
  if (!process_.write_line(to_line(request)).ok()) return ended();
  auto line = process_.read_line(timeout_ms);
  if (!line.ok()) {
    process_.kill();
    const Error& error = line.error();
    return Error{error.code, fmt::format("the engine's process: {}\n`timeout` gives it longer", error.message),
                 "timeout"};
  }
  if (!line->has_value()) return ended();
  json answer = from_line(**line);
  if (!answer.is_object()) {
    process_.kill();
    return senseless();
  }
  if (auto complaint = text_at(answer, "error"))
    return Error{ErrorCode::kInvalid, std::move(*complaint), text_at(answer, "setting").value_or("")};
  return answer;
}

}  // namespace saker
