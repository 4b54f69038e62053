// A camera that is given its frames, with the model of road signs looking at them.
#include "serve/stream/camera.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "media/formats.h"
#include "serve/metrics_text.h"
#include "serve/serve_testing.h"
#include "serve/stream/cameras.h"
#include "serve/stream/stream_testing.h"
#include "serve/stream/stream_text.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using testing::frame_data;
using testing::GivenCamera;
using testing::Onlooker;

const Image& street() {
  static const Image picture = [] {
    auto read = read_image("models/signs.jpg");
    EXPECT_TRUE(read.ok());
    return std::move(read).value();
  }();
  return picture;
}

CameraOptions yard(const std::string& source = "x", const std::string& model = "") {
  CameraOptions options;
  options.name = "yard";
  options.source = source;
  options.model = model;
  return options;
}

class CameraTest : public ::testing::Test {
 protected:
  CameraTest() {
    RepositoryOptions wanted;
    wanted.files = {{"signs", "models/signs.onnx"}};
    wanted.defaults.session.threads = 1;
    repository_ = std::make_unique<Repository>(wanted, scheduler_, &metrics_);
    EXPECT_TRUE(repository_->load_all().ok());
  }
  CameraUse use() {
    return {*repository_, library_, metrics_, [this](const std::string& line) {
              const std::lock_guard lock(mutex_);
              told_.push_back(line);
            }};
  }
  std::shared_ptr<Onlooker> watch(Camera& camera, StreamFormat format = StreamFormat::kEvents, Duration gap = {}) {
    auto one = std::make_shared<Onlooker>();
    EXPECT_FALSE(camera.watch(one->request(), one, format, gap));
    return one;
  }
  // Frames are given one by one, each when the one before has been seen.
  void give_and_wait(Onlooker& onlooker, int frames) {
    for (int i = 0; i < frames; ++i) {
      const std::size_t before = onlooker.pieces();
      library_.give(1);
      onlooker.wait_pieces(before + 1);
    }
  }
  double metric(const std::string& name) {
    return MetricsText::parse(metrics_.text()).value(name, {{"camera", "yard"}});
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  MetricRegistry metrics_;
  GivenCamera library_{street()};
  Scheduler scheduler_{1};
  std::unique_ptr<Repository> repository_;
  std::mutex mutex_;
  std::vector<std::string> told_;
};

TEST_F(CameraTest, ShowsBoxesAsEvents) {
  Camera camera(yard("rtsp://x/live"), use());
  EXPECT_EQ(camera.status().state, std::string("closed"));
  EXPECT_EQ(library_.openings(), 0) << "nobody watches";
  const auto onlooker = watch(camera);
  EXPECT_EQ(onlooker->head().content_type, "text/event-stream");
  onlooker->wait_for(R"("state":"opening")");
  library_.give(1);
  onlooker->wait_for("\"ms\":");
  give_and_wait(*onlooker, 1);
  const std::string text = onlooker->wait_for("id: 1\n");
  EXPECT_NE(text.find("event: camera\ndata: {\"camera\":\"yard\",\"state\":\"live\"}\n\n"), std::string::npos) << text;
  const auto first = nlohmann::json::parse(frame_data(text, 0)), second = nlohmann::json::parse(frame_data(text, 1));
  EXPECT_EQ(first["camera"], "yard");
  EXPECT_EQ(first["sequence"], 0);
  EXPECT_EQ(second["sequence"], 1);
  EXPECT_GT(second["seconds"], first["seconds"]);
  EXPECT_EQ(first["time"].get<std::string>().size(), std::string("2026-11-29T16:00:00.123Z").size());
  EXPECT_EQ(first["width"], 800);
  EXPECT_EQ(first["height"], 600);
  EXPECT_EQ(first["model"], "signs");
  ASSERT_GE(first["boxes"].size(), 4U);
  EXPECT_EQ(first["boxes"][0]["label"], "danger");
  EXPECT_GT(first["boxes"][0]["score"], 0.8);
  EXPECT_NEAR(first["boxes"][0]["x1"].get<double>(), 33, 10);
  EXPECT_FALSE(first["boxes"][0].contains("track"));
  EXPECT_EQ(camera.status().state, std::string("live"));
  EXPECT_EQ(metric("saker_camera_frames_detected_total"), 2);
  EXPECT_EQ(metric("saker_camera_live"), 1);
  EXPECT_EQ(metric("saker_camera_watchers"), 1);
  const auto& statistics = repository_->ready()[0]->statistics();
  EXPECT_EQ(statistics.inferences.value(), 2U);
  EXPECT_EQ(statistics.success.count.value() + statistics.fail.count.value(), 0U) << "nobody has asked a request";
}

TEST_F(CameraTest, TracksWhatItShows) {
  CameraOptions options = yard();
  options.track = true;
  Camera camera(options, use());
  const auto onlooker = watch(camera);
  library_.give(1);
  onlooker->wait_for("id: 0\n");
  give_and_wait(*onlooker, 2);
  const std::string text = onlooker->wait_for("id: 2\n");
  const auto boxes = nlohmann::json::parse(frame_data(text, 2))["boxes"],
             before = nlohmann::json::parse(frame_data(text, 1))["boxes"];
  ASSERT_GE(boxes.size(), 4U);
  ASSERT_EQ(boxes.size(), before.size());
  std::set<int> ids;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_EQ(boxes[i]["track"], before[i]["track"]) << "what stands still keeps its id";
    ids.insert(boxes[i]["track"].get<int>());
  }
  EXPECT_EQ(ids.size(), boxes.size());
}

