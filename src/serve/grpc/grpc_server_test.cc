// The service as a client sees it: what it tells, what it computes, and how it says no.
#include <fmt/format.h>
#include <grpc/compression.h>
#include <gtest/gtest.h>

#include <cstring>

#include "serve/grpc/grpc_testing.h"
#include "support/temp_folder.h"
#ifdef SAKER_GRPC_TEST_TLS
#include "serve/http/certificate_testing.h"
#endif

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using grpc::StatusCode;
using testing::comes_true;
using testing::infer;
using testing::SharedGrpc;
using testing::TestApi;

constexpr const char* kPicture = "docs/pictures/demo.jpg";

// One call of a method that takes `Asked`; its status, and the answer.
template <typename Asked, typename Answer>
grpc::Status ask(grpc::Status (testing::Stub::*method)(grpc::ClientContext*, const Asked&, Answer*), const Asked& asked,
                 Answer& answer, testing::Stub& stub = SharedGrpc::stub()) {
  grpc::ClientContext context;
  return (stub.*method)(&context, asked, &answer);
}

TEST(GrpcServer, TellsOfItselfAndItsModels) {
  inference::ServerLiveResponse live;
  EXPECT_TRUE(ask(&testing::Stub::ServerLive, {}, live).ok() && live.live());
  inference::ServerReadyResponse ready;
  EXPECT_TRUE(ask(&testing::Stub::ServerReady, {}, ready).ok() && ready.ready());
  inference::ServerMetadataResponse server;
  EXPECT_TRUE(ask(&testing::Stub::ServerMetadata, {}, server).ok());
  EXPECT_EQ(server.name(), "saker");
  EXPECT_GT(server.extensions_size(), 3);
  inference::ModelMetadataRequest about;
  about.set_name("signs");
  inference::ModelMetadataResponse model;
  ASSERT_TRUE(ask(&testing::Stub::ModelMetadata, about, model).ok());
  EXPECT_EQ(model.versions(0), "1");
  EXPECT_EQ(model.platform(), "saker_onnx");
  EXPECT_EQ(model.inputs(0).datatype(), "FP32");
  EXPECT_EQ(model.inputs(0).shape_size(), 4);
  inference::ModelConfigRequest asked;
  asked.set_name("signs");
  inference::ModelConfigResponse config;
  ASSERT_TRUE(ask(&testing::Stub::ModelConfig, asked, config).ok());
  EXPECT_EQ(config.config().input(0).data_type(), inference::TYPE_FP32);
  inference::RepositoryIndexResponse index;
  ASSERT_TRUE(ask(&testing::Stub::RepositoryIndex, {}, index).ok());
  EXPECT_EQ(index.models(0).name(), "signs");
  EXPECT_EQ(index.models(0).state(), "READY");
}

