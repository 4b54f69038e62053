// In place of zmq_server.cc and zmq_loop.cc where ZeroMQ was left out of the build.
#include "serve/zmq/zmq_server.h"

namespace saker::serve {

Result<std::unique_ptr<ZmqServer>> ZmqServer::start(const std::string&, Repository&, MetricRegistry&) {
  return Error{
      ErrorCode::kUnsupported,
      "this build speaks no ZeroMQ; build it with libzmq (Debian: libzmq3-dev), or let Frigate use its deepstack "
      "detector"};
}

}  // namespace saker::serve
