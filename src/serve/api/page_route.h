// The page for browsers, at "/", and the files that it needs.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

void page_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
