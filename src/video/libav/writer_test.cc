// Files written: their time stamps, sizes and colours as ffprobe has them, and their samples.
#include <sys/resource.h>

#include <cmath>
#include <csignal>

#include "video/libav/video_testing.h"

namespace saker::video {
namespace {

struct Picture {
  std::vector<std::uint8_t> samples;
  PlanarView view;
};

// A gradient that moves with `time`, in planes without gaps.
Picture gradient(PlanarLayout layout, int width, int height, int time) {
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const std::size_t chroma = static_cast<std::size_t>((width + 1) / 2) * static_cast<std::size_t>((height + 1) / 2);
  Picture picture;
  picture.samples.resize(pixels + 2 * chroma);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      picture.samples[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] =
          static_cast<std::uint8_t>(32 + (x + 2 * y + 3 * time) % 192);
  }
  const bool pairs = layout == PlanarLayout::kNv12;
  for (std::size_t i = 0; i < chroma; ++i) {
    picture.samples[pixels + (pairs ? 2 * i : i)] = 100;
    picture.samples[pixels + (pairs ? 2 * i + 1 : chroma + i)] = 160;
  }
  const std::uint8_t* const data = picture.samples.data();
  const std::ptrdiff_t half = (width + 1) / 2;
  picture.view = {layout,
                  width,
                  height,
                  {data, data + pixels, pairs ? nullptr : data + pixels + chroma},
                  {width, pairs ? 2 * half : half, half},
                  false,
                  false};
  return picture;
}

WriteOptions options_for(int width, int height) {
  WriteOptions options;
  options.width = width;
  options.height = height;
  options.time_base = {1, 1000};
  options.frame_rate = {25, 1};
  return options;
}

void write_gradients(const std::string& path, const WriteOptions& options, int frames,
                     PlanarLayout layout = PlanarLayout::kI420) {
  auto writer = library().create(path, options);
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  for (int i = 0; i < frames; ++i) {
    Picture picture = gradient(layout, options.width, options.height, i);
    picture.view.bt709 = options.bt709;
    picture.view.full_range = options.full_range;
    const Status written = (*writer)->write(picture.view, 40 * i);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  const Status finished = (*writer)->finish();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
}

// Of luma; pictures of `seen` may be larger than `wrote`.
double psnr(const PlanarView& seen, const PlanarView& wrote) {
  double sum = 0;
  for (int y = 0; y < wrote.height; ++y) {
    for (int x = 0; x < wrote.width; ++x) {
      const double difference =
          seen.data[0][y * seen.stride_bytes[0] + x] - wrote.data[0][y * wrote.stride_bytes[0] + x];
      sum += difference * difference;
    }
  }
  return 10 * std::log10(255.0 * 255 * wrote.width * wrote.height / std::max(sum, 1.0));
}

// Reads `clip`, writes `path` with the same times.
void copy_video(const std::string& clip, const std::string& path) {
  auto reader = library().open(clip, {});
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const VideoInfo& info = (*reader)->info();
  WriteOptions options = options_for(info.width, info.height);
  options.time_base = info.time_base;
  options.frame_rate = info.frame_rate;
  auto writer = library().create(path, options);
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  while (true) {
    const auto frame = (*reader)->next();
    ASSERT_TRUE(frame.ok()) << frame.error().message;
    if (!frame->has_value()) break;
    ASSERT_TRUE((*writer)->write((*frame)->planes, (*frame)->pts).ok());
  }
  ASSERT_TRUE((*writer)->finish().ok());
}

TEST(Writer, TimeStampsAreKept) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string even = clips.make_b_frames("even.mp4");
  const std::vector<std::string> encode = {"-i",     even,  "-vf",  "setpts='if(lt(N,20),N,20+(N-20)*3)/25/TB'",
                                           "-vsync", "vfr", "-c:v", "libx264"};
  const std::string uneven = clips.make("uneven.mp4", encode), uneven_mkv = clips.make("uneven.mkv", encode);
  const std::string ntsc = clips.make(
      "ntsc.mp4", {"-f", "lavfi", "-i", "testsrc=rate=30000/1001:size=64x48", "-frames:v", "40", "-c:v", "libx264"});
  for (const std::string& clip : {even, uneven, uneven_mkv, ntsc}) {
    copy_video(clip, clips.path("copy.mp4"));
    EXPECT_EQ(probed_stamps(clips.path("copy.mp4")), probed_stamps(clip)) << clip;
    EXPECT_EQ(watch(clips.path("copy.mp4")).stamps(), probed_stamps(clip)) << clip;
  }
  // Matroska counts milliseconds.
  for (const std::string& clip : {even, uneven, uneven_mkv}) {
    copy_video(clip, clips.path("copy.mkv"));
    EXPECT_EQ(probed_stamps(clips.path("copy.mkv")), probed_stamps(clip)) << clip;
  }
  copy_video(ntsc, clips.path("copy.mkv"));
  const auto wrote = probed_stamps(clips.path("copy.mkv")), was = probed_stamps(ntsc);
  ASSERT_EQ(wrote.size(), was.size());
  for (std::size_t i = 0; i < was.size(); ++i) EXPECT_NEAR(*parse_number(wrote[i]), *parse_number(was[i]), 0.00051);
}

TEST(Writer, TheLengthCountsTheLastPicture) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  write_gradients(clips.path("a.mp4"), options_for(64, 48), 50);
  const std::string stream = probed_stream(clips.path("a.mp4"), "avg_frame_rate,duration,nb_frames");
  EXPECT_EQ(stream, "avg_frame_rate=25/1\nduration=2.000000\nnb_frames=50\n");
}

