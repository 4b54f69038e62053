// Frames in, videos and lines out: order, parts, errors, and that nothing waits for ever.
#include "pipeline/video_sink.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <future>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "pipeline/video_overlay.h"
#include "pipeline/video_text.h"

namespace saker {
namespace {

using nlohmann::json;

struct Recorded {
  video::WriteOptions options;
  std::vector<std::int64_t> pts;
  std::vector<std::uint8_t> first, last;  // luma
  bool finished = false, dropped = false;
};

// Keeps what is written; may fail at a picture, or wait before each.
class Recorder final : public video::VideoLibrary {
 public:
  std::map<std::string, Recorded> videos;
  std::optional<std::size_t> fails_at;
  bool fails_to_finish = false;
  std::shared_future<void> gate;  // each picture waits for it

  std::string version() const override { return "recorder"; }
  Result<std::unique_ptr<video::Reader>> open(const std::string&, const video::ReadOptions&) override {
    return Error{ErrorCode::kUnsupported, "not made up"};
  }
  Result<std::unique_ptr<video::Writer>> create(const std::string& path, const video::WriteOptions& options) override {
    videos[path].options = options;
    return std::unique_ptr<video::Writer>(std::make_unique<Writer>(*this, path));
  }
  Result<std::unique_ptr<video::Writer>> show(const std::string& title, const video::WriteOptions& options) override {
    return create("window " + title, options);
  }

 private:
  class Writer final : public video::Writer {
   public:
    Writer(Recorder& recorder, std::string path) : recorder_(recorder), path_(std::move(path)) {}
    ~Writer() override { recorder_.videos[path_].dropped = !recorder_.videos[path_].finished; }
    const std::string& encoder() const override { return name_; }
    Status write(const PlanarView& picture, std::int64_t pts) override {
      if (recorder_.gate.valid()) recorder_.gate.wait();
      Recorded& video = recorder_.videos[path_];
      if (recorder_.fails_at == video.pts.size()) return Error{ErrorCode::kIo, path_ + ": no space left on device"};
      EXPECT_EQ(picture.width, video.options.width);
      video.pts.push_back(pts);
      video.last.assign(picture.data[0], picture.data[0] + picture.width * picture.height);
      if (video.first.empty()) video.first = video.last;
      return {};
    }
    Status finish() override {
      if (recorder_.fails_to_finish) return Error{ErrorCode::kIo, path_ + ": no space left on device"};
      recorder_.videos[path_].finished = true;
      return {};
    }

