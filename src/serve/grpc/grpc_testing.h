// For tests: a gRPC server on a free port with the road signs' model behind it, and its client.
#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <open_inference.grpc.pb.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "serve/api/api_testing.h"
#include "serve/grpc/grpc_server.h"
#include "serve/serve_testing.h"

namespace saker::serve::testing {

using Stub = inference::GRPCInferenceService::Stub;

inline GrpcOptions local_grpc() {
  GrpcOptions options;
  options.address = "127.0.0.1:0";
  return options;
}

inline std::unique_ptr<GrpcServer> start_grpc(TestApi& api, const GrpcOptions& options = local_grpc()) {
  auto server = GrpcServer::start(options, *api.api);
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
  return server.ok() ? std::move(server).value() : nullptr;
}

inline std::unique_ptr<Stub> client_of(const GrpcServer& server) {
  grpc::ChannelArguments own;
  own.SetMaxReceiveMessageSize(-1);
  own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  own.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return inference::GRPCInferenceService::NewStub(
      grpc::CreateCustomChannel(server.address(), grpc::InsecureChannelCredentials(), own));
}

// One with that model, for all tests of a program.
class SharedGrpc : public ::testing::Environment {
 public:
  static TestApi& api() { return SignsServer::api(); }
  static Stub& stub() {
    if (!server()) server() = start_grpc(api());
    if (!client()) client() = client_of(*server());
    return *client();
  }
  void TearDown() override {  // before that of the API
    client().reset();
    server().reset();
  }

 private:
  static std::unique_ptr<GrpcServer>& server() {
    static std::unique_ptr<GrpcServer> one;
    return one;
  }
  static std::unique_ptr<Stub>& client() {
    static std::unique_ptr<Stub> one;
    return one;
  }
};
inline ::testing::Environment* const kSharedGrpc = ::testing::AddGlobalTestEnvironment(new SharedGrpc);

// For the road signs' model: a grey picture.
inline inference::ModelInferRequest tensor_request(bool raw = true) {
  constexpr int kSide = 320, kElements = 3 * kSide * kSide;
  inference::ModelInferRequest request;
  request.set_model_name("signs");
  auto& input = *request.add_inputs();
  input.set_name("images");
  input.set_datatype("FP32");
  for (const int extent : {1, 3, kSide, kSide}) input.add_shape(extent);
  const std::vector<float> grey(kElements, 0.5F);
  if (raw) {
    request.add_raw_input_contents(grey.data(), grey.size() * sizeof(float));
  } else {
    input.mutable_contents()->mutable_fp32_contents()->Assign(grey.begin(), grey.end());
  }
  return request;
}

inline inference::ModelInferRequest picture_request(const std::vector<std::string>& files) {
  inference::ModelInferRequest request = tensor_request(false);
  auto& input = *request.mutable_inputs(0);
  input.set_datatype("BYTES");
  input.mutable_shape()->Clear();
  input.add_shape(static_cast<std::int64_t>(files.size()));
  input.clear_contents();
  for (const std::string& file : files) input.mutable_contents()->add_bytes_contents(file);
  return request;
}

inline grpc::Status infer(Stub& stub, const inference::ModelInferRequest& request,
                          inference::ModelInferResponse* response = nullptr) {
  grpc::ClientContext context;
  inference::ModelInferResponse scratch;
  return stub.ModelInfer(&context, request, response != nullptr ? response : &scratch);
}

// Until it is so; the test fails if it never is.
template <typename Condition>
::testing::AssertionResult comes_true(Condition condition) {
  for (int i = 0; i < 30'000; ++i) {
    if (condition()) return ::testing::AssertionSuccess();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return ::testing::AssertionFailure() << "not within half a minute";
}

}  // namespace saker::serve::testing
