// Refusals as HTTP has them.
#pragma once

#include <saker/result.h>

#include <string_view>

#include "serve/exchange.h"
#include "serve/refusal.h"

namespace saker::serve {

int http_status(Reason reason);

// {"error": message}. kOverloaded and kUnavailable have a Retry-After of one second at least.
HttpResponse error_response(const Refusal& refusal);
HttpResponse error_response(int status, std::string_view message);

// Of the library's errors, where a request caused them.
Refusal refusal_of(const Error& error);

}  // namespace saker::serve
