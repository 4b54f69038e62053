// What is asked of cameras, and how it is refused.
#include <gtest/gtest.h>

#include "serve/api/api_testing.h"
#include "serve/stream/stream_testing.h"

namespace saker::serve {
namespace {

using testing::header_of;
using testing::json_of;
using testing::request_of;
using testing::TestApi;

class StreamRouteTest : public ::testing::Test {
 protected:
  StreamRouteTest() {
    auto street = read_image("models/signs.jpg");
    EXPECT_TRUE(street.ok());
    library_ = std::make_unique<testing::GivenCamera>(*street);
    ApiOptions options;
    options.token = "t";
    options.cameras.cameras.resize(2);
    CameraOptions &yard = options.cameras.cameras[0], &gate = options.cameras.cameras[1];
    yard.name = "yard", yard.source = "rtsp://u:secret@10.0.0.7/live";
    gate.name = "gate", gate.source = "y", gate.model = "other";
    options.cameras.library = library_.get();
    api_ = std::make_unique<TestApi>(options, testing::signs_model());
    EXPECT_TRUE(api_->repository->load_all().ok());
  }
  HttpResponse get(const std::string& target, Headers more = {}, const char* method = "GET") {
    more.emplace_back("Authorization", "Bearer t");
    return api_->ask(request_of(method, target, {}, std::move(more)));
  }
  std::string error_of(const std::string& target, int status) {
    const HttpResponse response = get(target);
    EXPECT_EQ(response.status, status) << target;
    return json_of(response).value("error", "");
  }
  std::shared_ptr<testing::Onlooker> watch(const std::string& target, Headers more = {}) {
    more.emplace_back("Authorization", "Bearer t");
    auto onlooker = std::make_shared<testing::Onlooker>();
    api_->api->handler()(request_of("GET", target, {}, std::move(more)), onlooker);
    return onlooker;
  }

  std::unique_ptr<testing::GivenCamera> library_;
  std::unique_ptr<TestApi> api_;
};

TEST_F(StreamRouteTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(error_of("/v1/stream?camera=garden", 404), "there is no camera garden; there are yard, gate");
  EXPECT_EQ(error_of("/v1/stream", 400), "which `camera`? There are yard, gate");
  EXPECT_EQ(error_of("/v1/stream?camera=rtsp%3A%2F%2Fx%2F", 404).find("there is no camera"), 0U)
      << "no address is ever opened that a request names";
  EXPECT_EQ(error_of("/v1/stream?camera=yard&format=avi", 400), "format: `avi` is not sse or mjpeg");
  EXPECT_EQ(error_of("/v1/stream?camera=yard&fps=0", 400), "fps: `0` is not a number from 0.01 to 1000");
  error_of("/v1/stream?camera=yard&fps=nan", 400);
  error_of("/v1/stream?camera=yard&fps=", 400);
  EXPECT_EQ(error_of("/v1/stream?camera=yard&conf=0.5", 400),
            "there is no option `conf`; there are camera, format, fps");
  error_of("/v1/stream?camera=gate", 404);  // its model is not there
  EXPECT_EQ(api_->get("/v1/stream?camera=yard").status, 401);
  EXPECT_EQ(api_->get("/v1/cameras").status, 401);
  EXPECT_EQ(get("/v1/stream?camera=yard", {}, "POST").status, 405);
  EXPECT_EQ(library_->openings(), 0);
  TestApi none;
  const HttpResponse response = none.get("/v1/stream?camera=yard");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(json_of(none.get("/v1/cameras"))["cameras"].size(), 0U);
}

TEST_F(StreamRouteTest, HeadTellsTheKindAndOpensNothing) {
  const HttpResponse events = get("/v1/stream?camera=yard", {}, "HEAD");
  EXPECT_EQ(events.status, 200);
  EXPECT_EQ(events.content_type, "text/event-stream");
  EXPECT_EQ(get("/v1/stream?camera=yard&format=mjpeg", {}, "HEAD").content_type,
            "multipart/x-mixed-replace; boundary=saker");
  EXPECT_EQ(get("/v1/events", {}, "HEAD").content_type, "text/event-stream");
  EXPECT_EQ(library_->openings(), 0);
}

TEST_F(StreamRouteTest, TheFormatIsWhatIsAccepted) {
  const auto kind = [&](const char* accept) {
    return get("/v1/stream?camera=yard", {{"Accept", accept}}, "HEAD").content_type;
  };
  EXPECT_EQ(kind("*/*"), "text/event-stream");
  EXPECT_EQ(kind("text/event-stream"), "text/event-stream");
  EXPECT_EQ(kind("image/avif,image/webp,image/apng,image/*,*/*;q=0.8"), "multipart/x-mixed-replace; boundary=saker");
}

TEST_F(StreamRouteTest, StreamsListsAndLogs) {
  const auto onlooker = watch("/v1/stream?camera=yard");
  library_->give(1);
  onlooker->wait_for("id: 0\n");
  EXPECT_EQ(header_of(onlooker->head(), "Cache-Control"), "no-store");
  const auto cameras = json_of(get("/v1/cameras"))["cameras"];
  ASSERT_EQ(cameras.size(), 2U);
  EXPECT_EQ(cameras[0]["name"], "yard");
  EXPECT_EQ(cameras[0]["state"], "live");
  EXPECT_EQ(cameras[0]["watchers"], 1);
  EXPECT_EQ(cameras[0]["width"], 800);
  EXPECT_EQ(cameras[0]["frames"]["detected"], 1);
  EXPECT_EQ(cameras[0].dump().find("10.0.0.7"), std::string::npos) << "addresses are not told";
  EXPECT_EQ(cameras[1]["state"], "closed");
  EXPECT_EQ(cameras[1]["model"], "other");
  api_->api->begin_drain();
  EXPECT_TRUE(onlooker->ended());
  EXPECT_EQ(get("/v1/stream?camera=yard").status, 503);
  const auto records = api_->records();
  const auto line = std::ranges::find(records, "/v1/stream?camera=yard", &AccessRecord::target);
  ASSERT_NE(line, records.end());
  EXPECT_EQ(line->status, 200);
  EXPECT_EQ(line->bytes_out, onlooker->text().size());
}

}  // namespace
}  // namespace saker::serve
