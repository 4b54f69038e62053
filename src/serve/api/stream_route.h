// GET /v1/stream: what a camera shows, with its boxes; GET /v1/cameras: which ones there are.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

void stream_route(const std::shared_ptr<ApiContext>& context, Call call);
void cameras_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
