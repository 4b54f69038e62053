// Why a request got no result, in terms that every protocol has a code for.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace saker::serve {

enum class Reason : std::uint8_t {
  kBadRequest,   // HTTP 400
  kNotAllowed,   // 401 without a token, 403 with a wrong one: the transport tells
  kNotFound,     // 404
  kTooLarge,     // 413
  kUndecodable,  // 422: bytes that are no picture, or a broken one
  kOverloaded,   // 503 with Retry-After
  kDeadline,     // 504
  kCancelled,    // nobody reads it
  kUnavailable,  // 503: the model or the server is going
  kUnsupported,  // 501
  kInternal,     // 500
};

struct Refusal {
  Reason reason = Reason::kInternal;
  std::string message;       // for people; one line
  double retry_after_s = 0;  // of kOverloaded
};

template <typename T>
using Outcome = std::variant<T, Refusal>;

}  // namespace saker::serve
