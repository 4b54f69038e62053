// The model repository extension of the Open Inference Protocol: which models there are, loading and unloading.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

void index_route(const std::shared_ptr<ApiContext>& context, Call call);
void load_route(const std::shared_ptr<ApiContext>& context, Call call);
void unload_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
