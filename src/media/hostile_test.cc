// Broken, cut, lying and oversized files are refused quickly and with a reason.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "support/hurt_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::error_of;
using test::expect_refused_when_cut;
using test::pattern;

TEST(HostilePicture, CutJpeg) {
  const Image image = pattern(24, 24);
  expect_refused_when_cut(test::make_jpeg(24, 24, image.pixels), 3);  // the end marker, a byte of padding bits
  expect_refused_when_cut(test::make_jpeg(24, 24, image.pixels, {.restart_interval = 2}), 3);
  expect_refused_when_cut(test::make_jpeg(24, 24, image.pixels, {.progressive = true}), 1);
}

TEST(HostilePicture, CutOthers) {
  const Image image = pattern(24, 24);
  expect_refused_when_cut(test::make_png(24, 24, image.pixels), 20);  // checksums and the end chunk
  expect_refused_when_cut(test::make_webp(image, true), 0);
  expect_refused_when_cut(test::make_webp(image, false), 0);
  expect_refused_when_cut(test::make_bmp(24, 24, ByteVector(24 * 24 * 3)), 0);
  ByteVector binary = test::to_bytes("P6\n24 24\n255\n");
  binary.insert(binary.end(), image.pixels.begin(), image.pixels.end());
  expect_refused_when_cut(binary, 0);
  expect_refused_when_cut(test::to_bytes("P3\n3 1\n255\n1 2 3 4 5 6 7 8 9"), 0);
}

TEST(HostilePicture, EmptyAndForeign) {
  EXPECT_EQ(error_of({}).code, ErrorCode::kInvalid);
  const Error text = error_of(test::to_bytes("Dear reader, this is not a picture."));
  EXPECT_EQ(text.code, ErrorCode::kInvalid);
  EXPECT_EQ(text.message.rfind("some/picture.jpg: not a picture this build can read (JPEG, PNG, WebP, BMP, PPM", 0), 0U)
      << text.message;
  EXPECT_NE(error_of(test::to_bytes("BMW is a car maker and no bitmap")).message.find("not a picture"),
            std::string::npos);
}

TEST(HostilePicture, NoPixels) {
  EXPECT_EQ(error_of(test::make_png_header(0, 5)).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::make_bmp(0, 5, ByteVector(64))).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::make_bmp(5, 0, ByteVector(64))).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::make_bmp(-5, 5, ByteVector(640))).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::to_bytes("P6 0 5 255\nxxxx")).code, ErrorCode::kInvalid);
}

TEST(HostilePicture, HugeHeadersAreRefusedBeforeMemoryIsTaken) {
  ByteVector jpeg = test::make_jpeg(8, 8, ByteVector(192));
  const ByteVector frame = {0xFF, 0xC0};
  const auto at = std::search(jpeg.begin(), jpeg.end(), frame.begin(), frame.end());
  ASSERT_NE(at, jpeg.end());
  std::fill_n(at + 5, 4, std::uint8_t{0xFF});
  at[5] = at[7] = 0xFD;  // 65023 x 65023, below the format's own limit

  rusage before = {};
  getrusage(RUSAGE_SELF, &before);
  const auto start = std::chrono::steady_clock::now();
  for (const ByteVector& bytes :
       {jpeg, test::make_png_header(65535, 65535), test::make_png_header(0x7FFFFFFF, 0x7FFFFFFF),
        test::make_bmp(65535, 65535, ByteVector(100)), test::make_bmp(0x7FFFFFFF, -0x7FFFFFFF - 1, ByteVector(100)),
        test::to_bytes("P6 65535 65535 255\n1234"), test::to_bytes("P3 99999999999999999999 9 255\n1 2 3")}) {
    const Error error = error_of(bytes);
    EXPECT_EQ(error.code, ErrorCode::kLimit) << error.message;
    EXPECT_NE(error.message.find("pixels"), std::string::npos) << error.message;
  }
  const auto elapsed = std::chrono::steady_clock::now() - start;
  rusage after = {};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(elapsed, std::chrono::seconds(1));
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 * 1024);  // KiB
}

