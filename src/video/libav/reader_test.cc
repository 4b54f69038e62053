// Files read: every picture, its time stamp and its samples as ffmpeg and ffprobe have them; and files with faults.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "video/libav/video_testing.h"

namespace saker::video {
namespace {

using Strings = std::vector<std::string>;

void expect_as_probed(const std::string& clip, std::size_t frames) {
  const Watched watched = watch(clip);
  EXPECT_EQ(watched.error, "") << clip;
  EXPECT_EQ(watched.frames.size(), frames) << clip;
  EXPECT_EQ(watched.damaged, 0u) << clip;
  EXPECT_EQ(watched.stamps(), probed_stamps(clip)) << clip;
}

TEST(Reader, EveryPictureHasItsTimeInEveryContainer) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string mp4 = clips.make_b_frames("b.mp4");
  expect_as_probed(mp4, 50);
  for (const char* name : {"b.mkv", "b.ts", "b.flv", "b.mov"})
    expect_as_probed(clips.make(name, {"-i", mp4, "-c", "copy"}), 50);
  expect_as_probed(clips.make_test("m.avi", "64x48", 10, {"-c:v", "mjpeg"}), 10);
  expect_as_probed(clips.make_test("g.gif", "64x48", 10, {}), 10);
}

TEST(Reader, VariableRatesAndEditListsKeepTheirTimes) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string mp4 = clips.make_b_frames("b.mp4");
  const Strings uneven = {"-i",     mp4,   "-vf",  "setpts='if(lt(N,20),N,20+(N-20)*3)/25/TB'",
                          "-vsync", "vfr", "-c:v", "libx264"};
  expect_as_probed(clips.make("vfr.mp4", uneven), 50);
  expect_as_probed(clips.make("vfr.mkv", uneven), 50);
  const std::string cut = clips.make("cut.mp4", {"-ss", "0.5", "-i", mp4, "-c", "copy"});
  const Watched watched = watch(cut);
  EXPECT_EQ(watched.stamps(), probed_stamps(cut));
  EXPECT_LT(watched.frames.size(), 40u);  // what the edit list hides is not shown
}

TEST(Reader, TimesThatAreMissingAreMadeFromTheRate) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const Watched raw = watch(clips.make_b_frames("b.h264"));
  ASSERT_EQ(raw.frames.size(), 50u);
  for (std::size_t i = 0; i < raw.frames.size(); ++i)
    EXPECT_NEAR(raw.frames[i].seconds, 0.04 * static_cast<double>(i), 1e-3);
}

TEST(Reader, TheRealVideo) {
  SAKER_NEEDS_FFMPEG();
  const char* const assets = std::getenv("SAKER_ASSETS");
  const std::string clip = std::string(assets != nullptr ? assets : "../shared/assets") + "/video/people_1080p.mp4";
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "no " << clip;
  auto reader = library().open(clip, {});
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ((*reader)->info().frames, 302);
  Strings stamps;
  while (true) {
    const auto frame = (*reader)->next();
    ASSERT_TRUE(frame.ok()) << frame.error().message;
    if (!frame->has_value()) break;
    EXPECT_TRUE((*frame)->planes.bt709 && !(*frame)->planes.full_range);
    stamps.push_back(in_seconds((*frame)->pts, (*reader)->info().time_base));
  }
  EXPECT_EQ(stamps, probed_stamps(clip));
}

TEST(Reader, AFileDescribesItself) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const VideoInfo info = watch(clips.make_b_frames("b.mp4")).info;
  EXPECT_EQ(info.format, "mov");
  EXPECT_EQ(info.codec, "h264");
  EXPECT_EQ(std::pair(info.width, info.height), std::pair(320, 240));
  EXPECT_EQ(info.frame_rate.value(), 25);
  EXPECT_EQ(info.frames, 50);
  EXPECT_NEAR(info.duration.value_or(0), 2, 0.01);
  EXPECT_FALSE(info.live);
}

struct Pixels {
  const char* name;
  Strings encoding;
  PlanarLayout layout;
  const char* reference;  // ffmpeg's name for what should come out
  bool full_range;
};

