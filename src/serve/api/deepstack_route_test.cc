// What DeepStack's clients send and what they read, by their sources as of August 2026: Frigate's
// frigate/detectors/plugins/deepstack.py; Viseron's components/deepstack/object_detector.py.
#include <gtest/gtest.h>

#include <algorithm>

#include "serve/api/api_testing.h"

namespace saker::serve {
namespace {

using testing::bytes_of;
using testing::json_of;
using testing::TestApi;

constexpr const char* kPath = "/v1/vision/detection";

// As the library `requests` writes data={"api_key": ...}, files={"image": bytes}: fields first, a file named as its
// field.
HttpResponse post(TestApi& api, const std::string& path, const std::string& picture, const std::string& key,
                  const std::string& confidence = {}) {
  const std::string mark = "--0123456789abcdef0123456789abcdef\r\n";
  std::string body = mark + "Content-Disposition: form-data; name=\"api_key\"\r\n\r\n" + key + "\r\n";
  if (!confidence.empty()) {
    body += mark + "Content-Disposition: form-data; name=\"min_confidence\"\r\n\r\n" + confidence + "\r\n";
  }
  body += mark + "Content-Disposition: form-data; name=\"image\"; filename=\"image\"\r\n\r\n" + picture + "\r\n";
  body += "--0123456789abcdef0123456789abcdef--\r\n";
  return api.post(path, body, {{"Content-Type", "multipart/form-data; boundary=0123456789abcdef0123456789abcdef"}});
}

TestApi& signs() {
  return testing::SignsServer::api();
}

TEST(DeepStack, AnswersWhatItsClientsRead) {
  const HttpResponse response = post(signs(), kPath, bytes_of("models/signs.jpg"), "", "0.3");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto json = json_of(response);
  EXPECT_EQ(json["success"], true);
  EXPECT_EQ(json["code"], 200);
  ASSERT_GT(json["predictions"].size(), 0U);
  EXPECT_EQ(json["count"], json["predictions"].size());
  const auto plain = json_of(signs().post("/v1/detect?conf=0.3", bytes_of("models/signs.jpg")));
  ASSERT_EQ(json["predictions"].size(), plain["boxes"].size());
  double before = 1;
  for (std::size_t i = 0; i < plain["boxes"].size(); ++i) {
    const auto& one = json["predictions"][i];
    EXPECT_EQ(one["label"], plain["boxes"][i]["label"]);
    // Frigate leaves its loop at the first prediction below 0.4: the surest come first.
    EXPECT_LE(one["confidence"].get<double>(), before);
    before = one["confidence"].get<double>();
    EXPECT_GE(before, 0.3);
    // It divides by the picture's size; the values are pixels.
    for (const char* edge : {"x_min", "y_min", "x_max", "y_max"}) ASSERT_TRUE(one[edge].is_number_integer()) << edge;
    EXPECT_LT(one["x_min"], one["x_max"]);
    EXPECT_LE(one["x_max"], plain["width"]);
    EXPECT_LE(one["y_max"], plain["height"]);
    EXPECT_NEAR(one["x_min"].get<double>(), plain["boxes"][i]["x1"].get<double>(), 0.51);
  }
}

// Frigate has room for 20 and fails with more: its api_url may say so.
TEST(DeepStack, TheNumberOfPredictionsCanBeBoundedInTheUrl) {
  const auto json = json_of(post(signs(), std::string(kPath) + "?max_det=1", bytes_of("models/signs.jpg"), "", "0.01"));
  EXPECT_EQ(json["predictions"].size(), 1U);
}

TEST(DeepStack, CustomModelsHaveAPathOfTheirOwn) {
  EXPECT_EQ(post(signs(), "/v1/vision/custom/signs", bytes_of("models/signs.jpg"), "").status, 200);
  EXPECT_EQ(post(signs(), "/v1/vision/custom/other", bytes_of("models/signs.jpg"), "").status, 404);
}

TEST(DeepStack, RefusalsHaveNoPredictions) {
  const std::string picture = bytes_of("models/signs.jpg");
  const auto expect = [](const HttpResponse& response, int status) {
    EXPECT_EQ(response.status, status) << response.body;
    const auto json = json_of(response);
    EXPECT_EQ(json["success"], false);
    EXPECT_TRUE(json["error"].is_string());
    EXPECT_FALSE(json.contains("predictions")) << "Frigate takes an answer with them for a good one";
  };
  expect(post(signs(), kPath, "hurt", ""), 422);
  expect(post(signs(), kPath, picture, "", "very"), 400);
  expect(signs().post(kPath, "api_key=&min_confidence=0.4", {{"Content-Type", "application/x-www-form-urlencoded"}}),
         400);
  expect(signs().post(kPath, "", {}), 400);
}

TEST(DeepStack, TheTokenComesAsApiKey) {
  ApiOptions options;
  options.token = "t";
  TestApi api(options, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  const std::string picture = bytes_of("models/signs.jpg");
  EXPECT_EQ(post(api, kPath, picture, "t").status, 200);
  EXPECT_EQ(post(api, kPath, picture, "").status, 401);
  EXPECT_EQ(post(api, kPath, picture, "u").status, 403);
}

}  // namespace
}  // namespace saker::serve
