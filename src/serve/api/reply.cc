#include "serve/api/reply.h"

#include <algorithm>
#include <cmath>

#include "pipeline/result_writers.h"

namespace saker::serve {

int http_status(Reason reason) {
  switch (reason) {
    case Reason::kBadRequest:
      return 400;
    case Reason::kNotAllowed:
      return 403;
    case Reason::kNotFound:
      return 404;
    case Reason::kTooLarge:
      return 413;
    case Reason::kUndecodable:
      return 422;
    case Reason::kOverloaded:
    case Reason::kUnavailable:
      return 503;
    case Reason::kDeadline:
      return 504;
    case Reason::kCancelled:
      return 499;  // nginx' number for a client that has closed the connection
    case Reason::kUnsupported:
      return 501;
    case Reason::kInternal:
      break;
  }
  return 500;
}

HttpResponse error_response(int status, std::string_view message) {
  HttpResponse response;
  response.status = status;
  response.body = "{\"error\":" + json_text(std::string(message)) + "}\n";
  return response;
}

HttpResponse error_response(const Refusal& refusal) {
  HttpResponse response = error_response(http_status(refusal.reason), refusal.message);
  if (response.status == 503) {
    constexpr double kLongest = 3600;
    const double seconds = std::clamp(std::ceil(refusal.retry_after_s), 1.0, kLongest);
    response.headers.emplace_back("Retry-After", std::to_string(static_cast<int>(seconds)));
  }
  return response;
}

Refusal refusal_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
      return {Reason::kBadRequest, error.message};
    case ErrorCode::kUnsupported:
      return {Reason::kUnsupported, error.message};
    case ErrorCode::kNotFound:
      return {Reason::kNotFound, error.message};
    case ErrorCode::kLimit:
      return {Reason::kTooLarge, error.message};
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      break;
  }
  return {Reason::kInternal, error.message};
}

}  // namespace saker::serve
