#include "serve/served_job.h"

#include <fmt/format.h>

namespace saker::serve {
namespace {

Refusal refusal_of(Dropped why, const ServedParts& parts) {
  const std::string model = fmt::format("{} version {}", parts.name, parts.version);
  switch (why) {
    case Dropped::kFull: {
      const double wait = std::chrono::duration<double>(parts.scheduler->expected_wait(parts.lane)).count();
      return {Reason::kOverloaded, fmt::format("{} has as many requests waiting as it takes; come again later", model),
              wait};
    }
    case Dropped::kDeadline:
      return {Reason::kDeadline, fmt::format("{} had no time for the request within its limit", model)};
    case Dropped::kCancelled:
      return {Reason::kCancelled, "nobody waits for the answer"};
    case Dropped::kUnloaded:
      return {Reason::kUnavailable, fmt::format("{} is being unloaded", model)};
    case Dropped::kStopping:
      return {Reason::kUnavailable, "the server is stopping"};
  }
  return {};
}

}  // namespace

ServedJob::ServedJob(std::shared_ptr<ServedParts> parts, const JobOptions& options)
    : Job(options), submitted(std::chrono::steady_clock::now()), parts_(std::move(parts)) {}

void ServedJob::drop(Dropped why) {
  refuse(refusal_of(why, *parts_));
}

void ServedJob::refuse(Refusal refusal) {
  if (answered_) return;
  answered_ = true;
  if (is_request()) parts_->recorder.refused(refusal.reason, std::chrono::steady_clock::now() - submitted);
  send(std::move(refusal));
}

void ServedJob::count_answer() {
  answered_ = true;
  if (is_request()) parts_->recorder.answered(ms, is_picture(), std::chrono::steady_clock::now() - submitted);
}

}  // namespace saker::serve
