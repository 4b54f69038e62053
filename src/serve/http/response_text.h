// An answer's first lines, as they go over the wire.
#pragma once

#include <string>
#include <string_view>

#include "serve/exchange.h"

namespace saker::serve {

// How the body is told from what follows it.
enum class BodyEnd : std::uint8_t {
  kLength,   // Content-Length
  kChunks,   // Transfer-Encoding: chunked
  kClosing,  // the connection ends (HTTP/1.0)
};

struct ResponseLines {
  BodyEnd end = BodyEnd::kLength;
  bool http11 = true;  // of the request
  bool close = false;  // after this answer
  std::string_view id;
};

// With the empty line at the end. What a handler put into a header cannot begin another: its control characters become
// spaces, and fields that are not for it to set are left out.
std::string response_head(const HttpResponse& response, const ResponseLines& lines);

// {"error": message}
HttpResponse transport_error(int status, std::string_view message);

std::string_view reason_phrase(int status);

// Neither a body nor its length stand in such an answer.
bool without_body(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second for each thread.
const std::string& http_date();

}  // namespace saker::serve