TEST_F(CameraTest, ShowsPicturesWithBoxesDrawn) {
  Camera camera(yard(), use());
  const auto onlooker = watch(camera, StreamFormat::kPictures);
  EXPECT_EQ(onlooker->head().content_type, "multipart/x-mixed-replace; boundary=saker");
  library_.give(1);
  const std::string text = onlooker->wait_pieces(1);
  ASSERT_TRUE(text.starts_with("--saker\r\nContent-Type: image/jpeg\r\n")) << text.substr(0, 200);
  EXPECT_TRUE(text.ends_with("\r\n--saker\r\n")) << "so that browsers show it at once";
  const std::size_t begin = text.find("\r\n\r\n") + 4, end = text.size() - 11;
  EXPECT_NE(text.find("Content-Length: " + std::to_string(end - begin) + "\r\n"), std::string::npos);
  const auto drawn = decode_image({reinterpret_cast<const std::uint8_t*>(text.data()) + begin, end - begin}, "part");
  ASSERT_TRUE(drawn.ok()) << drawn.error().message;
  ASSERT_EQ(drawn->width, 800);
  ASSERT_EQ(drawn->height, 600);
  const auto changed = [&](int x, int y) {
    const std::size_t at = 3 * (static_cast<std::size_t>(y) * 800 + static_cast<std::size_t>(x));
    int sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::abs(int{drawn->pixels[at + c]} - int{street().pixels[at + c]});
    return sum;
  };
  int around = 0;
  for (int x = 50; x < 115; ++x) around = std::max(around, std::max(changed(x, 25), changed(x, 115)));
  EXPECT_GT(around, 100) << "the edge of the warning sign's box";
  int touched = 0;
  for (int y = 0; y < 600; y += 4) {
    for (int x = 0; x < 800; x += 4) touched += changed(x, y) > 150 ? 1 : 0;
  }
  EXPECT_LT(touched, 150 * 200 / 5) << "boxes and labels, on a picture that is otherwise what it was";
}

TEST_F(CameraTest, IsReadOnceHoweverManyWatch) {
  Camera camera(yard(), use());
  std::vector<std::shared_ptr<Onlooker>> all;
  for (int i = 0; i < 200; ++i) all.push_back(watch(camera));
  const auto slow = watch(camera);
  slow->read(false);
  library_.give(1);
  for (const auto& one : all) one->wait_for("id: 0\n");
  give_and_wait(*all[0], 3);
  for (const auto& one : all) one->wait_for("id: 3\n");
  EXPECT_EQ(library_.openings(), 1);
  EXPECT_EQ(repository_->ready()[0]->statistics().inferences.value(), 4U) << "and looked at once";
  EXPECT_EQ(slow->text().find("id: "), std::string::npos);
  while (metric("saker_camera_watcher_frames_dropped_total") < 4) std::this_thread::yield();
  EXPECT_EQ(metric("saker_camera_watcher_frames_dropped_total"), 4);
}

