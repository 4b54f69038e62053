// What a build says of the formats that it may lack.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/text.h"
#include "media/late_library.h"
#include "support/hurt_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::error_of;

struct Format {
  const char* name;
  std::string begin;  // of a file
  std::vector<const char*> extensions;
  bool read;
};

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"TIFF", std::string("II*\0", 4), {".tif", ".tiff"}, SAKER_HAS_TIFF == 1},
      {"TIFF", std::string("MM\0+", 4), {".TIF"}, SAKER_HAS_TIFF == 1},
      {"GIF", "GIF87a", {".gif"}, SAKER_HAS_GIF == 1},
      {"AVIF",
       std::string("\0\0\0\x18"
                   "ftypmif1\0\0\0\0mif1avif",
                   24),
       {".avif"},
       SAKER_HAS_AVIF == 1},
      {"JPEG 2000", std::string("\0\0\0\x0CjP  \r\n\x87\n", 12), {".jp2", ".jpx"}, SAKER_HAS_JPEG2000 == 1},
      {"JPEG 2000", "\xFF\x4F\xFF\x51", {".j2k", ".j2c", ".jpc"}, SAKER_HAS_JPEG2000 == 1},
  };
  return all;
}

TEST(MoreFormats, AreToldByContentAndNamedWhereTheyAreNotRead) {
  for (const Format& format : formats()) {
    ByteVector bytes = test::to_bytes(format.begin);
    bytes.resize(64);
    const Error error = error_of(bytes);
    if (format.read) {
      EXPECT_EQ(error.code, ErrorCode::kInvalid) << error.message;
      EXPECT_NE(error.message.find(format.name), std::string::npos) << error.message;
    } else {
      EXPECT_EQ(error.code, ErrorCode::kUnsupported) << error.message;
      EXPECT_NE(error.message.find(std::string("this build reads no ") + format.name + "; build it with lib"),
                std::string::npos)
          << error.message;
    }
  }
}

TEST(MoreFormats, AreListedAmongWhatIsRead) {
  const std::string message = error_of(test::to_bytes("no picture at all")).message;
  for (const Format& format : formats()) {
    EXPECT_EQ(message.find(format.name) != std::string::npos, format.read) << message;
    for (const char* extension : format.extensions) {
      EXPECT_EQ(has_picture_extension(std::string("a") + extension), format.read) << extension;
    }
  }
}

// No library keeps anything that two decoders could both write to.
TEST(MoreFormats, ManyThreadsAtOnce) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus/picture"))  // from the root
    paths.push_back(entry.path().string());
  ASSERT_GT(paths.size(), 20U);
  std::vector<Image> alone;
  for (const std::string& path : paths) alone.push_back(read_image(path).ok() ? *read_image(path) : Image{});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 10; ++repeat) {
        for (std::size_t k = 0; k < paths.size(); ++k) {
          const auto image = read_image(paths[k]);
          if ((image.ok() ? image->pixels : std::vector<std::uint8_t>{}) != alone[k].pixels) ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(MoreFormats, OtherMediaOfTheSameContainerAreNotAvif) {
  const std::string heic(
      "\0\0\0\x18"
      "ftypheic\0\0\0\0mif1heic",
      24);
  EXPECT_NE(error_of(test::to_bytes(heic)).message.find("not a picture"), std::string::npos);
}

// A machine without the library, and one whose library lacks a function.
struct NoLibrary : LateLibrary {
  NoLibrary() : LateLibrary("PCX", "libpcx-that-nobody-has.so.1") {}
  SAKER_LATE_FUNCTION(fputs)
};
struct OtherLibrary : LateLibrary {
  OtherLibrary() : LateLibrary("PCX", "libz.so.1") {}
  decltype(::fputs)* function = find<decltype(::fputs)>("inflate_pictures");
};

TEST(LateLibrary, SaysWhatIsMissing) {
  const NoLibrary none;
  EXPECT_EQ(none.fputs, nullptr);
  ASSERT_FALSE(none.status().ok());
  EXPECT_EQ(none.status().error().code, ErrorCode::kUnsupported);
  EXPECT_NE(none.status().error().message.find("PCX pictures are read by libpcx-that-nobody-has.so.1"),
            std::string::npos);
  const OtherLibrary other;
  EXPECT_EQ(other.function, nullptr);
  EXPECT_NE(other.status().error().message.find("inflate_pictures"), std::string::npos)
      << other.status().error().message;
}

}  // namespace
}  // namespace saker