   private:
    Recorder& recorder_;
    std::string path_, name_ = "recorder";
  };
};

PictureResult frame(std::size_t index, std::vector<Detection> boxes = {}, int width = 320, int height = 240) {
  PictureResult result;
  result.index = index;
  result.pts = static_cast<std::int64_t>(index) * 512 + 7;
  result.seconds = static_cast<double>(index) / 25;
  result.width = width, result.height = height;
  result.decode_ms = 2;
  result.found.boxes = std::move(boxes);
  result.found.ms = {1, 10, 3};
  auto planes = std::make_shared<I420Image>();
  planes->width = width, planes->height = height;
  planes->y.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 100);
  planes->u.assign(static_cast<std::size_t>(planes->chroma_width()) * static_cast<std::size_t>(planes->chroma_height()),
                   128);
  planes->v = planes->u;
  result.picture = PlanarPicture{planes->view(), planes};
  return result;
}

VideoSinkOptions options_for(Recorder& recorder) {
  VideoSinkOptions options;
  options.library = &recorder;
  options.name = "street.mp4";
  options.info.time_base = {1, 12800};
  options.info.frame_rate = {25, 1};
  options.path = "out/street.mp4";
  options.labels = {"person", "car"};
  return options;
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

TEST(VideoSink, EveryFrameIsWrittenInOrderWithItsTime) {
  Recorder recorder;
  VideoSink sink(options_for(recorder));
  for (std::size_t i = 0; i < 40; ++i) ASSERT_TRUE(sink.put(frame(i)));
  ASSERT_TRUE(sink.finish().ok());
  const Recorded& video = recorder.videos.at("out/street.mp4");
  ASSERT_EQ(video.pts.size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(video.pts[i], static_cast<std::int64_t>(i) * 512 + 7);
  EXPECT_TRUE(video.finished);
  EXPECT_EQ(video.options.width, 320);
  EXPECT_EQ(video.options.height, 240);
  EXPECT_EQ(video.options.time_base.den, 12800);
  EXPECT_EQ(sink.frames(), 40U);
  EXPECT_EQ(sink.figures()[Stage::kModel].count(), 40U);
  EXPECT_NEAR(sink.figures()[Stage::kModel].mean(), 14, 1e-9);
  EXPECT_EQ(sink.figures()[Stage::kEncode].count(), 40U);
  EXPECT_EQ(sink.parts().at(0).encoder, "recorder");
}

TEST(VideoSink, AStrideMakesTheNewVideoSlower) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.stride = 5;
  VideoSink sink(std::move(options));
  ASSERT_TRUE(sink.put(frame(0)));
  ASSERT_TRUE(sink.finish().ok());
  EXPECT_DOUBLE_EQ(recorder.videos.at("out/street.mp4").options.frame_rate.value(), 5);
}

TEST(VideoSink, BoxesAndTheNoteAreDrawn) {
  Recorder recorder;
  VideoSink sink(options_for(recorder));
  ASSERT_TRUE(sink.put(frame(0, {{0, 0.9F, 100, 80, 200, 180}})));
  ASSERT_TRUE(sink.put(frame(1)));
  ASSERT_TRUE(sink.finish().ok());
  const Recorded& video = recorder.videos.at("out/street.mp4");
  EXPECT_NE(video.first[130 * 320 + 100], 100);  // left side of the box
  EXPECT_EQ(video.first[130 * 320 + 150], 100);  // its inside
  EXPECT_EQ(video.last[130 * 320 + 100], 100);   // gone with its frame
  EXPECT_NE(video.last[1], 100);                 // the frame rate's ground, from the second frame on
}

TEST(VideoSink, WithoutAnOverlayTheRestOfThePictureStays) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.overlay = false;
  VideoSink sink(std::move(options));
  ASSERT_TRUE(sink.put(frame(0)));
  ASSERT_TRUE(sink.put(frame(1)));
  ASSERT_TRUE(sink.finish().ok());
  for (const std::uint8_t luma : recorder.videos.at("out/street.mp4").last) ASSERT_EQ(luma, 100);
}

TEST(VideoSink, APartTakesNobodysName) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.taken = {"out/street.mp4", "out/street_2.mp4"};
  VideoSink sink(std::move(options));
  ASSERT_TRUE(sink.put(frame(0)));
  ASSERT_TRUE(sink.put(frame(1, {}, 97, 55)));
  ASSERT_TRUE(sink.put(frame(2)));
  ASSERT_TRUE(sink.finish().ok());
  EXPECT_FALSE(recorder.videos.contains("out/street_2.mp4"));
  EXPECT_TRUE(recorder.videos.at("out/street_3.mp4").finished);
  EXPECT_TRUE(recorder.videos.at("out/street_4.mp4").finished);
}

TEST(VideoSink, AnotherSizeBeginsAnotherVideo) {
  Recorder recorder;
  VideoSink sink(options_for(recorder));
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(sink.put(frame(i)));
  for (std::size_t i = 3; i < 5; ++i) ASSERT_TRUE(sink.put(frame(i, {}, 97, 55)));
  for (std::size_t i = 5; i < 6; ++i) ASSERT_TRUE(sink.put(frame(i)));
  ASSERT_TRUE(sink.finish().ok());
  EXPECT_EQ(recorder.videos.at("out/street.mp4").pts.size(), 3U);
  EXPECT_EQ(recorder.videos.at("out/street_2.mp4").pts.size(), 2U);
  EXPECT_EQ(recorder.videos.at("out/street_2.mp4").options.width, 97);
  EXPECT_EQ(recorder.videos.at("out/street_3.mp4").pts.size(), 1U);
  for (const auto& [path, video] : recorder.videos) EXPECT_TRUE(video.finished) << path;
  EXPECT_EQ(sink.parts().size(), 3U);
}

