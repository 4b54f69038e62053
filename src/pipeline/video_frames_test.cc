// Videos and cameras at once, made up (support/fake_videos.h).
#include "pipeline/video_frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "pipeline/detect_frames.h"
#include "support/fake_videos.h"

namespace saker {
namespace {

using test::FakeVideos;

// Waits until the other threads have made it so; that they never do is the test's time-out.
template <typename Condition>
void await(const Condition& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string frames(std::size_t count) {
  return std::string(count, 'f');
}

VideoOptions quick() {
  VideoOptions options;
  options.first_wait = 0.001;
  options.longest_wait = 0.004;
  return options;
}

std::unique_ptr<VideoFrames> open(FakeVideos& videos, const std::vector<std::string>& sources,
                                  const VideoOptions& options) {
  auto opened = VideoFrames::open(videos, sources, options);
  EXPECT_TRUE(opened.ok()) << opened.error().message;
  return opened.ok() ? std::move(*opened) : nullptr;
}

std::vector<Frame> all_of(VideoFrames& source) {
  std::vector<Frame> all;
  while (auto frame = source.next()) all.push_back(std::move(*frame));
  return all;
}

TEST(VideoFrames, OfAFileEveryFrameComesInOrder) {
  FakeVideos videos;
  videos.add("a.mp4", false, {frames(50)});
  const auto source = open(videos, {"a.mp4"}, quick());
  std::size_t count = 0;
  while (const auto frame = source->next()) {
    EXPECT_EQ(frame->index, count);
    EXPECT_EQ(frame->name, "a.mp4");
    EXPECT_EQ(frame->source, 0U);
    EXPECT_EQ(frame->pts, static_cast<std::int64_t>(count) * 512);
    EXPECT_DOUBLE_EQ(*frame->seconds, static_cast<double>(count) / 25);
    EXPECT_FALSE(frame->received);
    EXPECT_FALSE(frame->still);
    const auto picture = frame->read({});
    ASSERT_TRUE(picture.ok());
    EXPECT_EQ(std::get<PlanarPicture>(*picture).view.width, 16);
    ++count;
  }
  EXPECT_EQ(count, 50U);
  EXPECT_FALSE(source->next());
  const SourceFigures figures = source->figures(0);
  EXPECT_EQ(figures.frames, 50U);
  EXPECT_EQ(figures.taken, 50U);
  EXPECT_EQ(figures.dropped, 0U);
  EXPECT_EQ(figures.error, "");
  EXPECT_TRUE(figures.ended);
}

TEST(VideoFrames, TellsOfALossOnceAndOfTheReturn) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"ffe", "e", "e", "fff"});
  std::mutex mutex;
  std::vector<std::string> news;
  VideoOptions options = quick();
  options.tell = [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    news.push_back(text);
  };
  {
    const auto source = open(videos, {"rtsp://cam"}, options);
    await([&] {
      const std::lock_guard lock(mutex);
      return news.size() >= 2;
    });
    source->stop();
  }
  EXPECT_NE(news[0].find("trying again"), std::string::npos) << news[0];
  EXPECT_NE(news[1].find("rtsp://cam: back after"), std::string::npos) << news[1];
}

TEST(VideoFrames, AStrideTakesEachNthFrameWithItsNumber) {
  FakeVideos videos;
  videos.add("a.mp4", false, {frames(10)});
  videos.info("a.mp4").frames = 10;
  VideoOptions options = quick();
  options.stride = 3;
  const auto source = open(videos, {"a.mp4"}, options);
  EXPECT_EQ(source->size(), 4U);
  std::vector<std::size_t> indices;
  for (const Frame& frame : all_of(*source)) indices.push_back(frame.index);
  EXPECT_EQ(indices, (std::vector<std::size_t>{0, 3, 6, 9}));
  EXPECT_EQ(source->figures(0).frames, 10U);
}

