// A call on its way: who asks, where the answer goes, and who is told of it.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "serve/api/route.h"
#include "serve/exchange.h"
#include "serve/grpc/status_code.h"
#include "serve/request_id.h"

namespace saker::serve {

// Bytes that the requests on their way take in memory.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t most) : most_(most) {}
  std::size_t most() const { return most_; }
  // False: there is no room; nothing was taken.
  bool take(std::size_t bytes);
  void give_back(std::size_t bytes) { taken_ -= bytes; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

// What all calls of a server share.
struct GrpcCore {
  GrpcCore(std::shared_ptr<ApiContext> its_api, std::size_t most_bytes) : api(std::move(its_api)), budget(most_bytes) {}

  const std::shared_ptr<ApiContext> api;
  RequestIds ids;
  ByteBudget budget;
  std::atomic<bool> ending{false};  // new calls are refused
};

struct GrpcMethod {
  const char* name;  // "ModelInfer"
  Access access;
  bool infers = false;  // as Route::infers
};

// Lives until it is answered and the last who may answer it has let go. Thread-safe. If it is let go without an answer
// the client gets INTERNAL.
class GrpcCall {
 public:
  // What gRPC holds of a call until its answer has gone out; deletes itself then.
  class Reactor;

  GrpcCall(std::shared_ptr<GrpcCore> core, const GrpcMethod& method, grpc::CallbackServerContext& context,
           const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  ~GrpcCall();
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  grpc::ServerUnaryReactor* reactor() const;
  ApiContext& api() const { return *core_->api; }
  const HttpRequest& request() const { return request_; }  // the headers that count, peer, id; gone
  std::optional<Time> until() const { return until_; }     // the call's deadline
  std::optional<Denial> denied() const;
  std::optional<Refusal> refused_as_ending() const;
  void set_model(const std::string& name) { model_ = name; }
  // Room for so many bytes until the call is gone. A refusal: there is none.
  std::optional<Refusal> charge(std::size_t bytes);

  // One of them, once; later ones change nothing.
  void answer(const google::protobuf::MessageLite& message);
  void refuse(const Refusal& refusal);
  void refuse(const Denial& denial);

 private:
  void finish(const grpc::Status& status, std::size_t bytes);
  void tell(const grpc::Status& status, std::size_t bytes);
  void record(const grpc::Status& status, std::size_t bytes);

  const std::shared_ptr<GrpcCore> core_;
  const GrpcMethod& method_;
  grpc::CallbackServerContext& context_;  // until it is answered
  grpc::ByteBuffer& response_;            // the same
  Reactor* const reactor_;                // the same
  const std::size_t bytes_in_;
  const Stopwatch watch_;
  HttpRequest request_;
  std::optional<Time> until_;
  std::string model_;
  std::size_t charged_ = 0;
  std::atomic<bool> answered_{false};
};

}  // namespace saker::serve