TEST(Reader, SamplesAreFfmpegs) {
  SAKER_NEEDS_FFMPEG();
  const Pixels cases[] = {
      {"h264.mp4", {"-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p"}, PlanarLayout::kI420, "yuv420p", false},
      {"nv12.nut", {"-c:v", "rawvideo", "-pix_fmt", "nv12"}, PlanarLayout::kNv12, "nv12", false},
      {"ten.mp4", {"-c:v", "libx264", "-pix_fmt", "yuv420p10le"}, PlanarLayout::kI010, "yuv420p10le", false},
      {"hevc.mkv",
       {"-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"},
       PlanarLayout::kI010,
       "yuv420p10le",
       false},
      {"444.mp4", {"-c:v", "libx264", "-pix_fmt", "yuv444p"}, PlanarLayout::kI420, "yuv420p", false},
      {"422.nut", {"-c:v", "rawvideo", "-pix_fmt", "yuyv422"}, PlanarLayout::kI420, "yuv420p", false},
      {"rgb24.nut", {"-c:v", "rawvideo", "-pix_fmt", "rgb24"}, PlanarLayout::kI420, "yuv420p", false},
      {"bgr0.mkv", {"-c:v", "ffv1", "-pix_fmt", "bgr0"}, PlanarLayout::kI420, "yuv420p", false},
      {"pal8.gif", {}, PlanarLayout::kI420, "yuv420p", false},
      {"mjpeg.avi", {"-c:v", "mjpeg", "-pix_fmt", "yuvj420p"}, PlanarLayout::kI420, "yuvj420p", true},
      {"mjpeg422.avi", {"-c:v", "mjpeg", "-pix_fmt", "yuvj422p"}, PlanarLayout::kI420, "yuvj420p", true},
      {"grey.mkv", {"-c:v", "ffv1", "-pix_fmt", "gray"}, PlanarLayout::kI420, "yuvj420p", true}};
  const Clips clips;
  for (const Pixels& pixels : cases) {
    for (const char* size : {"160x120", "81x37"}) {
      // 4:2:0 of odd size cannot be encoded by all.
      if (std::string(size) == "81x37" && std::string(pixels.name).find("mp4") != std::string::npos &&
          std::string(pixels.name) != "444.mp4")
        continue;
      if (std::string(size) == "81x37" && std::string(pixels.name) == "hevc.mkv") continue;
      const std::string clip = clips.make_test(pixels.name, size, 3, pixels.encoding);
      const Watched watched = watch(clip);
      ASSERT_EQ(watched.frames.size(), 3u) << pixels.name << watched.error;
      EXPECT_EQ(watched.frames[0].planes.layout, pixels.layout) << pixels.name;
      EXPECT_EQ(watched.frames[0].planes.full_range, pixels.full_range) << pixels.name;
      // ffmpeg's last row of such chroma is what the memory happens to hold.
      if (std::string(size) == "81x37" && std::string(pixels.name) == "422.nut") continue;
      EXPECT_TRUE(watched.samples() == clips.decoded(clip, pixels.reference)) << pixels.name << " of " << size;
    }
  }
}

TEST(Reader, TheLastChromaOfOddPackedPictures) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  for (const auto& [width, height] : {std::pair(81, 37), {2, 1}}) {
    std::string raw;
    for (int i = 0; i < (width + 1) / 2 * height * 3; ++i) raw += "\x51\x5a\x51\xf0";
    const std::string size = std::to_string(width) + "x" + std::to_string(height);
    const std::string clip = clips.make(
        "yuyv.nut", {"-f", "rawvideo", "-pix_fmt", "yuyv422", "-s", size, "-i", clips.write("raw", raw), "-c", "copy"});
    const Watched watched = watch(clip);
    ASSERT_EQ(watched.frames.size(), 3u) << watched.error;
    for (const VideoFrame& frame : watched.frames) {
      const PlanarView& planes = frame.planes;
      const int last = (height + 1) / 2 - 1;
      for (int x = 0; x < (width + 1) / 2; ++x)
        EXPECT_EQ(planes.data[1][last * planes.stride_bytes[1] + x], height == 1 ? 128 : 0x5a) << x;
    }
  }
}

TEST(Reader, PicturesOfOneSample) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string raw = clips.write("raw", std::string(3, '\x50'));
  const std::string clip =
      clips.make("one.mkv", {"-f", "rawvideo", "-pix_fmt", "gray", "-s", "1x1", "-i", raw, "-c:v", "ffv1"});
  const Watched watched = watch(clip);
  ASSERT_EQ(watched.frames.size(), 3u) << watched.error;
  EXPECT_EQ(samples_of(watched.frames[0].planes), "\x50\x80\x80");
}

TEST(Reader, PicturesAreUpright) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  for (const char* size : {"160x120", "162x90"}) {
    const std::string lying = clips.make_test("lying.mp4", size, 3, {"-c:v", "libx264", "-pix_fmt", "yuv420p"});
    for (const auto& [tag, turned] : {std::pair("0", 0), {"90", 270}, {"180", 180}, {"270", 90}}) {
      const std::string clip =
          clips.make("turned.mp4", {"-i", lying, "-c", "copy", "-metadata:s:v", std::string("rotate=") + tag});
      const Watched watched = watch(clip);
      ASSERT_EQ(watched.frames.size(), 3u) << watched.error;
      EXPECT_EQ(watched.info.turned, turned);
      EXPECT_EQ(watched.info.width, watched.frames[0].planes.width);
      EXPECT_EQ(watched.info.height > watched.info.width, turned % 180 != 0);
      EXPECT_TRUE(watched.samples() == clips.decoded(clip, "yuv420p")) << tag << " of " << size;
    }
  }
}