TEST(VideoFrames, TheSizeIsKnownWhereAllFilesSayIt) {
  FakeVideos videos;
  for (const char* name : {"a.mp4", "b.mp4", "c.ts", "rtsp://cam"}) {
    videos.add(name, std::string(name) == "rtsp://cam", {"ffh", "ffh", "ffh"});
    videos.info(name).frames = 2;
  }
  videos.info("c.ts").frames.reset();
  EXPECT_EQ(open(videos, {"a.mp4"}, quick())->size(), 2U);
  videos.info("a.mp4").frames = 3;
  EXPECT_EQ(open(videos, {"a.mp4", "b.mp4"}, quick())->size(), 5U);
  EXPECT_FALSE(open(videos, {"a.mp4", "c.ts"}, quick())->size());
  EXPECT_FALSE(open(videos, {"rtsp://cam"}, quick())->size());
}

TEST(VideoFrames, AFileIsReadNoFurtherAheadThanWantedAndFramesLiveNoLonger) {
  FakeVideos videos;
  videos.add("a.mp4", false, {frames(100)});
  VideoOptions options = quick();
  options.ahead = 2;
  const auto source = open(videos, {"a.mp4"}, options);
  std::size_t taken = 0;
  while (const auto frame = source->next()) {
    ++taken;
    EXPECT_LE(source->figures(0).frames, taken + 3);  // two wait, and one for room
    EXPECT_LE(videos.frames(), 4);
  }
  EXPECT_EQ(taken, 100U);
  EXPECT_EQ(videos.frames(), 0);
}

TEST(VideoFrames, OfALiveSourceTheNewestFrameWinsAndTheOthersAreCounted) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {frames(100) + "h"});
  const auto source = open(videos, {"rtsp://cam"}, quick());
  await([&] { return source->figures(0).frames == 100; });
  EXPECT_EQ(videos.frames(), 1);
  const auto before = std::chrono::steady_clock::now();
  const auto frame = source->next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->index, 99U);
  ASSERT_TRUE(frame->received);
  EXPECT_LE(*frame->received, before);
  EXPECT_GE(frame->decode_ms, 0);
  source->stop();
  EXPECT_FALSE(source->next());
  const SourceFigures figures = source->figures(0);
  EXPECT_EQ(figures.taken, 1U);
  EXPECT_EQ(figures.dropped, 99U);
}

TEST(VideoFrames, WhatWaitsWhenTheWorkIsStoppedWasDroppedToo) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {frames(5) + "h"});
  const auto source = open(videos, {"rtsp://cam"}, quick());
  await([&] { return source->figures(0).frames == 5; });
  source->stop();
  EXPECT_EQ(source->figures(0).dropped, 5U);
  EXPECT_EQ(videos.frames(), 0);
}

TEST(VideoFrames, TheTimeOfACameraThatComesBackGoesOn) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"fwe", "!refused", "fh"});
  const auto source = open(videos, {"rtsp://cam"}, quick());
  const auto first = source->next();
  videos.go();
  const auto second = source->next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->index, 1U);
  EXPECT_GT(*second->seconds, *first->seconds);
  EXPECT_GT(second->pts, first->pts);
  EXPECT_EQ(source->figures(0).reconnects, 1U);
  EXPECT_GT(source->figures(0).longest_gap, 0);
  EXPECT_EQ(source->figures(0).error, "rtsp://cam: refused");
}

TEST(VideoFrames, ALostCameraIsTriedAgainUntilItIsGivenUp) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"dfe", "!refused", "!refused", "ddd"});
  VideoOptions options = quick();
  options.give_up = 0.05;
  const auto source = open(videos, {"rtsp://cam"}, options);
  const std::vector<Frame> all = all_of(*source);
  ASSERT_GE(all.size(), 1U);
  EXPECT_EQ(all.back().index, 4U);
  const SourceFigures figures = source->figures(0);
  EXPECT_EQ(figures.frames, 5U);
  EXPECT_EQ(figures.taken + figures.dropped, 5U);
  EXPECT_EQ(figures.damaged, 4U);
  EXPECT_EQ(figures.reconnects, 1U);
  EXPECT_GE(figures.longest_gap, 0.05);  // it has been away since
  EXPECT_EQ(figures.error, "rtsp://cam: gone");
  EXPECT_TRUE(figures.ended);
}

