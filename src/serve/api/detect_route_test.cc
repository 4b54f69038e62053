// Pictures over HTTP, through the model of road signs.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <saker/detector.h>

#include <optional>
#include <thread>

#include "media/draw.h"
#include "media/formats.h"
#include "pipeline/picture_saver.h"
#include "pipeline/result_writers.h"
#include "serve/api/api_testing.h"
#include "serve/serve_testing.h"

namespace saker::serve {
namespace {

using testing::bytes_of;
using testing::header_of;
using testing::json_of;
using testing::request_of;
using testing::TestApi;

constexpr const char* kPicture = "models/signs.jpg";

TestApi& signs() {
  return testing::SignsServer::api();
}

std::string form_part(const std::string& parameters, const std::string& body) {
  return "--XYZ\r\nContent-Disposition: form-data; " + parameters + "\r\n\r\n" + body + "\r\n";
}

HttpResponse post_form(const std::string& target, const std::string& parts) {
  return signs().post(target, parts + "--XYZ--\r\n", {{"Content-Type", "multipart/form-data; boundary=XYZ"}});
}

std::string error_of(const HttpResponse& response, int status) {
  EXPECT_EQ(response.status, status) << response.body;
  const auto json = json_of(response);
  return json.contains("error") ? json["error"].get<std::string>() : "";
}

// What the library says of the picture.
const Detections& expected(const Image*& image) {
  static const Result<Image> read = read_image(kPicture);
  static Result<Detector> detector = Detector::load("models/signs.onnx");
  static const Result<Detections> found = detector->detect(read->view());
  image = &read.value();
  return found.value();
}

TEST(Detect, FindsWhatTheCommandFindsWithTheSameNumbers) {
  const Image* image = nullptr;
  const Detections& found = expected(image);
  const HttpResponse response = signs().post("/v1/detect", bytes_of(kPicture));
  ASSERT_EQ(response.status, 200) << response.body;
  const auto json = json_of(response);
  EXPECT_EQ(json["model"], "signs");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["width"], image->width);
  EXPECT_EQ(json["height"], image->height);
  EXPECT_EQ(json["batch"], 1);
  for (const char* stage : {"queue", "decode", "preprocess", "infer", "postprocess"}) {
    EXPECT_TRUE(json["ms"][stage].is_number()) << stage;
  }
  ASSERT_EQ(json["boxes"].size(), found.boxes.size());
  ASSERT_GT(found.boxes.size(), 0U);
  const std::vector<std::string> labels(15, "x");
  for (const Detection& box : found.boxes) {
    // As json_box prints them: the digits that read back as the same float.
    EXPECT_NE(json_box(box, labels).find(fmt::format("\"box\":[{},{},{},{}]", box.x1, box.y1, box.x2, box.y2)),
              std::string::npos);
    const std::string numbers = fmt::format("\"score\":{},\"x1\":{},\"y1\":{},\"x2\":{},\"y2\":{}}}", box.score, box.x1,
                                            box.y1, box.x2, box.y2);
    EXPECT_NE(response.body.find(numbers), std::string::npos) << numbers;
  }
}

TEST(Detect, TakesItsOptionsFromTheQuery) {
  const std::string picture = bytes_of(kPicture);
  const auto all = json_of(signs().post("/v1/detect?conf=0.01", picture))["boxes"];
  EXPECT_EQ(json_of(signs().post("/v1/detect?conf=0.01&max_det=1", picture))["boxes"].size(), 1U);
  EXPECT_EQ(json_of(signs().post("/v1/detect?conf=1", picture))["boxes"].size(), 0U);
  const std::string label = all[0]["label"];
  std::string encoded;
  for (const char c : label) encoded += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  for (const auto& box : json_of(signs().post("/v1/detect?conf=0.01&classes=" + encoded, picture))["boxes"]) {
    EXPECT_EQ(box["label"], label);
  }
  EXPECT_EQ(signs().post("/v1/models/signs/detect?priority=0&timeout_ms=60000&agnostic", picture).status, 200);
  EXPECT_EQ(signs().post("/v1/models/signs/versions/1/detect", picture).status, 200);
  EXPECT_EQ(signs().post("/v1/detect?model=signs&version=1", picture).status, 200);
}

TEST(Detect, NamesTheOptionThatIsWrong) {
  for (const char* bad :
       {"conf=2", "conf=x", "conf=", "conf=nan", "iou=-1", "max_det=0", "max_det=1.5", "classes=nosuch", "classes=99",
        "agnostic=maybe", "priority=10", "timeout_ms=0", "format=xml", "version=0", "version=x", "cofn=0.5"}) {
    const std::string name = std::string(bad).substr(0, std::string(bad).find('='));
    EXPECT_NE(error_of(signs().post(fmt::format("/v1/detect?{}", bad), bytes_of(kPicture)), 400).find(name),
              std::string::npos)
        << bad;
  }
}

TEST(Detect, UnknownModelsAre404) {
  EXPECT_NE(error_of(signs().post("/v1/detect?model=other", "x"), 404).find("signs"), std::string::npos);
  error_of(signs().post("/v1/models/other/detect", "x"), 404);
  error_of(signs().post("/v1/models/..%2Fsigns/detect", "x"), 404);
  error_of(signs().post("/v1/models/../detect", "x"), 404);
  error_of(signs().post("/v1/models/signs/versions/7/detect", "x"), 404);
  error_of(signs().post("/v1/models/signs/detect?model=signs", "x"), 400);
}

TEST(Detect, WhatIsNoPictureIsRefused) {
  const std::string picture = bytes_of(kPicture);
  error_of(signs().post("/v1/detect", ""), 400);
  error_of(signs().post("/v1/detect", "no picture"), 422);
  error_of(signs().post("/v1/detect", picture.substr(0, 300)), 422);
  for (const char* url :
       {"http://169.254.169.254/latest/meta-data", " HTTPS://example.org/a.jpg\n", "file:///etc/passwd"}) {
    EXPECT_EQ(error_of(signs().post("/v1/detect", url), 400),
              "this is a URL: nothing is fetched here, send the picture's bytes");
    EXPECT_NE(error_of(post_form("/v1/detect", form_part("name=\"image\"", url)), 400).find("URL"), std::string::npos);
  }
  EXPECT_NE(error_of(post_form("/v1/detect", ""), 400).find("no picture"), std::string::npos);
  error_of(post_form("/v1/detect", form_part("name=a; filename=a", "")), 400);
  error_of(post_form("/v1/detect", form_part("name=image", picture)), 400);
  EXPECT_NE(error_of(post_form("/v1/detect?conf=0.5",
                               form_part("name=a; filename=a", picture) + form_part("name=conf", "0.1")),
                     400)
                .find("conf"),
            std::string::npos);
}

TEST(Detect, FormsMayHaveSeveralPictures) {
  const std::string picture = bytes_of(kPicture);
  const auto one = json_of(post_form("/v1/detect", form_part("name=image; filename=\"a.jpg\"", picture)));
  EXPECT_EQ(one["model"], "signs");
  const HttpResponse response =
      post_form("/v1/detect", form_part("name=image; filename=\"a.jpg\"", picture) +
                                  form_part("name=image; filename=\"b.jpg\"", "hurt") + form_part("name=conf", "0.5") +
                                  form_part("name=image; filename=\"c.jpg\"", bytes_of("docs/pictures/demo.jpg")));
  ASSERT_EQ(response.status, 200) << response.body;
  const auto results = json_of(response)["results"];
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0]["picture"], "a.jpg");
  EXPECT_EQ(results[0]["width"], one["width"]);
  EXPECT_FALSE(results[0].contains("error"));
  EXPECT_NE(results[1]["error"].get<std::string>().find("b.jpg"), std::string::npos);
  EXPECT_EQ(results[2]["picture"], "c.jpg");
  for (const auto& box : results[0]["boxes"]) EXPECT_GE(box["score"], 0.5);
  error_of(post_form("/v1/detect", form_part("name=i; filename=a", "x") + form_part("name=i; filename=b", "y")), 422);
}

