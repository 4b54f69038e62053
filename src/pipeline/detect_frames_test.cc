// The loop, with frames and detectors made up: a frame's width is its number, and so is the class that is found in it.
#include "pipeline/detect_frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>

#include "media/yuv.h"
#include "support/quadrant_model.h"

namespace saker {
namespace {

using std::chrono::milliseconds;

Image picture(std::size_t number) {
  Image image;
  image.width = static_cast<int>(number) + 1;
  image.height = 1;
  image.pixels.resize((number + 1) * 3);
  image.file_size = {image.width, image.height};
  return image;
}

// Planes without samples: nobody here looks at them.
PlanarPicture planes(std::size_t number) {
  PlanarPicture picture;
  picture.view.width = static_cast<int>(number) + 1;
  picture.view.height = 1;
  picture.owner = std::make_shared<int>(0);
  return picture;
}

std::size_t number_of(const FramePicture& picture) {
  const auto* planes = std::get_if<PlanarPicture>(&picture);
  return static_cast<std::size_t>(planes != nullptr ? planes->view.width : std::get<Image>(picture).width) - 1;
}

class Numbered final : public FrameSource {
 public:
  explicit Numbered(std::size_t count) : count_(count) {}

  std::optional<Frame> next() override {
    if (next_ == throw_at) throw std::bad_alloc();
    if (next_ == count_) return std::nullopt;
    const std::size_t index = next_++;
    Frame frame;
    frame.index = index;
    frame.name = "frame" + std::to_string(index);
    frame.seconds = static_cast<double>(index) / 10;
    frame.pts = static_cast<std::int64_t>(index) * 512;
    frame.source = 3;
    frame.decode_ms = 1000;
    frame.read = [this, index](const ImageReadOptions&) -> Result<FramePicture> {
      if (index == unreadable) return Error{ErrorCode::kInvalid, "frame is broken"};
      if (index == too_large) throw std::bad_alloc();
      if (planar) return FramePicture(planes(index));
      return FramePicture(picture(index));
    };
    return frame;
  }

  static constexpr std::size_t kNever = SIZE_MAX;
  bool planar = false;
  std::size_t throw_at = kNever, unreadable = kNever, too_large = kNever;

  std::size_t pulled() const { return next_; }

 private:
  std::size_t count_, next_ = 0;
};

Result<std::vector<Detections>> find_number(std::span<const FramePicture> pictures) {
  std::vector<Detections> found(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i)
    found[i].boxes.push_back({static_cast<int>(number_of(pictures[i])), 1, 0, 0, 1, 1});
  return found;
}

struct Seen {
  std::vector<PictureResult> results;
  bool operator()(const PictureResult& result) {
    results.push_back(result);
    return true;
  }
};

Status run(Numbered& source, std::size_t detectors, const DetectBatch& detect, std::size_t batch,
           const ResultSink& sink) {
  DetectFramesOptions options;
  options.batch = batch;
  return detect_frames(source, std::vector<DetectBatch>(detectors, detect), options, sink);
}

TEST(DetectFrames, ResultsComeInTheOrderOfTheFrames) {
  for (const std::size_t detectors : {1, 3}) {
    for (const std::size_t batch : {1, 4}) {
      Numbered source(50);
      Seen seen;
      const auto uneven = [](std::span<const FramePicture> pictures) {
        if (number_of(pictures[0]) % 7 == 0) std::this_thread::sleep_for(milliseconds(3));
        return find_number(pictures);
      };
      ASSERT_TRUE(run(source, detectors, uneven, batch, std::ref(seen)).ok());
      ASSERT_EQ(seen.results.size(), 50U);
      for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(seen.results[i].index, i);
        EXPECT_EQ(seen.results[i].name, "frame" + std::to_string(i));
        EXPECT_EQ(seen.results[i].seconds, static_cast<double>(i) / 10);
        EXPECT_EQ(seen.results[i].pts, static_cast<std::int64_t>(i) * 512);
        EXPECT_EQ(seen.results[i].source, 3U);
        EXPECT_GE(seen.results[i].decode_ms, 1000);  // of the source, and of reading
        EXPECT_EQ(seen.results[i].found.boxes.at(0).class_id, static_cast<int>(i));
      }
    }
  }
}

TEST(DetectFrames, AFrameThatCannotBeReadOrHeldIsThatFramesError) {
  Numbered source(6);
  source.unreadable = 1;
  source.too_large = 4;
  Seen seen;
  ASSERT_TRUE(run(source, 2, find_number, 3, std::ref(seen)).ok());
  ASSERT_EQ(seen.results.size(), 6U);
  for (const std::size_t i : {0, 2, 3, 5}) EXPECT_EQ(seen.results[i].error, "") << i;
  EXPECT_EQ(seen.results[1].error, "frame is broken");
  EXPECT_EQ(seen.results[4].error, "frame4: not enough memory");
}

TEST(DetectFrames, ADetectorThatFailsOnOnePictureFailsOnThatAlone) {
  const auto picky = [](std::span<const FramePicture> pictures) -> Result<std::vector<Detections>> {
    for (const FramePicture& picture : pictures) {
      if (number_of(picture) == 2) return Error{ErrorCode::kInvalid, "not this one"};
      if (number_of(picture) == 3) throw std::runtime_error("nor this");
    }
    return find_number(pictures);
  };
  Numbered source(6);
  Seen seen;
  ASSERT_TRUE(run(source, 2, picky, 6, std::ref(seen)).ok());
  ASSERT_EQ(seen.results.size(), 6U);
  EXPECT_EQ(seen.results[2].error, "frame2: not this one");
  EXPECT_EQ(seen.results[3].error, "frame3: nor this");
  EXPECT_EQ(seen.results[5].found.boxes.at(0).class_id, 5);
}

TEST(DetectFrames, TheSinkRunsOnTheCallersThreadAndStopsTheWork) {
  Numbered source(1000);
  std::size_t count = 0;
  const auto here = std::this_thread::get_id();
  ASSERT_TRUE(run(source, 3, find_number, 1, [&](const PictureResult&) {
                EXPECT_EQ(std::this_thread::get_id(), here);
                return ++count < 5;
              }).ok());
  EXPECT_EQ(count, 5U);
  EXPECT_LT(source.pulled(), 100U);
}

TEST(DetectFrames, OneSlowPictureDoesNotLetTheOthersPileUp) {
  Numbered source(1000);
  std::atomic<bool> go{false};
  std::atomic<std::size_t> most{0};
  const auto first_is_slow = [&](std::span<const FramePicture> pictures) {
    const std::size_t number = number_of(pictures[0]);
    if (number == 0) {
      std::this_thread::sleep_for(milliseconds(50));
      go = true;
    } else if (!go) {
      most = std::max(most.load(), number);
    }
    return find_number(pictures);
  };
  Seen seen;
  ASSERT_TRUE(run(source, 2, first_is_slow, 1, std::ref(seen)).ok());
  EXPECT_EQ(seen.results.size(), 1000U);
  EXPECT_LT(most, 16U);
}

TEST(DetectFrames, WhatTheSourceOrTheSinkThrowsIsAnError) {
  for (const std::size_t detectors : {1, 3}) {
    Numbered source(50);
    source.throw_at = 20;
    Seen seen;
    const Status status = run(source, detectors, find_number, 1, std::ref(seen));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kLimit);

    Numbered whole(50);
    const Status thrown = run(whole, detectors, find_number, 1,
                              [](const PictureResult&) -> bool { throw std::runtime_error("no disk"); });
    ASSERT_FALSE(thrown.ok());
    EXPECT_EQ(thrown.error().message, "no disk");
  }
}

