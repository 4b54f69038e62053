#include "serve/grpc/service.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <open_inference.grpc.pb.h>

#include <exception>
#include <utility>

#include "serve/api/reply.h"
#include "serve/grpc/message_scan.h"
#include "serve/grpc/methods.h"

namespace saker::serve {
namespace {

using grpc::ByteBuffer;
using Base = inference::GRPCInferenceService;

constexpr std::size_t kSmall = 64 << 10;  // bytes of a request that is none for inference; what is known takes less

constexpr GrpcMethod kServerLive = {"ServerLive", Access::kOpen}, kServerReady = {"ServerReady", Access::kOpen},
                     kModelReady = {"ModelReady", Access::kToken}, kServerMetadata = {"ServerMetadata", Access::kToken},
                     kModelMetadata = {"ModelMetadata", Access::kToken},
                     kModelInfer = {"ModelInfer", Access::kToken, true}, kModelConfig = {"ModelConfig", Access::kToken},
                     kModelStatistics = {"ModelStatistics", Access::kToken},
                     kRepositoryIndex = {"RepositoryIndex", Access::kToken},
                     kRepositoryLoad = {"RepositoryModelLoad", Access::kAdmin},
                     kRepositoryUnload = {"RepositoryModelUnload", Access::kAdmin};

// What the message will take in memory, its tensors' copies among it, is charged before it is taken.
std::optional<Refusal> charge_inference(GrpcCall& call, ByteBuffer& bytes) {
  grpc::ProtoBufferReader reader(&bytes);
  const auto cost = scan_infer_message(reader);
  if (!cost) return refusal_of(cost.error());
  return call.charge(bytes.Length() + *cost);
}

std::optional<Refusal> check_small(ByteBuffer& bytes) {
  if (bytes.Length() <= kSmall) return std::nullopt;
  return Refusal{Reason::kTooLarge, "the message is larger than 64 KiB"};
}

template <typename Message>
void serve(const GrpcCallPtr& call, ByteBuffer& bytes, void (*method)(const GrpcCallPtr&, const Message&)) {
  if (const auto refusal = call->refused_as_ending()) return call->refuse(*refusal);
  if (const auto denial = call->denied()) return call->refuse(*denial);
  constexpr bool kInfers = std::is_same_v<Message, inference::ModelInferRequest>;
  if (const auto refusal = kInfers ? charge_inference(*call, bytes) : check_small(bytes)) return call->refuse(*refusal);
  Message message;
  {
    grpc::ProtoBufferReader reader(&bytes);
    if (!message.ParseFromZeroCopyStream(&reader)) {
      return call->refuse({Reason::kBadRequest,
                           "the message cannot be read: its encoding is broken, or a text in it is "
                           "no UTF-8"});
    }
  }
  bytes.Clear();  // not kept while the call waits
  method(call, message);
}

// Each method as gRPC's own classes have it, one wrapped into the other.
using Raw1 = Base::WithRawCallbackMethod_ServerLive<Base::WithRawCallbackMethod_ServerReady<
    Base::WithRawCallbackMethod_ModelReady<Base::WithRawCallbackMethod_ServerMetadata<Base::Service>>>>;
using Raw2 = Base::WithRawCallbackMethod_ModelMetadata<
    Base::WithRawCallbackMethod_ModelInfer<Base::WithRawCallbackMethod_ModelConfig<Raw1>>>;
using Raw = Base::WithRawCallbackMethod_ModelStatistics<Base::WithRawCallbackMethod_RepositoryIndex<
    Base::WithRawCallbackMethod_RepositoryModelLoad<Base::WithRawCallbackMethod_RepositoryModelUnload<Raw2>>>>;

class Service final : public Raw {
 public:
  explicit Service(std::shared_ptr<GrpcCore> core) : core_(std::move(core)) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  template <typename Message>
  Reactor* run(const GrpcMethod& method, Context* context, const ByteBuffer* in, ByteBuffer* out,
               void (*function)(const GrpcCallPtr&, const Message&)) {
    const auto call = std::make_shared<GrpcCall>(core_, method, *context, *in, *out);
    Reactor* const reactor = call->reactor();
    try {
      // gRPC made it for this call alone.
      serve(call, const_cast<ByteBuffer&>(*in), function);
    } catch (const std::exception&) {
      call->refuse({Reason::kOverloaded, "not enough memory for the request", 1});
    }
    return reactor;
  }

  Reactor* ServerLive(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kServerLive, c, in, out, server_live);
  }
  Reactor* ServerReady(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kServerReady, c, in, out, server_ready);
  }
  Reactor* ModelReady(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kModelReady, c, in, out, model_ready);
  }
  Reactor* ServerMetadata(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kServerMetadata, c, in, out, server_metadata);
  }
  Reactor* ModelMetadata(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kModelMetadata, c, in, out, model_metadata);
  }
  Reactor* ModelInfer(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kModelInfer, c, in, out, model_infer);
  }
  Reactor* ModelConfig(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kModelConfig, c, in, out, model_config);
  }
  Reactor* ModelStatistics(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kModelStatistics, c, in, out, model_statistics);
  }
  Reactor* RepositoryIndex(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kRepositoryIndex, c, in, out, repository_index);
  }
  Reactor* RepositoryModelLoad(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kRepositoryLoad, c, in, out, repository_load);
  }
  Reactor* RepositoryModelUnload(Context* c, const ByteBuffer* in, ByteBuffer* out) override {
    return run(kRepositoryUnload, c, in, out, repository_unload);
  }

  const std::shared_ptr<GrpcCore> core_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_service(std::shared_ptr<GrpcCore> core) {
  return std::make_unique<Service>(std::move(core));
}

}  // namespace saker::serve