// The longest wait is for ever: only a wait that begins anew after each success lets this end.
TEST(VideoFrames, TwentyTimesLostTwentyTimesFoundNothingLeft) {
  FakeVideos videos;
  std::vector<std::string> scripts(20, "fe");
  scripts.emplace_back("ffh");
  videos.add("rtsp://cam", true, scripts);
  VideoOptions options;
  options.first_wait = 0.001;
  options.longest_wait = 1e6;
  const auto source = open(videos, {"rtsp://cam"}, options);
  await([&] { return source->figures(0).frames == 22; });
  EXPECT_EQ(source->figures(0).reconnects, 20U);
  EXPECT_EQ(videos.openings("rtsp://cam"), 21U);
  EXPECT_EQ(videos.readers(), 1);
  EXPECT_LE(videos.frames(), 1);
}

TEST(VideoFrames, AStreamThatEndsIsLostAndAFileThatFailsIsNot) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"ff", "ffh"});
  videos.add("a.mp4", false, {"ffe"});
  const auto source = open(videos, {"rtsp://cam", "a.mp4"}, quick());
  await([&] { return source->figures(0).frames == 4 && source->figures(1).ended; });
  EXPECT_EQ(source->figures(0).reconnects, 1U);
  EXPECT_EQ(source->figures(0).error, "rtsp://cam: the stream has ended");
  EXPECT_EQ(source->figures(1).error, "a.mp4: it has gone");
  EXPECT_EQ(source->figures(1).frames, 2U);
  EXPECT_EQ(videos.openings("a.mp4"), 1U);
}

TEST(VideoFrames, OfSeveralTheOneThatHasWaitedLongestIsNext) {
  FakeVideos videos;
  const std::vector<std::string> names = {"a.mp4", "b.mp4", "c.mp4"};
  for (const std::string& name : names) videos.add(name, false, {frames(30)});
  VideoOptions options = quick();
  options.ahead = 30;
  const auto source = open(videos, names, options);
  await([&] {
    for (std::size_t i = 0; i < 3; ++i) {
      if (source->figures(i).frames < 30) return false;
    }
    return true;
  });
  const std::vector<Frame> all = all_of(*source);
  ASSERT_EQ(all.size(), 90U);
  for (std::size_t i = 0; i < 90; ++i) {
    EXPECT_EQ(all[i].source, i % 3);
    EXPECT_EQ(all[i].index, i / 3);
  }
}

TEST(VideoFrames, ACameraThatHangsOrIsLostDelaysNobody) {
  FakeVideos videos;
  videos.add("rtsp://hangs", true, {"h"});
  videos.add("rtsp://lost", true, {"e"});
  videos.add("a.mp4", false, {frames(20)});
  VideoOptions options = quick();
  options.first_wait = options.longest_wait = 1e6;
  const auto source = open(videos, {"rtsp://hangs", "rtsp://lost", "a.mp4"}, options);
  for (std::size_t i = 0; i < 20; ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->source, 2U);
  }
}  // ends although one hangs and one waits

TEST(VideoFrames, StopEndsAWaitForAFrame) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"h"});
  const auto source = open(videos, {"rtsp://cam"}, quick());
  std::thread waits([&] { EXPECT_FALSE(source->next()); });
  source->stop();
  waits.join();
  await([&] { return source->figures(0).ended; });
  EXPECT_EQ(source->figures(0).error, "");  // it was we who ended it
  EXPECT_EQ(videos.openings("rtsp://cam"), 1U);
}

TEST(VideoFrames, StopEndsWhatIsBeingOpenedAgain) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"fe", "?"});
  const auto source = open(videos, {"rtsp://cam"}, quick());
  await([&] { return videos.openings("rtsp://cam") == 2; });
  source->stop();
  await([&] { return source->figures(0).ended; });
  EXPECT_EQ(source->figures(0).error, "rtsp://cam: it has gone");
}

