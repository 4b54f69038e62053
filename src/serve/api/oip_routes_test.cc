#include "serve/api/oip_routes.h"

#include <gtest/gtest.h>
#include <saker/detector.h>

#include <cstring>
#include <fstream>
#include <future>
#include <iterator>
#include <nlohmann/json.hpp>

#include "serve/api/api.h"
#include "serve/repository.h"
#include "serve/scheduler.h"

namespace saker::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kModel = "models/signs.onnx";
constexpr const char* kPicture = "docs/pictures/demo.jpg";

class OneAnswer : public Responder {
 public:
  void send(HttpResponse response) override { promise.set_value(std::move(response)); }
  void begin(HttpResponse head) override { promise.set_value(std::move(head)); }
  bool write(std::string /*piece*/) override { return false; }
  void end() override {}
  std::promise<HttpResponse> promise;
};

std::string file_bytes(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A server without a network.
struct Server {
  Scheduler scheduler{1};
  MetricRegistry metrics;
  Repository repository;
  Api api;

  Server() : repository(options(), scheduler, &metrics), api({}, repository, metrics, {}) {
    const Status loaded = repository.load_all();
    if (!loaded.ok()) throw std::runtime_error(loaded.error().message);
  }
  static RepositoryOptions options() {
    RepositoryOptions out;
    out.files["signs"] = kModel;
    out.defaults.lane.max_batch = 2;
    out.defaults.session.threads = 1;
    return out;
  }

  HttpResponse ask(const std::string& method, const std::string& target, std::string body = "", Headers headers = {}) {
    auto request = std::make_shared<HttpRequest>();
    request->method = method;
    request->target = target;
    request->headers = std::move(headers);
    request->body = std::move(body);
    auto responder = std::make_shared<OneAnswer>();
    auto future = responder->promise.get_future();
    api.handler()(std::move(request), std::move(responder));
    return future.get();
  }
  Json get(const std::string& target) {
    const HttpResponse response = ask("GET", target);
    EXPECT_EQ(response.status, 200) << target << ": " << response.body;
    return Json::parse(response.body);
  }
  // The message of a refusal.
  std::string refused(int status, const std::string& body, const std::string& target = "/v2/models/signs/infer") {
    const HttpResponse response = ask(body.empty() ? "GET" : "POST", target, body);
    EXPECT_EQ(response.status, status) << response.body;
    return Json::parse(response.body).value("error", "");
  }
};

Server& server() {
  static Server one;  // compiles the model once
  return one;
}

Session session() {
  SessionOptions options;
  options.threads = 1;
  options.input_shapes = {{1, 3, 320, 320}};
  return Session::create(Model::load(kModel).value(), options).value();
}

TEST(OipRoutes, Documents) {
  EXPECT_EQ(server().get("/v2")["name"], "saker");
  const Json model = server().get("/v2/models/signs");
  EXPECT_EQ(model["versions"], Json({"1"}));
  EXPECT_EQ(model["platform"], "saker_onnx");
  EXPECT_EQ(model["inputs"][0]["datatype"], "FP32");
  EXPECT_EQ(model, server().get("/v2/models/signs/versions/1"));
  EXPECT_EQ(server().get("/v2/models/signs/ready")["ready"], true);
  const Json config = server().get("/v2/models/signs/config");
  EXPECT_EQ(config["input"][0]["data_type"], "TYPE_FP32");
  const auto rank = config["max_batch_size"] == 0 ? 4U : 3U;
  EXPECT_EQ(config["input"][0]["dims"].size(), rank);
  EXPECT_NE(server().refused(404, "", "/v2/models/none"), "");
  EXPECT_NE(server().refused(404, "", "/v2/models/signs/versions/9"), "");
}

TEST(OipRoutes, TensorsAreThoseOfASession) {
  const std::string name = server().get("/v2/models/signs")["inputs"][0]["name"];
  Session own = session();
  Tensor input = own.input(0);
  for (std::int64_t i = 0; i < input.elements(); ++i) input.data<float>()[i] = static_cast<float>(i % 251) / 251;
  const std::string bytes(static_cast<const char*>(input.raw()), input.bytes());
  ASSERT_TRUE(own.run().ok());
  const Tensor expected = to_dense(own.output(0)).value();

  const std::string head = R"({"id":"a","parameters":{"binary_data_output":true},"inputs":[{"name":")" + name +
                           R"(","shape":[1,3,320,320],"datatype":"FP32","parameters":{"binary_data_size":)" +
                           std::to_string(bytes.size()) + "}}]}";
  const HttpResponse binary = server().ask("POST", "/v2/models/signs/infer", head + bytes,
                                           {{"Inference-Header-Content-Length", std::to_string(head.size())}});
  ASSERT_EQ(binary.status, 200) << binary.body;
  const std::size_t length = std::stoul(binary.headers.at(0).second);
  const Json json = Json::parse(binary.body.substr(0, length));
  EXPECT_EQ(json["id"], "a");
  EXPECT_EQ(json["outputs"][0]["shape"], expected.shape());
  ASSERT_GE(binary.body.size() - length, expected.bytes());
  EXPECT_EQ(std::memcmp(binary.body.data() + length, expected.raw(), expected.bytes()), 0);

  Json numbers = Json::array();
  for (std::int64_t i = 0; i < input.elements(); ++i) numbers.push_back(input.data<float>()[i]);
  const Json request = {
      {"inputs", {{{"name", name}, {"shape", {1, 3, 320, 320}}, {"datatype", "FP32"}, {"data", numbers}}}}};
  const HttpResponse plain = server().ask("POST", "/v2/models/signs/versions/1/infer", request.dump());
  ASSERT_EQ(plain.status, 200) << plain.body.substr(0, 500);
  const auto values = Json::parse(plain.body)["outputs"][0]["data"].get<std::vector<float>>();
  ASSERT_EQ(values.size(), static_cast<std::size_t>(expected.elements()));
  EXPECT_EQ(std::memcmp(values.data(), expected.raw(), expected.bytes()), 0);

  const HttpResponse raw =
      server().ask("POST", "/v2/models/signs/infer", bytes, {{"Inference-Header-Content-Length", "0"}});
  EXPECT_EQ(raw.body.substr(raw.body.size() - expected.bytes()),
            binary.body.substr(binary.body.size() - expected.bytes()));
}

