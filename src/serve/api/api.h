// The protocols that the server speaks over HTTP, as one Handler: which path is what, who may ask, and what is
// answered.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "serve/exchange.h"
#include "serve/metrics.h"
#include "serve/repository.h"
#include "serve/stream/cameras.h"

namespace saker::serve {

struct ApiContext;  // api/route.h

struct ApiOptions {
  std::string token;        // of all requests but health; empty: anybody
  std::string admin_token;  // of loading and unloading; empty: those are refused unless `admin_open`
  bool admin_open = false;
  std::chrono::milliseconds default_timeout{0};  // of waiting; 0: the lanes'
  std::vector<std::string> cors_origins;         // "*": all; empty: none
  bool page = true;                              // the one for browsers, at "/"
  CamerasOptions cameras = {};
};

// A finished request, for the log.
struct AccessRecord {
  std::string id, peer, method, target, model;
  int status = 0;  // of gRPC (`method` is "gRPC") its code
  std::size_t bytes_in = 0, bytes_out = 0;
  double ms = 0;
  std::string error;
};

class Api {
 public:
  Api(const ApiOptions& options, Repository& repository, MetricRegistry& metrics,
      std::function<void(const AccessRecord&)> log);
  ~Api();
  Handler handler();
  // What other forms of the protocols need to answer the same (grpc/).
  std::shared_ptr<ApiContext> context();
  // Those that requests must have from now on, in the place of the options'.
  void set_tokens(std::string token, std::string admin_token);
  // Not ready from now on (/v2/health/ready: 503), although requests are answered still.
  void begin_drain();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace saker::serve
