// Clients that send what they should not: the server answers each with a reason, and others meanwhile.
#include <grpc/compression.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <random>

#include "serve/grpc/grpc_testing.h"
#include "serve/http/raw_client.h"
#include "serve/listen_address.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using grpc::StatusCode;
using testing::infer;
using testing::SharedGrpc;
using testing::TestApi;

grpc::Status send_bytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& bytes) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 30s);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const grpc::Slice slice(bytes);
  const auto call =
      stub.PrepareUnaryCall(&context, "/inference.GRPCInferenceService/" + method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

class GrpcHostile : public ::testing::Test {
 protected:
  GrpcHostile() : server_(testing::start_grpc(SharedGrpc::api(), options())) {
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  }
  static GrpcOptions options() {
    GrpcOptions options = testing::local_grpc();
    options.max_message = 4 << 20;
    options.max_messages = 8 << 20;
    options.max_header = 2 << 10;
    return options;
  }
  void expect_alive() {
    const auto good = testing::client_of(*server_);
    const grpc::Status status = infer(*good, testing::tensor_request());
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(GrpcHostile, BrokenMessagesGetAReason) {
  for (const char* method : {"ServerLive", "ModelReady", "ModelMetadata", "ModelInfer", "RepositoryIndex"}) {
    const grpc::Status status = send_bytes(channel_, method, "\xFF\xFF\xFF");
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << method << ": " << status.error_message();
    EXPECT_NE(status.error_message(), "");
  }
  EXPECT_EQ(send_bytes(channel_, "ModelReady", "\x0A\x02\xC3\x28").error_code(), StatusCode::INVALID_ARGUMENT)
      << "no UTF-8";
  EXPECT_EQ(send_bytes(channel_, "ModelInfer", "").error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(send_bytes(channel_, "ModelStreamInfer", "").error_code(), StatusCode::UNIMPLEMENTED);
  expect_alive();
}

TEST_F(GrpcHostile, HurtRequestsAreAnswered) {
  std::mt19937 random(7);
  auto small = testing::picture_request({"picture", "other"});
  (*small.mutable_parameters())["conf"].set_double_param(0.5);
  small.add_outputs()->set_name("boxes");
  const std::string whole = small.SerializeAsString();
  for (int i = 0; i < 2000; ++i) {
    std::string hurt = whole;
    for (std::size_t k = random() % 6; k > 0; --k) hurt[random() % hurt.size()] = static_cast<char>(random());
    if (random() % 4 == 0) hurt.resize(random() % hurt.size());
    const grpc::Status status = send_bytes(channel_, "ModelInfer", hurt);
    EXPECT_TRUE(status.error_code() == StatusCode::INVALID_ARGUMENT || status.error_code() == StatusCode::NOT_FOUND ||
                status.error_code() == StatusCode::UNIMPLEMENTED)
        << status.error_code() << " " << status.error_message();
  }
  expect_alive();
}

TEST_F(GrpcHostile, MessagesBeyondTheLimitsAreRefused) {
  EXPECT_EQ(send_bytes(channel_, "ModelInfer", std::string(5 << 20, 'x')).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  std::string parts;
  for (int i = 0; i < 1 << 20; ++i) parts += std::string("\x2A\x00", 2);  // a million inputs
  const grpc::Status status = send_bytes(channel_, "ModelInfer", parts);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("parts"), std::string::npos) << status.error_message();
  EXPECT_EQ(
      send_bytes(channel_, "ModelReady", std::string("\x0A\x80\x80\x08", 4) + std::string(1 << 17, 'n')).error_code(),
      StatusCode::INVALID_ARGUMENT)
      << "no name is so long";
  inference::ModelInferRequest varints = testing::tensor_request(false);
  varints.mutable_inputs(0)->mutable_contents()->mutable_uint64_contents()->Resize(1 << 20, 0);
  EXPECT_EQ(send_bytes(channel_, "ModelInfer", varints.SerializeAsString()).error_code(), StatusCode::INVALID_ARGUMENT)
      << "more in memory than all requests may take";
  grpc::ClientContext context;
  context.AddMetadata("x-long", std::string(8 << 10, 'a'));
  inference::ServerLiveResponse live;
  const auto stub = testing::client_of(*server_);
  EXPECT_FALSE(stub->ServerLive(&context, {}, &live).ok());
  expect_alive();
}

// A few kilobytes could be gigabytes.
TEST_F(GrpcHostile, CompressedMessagesAreRefused) {
  const auto stub = testing::client_of(*server_);
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    inference::ModelInferResponse answer;
    EXPECT_EQ(stub->ModelInfer(&context, testing::tensor_request(), &answer).error_code(), StatusCode::UNIMPLEMENTED);
  }
  expect_alive();
}

TEST_F(GrpcHostile, WhatIsNoHttp2IsTurnedAway) {
  const auto address = parse_listen_address(server_->address());
  ASSERT_TRUE(address.ok());
  RawClient http(address->port), silent(address->port), half(address->port);
  http.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  half.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xFF\xFF\xFF\x01\x00");
  char answer[256];
  ssize_t got = 0;
  do {  // settings, perhaps, and then an end or a reset
    got = ::recv(http.descriptor(), answer, sizeof answer, 0);
  } while (got > 0);
  EXPECT_TRUE(got == 0 || errno == ECONNRESET) << "not closed";
  expect_alive();
}

}  // namespace
}  // namespace saker::serve