TEST(Reader, ColoursAreThoseTheStreamSays) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const auto encode = [&](const char* size, const char* space, const char* range) {
    Strings arguments = {"-c:v", "libx264", "-pix_fmt", "yuv420p"};
    if (*space != '\0') arguments.insert(arguments.end(), {"-colorspace", space, "-color_range", range});
    return watch(clips.make_test("c.mp4", size, 1, arguments)).frames.at(0).planes;
  };
  EXPECT_FALSE(encode("320x240", "", "").bt709);
  EXPECT_TRUE(encode("1280x720", "", "").bt709);
  EXPECT_TRUE(encode("320x240", "bt709", "tv").bt709);
  EXPECT_FALSE(encode("1280x720", "smpte170m", "tv").bt709);
  EXPECT_FALSE(encode("320x240", "bt709", "tv").full_range);
  EXPECT_TRUE(encode("320x240", "bt709", "pc").full_range);
}

TEST(Reader, ASizeMayChangeOnTheWay) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const Strings encoding = {"-c:v", "libx264", "-bf", "0"};
  const std::string small = clips.make_test("small.ts", "160x120", 25, encoding);
  Strings later = encoding;
  later.insert(later.end(), {"-output_ts_offset", "1"});
  const std::string large = clips.make_test("large.ts", "320x240", 25, later);
  const Watched watched = watch(clips.write("both.ts", bytes_of(small) + bytes_of(large)));
  ASSERT_EQ(watched.frames.size(), 50u) << watched.error;
  EXPECT_EQ(watched.frames[24].planes.width, 160);
  EXPECT_EQ(watched.frames[25].planes.width, 320);
  EXPECT_TRUE(watched.samples() == clips.decoded(small, "yuv420p") + clips.decoded(large, "yuv420p"));
  ReadOptions narrow;
  narrow.max_pixels = 160 * 120;
  const Watched stopped = watch(clips.path("both.ts"), narrow);
  EXPECT_EQ(stopped.frames.size(), 25u);
  EXPECT_EQ(stopped.code, ErrorCode::kLimit);
  EXPECT_EQ(watch(large, narrow).code, ErrorCode::kLimit);
}

// Two pieces of a recording, the second with a clock that begins anew.
TEST(Reader, TimeGoesOnWhereAClockIsSetBack) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string piece = clips.make_test("piece.ts", "160x120", 50, {"-c:v", "libx264", "-bf", "0"});
  const Watched watched = watch(clips.write("both.ts", bytes_of(piece) + bytes_of(piece)));
  ASSERT_EQ(watched.frames.size(), 100u) << watched.error;
  EXPECT_NEAR(watched.frames[99].seconds, 99 * 0.04, 0.1);
  for (std::size_t i = 1; i < 100; ++i) EXPECT_GT(watched.frames[i].pts, watched.frames[i - 1].pts);
}

void expect_refused(const std::string& source, ErrorCode code, const std::string& why) {
  const Watched watched = watch(source);
  EXPECT_TRUE(watched.frames.empty()) << source;
  EXPECT_EQ(watched.code, code) << source << ": " << watched.error;
  EXPECT_EQ(watched.error.find(source), 0u) << watched.error;
  EXPECT_NE(watched.error.find(why), std::string::npos) << watched.error;
}

TEST(Reader, WhatIsNoVideoIsRefused) {
  const Clips clips;
  expect_refused(clips.path("nowhere.mp4"), ErrorCode::kNotFound, "no such file");
  expect_refused(clips.path(), ErrorCode::kIo, "folder");
  expect_refused(clips.write("empty.mp4", ""), ErrorCode::kInvalid, "empty");
  expect_refused(clips.write("text.mp4", "This is a text, not a video.\n"), ErrorCode::kInvalid, "no video");
  expect_refused(clips.write("noise.avi", std::string(4096, '\x5a')), ErrorCode::kInvalid, "no video");
  ASSERT_EQ(::mkfifo(clips.path("pipe.mp4").c_str(), 0600), 0);
  expect_refused(clips.path("pipe.mp4"), ErrorCode::kIo, "pipe");
  // Names that could be taken for protocols are files'.
  expect_refused("pipe:0.mp4", ErrorCode::kNotFound, "no such file");
}

TEST(Reader, PlaylistsOpenNoOtherFiles) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  clips.make_test("piece.ts", "64x48", 5, {"-c:v", "libx264"});
  expect_refused(clips.write("list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npiece.ts\n#EXT-X-ENDLIST\n"),
                 ErrorCode::kInvalid, "no video");
  expect_refused(clips.write("concat.mp4", "ffconcat version 1.0\nfile piece.ts\n"), ErrorCode::kInvalid, "no video");
}

