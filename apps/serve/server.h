// The parts of a server put together: models, workers, protocols, what carries them.
#pragma once

#include <saker/result.h>

#include <memory>
#include <string>

#include "serve/grpc/grpc_server.h"
#include "serve/http/server.h"
#include "serve/log.h"
#include "serve/metrics.h"
#include "serve/repository.h"
#include "serve/scheduler.h"
#include "serve/settings.h"
#include "serve/zmq/zmq_server.h"
#include "shape.h"
#include "video/video.h"

namespace saker::cli {

class Server {
 public:
  // Reads, compiles and warms the models, then listens. Errors: of the settings, of a model that was named (one of the
  // repository's is only logged, as long as others can be served), of the address.
  static Result<std::unique_ptr<Server>> start(const serve::Settings& settings, serve::Log& log);
  ~Server();

  std::string url() const;
  serve::Repository& repository() { return *repository_; }
  // Reads tokens and certificates again, and tells the log what became of it.
  void reload();
  // Not ready from now on; no new connections and requests; what was accepted is answered, within the time that the
  // settings give.
  void drain();

 private:
  Server(const serve::Settings& settings, serve::Log& log) : settings_(settings), log_(log) {}
  Status load_models(const Shape& shape);
  Status listen();
  void warn_of_strangers(const std::string& host) const;
  Status load_video();
  Status find_cameras(serve::CamerasOptions& cameras);

  serve::Settings settings_;
  serve::Log& log_;
  video::VideoLibrary* video_ = nullptr;  // where there are cameras
  serve::MetricRegistry metrics_;
  std::unique_ptr<serve::Scheduler> scheduler_;
  std::unique_ptr<serve::Repository> repository_;
  std::unique_ptr<serve::Api> api_;
  std::unique_ptr<serve::HttpServer> http_;
  std::unique_ptr<serve::GrpcServer> grpc_;  // null: nobody asked for it
  std::unique_ptr<serve::ZmqServer> zmq_;    // the same
};

}  // namespace saker::cli