TEST(VideoSink, AFullDiskStopsTheSourceAndLeavesNoVideo) {
  Recorder recorder;
  recorder.fails_at = 2;
  VideoSink sink(options_for(recorder));
  std::size_t i = 0;
  while (i < 1000 && sink.put(frame(i))) ++i;
  EXPECT_LT(i, 1000U);
  const Status ended = sink.finish();
  ASSERT_FALSE(ended.ok());
  EXPECT_NE(ended.error().message.find("no space left"), std::string::npos);
  EXPECT_FALSE(recorder.videos.at("out/street.mp4").finished);
}

TEST(VideoSink, AVideoThatCannotBeFinishedIsAnError) {
  Recorder recorder;
  recorder.fails_to_finish = true;
  VideoSink sink(options_for(recorder));
  ASSERT_TRUE(sink.put(frame(0)));
  EXPECT_FALSE(sink.finish().ok());
}

TEST(VideoSink, AFrameThatFailedEndsTheWork) {
  Recorder recorder;
  VideoSink sink(options_for(recorder));
  PictureResult bad = frame(0);
  bad.picture.reset();
  bad.error = "street.mp4: not enough memory";
  sink.put(std::move(bad));
  const Status ended = sink.finish();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().message, "street.mp4: not enough memory");
}

TEST(VideoSink, WhoeverPutsWaitsForTheEncoder) {
  Recorder recorder;
  std::promise<void> open;
  recorder.gate = open.get_future().share();
  VideoSink sink(options_for(recorder));
  std::atomic<std::size_t> put{0};
  auto producer = std::async(std::launch::async, [&] {
    for (std::size_t i = 0; i < 20; ++i) {
      if (sink.put(frame(i))) ++put;
    }
  });
  // One at the encoder and kWaiting behind it; more cannot come before it goes on.
  while (put < 1) std::this_thread::yield();
  EXPECT_LE(put.load(), VideoSink::kWaiting + 1);
  open.set_value();
  producer.wait();
  ASSERT_TRUE(sink.finish().ok());
  EXPECT_EQ(recorder.videos.at("out/street.mp4").pts.size(), 20U);
}

TEST(VideoSink, WithoutFinishNothingAppears) {
  Recorder recorder;
  {
    VideoSink sink(options_for(recorder));
    ASSERT_TRUE(sink.put(frame(0)));
  }
  for (const auto& [path, video] : recorder.videos) EXPECT_FALSE(video.finished) << path;
}

TEST(VideoSink, LinesTellFrameTimeAndBoxes) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.path.clear();
  std::string lines, mot;
  options.lines = [&](std::string_view text) { lines += text; };
  options.mot = [&](std::string_view text) { mot += text; };
  VideoSink sink(std::move(options));
  PictureResult first = frame(0, {{1, 0.75F, 10, 20, 30.5F, 60}});
  first.picture.reset();  // nobody draws
  ASSERT_TRUE(sink.put(std::move(first)));
  ASSERT_TRUE(sink.put(frame(3)));
  ASSERT_TRUE(sink.finish().ok());
  const std::vector<json> all = lines_of(lines);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["source"], "street.mp4");
  EXPECT_EQ(all[0]["pts"], 7);
  EXPECT_EQ(all[0]["detections"][0]["label"], "car");
  EXPECT_FALSE(all[0].contains("time"));  // no live source
  EXPECT_EQ(all[1]["frame"], 3);
  EXPECT_DOUBLE_EQ(all[1]["seconds"], 0.12);
  EXPECT_TRUE(all[1]["detections"].empty());
  EXPECT_EQ(mot, "1,-1,10.00,20.00,20.50,40.00,0.7500,1,-1,-1\n");
  EXPECT_TRUE(recorder.videos.empty());
}

TEST(VideoSink, TracksKeepTheirNumbers) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.path.clear();
  options.track.emplace();
  std::string lines;
  options.lines = [&](std::string_view text) { lines += text; };
  VideoSink sink(std::move(options));
  for (std::size_t i = 0; i < 10; ++i) {
    const auto x = static_cast<float>(i) * 2;
    ASSERT_TRUE(sink.put(frame(i, {{0, 0.8F, 200 - x, 50, 240 - x, 120}, {1, 0.9F, 20 + x, 30, 60 + x, 90}})));
  }
  ASSERT_TRUE(sink.finish().ok());
  const std::vector<json> all = lines_of(lines);
  ASSERT_EQ(all.size(), 10U);
  std::map<std::string, int> ids;
  for (const json& box : all.back()["detections"]) ids[box["label"]] = box["track"];
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_NE(ids["person"], ids["car"]);
  for (const json& line : all) {
    for (const json& box : line["detections"]) EXPECT_EQ(box["track"], ids[box["label"]]);
  }
}

