// What the server tells about itself: health, numbers, models, its own description.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

void live_route(const std::shared_ptr<ApiContext>& context, Call call);
void ready_route(const std::shared_ptr<ApiContext>& context, Call call);
void metrics_route(const std::shared_ptr<ApiContext>& context, Call call);
void models_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