TEST(Detect, DrawsAsTheCommandDoes) {
  const Image* image = nullptr;
  const Detections& found = expected(image);
  Image drawn = *image;
  const auto labels = read_labels("models/signs.names");
  ASSERT_TRUE(labels.ok());
  draw_boxes(drawn, labelled_boxes(found.boxes, *labels));
  const auto bytes = encode_jpeg(drawn.view(), 95);
  const std::string picture = bytes_of(kPicture);
  for (const HttpResponse& response : {signs().post("/v1/detect?format=image", picture),
                                       signs().post("/v1/detect", picture, {{"Accept", "image/jpeg"}})}) {
    EXPECT_EQ(response.content_type, "image/jpeg");
    EXPECT_TRUE(response.body == std::string(bytes->begin(), bytes->end()));
  }
  EXPECT_EQ(signs().post("/v1/detect", picture, {{"Accept", "image/*, */*;q=0.8"}}).content_type, "application/json");
  const std::string two = form_part("name=a; filename=a", picture) + form_part("name=b; filename=b", picture);
  error_of(post_form("/v1/detect?format=image", two), 400);
}

TEST(Detect, OverloadIs503WithRetryAfter) {
  TestApi api({}, testing::signs_model());
  api.scheduler.stop({});
  ASSERT_TRUE(api.repository->load_all().ok());
  const HttpResponse response = api.post("/v1/detect", bytes_of(kPicture));
  EXPECT_EQ(response.status, 503) << response.body;
  EXPECT_GE(std::stoi(header_of(response, "Retry-After")), 1);
}

