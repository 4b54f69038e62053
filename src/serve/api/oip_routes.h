// The Open Inference Protocol (KServe v2) over HTTP, with Triton's extensions for binary tensors, model configuration
// and statistics.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

void oip_server_route(const std::shared_ptr<ApiContext>& context, Call call);
void oip_model_route(const std::shared_ptr<ApiContext>& context, Call call);
void oip_model_ready_route(const std::shared_ptr<ApiContext>& context, Call call);
void oip_config_route(const std::shared_ptr<ApiContext>& context, Call call);
void oip_statistics_route(const std::shared_ptr<ApiContext>& context, Call call);  // of one model, or of all
void oip_infer_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
