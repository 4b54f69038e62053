// How a gRPC server ends.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "serve/grpc/grpc_testing.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using grpc::StatusCode;
using testing::comes_true;
using testing::infer;
using testing::TestApi;

class GrpcStop : public ::testing::Test {
 protected:
  GrpcStop() : api_({}, testing::signs_model()) {
    EXPECT_TRUE(api_.repository->load_all().ok());
    server_ = testing::start_grpc(api_);
    stub_ = testing::client_of(*server_);
  }
  std::size_t waiting() { return std::get<std::shared_ptr<ServedModel>>(api_.repository->only())->waiting(); }

  TestApi api_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<testing::Stub> stub_;
};

TEST_F(GrpcStop, AnswersWhatItHasTaken) {
  constexpr std::size_t kCalls = 3;
  testing::BusyWorker busy(api_.scheduler);
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < kCalls; ++i) {
    clients.emplace_back([&] { EXPECT_TRUE(infer(*stub_, testing::tensor_request()).ok()); });
  }
  ASSERT_TRUE(comes_true([&] { return waiting() == kCalls; }));
  api_.api->begin_drain();
  inference::ServerReadyResponse ready;
  {
    grpc::ClientContext context;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &ready).ok() && !ready.ready());
  }
  std::atomic<bool> stopped = false;
  std::thread stop([&] {
    server_->stop(60s);
    stopped = true;
  });
  const auto late = testing::client_of(*server_);
  const auto refused = [&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 200ms);  // it may come before the server stops
    inference::ModelInferResponse answer;
    return late->ModelInfer(&context, testing::tensor_request(), &answer).error_code() == StatusCode::UNAVAILABLE;
  };
  EXPECT_TRUE(comes_true(refused)) << "nobody else is taken";
  EXPECT_EQ(infer(*stub_, testing::tensor_request()).error_code(), StatusCode::UNAVAILABLE)
      << "nor one of a connection that is there";
  EXPECT_FALSE(stopped);
  busy.open();
  for (std::thread& client : clients) client.join();
  stop.join();
}

TEST_F(GrpcStop, WaitsNoLongerThanItMay) {
  testing::BusyWorker busy(api_.scheduler);
  std::thread client([&] { EXPECT_FALSE(infer(*stub_, testing::tensor_request()).ok()); });
  ASSERT_TRUE(comes_true([&] { return waiting() == 1; }));
  std::thread stop([&] { server_->stop(50ms); });
  client.join();  // it was told, although the worker is busy still
  std::this_thread::sleep_for(500ms);
  busy.open();
  stop.join();
  EXPECT_EQ(std::get<std::shared_ptr<ServedModel>>(api_.repository->only())->statistics().inferences.value(), 0U)
      << "nobody waited for it";
}

TEST_F(GrpcStop, IdleConnectionsHoldNothingUp) {
  ASSERT_TRUE(infer(*stub_, testing::tensor_request()).ok());
  const auto begun = std::chrono::steady_clock::now();
  server_->stop(60s);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  server_->stop(60s);  // a second time changes nothing
}

}  // namespace
}  // namespace saker::serve