TEST(OipRoutes, PicturesAreBoxesOfADetector) {
  const std::string file = file_bytes(kPicture);
  const HttpResponse raw =
      server().ask("POST", "/v2/models/signs/infer", file, {{"Inference-Header-Content-Length", "0"}});
  ASSERT_EQ(raw.status, 200) << raw.body;
  const std::string name = server().get("/v2/models/signs")["inputs"][0]["name"];
  std::string element;
  for (int i = 0; i < 4; ++i) element += static_cast<char>(file.size() >> (8 * i) & 0xFF);
  element += file;
  const std::string head = R"({"parameters":{"conf":0.3},"inputs":[{"name":")" + name +
                           R"(","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":)" +
                           std::to_string(2 * element.size()) + "}}]}";
  const HttpResponse response = server().ask("POST", "/v2/models/signs/infer", head + element + element,
                                             {{"Inference-Header-Content-Length", std::to_string(head.size())}});
  ASSERT_EQ(response.status, 200) << response.body;
  const Json outputs = Json::parse(response.body)["outputs"];
  DetectorOptions options;
  options.session.threads = 1;
  options.boxes.conf = 0.3F;
  Detector detector = Detector::load(kModel, options).value();
  const auto boxes = detector.detect(read_image(kPicture).value().view()).value().boxes;
  ASSERT_FALSE(boxes.empty());
  const auto count = static_cast<int>(boxes.size());
  EXPECT_EQ(outputs[0]["data"], Json({count, count}));
  EXPECT_EQ(outputs[1]["shape"], Json({2, count, 4}));
  EXPECT_EQ(outputs[1]["data"][0].get<float>(), boxes[0].x1);
  EXPECT_EQ(outputs[2]["data"][boxes.size()].get<float>(), boxes[0].score);
  EXPECT_EQ(outputs[4]["data"][0], detector.labels()[static_cast<std::size_t>(boxes[0].class_id)]);
}

TEST(OipRoutes, Refusals) {
  const auto inputs = [](const std::string& name, const std::string& rest, const std::string& more = "") {
    return R"({"inputs":[{"name":")" + name + "\"," + rest + "}]" + more + "}";
  };
  const std::string name = server().get("/v2/models/signs")["inputs"][0]["name"];
  const std::string picture = R"("shape":[1],"datatype":"BYTES","data":["TQ=="])";
  EXPECT_NE(server().refused(400, "{"), "");
  EXPECT_NE(server().refused(404, "{}", "/v2/models/none/infer"), "");
  EXPECT_NE(server().refused(400, inputs("none", picture)).find("none"), std::string::npos);
  EXPECT_NE(server().refused(422, inputs(name, picture)), "");
  EXPECT_NE(server().refused(400, inputs(name, picture, R"(,"parameters":{"conf":7})")).find("conf"),
            std::string::npos);
  EXPECT_NE(server().refused(400, inputs(name, picture, R"(,"parameters":{"priority":77})")).find("priority"),
            std::string::npos);
  EXPECT_NE(server().refused(400, inputs(name, picture, R"(,"parameters":{"timeout":-1})")).find("timeout"),
            std::string::npos);
  EXPECT_NE(server().refused(400, inputs(name, picture, R"(,"parameters":{"max_det":0})")).find("max_det"),
            std::string::npos);
  EXPECT_EQ(server().ask("POST", "/v2/models/signs/infer", "{}", {{"Content-Encoding", "gzip"}}).status, 501);
  EXPECT_EQ(server().ask("GET", "/v2/models/signs/infer").status, 405);
}

TEST(OipRoutes, StatisticsCountWhatWasAnswered) {
  const auto count = [] {
    return server().get("/v2/models/signs/stats")["model_stats"][0]["inference_stats"]["success"]["count"].get<int>();
  };
  const int before = count();
  const HttpResponse raw =
      server().ask("POST", "/v2/models/signs/infer", file_bytes(kPicture), {{"Inference-Header-Content-Length", "0"}});
  ASSERT_EQ(raw.status, 200);
  EXPECT_EQ(count(), before + 1);
  EXPECT_EQ(server().get("/v2/models/stats")["model_stats"].size(), 1U);
}

}  // namespace
}  // namespace saker::serve