TEST(VideoSink, CrossingsAreEvents) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.track.emplace();
  options.scene.emplace();
  options.scene->lines.push_back({"gate", {160, 0}, {160, 240}, {}});
  options.scene->zones.push_back({"lawn", {{0, 0}, {100, 0}, {100, 240}, {0, 240}}, {}});
  std::string events;
  options.events = [&](std::string_view text) { events += text; };
  VideoSink sink(std::move(options));
  for (std::size_t i = 0; i < 40; ++i) {
    const auto x = static_cast<float>(i) * 5;
    ASSERT_TRUE(sink.put(frame(i, {{1, 0.8F, 20 + x, 50, 60 + x, 120}})));
  }
  ASSERT_TRUE(sink.finish().ok());
  std::vector<std::string> kinds;
  for (const json& event : lines_of(events))
    kinds.push_back(event["event"].get<std::string>() + " " + event["where"].get<std::string>());
  EXPECT_EQ(kinds, (std::vector<std::string>{"entered lawn", "left lawn", "crossed gate"}));
  ASSERT_EQ(sink.counts().size(), 2U);
  EXPECT_EQ(sink.counts()[0].forward + sink.counts()[0].backward, 1U);
  EXPECT_EQ(sink.counts()[1].entered, 1U);
}

TEST(VideoSink, BoxesStayWhereNothingMoves) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  std::string lines;
  options.lines = [&](std::string_view text) { lines += text; };
  VideoSink sink(std::move(options));
  ASSERT_TRUE(sink.put(frame(0, {{1, 0.75F, 10, 20, 30, 60}})));
  PictureResult still = frame(1);
  still.still = true;
  still.found.ms = {};
  ASSERT_TRUE(sink.put(std::move(still)));
  ASSERT_TRUE(sink.finish().ok());
  EXPECT_EQ(lines_of(lines)[1]["detections"].size(), 1U);
  EXPECT_EQ(sink.figures()[Stage::kModel].count(), 1U);
  EXPECT_EQ(sink.frames(), 2U);
}

TEST(VideoSink, OfLiveSourcesAgeAndTimeOfDayAreTold) {
  Recorder recorder;
  VideoSinkOptions options = options_for(recorder);
  options.info.live = true;
  options.state = [] { return std::string("3 dropped"); };
  std::string lines;
  options.lines = [&](std::string_view text) { lines += text; };
  VideoSink sink(std::move(options));
  PictureResult live = frame(0);
  live.received = std::chrono::steady_clock::now() - std::chrono::milliseconds(50);
  ASSERT_TRUE(sink.put(std::move(live)));
  ASSERT_TRUE(sink.finish().ok());
  EXPECT_GE(sink.figures()[Stage::kAge].mean(), 50);
  const std::string time = lines_of(lines)[0]["time"];
  EXPECT_EQ(time.size(), std::string("2026-11-29T09:00:00.000Z").size());
  EXPECT_EQ(time.back(), 'Z');
}

TEST(RecentRate, IsThatOfTheLastFiftyFrames) {
  RecentRate rate;
  auto now = std::chrono::steady_clock::time_point();
  EXPECT_EQ(rate.frames(), 0);
  EXPECT_EQ(rate.model(), 0);
  for (int i = 0; i < 30; ++i) rate.add(now += std::chrono::seconds(1), 500);
  EXPECT_DOUBLE_EQ(rate.frames(), 1);
  EXPECT_DOUBLE_EQ(rate.model(), 2);
  for (int i = 0; i < 60; ++i) rate.add(now += std::chrono::milliseconds(20), i % 2 == 0 ? 10 : 0);
  EXPECT_NEAR(rate.frames(), 50, 1e-9);
  EXPECT_DOUBLE_EQ(rate.model(), 100);  // frames that the model has not seen do not count
}

}  // namespace
}  // namespace saker