// Frames wait for no worker: the newest is looked at when there is time.
TEST_F(CameraTest, UnderLoadTheNewestFrameWins) {
  Camera camera(yard(), use());
  const auto onlooker = watch(camera);
  library_.give(1);
  onlooker->wait_for("id: 0\n");
  testing::BusyWorker busy(scheduler_);
  library_.give(20);
  while (camera.status().read < 21) std::this_thread::yield();
  EXPECT_LE(library_.frames(), 3) << "none of them is kept but the newest, and one on its way";
  while (repository_->ready()[0]->waiting() < 1) std::this_thread::yield();
  EXPECT_EQ(repository_->ready()[0]->waiting(), 1U) << "and no more than one waits for a worker";
  busy.open();
  const std::string text = onlooker->wait_for("id: 1\n");
  EXPECT_EQ(nlohmann::json::parse(frame_data(text, 1))["frame"], 20);
  EXPECT_EQ(camera.status().dropped, 19U);
  EXPECT_EQ(camera.status().detected, 2U);
}

TEST_F(CameraTest, RequestsGoFirst) {
  Camera camera(yard(), use());
  const auto onlooker = watch(camera);
  library_.give(1);
  onlooker->wait_for("id: 0\n");
  testing::BusyWorker busy(scheduler_);
  library_.give(1);
  const auto model = repository_->ready()[0];
  while (model->waiting() < 1) std::this_thread::yield();
  // Each fills a run by itself, and all come after the frame.
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t answered = 0, frames_before = 0;
  for (int i = 0; i < 3; ++i) {
    PictureRequest request;
    const auto jpeg = encode_jpeg(street().view(), 80);
    request.bytes = *jpeg;
    model->detect(std::move(request), {}, [&](const Outcome<PictureAnswer>& outcome) {
      EXPECT_TRUE(std::holds_alternative<PictureAnswer>(outcome));
      const std::lock_guard lock(mutex);
      frames_before += camera.status().detected - 1;
      ++answered;
      changed.notify_all();
    });
  }
  busy.open();
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return answered == 3; });
  EXPECT_EQ(frames_before, 0U);
  onlooker->wait_for("id: 1\n");
}

TEST_F(CameraTest, TellsThatItWasLostAndIsBack) {
  Camera camera(yard("rtsp://u:secret@x/live"), use());
  const auto onlooker = watch(camera);
  library_.give(1);
  onlooker->wait_for("id: 0\n");
  library_.lose(1);
  const std::string text = onlooker->wait_for("it does not answer");
  EXPECT_NE(text.find(R"("state":"away","reason":"yard: it has gone")"), std::string::npos) << text;
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(camera.status().state, std::string("away"));
  EXPECT_EQ(metric("saker_camera_live"), 0);
  library_.give(1);
  const std::string later = onlooker->wait_for("id: 1\n");
  EXPECT_NE(later.find(R"("state":"live")", later.find("does not answer")), std::string::npos);
  EXPECT_EQ(camera.status().reconnects, 1U);
  while (told().size() < 2) std::this_thread::yield();
  EXPECT_EQ(told()[0], "camera lost, tried again: yard: it has gone");
  EXPECT_EQ(told()[1], "camera yard: it is back");
}

