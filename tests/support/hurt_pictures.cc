#include "support/hurt_pictures.h"

#include <gtest/gtest.h>

namespace saker::test {

Error error_of(const ByteVector& bytes, const ImageReadOptions& options) {
  auto image = decode_image(bytes, "some/picture.jpg", options);
  EXPECT_FALSE(image.ok());
  if (image.ok()) return {};
  EXPECT_EQ(image.error().message.rfind("some/picture.jpg: ", 0), 0U) << image.error().message;
  return image.error();
}

void expect_refused_when_cut(const ByteVector& bytes, std::size_t tail) {
  for (std::size_t size = 0; size + tail < bytes.size(); ++size) {
    const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(size);
    auto image = decode_image(ByteVector(bytes.begin(), end), "cut");
    ASSERT_FALSE(image.ok()) << size << " of " << bytes.size() << " bytes";
    ASSERT_EQ(image.error().code, ErrorCode::kInvalid) << image.error().message;
  }
  const auto half = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * 3 / 4);
  const Error error = error_of(ByteVector(bytes.begin(), half));
  EXPECT_NE(error.message.find("truncated"), std::string::npos) << error.message;
}

void damage_every_byte(ByteVector bytes) {
  for (std::uint8_t& byte : bytes) {
    const std::uint8_t whole = byte;
    for (const int value : {0x00, 0xFF, whole ^ 0x10}) {
      byte = static_cast<std::uint8_t>(value);
      auto got = decode_image(bytes, "damaged", {.max_pixels = 1 << 16});
      if (!got.ok()) {
        EXPECT_FALSE(got.error().message.empty());
      }
    }
    byte = whole;
  }
}

}  // namespace saker::test
