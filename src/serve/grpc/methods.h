// What the service's methods do: each is a function of a call on its way and of its message.
#pragma once

#include <open_inference.pb.h>

#include <memory>

#include "serve/grpc/call.h"

namespace saker::serve {

using GrpcCallPtr = std::shared_ptr<GrpcCall>;

void server_live(const GrpcCallPtr& call, const inference::ServerLiveRequest& asked);
void server_ready(const GrpcCallPtr& call, const inference::ServerReadyRequest& asked);
void model_ready(const GrpcCallPtr& call, const inference::ModelReadyRequest& asked);
void server_metadata(const GrpcCallPtr& call, const inference::ServerMetadataRequest& asked);
void model_metadata(const GrpcCallPtr& call, const inference::ModelMetadataRequest& asked);
void model_infer(const GrpcCallPtr& call, const inference::ModelInferRequest& asked);
void model_config(const GrpcCallPtr& call, const inference::ModelConfigRequest& asked);
void model_statistics(const GrpcCallPtr& call, const inference::ModelStatisticsRequest& asked);
void repository_index(const GrpcCallPtr& call, const inference::RepositoryIndexRequest& asked);
void repository_load(const GrpcCallPtr& call, const inference::RepositoryModelLoadRequest& asked);
void repository_unload(const GrpcCallPtr& call, const inference::RepositoryModelUnloadRequest& asked);

}  // namespace saker::serve