TEST_F(CameraTest, EndsWithItsModelAndBeginsAgainWithIt) {
  Camera camera(yard("x", "signs"), use());
  const auto onlooker = watch(camera);
  library_.give(1);
  onlooker->wait_for("id: 0\n");
  ASSERT_TRUE(repository_->load("signs").ok());
  give_and_wait(*onlooker, 1);
  EXPECT_FALSE(onlooker->ended()) << "an exchange is no end";
  ASSERT_TRUE(repository_->unload("signs").ok());
  EXPECT_NE(onlooker->wait_end().find("event: end\ndata: {\"camera\":\"yard\",\"reason\":\""), std::string::npos);
  const auto late = std::make_shared<Onlooker>();
  const auto refused = camera.watch(late->request(), late, StreamFormat::kEvents, {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, Reason::kNotFound);
  ASSERT_TRUE(repository_->load("signs").ok());
  const auto again = watch(camera);
  library_.give(1);
  again->wait_for("id: 2\n");
}

TEST_F(CameraTest, LooksAtNoMoreThanItShould) {
  CameraOptions options = yard();
  options.most_fps = 0.001;
  Camera camera(options, use());
  const auto onlooker = watch(camera);
  library_.give(10);
  onlooker->wait_for("id: 0\n");
  while (camera.status().read < 10) std::this_thread::yield();
  EXPECT_EQ(camera.status().dropped, 9U);
}

TEST_F(CameraTest, IsClosedWhenNobodyWatches) {
  Camera camera(yard(), use());
  const auto onlooker = watch(camera);
  library_.give(1);
  onlooker->wait_for("id: 0\n");
  EXPECT_EQ(library_.readers(), 1);
  onlooker->leave();
  onlooker->wait_end();
  while (library_.readers() > 0) std::this_thread::sleep_for(10ms);
  while (camera.status().state != std::string("closed")) std::this_thread::yield();
  EXPECT_EQ(library_.frames(), 0);
  const auto again = watch(camera);
  library_.give(1);
  again->wait_for("id: 1\n");
  EXPECT_EQ(library_.openings(), 2);
}

TEST_F(CameraTest, EndsAllAnswersWhenItStops) {
  Camera camera(yard(), use());
  const auto events = watch(camera), stalled = watch(camera), pictures = watch(camera, StreamFormat::kPictures);
  stalled->read(false);
  library_.give(1);
  events->wait_for("id: 0\n");
  camera.stop();
  EXPECT_TRUE(events->ended() && stalled->ended() && pictures->ended());
  EXPECT_NE(events->text().find(R"(event: end)"), std::string::npos);
  EXPECT_EQ(library_.readers(), 0);
  repository_->drain_all(std::chrono::steady_clock::now() + 1h);  // nobody holds the model any more
  EXPECT_EQ(library_.frames(), 0);
  const auto late = std::make_shared<Onlooker>();
  const auto refused = camera.watch(late->request(), late, StreamFormat::kEvents, {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, Reason::kUnavailable);
}

TEST_F(CameraTest, SoManyMayWatchAllCamerasTogether) {
  CamerasOptions options;
  options.cameras = {yard("x"), yard("y")};
  options.cameras[1].name = "gate";
  options.library = &library_;
  options.most_watchers = 3;
  Cameras cameras(options, *repository_, metrics_);
  std::vector<std::shared_ptr<Onlooker>> all;
  for (int i = 0; i < 4; ++i) {
    const auto found = cameras.find(i % 2 == 0 ? "yard" : "gate");
    ASSERT_TRUE(std::holds_alternative<Camera*>(found));
    all.push_back(std::make_shared<Onlooker>());
    const auto refused =
        cameras.watch(*std::get<Camera*>(found), all.back()->request(), all.back(), StreamFormat::kEvents, {});
    EXPECT_EQ(refused.has_value(), i == 3);
    if (refused) {
      EXPECT_EQ(refused->reason, Reason::kOverloaded);
    }
  }
  all[0]->leave();
  all[0]->wait_end();
  while (cameras.all()[0]->status().watchers > 1) std::this_thread::yield();
  all.push_back(std::make_shared<Onlooker>());
  EXPECT_FALSE(cameras.watch(*cameras.all()[0], all.back()->request(), all.back(), StreamFormat::kEvents, {}));
  const auto nobody = cameras.find("garden");
  ASSERT_TRUE(std::holds_alternative<Refusal>(nobody));
  EXPECT_EQ(std::get<Refusal>(nobody).message, "there is no camera garden; there are yard, gate");
  EXPECT_TRUE(std::holds_alternative<Refusal>(cameras.find("")));
  cameras.stop();
  for (std::size_t i = 1; i < 3; ++i) EXPECT_TRUE(all[i]->ended());
}

}  // namespace
}  // namespace saker::serve
