// The server's description of itself: OpenAPI 3.0, made of the table of routes and a line about each.
#pragma once

#include <string>

#include "serve/api/route.h"

namespace saker::serve {

const std::string& openapi_json();

void openapi_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
