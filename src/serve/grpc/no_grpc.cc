// In place of the rest of this folder where gRPC was left out of the build.
#include "serve/grpc/grpc_server.h"

namespace saker::serve {

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const GrpcOptions&, Api&) {
  return Error{ErrorCode::kUnsupported,
               "this build speaks no gRPC; build it with -DSAKER_WITH_GRPC=ON (Debian: libgrpc++-dev, "
               "protobuf-compiler-grpc), or let clients use HTTP"};
}

}  // namespace saker::serve