TEST(DetectFrames, WhatSavingReturnsOrThrowsIsKeptBesideTheResult) {
  DetectFramesOptions options;
  options.batch = 4;
  options.save = [](const PictureResult& result, const Image& image) -> Status {
    EXPECT_EQ(static_cast<std::size_t>(image.width), result.index + 1);
    if (result.index == 1) return Error{ErrorCode::kIo, "disk full"};
    if (result.index == 2) throw std::bad_alloc();
    return {};
  };
  Numbered source(4);
  Seen seen;
  ASSERT_TRUE(detect_frames(source, std::vector<DetectBatch>(2, find_number), options, std::ref(seen)).ok());
  ASSERT_EQ(seen.results.size(), 4U);
  EXPECT_EQ(seen.results[1].save_error, "disk full");
  EXPECT_EQ(seen.results[2].save_error, "frame2: not enough memory");
  for (const std::size_t i : {0, 3}) EXPECT_EQ(seen.results[i].save_error, "") << i;
  for (const PictureResult& result : seen.results) EXPECT_EQ(result.error, "");
}

TEST(DetectFrames, PicturesAreKeptForTheSinkIfItWantsThem) {
  for (const bool planar : {false, true}) {
    for (const bool keep : {false, true}) {
      Numbered source(9);
      source.planar = planar;
      source.unreadable = 4;
      DetectFramesOptions options;
      options.batch = 2;
      options.keep_pictures = keep;
      std::size_t count = 0;
      const auto look = [&](PictureResult&& result) {
        EXPECT_EQ(result.picture.has_value(), keep && result.index != 4) << result.index;
        EXPECT_EQ(result.width, result.index == 4 ? 0 : static_cast<int>(result.index) + 1);
        if (result.picture) {
          EXPECT_EQ(number_of(*result.picture), result.index);
        }
        ++count;
        return true;
      };
      ASSERT_TRUE(detect_frames(source, std::vector<DetectBatch>(2, find_number), options, look).ok());
      EXPECT_EQ(count, 9U);
    }
  }
}

TEST(DetectFrames, APictureIsSavedAndKept) {
  Numbered source(3);
  DetectFramesOptions options;
  options.keep_pictures = true;
  std::atomic<int> saved{0};
  options.save = [&](const PictureResult&, const Image& image) -> Status {
    saved += static_cast<int>(image.pixels.size());
    return {};
  };
  std::size_t kept = 0;
  const auto look = [&](PictureResult&& result) {
    kept += std::get<Image>(*result.picture).pixels.size();
    return true;
  };
  ASSERT_TRUE(detect_frames(source, std::vector<DetectBatch>(1, find_number), options, look).ok());
  EXPECT_EQ(saved, 3 + 6 + 9);
  EXPECT_EQ(kept, 3U + 6 + 9);
}