TEST(Reader, SoundAloneIsNoVideo) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  expect_refused(clips.make("sound.mp4", {"-f", "lavfi", "-i", "sine=duration=1"}), ErrorCode::kInvalid,
                 "has sound, but no video");
  const std::string cover = clips.make_test("cover.png", "64x48", 1, {});
  expect_refused(clips.make("song.m4a", {"-f", "lavfi", "-i", "sine=duration=1", "-i", cover, "-map", "0", "-map", "1",
                                         "-c:v", "png", "-disposition:v", "attached_pic"}),
                 ErrorCode::kInvalid, "has sound, but no video");
}

TEST(Reader, CamerasThatAreNotThere) {
  const Watched watched = watch("/dev/video987");
  EXPECT_EQ(watched.code, ErrorCode::kNotFound);
  EXPECT_EQ(watched.error.find("/dev/video987: no such camera; "), 0u) << watched.error;
}

TEST(Reader, OfATruncatedFileWhatIsThereIsRead) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string mp4 = clips.make_b_frames("b.mp4");
  const std::string whole = bytes_of(clips.make("b.mkv", {"-i", mp4, "-c", "copy"}));
  const Watched watched = watch(clips.write("cut.mkv", whole.substr(0, whole.size() / 2)));
  EXPECT_EQ(watched.error, "");
  EXPECT_GT(watched.frames.size() + watched.damaged, 10u);
  EXPECT_LT(watched.frames.size(), 50u);
  const std::string bytes = bytes_of(mp4);  // its index is at the end
  expect_refused(clips.write("cut.mp4", bytes.substr(0, bytes.size() / 2)), ErrorCode::kInvalid, "moov atom not found");
}

TEST(Reader, DamagedPicturesAreLeftOutAndCounted) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string sound = bytes_of(clips.make_test("s.ts", "320x240", 50, {"-c:v", "libx264", "-g", "10"}));
  std::size_t damaged = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::string hurt = sound;
    unsigned random = seed * 2654435761U;
    for (int i = 0; i < 20; ++i) {
      random = random * 1664525U + 1013904223U;
      hurt[hurt.size() / 10 + random % (hurt.size() * 9 / 10)] ^= static_cast<char>(1U << (random >> 29));
    }
    const Watched watched = watch(clips.write("hurt.ts", hurt));
    EXPECT_TRUE(watched.error.empty() || watched.error.starts_with(clips.path("hurt.ts"))) << watched.error;
    for (std::size_t i = 1; i < watched.frames.size(); ++i) EXPECT_GT(watched.frames[i].pts, watched.frames[i - 1].pts);
    EXPECT_LE(watched.frames.size(), 60u);
    damaged += watched.damaged;
  }
  EXPECT_GT(damaged, 8u);
}

// What the containers' readers make of damage: nothing may crash, hang or be read out of bounds.
TEST(Reader, HurtContainersDoNoHarm) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string mp4 = clips.make_b_frames("b.mp4");
  for (const char* name : {"b.mp4", "b.mkv", "b.mov"}) {
    const std::string sound =
        name == std::string("b.mp4") ? bytes_of(mp4) : bytes_of(clips.make(name, {"-i", mp4, "-c", "copy"}));
    for (unsigned seed = 1; seed <= 20; ++seed) {
      std::string hurt = sound;
      unsigned random = seed * 2654435761U;
      for (int i = 0; i < 8; ++i) {
        random = random * 1664525U + 1013904223U;
        // Half of them where the index is.
        const std::size_t place =
            i % 2 == 0 ? random % hurt.size() : hurt.size() - 1 - random % std::min<std::size_t>(2000, hurt.size());
        hurt[place] = static_cast<char>(random >> 24);
      }
      const Watched watched = watch(clips.write(std::string("hurt_") + name, hurt));
      EXPECT_LE(watched.frames.size(), 200u);
    }
  }
}

TEST(Reader, FramesOutliveTheirReader) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const Watched watched = watch(clips.make_test("h.mp4", "160x120", 10, {"-c:v", "libx264", "-pix_fmt", "yuv420p"}));
  EXPECT_TRUE(watched.samples() == clips.decoded(clips.path("h.mp4"), "yuv420p"));
}

TEST(Reader, AnInterruptedReaderEnds) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  auto reader = library().open(clips.make_b_frames("b.mp4"), {});
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->next().ok());
  (*reader)->interrupt();
  const auto frame = (*reader)->next();
  ASSERT_FALSE(frame.ok());
  EXPECT_NE(frame.error().message.find("stopped"), std::string::npos) << frame.error().message;
}

}  // namespace
}  // namespace saker::video