TEST(Writer, EveryContainerHoldsThePictures) {
  const test::TempFolder folder;
  for (const char* name : {"a.mp4", "a.mkv", "a.mov", "a.avi", "B.MP4"}) {
    for (const PlanarLayout layout : {PlanarLayout::kI420, PlanarLayout::kNv12}) {
      WriteOptions options = options_for(160, 90);
      options.quality = 10;
      write_gradients(folder.path(name), options, 12, layout);
      const Watched watched = watch(folder.path(name));
      ASSERT_EQ(watched.frames.size(), 12u) << name << watched.error;
      for (int i = 0; i < 12; ++i) {
        EXPECT_GT(psnr(watched.frames[static_cast<std::size_t>(i)].planes, gradient(layout, 160, 90, i).view), 35)
            << name;
      }
      const PlanarView& planes = watched.frames[5].planes;
      EXPECT_NEAR(planes.data[1][10], 100, 3);
      EXPECT_NEAR(planes.data[2][10], 160, 3);
    }
  }
}

TEST(Writer, OddSizesRepeatTheirLastColumnAndRow) {
  const test::TempFolder folder;
  for (const auto& [width, height] : {std::pair(161, 91), {160, 91}, {161, 90}, {3, 3}, {1, 1}, {1, 40}}) {
    WriteOptions options = options_for(width, height);
    options.quality = 0;
    write_gradients(folder.path("odd.mp4"), options, 3);
    const Watched watched = watch(folder.path("odd.mp4"));
    ASSERT_EQ(watched.frames.size(), 3u) << watched.error;
    const PlanarView& seen = watched.frames[0].planes;
    EXPECT_EQ(seen.width, width + width % 2);
    EXPECT_EQ(seen.height, height + height % 2);
    const Picture wrote = gradient(PlanarLayout::kI420, width, height, 0);
    EXPECT_GT(psnr(seen, wrote.view), 40);
    EXPECT_NEAR(seen.data[0][(seen.height - 1) * seen.stride_bytes[0] + seen.width - 1],
                wrote.view.data[0][(height - 1) * width + width - 1], 6);
  }
}

TEST(Writer, ColoursAreTold) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    for (const bool bt709 : {false, true}) {
      for (const bool full : {false, true}) {
        WriteOptions options = options_for(64, 48);
        options.bt709 = bt709;
        options.full_range = full;
        write_gradients(clips.path(name), options, 2);
        const std::string stream = probed_stream(clips.path(name), "color_space,color_range");
        EXPECT_NE(stream.find(bt709 ? "color_space=bt709" : "color_space=smpte170m"), std::string::npos) << stream;
        EXPECT_NE(stream.find(full ? "color_range=pc" : "color_range=tv"), std::string::npos) << stream;
        EXPECT_EQ(watch(clips.path(name)).frames.at(0).planes.full_range, full);
      }
    }
  }
}