TEST(DetectFrames, NoDetectorLooksAtStillFrames) {
  class Partly final : public FrameSource {
   public:
    std::optional<Frame> next() override {
      auto frame = source_.next();
      if (frame) frame->still = frame->index % 3 != 1;
      return frame;
    }

   private:
    Numbered source_{20};
  };
  for (const std::size_t batch : {1U, 4U}) {
    Partly source;
    DetectFramesOptions options;
    options.batch = batch;
    options.keep_pictures = true;
    std::size_t next = 0;
    const auto look = [&](PictureResult&& result) {
      EXPECT_EQ(result.index, next++);
      EXPECT_EQ(result.found.boxes.size(), result.index % 3 == 1 ? 1U : 0U);
      EXPECT_TRUE(result.picture && number_of(*result.picture) == result.index);
      return true;
    };
    const auto moving = [](std::span<const FramePicture> pictures) {
      for (const FramePicture& picture : pictures) EXPECT_EQ(number_of(picture) % 3, 1U);
      return find_number(pictures);
    };
    ASSERT_TRUE(detect_frames(source, std::vector<DetectBatch>(2, moving), options, look).ok());
    EXPECT_EQ(next, 20U);
  }
}

// Grey by grey, so that pixels and planes say the same: the first box is x1, y1, x2, y2 = 2, number, 20, 30, and its
// class is y1.
I420Image grey_planes(std::size_t number) {
  I420Image planes;
  planes.width = planes.height = 32;
  planes.full_range = true;
  for (std::size_t i = 0; i < 32 * 32; ++i) {
    const std::size_t quadrant = i / 512 * 2 + i % 32 / 16;
    planes.y.push_back(static_cast<std::uint8_t>(std::array<std::size_t, 4>{2, number, 20, 30}[quadrant]));
  }
  planes.u.assign(16 * 16, 128);
  planes.v = planes.u;
  return planes;
}

class Mixed final : public FrameSource {
 public:
  std::optional<Frame> next() override {
    if (next_ == 7) return std::nullopt;
    Frame frame;
    frame.index = next_++;
    frame.read = [index = frame.index](const ImageReadOptions&) -> Result<FramePicture> {
      auto planes = std::make_shared<I420Image>(grey_planes(index));
      if (index % 3 != 0) return FramePicture(PlanarPicture{planes->view(), planes});
      Image image = to_rgb(planes->view());
      image.file_size = {32, 32};
      return FramePicture(std::move(image));
    };
    return frame;
  }

 private:
  std::size_t next_ = 0;
};

TEST(DetectFrames, ADetectorLooksAtPixelsAndAtPlanesWhichAreSavedAsPixels) {
  DetectorOptions raw;
  raw.spec.preprocess = Preprocess{};
  raw.spec.preprocess->scale = 1;
  const auto model = test_support::QuadrantModel().model();
  ASSERT_TRUE(model.ok());
  auto detector = Detector::create(*model, raw);
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  Mixed source;
  DetectFramesOptions options;
  options.batch = 4;
  options.save = [](const PictureResult& result, const Image& image) -> Status {
    EXPECT_EQ(image.pixels, to_rgb(grey_planes(result.index).view()).pixels);
    return {};
  };
  std::size_t count = 0;
  const Status status = detect_frames(source, std::move(*detector), options, [&](const PictureResult& result) {
    EXPECT_EQ(result.index, count++);
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.width, 32);
    const auto& boxes = result.found.boxes;
    const auto first = std::ranges::find(boxes, 2.0F, &Detection::x1);
    EXPECT_TRUE(first != boxes.end() && first->class_id == static_cast<int>(result.index) && first->x2 == 20);
    return true;
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(count, 7U);
}

// A decoder has few pictures to give: those that nobody keeps go back when the next are asked for.
TEST(DetectFrames, PicturesLiveNoLongerThanTheirFrames) {
  std::weak_ptr<const void> last;
  class Lent final : public FrameSource {
   public:
    explicit Lent(std::weak_ptr<const void>& last) : last_(last) {}
    std::optional<Frame> next() override {
      EXPECT_TRUE(last_.expired());
      if (count_++ == 5) return std::nullopt;
      PlanarPicture picture = planes(count_);
      last_ = picture.owner;
      Frame frame;
      frame.read = [picture](const ImageReadOptions&) -> Result<FramePicture> { return FramePicture(picture); };
      return frame;
    }

   private:
    std::weak_ptr<const void>& last_;
    std::size_t count_ = 0;
  };
  Lent source(last);
  DetectFramesOptions options;
  options.keep_pictures = true;
  const auto drop = [](PictureResult&& result) {
    const PictureResult mine = std::move(result);
    return true;
  };
  ASSERT_TRUE(detect_frames(source, std::vector<DetectBatch>(1, find_number), options, drop).ok());
}

}  // namespace
}  // namespace saker