TEST(VideoFrames, NoMemoryEndsAFileAndIsOvercomeByACamera) {
  FakeVideos videos;
  videos.add("a.mp4", false, {"fxf"});
  videos.add("rtsp://cam", true, {"fx", "fh"});
  const auto source = open(videos, {"a.mp4", "rtsp://cam"}, quick());
  await([&] { return source->figures(0).ended && source->figures(1).frames == 2; });
  EXPECT_EQ(source->figures(0).error, "a.mp4: not enough memory");
  EXPECT_EQ(source->figures(0).frames, 1U);
  EXPECT_EQ(source->figures(1).reconnects, 1U);
}

TEST(VideoFrames, OneThatCannotBeOpenedIsAnErrorOfAll) {
  FakeVideos videos;
  videos.add("a.mp4", false, {frames(100)});
  videos.add("rtsp://cam", true, {"!no route to host", "f"});
  const auto opened = VideoFrames::open(videos, {"a.mp4", "rtsp://cam"}, quick());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kIo);
  EXPECT_EQ(opened.error().message, "rtsp://cam: no route to host");
  EXPECT_EQ(videos.openings("rtsp://cam"), 1U);
  EXPECT_EQ(videos.readers(), 0);
  EXPECT_EQ(videos.frames(), 0);
}

TEST(VideoFrames, PasswordsAreInNoName) {
  const std::string url = "rtsp://me:secret@cam/1";
  FakeVideos videos;
  videos.add(url, true, {"f", "fh"});
  const auto source = open(videos, {url}, quick());
  await([&] { return source->figures(0).frames == 2; });
  const auto frame = source->next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->name.find("secret"), std::string::npos) << frame->name;
  EXPECT_EQ(source->figures(0).name, frame->name);
  EXPECT_EQ(source->figures(0).error, frame->name + ": the stream has ended");
}

TEST(VideoFrames, WhereNothingMovesFramesAreStill) {
  FakeVideos videos;
  videos.add("a.mp4", false, {"fffmffm"});
  VideoOptions options = quick();
  options.motion.emplace();
  const auto source = open(videos, {"a.mp4"}, options);
  std::string still;
  for (const Frame& frame : all_of(*source)) still += frame.still ? 's' : 'm';
  EXPECT_EQ(still, "mssmssm");
}

TEST(VideoFrames, WhatMovedInAFrameThatWasDroppedIsLookedAtInTheNext) {
  FakeVideos videos;
  videos.add("rtsp://cam", true, {"fffmffh"});
  VideoOptions options = quick();
  options.motion.emplace();
  const auto source = open(videos, {"rtsp://cam"}, options);
  await([&] { return source->figures(0).frames == 6; });
  const auto frame = source->next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->index, 5U);
  EXPECT_FALSE(frame->still);
}

TEST(VideoFrames, AreDetectedInOrderByOneAndBySeveralAndStoppedByTheSink) {
  for (const std::size_t detectors : {1U, 3U}) {
    FakeVideos videos;
    videos.add("a.mp4", false, {frames(40)});
    videos.add("b.mp4", false, {frames(40)});
    videos.add("rtsp://cam", true, {"h"});
    const auto source = open(videos, {"a.mp4", "b.mp4", "rtsp://cam"}, quick());
    DetectFramesOptions options;
    options.keep_pictures = true;
    std::vector<std::size_t> next(2);
    std::size_t count = 0;
    const auto nothing = [](std::span<const FramePicture> pictures) -> Result<std::vector<Detections>> {
      return std::vector<Detections>(pictures.size());
    };
    const Status status =
        detect_frames(*source, std::vector<DetectBatch>(detectors, nothing), options, [&](PictureResult&& result) {
          EXPECT_EQ(result.index, next[result.source]++);
          EXPECT_TRUE(result.picture);
          return ++count < 80;
        });
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(count, 80U);  // and it has not waited for the camera
  }
}

}  // namespace
}  // namespace saker
