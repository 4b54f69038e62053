#include "serve/grpc/call.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <exception>
#include <utility>

#include "base/text.h"
#include "serve/api/events_route.h"

namespace saker::serve {
namespace {

constexpr const char* kService = "/inference.GRPCInferenceService/";
constexpr const char* kRequestId = "x-request-id";

std::string without(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;) text.replace(at, what.size(), by);
  return text;
}

// gRPC's "ipv4:127.0.0.1:4711" and "ipv6:%5B::1%5D:4711" as the log has peers.
std::string peer_of(const std::string& uri) {
  const std::size_t colon = uri.find(':');
  if (!uri.starts_with("ipv") || colon == std::string::npos) return uri;
  return without(without(uri.substr(colon + 1), "%5B", "["), "%5D", "]");
}

Headers headers_of(const grpc::CallbackServerContext& context) {
  Headers headers;
  for (const auto& [name, value] : context.client_metadata()) {
    const std::string_view key(name.data(), name.size());
    if (key != "authorization" && key != "x-api-key" && key != kRequestId) continue;
    headers.emplace_back(key, std::string(value.data(), value.size()));
  }
  return headers;
}

// None for a deadline that is further away than any queue is long.
std::optional<Time> deadline_of(const grpc::CallbackServerContext& context) {
  constexpr auto kFar = std::chrono::hours(24);
  const auto now = std::chrono::system_clock::now();
  const auto deadline = context.deadline();
  if (deadline >= now + kFar) return std::nullopt;
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<Duration>(deadline - now);
}

}  // namespace

bool ByteBudget::take(std::size_t bytes) {
  std::size_t taken = taken_.load();
  do {
    if (bytes > most_ || taken > most_ - bytes) return false;
  } while (!taken_.compare_exchange_weak(taken, taken + bytes));
  return true;
}

class GrpcCall::Reactor final : public grpc::ServerUnaryReactor {
 public:
  void OnCancel() override { gone->store(true); }
  void OnDone() override { delete this; }

  const std::shared_ptr<std::atomic<bool>> gone = std::make_shared<std::atomic<bool>>(false);
};

GrpcCall::GrpcCall(std::shared_ptr<GrpcCore> core, const GrpcMethod& method, grpc::CallbackServerContext& context,
                   const grpc::ByteBuffer& request, grpc::ByteBuffer& response)
    : core_(std::move(core)),
      method_(method),
      context_(context),
      response_(response),
      reactor_(new Reactor),
      bytes_in_(request.Length()),
      until_(deadline_of(context)) {
  request_.method = "gRPC";
  request_.target = std::string(kService) + method.name;
  request_.headers = headers_of(context);
  request_.peer = peer_of(context.peer());
  const std::string* id = request_.header(kRequestId);
  request_.id = id != nullptr && is_sane_id(*id) ? *id : core_->ids.next();
  request_.gone = reactor_->gone;
  context.AddInitialMetadata(kRequestId, request_.id);
  if (method_.infers) api().events.began();
}

GrpcCall::~GrpcCall() {
  finish({grpc::StatusCode::INTERNAL, "the request was dropped without an answer"}, 0);
  core_->budget.give_back(charged_);
}

grpc::ServerUnaryReactor* GrpcCall::reactor() const {
  return reactor_;
}

std::optional<Denial> GrpcCall::denied() const {
  return check_access(*api().access.get(), request_, method_.access);
}

std::optional<Refusal> GrpcCall::refused_as_ending() const {
  if (!core_->ending) return std::nullopt;
  return Refusal{Reason::kUnavailable, "the server is ending", 1};
}

std::optional<Refusal> GrpcCall::charge(std::size_t bytes) {
  if (bytes > core_->budget.most()) {
    return Refusal{Reason::kTooLarge, "the request would take more memory than all may: send `raw_input_contents`"};
  }
  if (!core_->budget.take(bytes)) {
    return Refusal{Reason::kOverloaded, "the server holds all the bytes of requests that it may: come again later", 1};
  }
  charged_ += bytes;
  return std::nullopt;
}

void GrpcCall::answer(const google::protobuf::MessageLite& message) {
  if (answered_.exchange(true)) return;
  grpc::Status status;
  std::size_t bytes = 0;
  try {
    bool own = false;
    status = grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::MessageLite>(message, &response_, &own);
    bytes = response_.Length();
  } catch (const std::exception&) {
    status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "not enough memory for the answer"};
  }
  tell(status, bytes);
  reactor_->Finish(status);
}

void GrpcCall::refuse(const Refusal& refusal) {
  if (answered_.exchange(true)) return;
  const grpc::Status status = status_of(refusal);
  if (const auto ms = retry_after_ms(refusal)) {
    context_.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(*ms));
  }
  tell(status, 0);
  reactor_->Finish(status);
}

void GrpcCall::refuse(const Denial& denial) {
  finish(status_of(denial), 0);
}

void GrpcCall::finish(const grpc::Status& status, std::size_t bytes) {
  if (answered_.exchange(true)) return;
  tell(status, bytes);
  reactor_->Finish(status);
}

// Before the answer goes, so that whoever has it finds it counted.
void GrpcCall::tell(const grpc::Status& status, std::size_t bytes) {
  try {
    record(status, bytes);
  } catch (const std::exception&) {
    // Without memory: the answer goes untold.
  }
}

void GrpcCall::record(const grpc::Status& status, std::size_t bytes) {
  const double ms = watch_.ms();
  const char* code = code_name(status.error_code());
  api()
      .metrics
      .histogram("saker_grpc_request_seconds", "From a call's message to its answer.", second_buckets(),
                 {{"method", method_.name}, {"code", code}})
      .observe(ms / 1000);
  if (method_.infers) {
    api().events.ended();
    if (status.ok()) api().events.answered(ms);
  }
  if (!api().log) return;
  AccessRecord told;
  told.id = request_.id;
  told.peer = request_.peer;
  told.method = request_.method;
  told.target = request_.target;
  told.model = model_;
  told.status = static_cast<int>(status.error_code());
  told.bytes_in = bytes_in_;
  told.bytes_out = bytes;
  told.ms = ms;
  if (!status.ok()) told.error = std::string(code) + ": " + status.error_message();
  api().log(told);
}

}  // namespace saker::serve