// A source whose colours change on the way.
TEST(Writer, PicturesInOtherColoursAreConverted) {
  const test::TempFolder folder;
  WriteOptions options = options_for(64, 48);
  options.quality = 1;
  auto writer = library().create(folder.path("a.mp4"), options);
  ASSERT_TRUE(writer.ok());
  Picture white = gradient(PlanarLayout::kI420, 64, 48, 0);
  std::fill(white.samples.begin(), white.samples.begin() + 64 * 48, std::uint8_t{255});
  std::fill(white.samples.begin() + 64 * 48, white.samples.end(), std::uint8_t{128});
  white.view.full_range = true;
  ASSERT_TRUE((*writer)->write(white.view, 0).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_NEAR(watch(folder.path("a.mp4")).frames.at(0).planes.data[0][10], 235, 2);
}

TEST(Writer, APictureOfAnotherSizeIsRefused) {
  const test::TempFolder folder;
  auto writer = library().create(folder.path("a.mp4"), options_for(64, 48));
  ASSERT_TRUE(writer.ok());
  const Status written = (*writer)->write(gradient(PlanarLayout::kI420, 32, 48, 0).view, 0);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kInvalid);
  EXPECT_NE(written.error().message.find("32x48 pixels in a video of 64x48"), std::string::npos)
      << written.error().message;
}

TEST(Writer, AVideoOfNoPicturesIsAFileAllTheSame) {
  const test::TempFolder folder;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    write_gradients(folder.path(name), options_for(64, 48), 0);
    EXPECT_TRUE(watch(folder.path(name)).frames.empty());
  }
}

// No file may grow beyond so many bytes: as on a full disk, errors come from write().
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit now{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, before_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  void (*before_)(int);
  rlimit old_{};
};

TEST(Writer, AFullDiskIsAnErrorAndLeavesNothing) {
  const test::TempFolder folder;
  for (const char* name : {"a.mp4", "a.mkv", "a.avi", "a.mov"}) {
    for (const rlim_t bytes : {100U, 3000U, 40000U}) {
      bool failed = false;
      {
        WriteOptions options = options_for(320, 240);
        options.quality = 5;
        const FileLimit limit(bytes);
        auto writer = library().create(folder.path(name), options);
        for (int i = 0; writer.ok() && i < 100 && !failed; ++i) {
          const Status written = (*writer)->write(gradient(PlanarLayout::kI420, 320, 240, 7 * i * i).view, 40 * i);
          failed = !written.ok();
          EXPECT_TRUE(!failed || written.error().message.starts_with(folder.path(name))) << written.error().message;
        }
        failed = failed || !writer.ok() || !(*writer)->finish().ok();
      }
      EXPECT_TRUE(failed) << name << " in " << bytes;
      EXPECT_TRUE(folder.names().empty()) << name << " in " << bytes;
    }
  }
}

// Before there is a window: SDL stays with the display that it has found.
TEST(Window, NeedsADisplay) {
  ::setenv("SDL_VIDEODRIVER", "no such driver", 1);
  const auto window = library().show("a window", options_for(64, 48));
  ASSERT_FALSE(window.ok());
  EXPECT_EQ(window.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(window.error().message.find("no window"), std::string::npos) << window.error().message;
}

TEST(Window, ShowsPictures) {
  ::setenv("SDL_VIDEODRIVER", "dummy", 1);
  auto window = library().show("a window", options_for(161, 91));
  if (!window.ok()) GTEST_SKIP() << window.error().message;
  for (int i = 0; i < 3; ++i) {
    const Status written = (*window)->write(gradient(PlanarLayout::kNv12, 161, 91, i).view, 40 * i);
    EXPECT_TRUE(written.ok()) << written.error().message;
  }
  EXPECT_TRUE((*window)->finish().ok());
}

}  // namespace
}  // namespace saker::video
