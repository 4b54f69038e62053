#include "serve/grpc/status_code.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/utf8.h"

namespace saker::serve {
namespace {

grpc::StatusCode code_of(Reason reason) {
  switch (reason) {
    case Reason::kBadRequest:
    case Reason::kTooLarge:  // sending the same again will not help, which RESOURCE_EXHAUSTED promises
    case Reason::kUndecodable:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Reason::kNotAllowed:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Reason::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case Reason::kOverloaded:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Reason::kDeadline:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case Reason::kCancelled:
      return grpc::StatusCode::CANCELLED;
    case Reason::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case Reason::kUnsupported:
      return grpc::StatusCode::UNIMPLEMENTED;
    case Reason::kInternal:
      break;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status status_of(const Refusal& refusal) {
  return {code_of(refusal.reason), as_utf8(refusal.message)};
}

grpc::Status status_of(const Denial& denial) {
  return {denial.no_token ? grpc::StatusCode::UNAUTHENTICATED : grpc::StatusCode::PERMISSION_DENIED, denial.message};
}

const char* code_name(grpc::StatusCode code) {
  constexpr std::array kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

std::optional<int> retry_after_ms(const Refusal& refusal) {
  if (refusal.reason != Reason::kOverloaded && refusal.reason != Reason::kUnavailable) return std::nullopt;
  constexpr double kLeast = 1, kMost = 3600;  // seconds, as HTTP's Retry-After
  return static_cast<int>(std::clamp(std::ceil(refusal.retry_after_s), kLeast, kMost) * 1000);
}

}  // namespace saker::serve
