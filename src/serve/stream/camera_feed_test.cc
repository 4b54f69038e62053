// Cameras and files that are made up, in time of their own.
#include "serve/stream/camera_feed.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <numeric>

#include "serve/stream/stream_testing.h"
#include "support/fake_videos.h"

namespace saker::serve {
namespace {

using test::FakeVideos;
using testing::VirtualWait;

// What the feed said, a letter each: o opened, f a frame, l lost.
class Diary final : public FeedListener {
 public:
  void on_open(const video::VideoInfo&) override { add('o'); }
  void on_frame(CameraFrame frame) override {
    frames.push_back(std::move(frame));
    add('f');
  }
  void on_lost(const std::string& why) override {
    reasons.push_back(why);
    add('l');
  }
  // So many letters; a test that waits in vain ends by ctest's time limit.
  std::string wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return text_.size() >= count; });
    return text_.substr(0, count);
  }

  // Of the feed's thread: to be looked at when the feed has gone.
  std::vector<CameraFrame> frames;
  std::vector<std::string> reasons;

 private:
  void add(char letter) {
    const std::lock_guard lock(mutex_);
    text_ += letter;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
};

struct Feeding {
  std::shared_ptr<std::vector<double>> waits = std::make_shared<std::vector<double>>();
  Diary diary;
  FakeVideos videos;
  FeedOptions options{"yard", "rtsp://user:secret@10.0.0.7/live", {}, 0.5, 10};
  std::unique_ptr<CameraFeed> feed;

  void start() { feed = std::make_unique<CameraFeed>(videos, options, diary, std::make_unique<VirtualWait>(waits)); }
};

TEST(CameraFeed, LostCamerasAreOpenedAgainLaterAndLater) {
  Feeding feeding;
  std::vector<std::string> scripts(8, "!" + feeding.options.source + ": no answer");
  scripts.emplace_back("ffe");
  scripts.emplace_back("ffh");
  feeding.videos.add(feeding.options.source, true, scripts);
  feeding.start();
  EXPECT_EQ(feeding.diary.wait(15),
            "llllllll"
            "offl"
            "off");
  feeding.feed.reset();
  const std::vector<double>& waits = *feeding.waits;
  ASSERT_EQ(waits.size(), 9U);
  double most = 0.5;
  for (std::size_t i = 0; i < 8; ++i, most = std::min(2 * most, 10.0)) {
    EXPECT_GE(waits[i], most / 2) << i;
    EXPECT_LE(waits[i], most) << i;
  }
  EXPECT_LE(waits[8], 0.5) << "it had gone well in between";
  for (const std::string& reason : feeding.diary.reasons) {
    EXPECT_EQ(reason.find("secret"), std::string::npos) << reason;
    EXPECT_EQ(reason.find("10.0.0.7"), std::string::npos) << "whoever watches need not know the address: " << reason;
    EXPECT_NE(reason.find("yard"), std::string::npos) << reason;
  }
  ASSERT_EQ(feeding.diary.frames.size(), 4U);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(feeding.diary.frames[i].number, i);
    EXPECT_GT(feeding.diary.frames[i].seconds, feeding.diary.frames[i - 1].seconds) << "time goes on";
  }
}

TEST(CameraFeed, FilesAreShownAtTheirSpeedOverAndOver) {
  Feeding feeding;
  feeding.options.source = "clip.mp4";
  feeding.videos.add("clip.mp4", false, {std::string(25, 'f'), std::string(25, 'f'), "fh"});
  feeding.start();
  feeding.diary.wait(25 + 25 + 1 + 3);
  feeding.feed.reset();
  EXPECT_EQ(feeding.diary.reasons, std::vector<std::string>()) << "an end is no loss";
  const double waited = std::accumulate(feeding.waits->begin(), feeding.waits->end(), 0.0);
  EXPECT_NEAR(waited, 2.0, 1e-6) << "two times 25 frames, 25 a second";
  EXPECT_EQ(feeding.videos.openings("clip.mp4"), 3U);
}

TEST(CameraFeed, EmptyFilesAreNoReasonToRush) {
  Feeding feeding;
  feeding.options.source = "clip.mp4";
  feeding.videos.add("clip.mp4", false, {"", "", "h"});
  feeding.start();
  EXPECT_EQ(feeding.diary.wait(2), "ll");
  feeding.feed.reset();
  EXPECT_EQ(feeding.diary.reasons[0], "yard: there is not one frame");
}

TEST(CameraFeed, StreamsThatEndAreLost) {
  Feeding feeding;
  feeding.videos.add(feeding.options.source, true, {"f", "fx", "fh"});
  feeding.start();
  EXPECT_EQ(feeding.diary.wait(8),
            "oflofl"
            "of");
  feeding.feed.reset();
  EXPECT_EQ(feeding.diary.reasons[0], "yard: it has ended");
  EXPECT_EQ(feeding.diary.reasons[1], "yard: not enough memory");
}

TEST(CameraFeed, EndsWhateverItWaitsFor) {
  Feeding reading;
  reading.videos.add(reading.options.source, true, {"fh"});
  reading.start();
  reading.diary.wait(2);
  reading.feed.reset();
  EXPECT_EQ(reading.videos.readers(), 0);
  reading.diary.frames.clear();
  EXPECT_EQ(reading.videos.frames(), 0);

  Feeding opening;
  opening.videos.add(opening.options.source, true, {"?"});
  opening.start();
  while (opening.videos.openings(opening.options.source) == 0) std::this_thread::yield();
  opening.feed.reset();
}

}  // namespace
}  // namespace saker::serve
