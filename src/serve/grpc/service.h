// inference.GRPCInferenceService over gRPC's callbacks: no thread waits for a call. Messages come as bytes, so that a
// method reads no more of them than it may.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "serve/grpc/call.h"

namespace saker::serve {

std::unique_ptr<grpc::Service> make_service(std::shared_ptr<GrpcCore> core);

}  // namespace saker::serve