TEST(HostilePicture, LimitIsOnPixels) {
  const ByteVector bytes = test::make_png(10, 10, pattern(10, 10).pixels);
  EXPECT_TRUE(decode_image(bytes, "fits", {.max_pixels = 100}).ok());
  EXPECT_EQ(error_of(bytes, {.max_pixels = 99}).code, ErrorCode::kLimit);
  EXPECT_EQ(error_of(bytes, {.max_pixels = -1}).code, ErrorCode::kLimit);
}

TEST(HostilePicture, HeadersThatPromiseMoreThanTheFileHolds) {
  for (const ByteVector& bytes : {test::make_png_header(9000, 9000), test::make_bmp(9000, 9000, ByteVector(100)),
                                  test::to_bytes("P6 9000 9000 255\n1234"), test::to_bytes("P2 9000 9000 255\n1 2")}) {
    const Error error = error_of(bytes);
    EXPECT_EQ(error.code, ErrorCode::kInvalid);
    EXPECT_NE(error.message.find("truncated"), std::string::npos) << error.message;
  }
}

TEST(HostilePicture, ScansWithoutEnd) {
  // The last scan of a progressive file, repeated.
  ByteVector bytes = test::make_jpeg(16, 16, pattern(16, 16).pixels, {.progressive = true});
  const ByteVector marker = {0xFF, 0xDA};
  const auto last = std::find_end(bytes.begin(), bytes.end(), marker.begin(), marker.end());
  ASSERT_NE(last, bytes.end());
  const ByteVector scan(last, bytes.end() - 2);
  bytes.resize(bytes.size() - 2);
  for (int i = 0; i < 200; ++i) bytes.insert(bytes.end(), scan.begin(), scan.end());
  test::append_be(bytes, 0xFFD9, 2);
  const Error error = error_of(bytes);
  EXPECT_EQ(error.code, ErrorCode::kLimit) << error.message;
  EXPECT_NE(error.message.find("scans"), std::string::npos) << error.message;
}

TEST(HostilePicture, DamagedChecksumsAndHeaders) {
  ByteVector png = test::make_png(10, 10, pattern(10, 10).pixels);
  png[23] ^= 1;  // of the height
  EXPECT_EQ(error_of(png).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::to_bytes("P6 x 5 255\n")).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::to_bytes("P6 5 5 70000\n")).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(test::make_bmp(4, 4, ByteVector(64), {.bits = 8, .compression = 1})).code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(error_of(test::make_bmp(4, 4, ByteVector(64), {.bits = 7})).code, ErrorCode::kUnsupported);
}

TEST(HostilePicture, EveryByteDamagedInTurn) {
  const Image image = pattern(12, 9);
  for (const ByteVector& bytes :
       {test::make_jpeg(12, 9, image.pixels), test::make_jpeg(12, 9, image.pixels, {.progressive = true}),
        test::make_png(12, 9, image.pixels), test::make_webp(image, true), test::make_webp(image, false),
        test::make_bmp(12, 9, ByteVector(12 * 9 * 3))}) {
    test::damage_every_byte(bytes);
  }
}

TEST(ReadImage, MissingFilesAndFolders) {
  const test::TempFolder folder;
  auto missing = read_image(folder.path("none.png"));
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("none.png"), std::string::npos);
  auto directory = read_image(folder.path("."));
  ASSERT_FALSE(directory.ok());
  EXPECT_EQ(directory.error().code, ErrorCode::kIo);
  EXPECT_NE(directory.error().message.find("folder"), std::string::npos) << directory.error().message;
}

TEST(ReadImage, FilesLongerThanTheBound) {
  const test::TempFolder folder;
  test::write_bytes(folder.path("huge.png"), {});
  ASSERT_EQ(::truncate(folder.path("huge.png").c_str(), off_t{5} << 30), 0);  // no blocks on the disk
  auto image = read_image(folder.path("huge.png"));
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(image.error().code, ErrorCode::kLimit) << image.error().message;
  EXPECT_EQ(read_image("/dev/null").error().code, ErrorCode::kIo);  // not a regular file
  auto empty = read_image("/dev/null", {.pipes = true});
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().code, ErrorCode::kInvalid) << empty.error().message;
}

}  // namespace
}  // namespace saker