TEST(GrpcServer, AModelThatIsNotThereIsNotReady) {
  inference::ModelReadyRequest asked;
  inference::ModelReadyResponse answer;
  const auto ready = [&](const std::string& name, const std::string& version) {
    asked.set_name(name), asked.set_version(version);
    answer.Clear();
    return ask(&testing::Stub::ModelReady, asked, answer);
  };
  EXPECT_TRUE(ready("signs", "").ok() && answer.ready());
  EXPECT_TRUE(ready("signs", "1").ok() && answer.ready());
  EXPECT_TRUE(ready("signs", "2").ok() && !answer.ready());
  EXPECT_TRUE(ready("none", "").ok() && !answer.ready());
  EXPECT_EQ(ready("signs", "first").error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ready("", "").error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST(GrpcServer, RawAndTypedTensorsGiveTheSame) {
  inference::ModelInferResponse raw, typed;
  auto request = testing::tensor_request(true);
  request.set_id("r7");
  ASSERT_TRUE(infer(SharedGrpc::stub(), request, &raw).ok());
  ASSERT_TRUE(infer(SharedGrpc::stub(), testing::tensor_request(false), &typed).ok());
  EXPECT_EQ(raw.id(), "r7");
  EXPECT_EQ(raw.model_name(), "signs");
  EXPECT_EQ(raw.model_version(), "1");
  ASSERT_GT(raw.outputs_size(), 0);
  ASSERT_EQ(raw.raw_output_contents_size(), raw.outputs_size());
  EXPECT_EQ(typed.raw_output_contents_size(), 0) << "answered as asked";
  for (int i = 0; i < raw.outputs_size(); ++i) {
    const auto& values = typed.outputs(i).contents().fp32_contents();
    ASSERT_EQ(raw.raw_output_contents(i).size(), static_cast<std::size_t>(values.size()) * sizeof(float));
    EXPECT_EQ(std::memcmp(raw.raw_output_contents(i).data(), values.data(), raw.raw_output_contents(i).size()), 0);
    EXPECT_FALSE(raw.outputs(i).has_contents());
  }
}

TEST(GrpcServer, PicturesGiveTheBoxesOfTheOtherForm) {
  const std::string file = testing::bytes_of(kPicture);
  inference::ModelInferResponse answer;
  auto request = testing::picture_request({file, file});
  (*request.mutable_parameters())["binary_data_output"].set_bool_param(true);
  const auto status = infer(SharedGrpc::stub(), request, &answer);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const auto boxes = testing::json_of(SharedGrpc::api().post("/v1/detect", file))["boxes"];
  ASSERT_GT(boxes.size(), 0U);
  ASSERT_EQ(answer.outputs_size(), 5);
  EXPECT_EQ(answer.outputs(1).name(), "boxes");
  ASSERT_EQ(answer.outputs(1).shape(1), static_cast<std::int64_t>(boxes.size()));
  std::vector<float> corners(2 * boxes.size() * 4);
  ASSERT_EQ(answer.raw_output_contents(1).size(), corners.size() * sizeof(float));
  std::memcpy(corners.data(), answer.raw_output_contents(1).data(), corners.size() * sizeof(float));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_EQ(corners[4 * i], boxes[i]["x1"].get<float>());
    EXPECT_EQ(corners[4 * (boxes.size() + i) + 3], boxes[i]["y2"].get<float>());
  }
  const std::uint32_t letters = static_cast<std::uint8_t>(answer.raw_output_contents(4)[0]);
  EXPECT_EQ(answer.raw_output_contents(4).substr(4, letters), boxes[0]["label"]);
}

// What a request is refused with, by its code and a part of the reason.
void expect_refused(StatusCode code, const std::string& part, const inference::ModelInferRequest& request) {
  const grpc::Status status = infer(SharedGrpc::stub(), request);
  EXPECT_EQ(status.error_code(), code) << status.error_message();
  EXPECT_NE(status.error_message().find(part), std::string::npos) << status.error_message();
}

TEST(GrpcServer, RefusalsHaveTheirCodes) {
  auto request = testing::tensor_request();
  request.set_model_name("none");
  expect_refused(StatusCode::NOT_FOUND, "none", request);
  request.set_model_name("");
  expect_refused(StatusCode::INVALID_ARGUMENT, "name", request);
  request = testing::tensor_request();
  request.set_model_version("9");
  expect_refused(StatusCode::NOT_FOUND, "9", request);
  request = testing::tensor_request();
  request.mutable_inputs(0)->set_name("other");
  expect_refused(StatusCode::INVALID_ARGUMENT, "`other`", request);
  request = testing::tensor_request();
  request.add_outputs()->set_name("o9");
  expect_refused(StatusCode::INVALID_ARGUMENT, "o9", request);
  request = testing::tensor_request();
  (*request.mutable_inputs(0)->mutable_parameters())["shared_memory_region"].set_string_param("r");
  expect_refused(StatusCode::UNIMPLEMENTED, "shared memory", request);
  request = testing::tensor_request();
  (*request.mutable_parameters())["priority"].set_int64_param(12);
  expect_refused(StatusCode::INVALID_ARGUMENT, "priority", request);
  expect_refused(StatusCode::INVALID_ARGUMENT, "picture 0", testing::picture_request({"no picture"}));
}

TEST(GrpcServer, CallsAreLoggedAndCountedWithTheirIds) {
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "abc-1");
  inference::ModelInferResponse answer;
  ASSERT_TRUE(SharedGrpc::stub().ModelInfer(&context, testing::tensor_request(), &answer).ok());
  const auto& sent = context.GetServerInitialMetadata();
  const auto id = sent.find("x-request-id");
  ASSERT_NE(id, sent.end());
  EXPECT_EQ(std::string(id->second.data(), id->second.size()), "abc-1");
  const AccessRecord record = SharedGrpc::api().records().back();
  EXPECT_EQ(record.id, "abc-1");
  EXPECT_EQ(record.method, "gRPC");
  EXPECT_EQ(record.target, "/inference.GRPCInferenceService/ModelInfer");
  EXPECT_EQ(record.model, "signs");
  EXPECT_EQ(record.status, 0);
  EXPECT_TRUE(record.peer.starts_with("127.0.0.1:")) << record.peer;
  EXPECT_GT(record.bytes_in, 1'000'000U);
  EXPECT_GT(record.bytes_out, 1'000U);
  auto wrong = testing::tensor_request();
  wrong.set_model_name("none");
  infer(SharedGrpc::stub(), wrong);
  EXPECT_TRUE(SharedGrpc::api().records().back().error.starts_with("NOT_FOUND: "));
  EXPECT_EQ(SharedGrpc::api().records().back().id.size(), 16U) << "made";
  const std::string metrics = SharedGrpc::api().metrics.text();
  EXPECT_NE(metrics.find("saker_grpc_request_seconds_count{code=\"NOT_FOUND\",method=\"ModelInfer\"}"),
            std::string::npos);
}

TEST(GrpcServer, TokensAreAskedForAndCompared) {
  ApiOptions options;
  options.token = "user";
  options.admin_token = "admin";
  TestApi api(options, testing::signs_model());
  const auto server = testing::start_grpc(api);
  const auto stub = testing::client_of(*server);
  const auto code = [&](const char* name, const char* value, bool admin) {
    grpc::ClientContext context;
    if (*name != '\0') context.AddMetadata(name, value);
    inference::ServerMetadataResponse about;
    inference::RepositoryModelUnloadResponse unloaded;
    inference::RepositoryModelUnloadRequest unload;
    unload.set_model_name("none");
    return (admin ? stub->RepositoryModelUnload(&context, unload, &unloaded)
                  : stub->ServerMetadata(&context, {}, &about))
        .error_code();
  };
  EXPECT_EQ(code("", "", false), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("authorization", "Bearer users", false), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(code("authorization", "Bearer user", false), StatusCode::OK);
  EXPECT_EQ(code("x-api-key", "user", false), StatusCode::OK);
  EXPECT_EQ(code("authorization", "Bearer user", true), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(code("authorization", "Bearer admin", true), StatusCode::NOT_FOUND) << "let in, but there is none";
  inference::ServerLiveResponse live;
  EXPECT_TRUE(ask(&testing::Stub::ServerLive, {}, live, *stub).ok()) << "health is for everybody";
}

TEST(GrpcServer, ModelsAreLoadedAndUnloaded) {
  ApiOptions options;
  options.admin_open = true;
  TestApi api(options, testing::signs_model());
  const auto server = testing::start_grpc(api);
  const auto stub = testing::client_of(*server);
  inference::RepositoryModelLoadRequest load;
  inference::RepositoryModelLoadResponse loaded;
  load.set_model_name("signs");
  EXPECT_TRUE(ask(&testing::Stub::RepositoryModelLoad, load, loaded, *stub).ok());
  EXPECT_TRUE(infer(*stub, testing::tensor_request()).ok());
  inference::RepositoryModelUnloadRequest unload;
  inference::RepositoryModelUnloadResponse unloaded;
  unload.set_model_name("signs");
  (*unload.mutable_parameters())["unload_dependents"].set_bool_param(false);
  EXPECT_TRUE(ask(&testing::Stub::RepositoryModelUnload, unload, unloaded, *stub).ok());
  EXPECT_NE(infer(*stub, testing::tensor_request()).error_code(), StatusCode::OK);
  (*load.mutable_parameters())["config"].set_string_param("{}");
  EXPECT_EQ(ask(&testing::Stub::RepositoryModelLoad, load, loaded, *stub).error_code(), StatusCode::UNIMPLEMENTED);
  load.clear_parameters();
  load.set_model_name("../etc");
  EXPECT_EQ(ask(&testing::Stub::RepositoryModelLoad, load, loaded, *stub).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST(GrpcServer, WhatWaitsLongerThanTheCallMayIsNotComputed) {
  TestApi api({}, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  const auto server = testing::start_grpc(api);
  const auto stub = testing::client_of(*server);
  {
    testing::BusyWorker busy(api.scheduler);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 50ms);
    inference::ModelInferResponse answer;
    EXPECT_EQ(stub->ModelInfer(&context, testing::tensor_request(), &answer).error_code(),
              StatusCode::DEADLINE_EXCEEDED);
    auto impatient = testing::tensor_request();
    (*impatient.mutable_parameters())["timeout"].set_int64_param(20'000);
    EXPECT_EQ(infer(*stub, impatient).error_code(), StatusCode::DEADLINE_EXCEEDED) << "by the server itself";
  }
  ASSERT_TRUE(comes_true([&] { return api.records().size() == 2; }));
  EXPECT_EQ(std::get<std::shared_ptr<ServedModel>>(api.repository->only())->statistics().inferences.value(), 0U);
}

TEST(GrpcServer, AClientThatIsGoneWaitsForNothing) {
  TestApi api({}, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  const auto server = testing::start_grpc(api);
  const auto stub = testing::client_of(*server);
  testing::BusyWorker busy(api.scheduler);
  grpc::ClientContext context;
  std::thread client([&] {
    inference::ModelInferResponse answer;
    EXPECT_EQ(stub->ModelInfer(&context, testing::tensor_request(), &answer).error_code(), StatusCode::CANCELLED);
  });
  const auto model = std::get<std::shared_ptr<ServedModel>>(api.repository->only());
  EXPECT_TRUE(comes_true([&] { return model->waiting() == 1; }));
  context.TryCancel();
  client.join();
  inference::ServerLiveResponse live;  // the cancellation has come when this, sent after it, is answered
  EXPECT_TRUE(ask(&testing::Stub::ServerLive, {}, live, *stub).ok());
  std::this_thread::sleep_for(500ms);
  busy.open();
  ASSERT_TRUE(comes_true([&] { return api.records().size() == 2; }));
  EXPECT_EQ(model->statistics().inferences.value(), 0U);
  EXPECT_EQ(api.records().back().status, static_cast<int>(StatusCode::CANCELLED));
}

TEST(GrpcServer, AFullQueueSaysWhenToComeAgain) {
  TestApi api({}, testing::signs_model(), 1);
  ASSERT_TRUE(api.repository->load_all().ok());
  const auto server = testing::start_grpc(api);
  const auto stub = testing::client_of(*server);
  testing::BusyWorker busy(api.scheduler);
  std::thread first([&] { EXPECT_TRUE(infer(*stub, testing::tensor_request()).ok()); });
  const auto model = std::get<std::shared_ptr<ServedModel>>(api.repository->only());
  EXPECT_TRUE(comes_true([&] { return model->waiting() == 1; }));
  grpc::ClientContext context;
  inference::ModelInferResponse answer;
  EXPECT_EQ(stub->ModelInfer(&context, testing::tensor_request(), &answer).error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto hint = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(hint, trailers.end());
  EXPECT_GE(std::stoi(std::string(hint->second.data(), hint->second.size())), 1000);
  busy.open();
  first.join();
}

#ifdef SAKER_GRPC_TEST_TLS
TEST(GrpcServer, TlsTakesTheFilesOfTheOtherForm) {
  const test::TempFolder folder;
  GrpcOptions options = testing::local_grpc();
  options.address = "localhost:0";
  options.certificate = folder.path("cert.pem");
  options.key = folder.path("key.pem");
  const auto missing = GrpcServer::start(options, *SharedGrpc::api().api);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("cert.pem"), std::string::npos) << missing.error().message;
  write_pair(options.certificate, options.key);
  const auto server = testing::start_grpc(SharedGrpc::api(), options);
  ASSERT_NE(server, nullptr);
  grpc::SslCredentialsOptions trusted;
  trusted.pem_root_certs = testing::bytes_of(options.certificate);
  const auto stub =
      inference::GRPCInferenceService::NewStub(grpc::CreateChannel(server->address(), grpc::SslCredentials(trusted)));
  inference::ServerLiveResponse live;
  const grpc::Status status = ask(&testing::Stub::ServerLive, {}, live, *stub);
  EXPECT_TRUE(status.ok()) << status.error_message();
  const auto open = testing::client_of(*server);
  EXPECT_EQ(ask(&testing::Stub::ServerLive, {}, live, *open).error_code(), StatusCode::UNAVAILABLE)
      << "not in the clear";
  write_pair(options.certificate, folder.path("other.pem"));
  options.key = folder.path("key.pem");
  EXPECT_FALSE(GrpcServer::start(options, *SharedGrpc::api().api).ok()) << "the key is another certificate's";
}
#endif

TEST(GrpcServer, AddressesThatCannotBeAreErrors) {
  const auto problem = [](const std::string& address) {
    GrpcOptions options;
    options.address = address;
    const auto server = GrpcServer::start(options, *SharedGrpc::api().api);
    return server.ok() ? "" : server.error().message;
  };
  for (const char* wrong : {"", "8081", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", ":80"}) {
    EXPECT_NE(problem(wrong).find("ADDRESS:PORT"), std::string::npos) << wrong;
  }
  const auto first = testing::start_grpc(SharedGrpc::api());
  EXPECT_NE(problem(first->address()).find("in use"), std::string::npos) << first->address();
  EXPECT_NE(problem("192.0.2.1:0"), "") << "no address of this machine";
}

}  // namespace
}  // namespace saker::serve