// A form that has no room in the queue is refused at once, although one of its pictures waits there; the next request
// that finds room is answered.
TEST(Detect, AFullQueueRefusesTheWholeFormAtOnce) {
  const auto barrier = std::make_shared<testing::Barrier>();
  TestApi api({}, testing::signs_model(), 2);
  ASSERT_TRUE(api.repository->load_all().ok());
  const LaneId lane = api.scheduler.add({}, barrier);
  api.scheduler.submit(lane, testing::numbered(0));
  barrier->wait_begun(1);  // the only worker is busy
  std::string form;
  for (int i = 0; i < 8; ++i) form += form_part(fmt::format("name=i; filename={}", i), bytes_of(kPicture));
  const HttpResponse full =
      api.post("/v1/detect", form + "--XYZ--\r\n", {{"Content-Type", "multipart/form-data; boundary=XYZ"}});
  EXPECT_EQ(full.status, 503) << full.body;
  EXPECT_GE(std::stoi(header_of(full, "Retry-After")), 1);
  barrier->open();
  api.scheduler.drain(lane, Time::max());
  const auto model = api.repository->only();
  while (std::get<std::shared_ptr<ServedModel>>(model)->waiting() > 0) std::this_thread::yield();
  EXPECT_EQ(api.post("/v1/detect", bytes_of(kPicture)).status, 200);
}

// One whose client has gone is not computed.
TEST(Detect, AClientThatIsGoneWaitsForNothing) {
  const auto barrier = std::make_shared<testing::Barrier>();
  TestApi api({}, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  const LaneId lane = api.scheduler.add({}, barrier);
  api.scheduler.submit(lane, testing::numbered(0));
  barrier->wait_begun(1);
  auto request = request_of("POST", "/v1/detect", bytes_of(kPicture));
  request->gone = std::make_shared<std::atomic<bool>>(true);
  const auto recorder = std::make_shared<testing::Recorder>();
  api.api->handler()(request, recorder);
  barrier->open();
  EXPECT_EQ(recorder->wait().status, 499);
  const auto model = std::get<std::shared_ptr<ServedModel>>(api.repository->only());
  EXPECT_EQ(model->statistics().inferences.value(), 0U);
  api.scheduler.drain(lane, Time::max());
}

TEST(Detect, WhatWaitsTooLongIs504) {
  const auto barrier = std::make_shared<testing::Barrier>();
  TestApi api({}, testing::signs_model());
  ASSERT_TRUE(api.repository->load_all().ok());
  const LaneId lane = api.scheduler.add({}, barrier);
  api.scheduler.submit(lane, testing::numbered(0));
  barrier->wait_begun(1);
  const auto recorder = std::make_shared<testing::Recorder>();
  api.api->handler()(request_of("POST", "/v1/detect?timeout_ms=1", bytes_of(kPicture)), recorder);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  barrier->open();
  EXPECT_EQ(recorder->wait().status, 504);
  api.scheduler.drain(lane, Time::max());
}

TEST(Detect, TheLogNamesTheModel) {
  signs().post("/v1/detect", "no picture");
  const AccessRecord record = signs().records().back();
  EXPECT_EQ(record.model, "signs");
  EXPECT_EQ(record.status, 422);
  EXPECT_EQ(record.bytes_in, 10U);
  EXPECT_NE(record.error, "");
}

}  // namespace
}  // namespace saker::serve
