// Health, models, numbers, the page, loading, and what becomes of requests for what is not there.
#include <gtest/gtest.h>

#include <thread>

#include "serve/api/api_testing.h"
#include "serve/api/events_route.h"
#include "serve/api/openapi.h"
#include "serve/api/page_route.h"
#include "serve/api/router.h"
#include "serve/metrics_text.h"

namespace saker::serve {
namespace {

using testing::header_of;
using testing::json_of;
using testing::Recorder;
using testing::request_of;
using testing::TestApi;

TEST(Router, WhatIsNotThereIs404AndOtherMethodsAre405) {
  TestApi api;
  for (const char* path : {"/nothing", "/v1", "/v1/detect//", "/v1//detect", "/v1/models//detect", "/%2e%2e/etc/passwd",
                           "/page.css/", "*"}) {
    const HttpResponse response = api.get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_TRUE(json_of(response)["error"].is_string());
  }
  const HttpResponse response = api.get("/v1/detect");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header_of(response, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(api.post("/metrics", "").status, 405);
  EXPECT_EQ(header_of(api.post("/metrics", ""), "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(api.ask(request_of("BREW", "/v1/models")).status, 405);
  EXPECT_EQ(api.post("/", "").status, 405);
  EXPECT_EQ(api.get("/v1/models?a=%zz").status, 400);
  EXPECT_EQ(api.ask(request_of("HEAD", "/v1/models")).status, 200);
  EXPECT_EQ(api.get("/v1/models/").status, 200);
  EXPECT_EQ(api.get("/v2/").status, 200);
}

TEST(Router, AnswersOptionsAndOtherOrigins) {
  ApiOptions options;
  options.cors_origins = {"https://a.example"};
  options.token = "t";
  TestApi api(options);
  const HttpResponse asked = api.ask(request_of("OPTIONS", "/v1/detect", "", {{"Origin", "https://a.example"}}));
  EXPECT_EQ(asked.status, 204) << "browsers ask without the token";
  EXPECT_EQ(header_of(asked, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(header_of(asked, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(api.ask(request_of("OPTIONS", "*")).status, 204);
  EXPECT_EQ(api.ask(request_of("OPTIONS", "/nothing")).status, 404);
  EXPECT_EQ(header_of(api.get("/healthz", {{"Origin", "https://b.example"}}), "Access-Control-Allow-Origin"), "");
}

TEST(Router, AsksForTheToken) {
  ApiOptions options;
  options.token = "t";
  TestApi api(options);
  for (const Route& route : routes()) {
    if (route.access == Access::kOpen) continue;
    EXPECT_GE(api.ask(request_of(route.method, route.path)).status, 401) << route.path;
    EXPECT_LE(api.ask(request_of(route.method, route.path)).status, 403) << route.path;
  }
  EXPECT_EQ(api.get("/healthz").status, 200);
  EXPECT_EQ(api.get("/").status, 200) << "the page asks for the token itself";
  EXPECT_EQ(api.get("/v1/models", {{"Authorization", "Bearer t"}}).status, 200);
}

TEST(Router, TokensAreExchangedWhileItRuns) {
  ApiOptions options;
  options.token = "old";
  TestApi api(options);
  const Headers old = {{"Authorization", "Bearer old"}}, fresh = {{"Authorization", "Bearer fresh"}};
  EXPECT_EQ(api.get("/v1/models", old).status, 200);
  api.api->set_tokens("fresh", "admin");
  EXPECT_EQ(api.get("/v1/models", old).status, 403);
  EXPECT_EQ(api.get("/v1/models", fresh).status, 200);
  EXPECT_EQ(api.post("/v2/repository/models/x/load", "", fresh).status, 403);
  EXPECT_EQ(api.post("/v2/repository/models/x/load", "", {{"Authorization", "Bearer admin"}}).status, 404);
}

TEST(Router, EveryRequestIsWrittenToTheLogAndCounted) {
  TestApi api;
  api.get("/nothing?x=1");
  api.get("/healthz");
  const auto records = api.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].status, 404);
  EXPECT_EQ(records[0].target, "/nothing?x=1");
  EXPECT_NE(records[0].error, "");
  EXPECT_EQ(records[1].method, "GET");
  EXPECT_EQ(records[1].bytes_out, std::string("{\"live\":true}\n").size());
  const MetricsText metrics = MetricsText::parse(api.get("/metrics").body);
  EXPECT_TRUE(metrics.problems.empty());
  EXPECT_EQ(metrics.value("saker_http_request_seconds_count", {{"route", "/healthz"}, {"code", "2xx"}}), 1);
  EXPECT_EQ(metrics.value("saker_http_request_seconds_count", {{"route", "none"}, {"code", "4xx"}}), 1);
}

TEST(Health, IsReadyWhenTheModelsAre) {
  TestApi api({}, testing::signs_model());
  EXPECT_EQ(api.get("/v2/health/live").status, 200);
  EXPECT_EQ(api.get("/v2/health/ready").status, 503);
  ASSERT_TRUE(api.repository->load_all().ok());
  EXPECT_EQ(api.get("/v2/health/ready").status, 200);
  api.api->begin_drain();
  EXPECT_EQ(api.get("/v2/health/ready").status, 503);
  EXPECT_EQ(api.get("/v2/health/live").status, 200);
  EXPECT_EQ(api.get("/v1/events").status, 503);
  EXPECT_EQ(api.get("/v1/models").status, 200);
}

TEST(Models, AreDescribedForThePage) {
  TestApi api({}, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  const auto json = json_of(api.get("/v1/models"));
  ASSERT_EQ(json["models"].size(), 1U);
  const auto& model = json["models"][0];
  EXPECT_EQ(model["name"], "signs");
  EXPECT_EQ(model["version"], 1);
  EXPECT_EQ(model["state"], "READY");
  EXPECT_EQ(model["task"], "detect");
  EXPECT_EQ(model["input"]["width"], 320);
  EXPECT_EQ(model["labels"].size(), 15U);
  EXPECT_EQ(model["statistics"]["inferences"], 0);
}

TEST(RepositoryRoutes, LoadsAndUnloadsForAdmins) {
  ApiOptions options;
  options.admin_token = "admin";
  TestApi api(options, testing::signs_model());
  const Headers admin = {{"Authorization", "Bearer admin"}};
  EXPECT_EQ(api.post("/v2/repository/models/signs/load", "").status, 401);
  EXPECT_EQ(api.post("/v2/repository/models/signs/load", "{}", admin).status, 200);
  auto index = json_of(api.post("/v2/repository/index", ""));
  ASSERT_EQ(index.size(), 1U);
  EXPECT_EQ(index[0]["name"], "signs");
  EXPECT_EQ(index[0]["version"], "1");
  EXPECT_EQ(index[0]["state"], "READY");
  EXPECT_EQ(
      api.post("/v2/repository/models/signs/unload", R"({"parameters":{"unload_dependents":true}})", admin).status,
      200);
  EXPECT_EQ(json_of(api.post("/v2/repository/index", R"({"ready":true})")).size(), 0U);
  EXPECT_EQ(api.post("/v2/repository/models/other/load", "", admin).status, 404);
}

TEST(RepositoryRoutes, RefusesWhatItCannotDo) {
  ApiOptions options;
  options.admin_open = true;
  TestApi api(options, testing::signs_model());
  EXPECT_EQ(api.post("/v2/repository/models/..%2F..%2Fetc/load", "").status, 400);
  EXPECT_EQ(api.post("/v2/repository/models/%2e%2e/load", "").status, 400);
  EXPECT_EQ(api.post("/v2/repository/models/signs/load", "[1]").status, 400);
  EXPECT_EQ(api.post("/v2/repository/models/signs/load", "{").status, 400);
  EXPECT_EQ(api.post("/v2/repository/models/signs/load", std::string(100'000, ' ') + "{}").status, 413);
  EXPECT_EQ(api.post("/v2/repository/models/signs/load", R"({"parameters":{"config":"{}"}})").status, 501);
  EXPECT_EQ(api.post("/v2/repository/index", R"({"ready":1})").status, 400);
  EXPECT_EQ(api.post("/v2/repository/index", std::string(60'000, '[')).status, 400);
}

TEST(Events, ComeUntilTheListenerIsGone) {
  TestApi api({}, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  EventStream events(*api.repository, std::chrono::milliseconds(5));
  Call call;
  auto request = request_of("GET", "/v1/events");
  auto gone = std::make_shared<std::atomic<bool>>(false);
  request->gone = gone;
  auto recorder = std::make_shared<Recorder>();
  call.request = request;
  call.responder = recorder;
  ASSERT_TRUE(events.add(call));
  const std::string text = recorder->wait_pieces(2);
  EXPECT_TRUE(text.starts_with("retry: "));
  const std::size_t data = text.find("data: ");
  const auto json = nlohmann::json::parse(text.substr(data + 6, text.find("\n\n", data) - data - 6));
  EXPECT_EQ(json["queue"], 0);
  EXPECT_EQ(json["models"], 1);
  EXPECT_TRUE(json["latency_ms"]["p99"].is_number());
  *gone = true;
  recorder->close();
  recorder->wait();
}

TEST(Events, AreForSoManyAndEndWithTheServer) {
  TestApi api;
  EventStream events(*api.repository, std::chrono::hours(1));
  std::vector<std::shared_ptr<Recorder>> recorders;
  for (std::size_t i = 0; i <= EventStream::kMostListeners; ++i) {
    Call call;
    call.request = request_of("GET", "/v1/events");
    recorders.push_back(std::make_shared<Recorder>());
    call.responder = recorders.back();
    EXPECT_EQ(events.add(call), i < EventStream::kMostListeners);
  }
  recorders.pop_back();
  events.stop();
  for (const auto& one : recorders) one->wait();
}

TEST(Page, IsServedWithItsTagAndPolicy) {
  TestApi api;
  const HttpResponse page = api.get("/?theme=dark");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("<html"), std::string::npos);
  EXPECT_NE(header_of(page, "Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  const std::string tag = header_of(page, "ETag");
  for (const std::string& known : {tag, "\"x\", W/" + tag, std::string("*")}) {
    const HttpResponse again = api.get("/", {{"If-None-Match", known}});
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_EQ(again.body, "");
  }
  EXPECT_EQ(api.get("/", {{"If-None-Match", "\"x\""}}).status, 200);
  EXPECT_EQ(api.get("/page.js").content_type, "text/javascript; charset=utf-8");
  ApiOptions without;
  without.page = false;
  EXPECT_EQ(TestApi(without).get("/").status, 404);
}

TEST(OpenApi, DescribesEveryRoute) {
  TestApi api;
  const auto json = json_of(api.get("/openapi.json"));
  EXPECT_EQ(json["openapi"], "3.0.3");
  std::size_t operations = 0, wanted = 0;
  for (const auto& [path, methods] : json["paths"].items()) operations += methods.size();
  for (const Route& route : routes()) {
    if (route.run == page_route) continue;
    ++wanted;
    std::string method = route.method;
    std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    ASSERT_TRUE(json["paths"].contains(route.path)) << route.path;
    const auto& operation = json["paths"][route.path][method];
    EXPECT_FALSE(operation["summary"].get<std::string>().empty()) << route.path << " is not described in openapi.cc";
    std::size_t names = 0;
    for (const auto& parameter : operation.value("parameters", nlohmann::json::array())) {
      if (parameter["in"] != "path") continue;
      ++names;
      EXPECT_NE(std::string(route.path).find("{" + parameter["name"].get<std::string>() + "}"), std::string::npos);
    }
    EXPECT_EQ(names, static_cast<std::size_t>(std::ranges::count(std::string_view(route.path), '{'))) << route.path;
  }
  EXPECT_EQ(operations, wanted);
}

}  // namespace
}  // namespace saker::serve
