#include "support/compare_pictures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

namespace saker::test {

Image decoded(const ByteVector& bytes) {
  auto image = decode_image(bytes, "picture");
  EXPECT_TRUE(image.ok()) << image.error().message;
  if (!image.ok()) return {};
  EXPECT_EQ(image->pixels.size(), static_cast<std::size_t>(image->width) * static_cast<std::size_t>(image->height) * 3);
  return *image;
}

void expect_same(const Image& got, const Image& expected) {
  EXPECT_EQ(got.width, expected.width);
  EXPECT_EQ(got.height, expected.height);
  EXPECT_EQ(got.pixels, expected.pixels);
}

int largest_difference(const Image& a, const Image& b) {
  if (a.pixels.size() != b.pixels.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  return largest;
}

ByteVector grey_samples(const Image& image) {
  ByteVector samples;
  for (std::size_t i = 1; i < image.pixels.size(); i += 3) samples.push_back(image.pixels[i]);
  return samples;
}

Image widened(const Image& image) {
  Image grey = image;
  for (std::size_t i = 0; i < grey.pixels.size(); i += 3) grey.pixels[i] = grey.pixels[i + 2] = grey.pixels[i + 1];
  return grey;
}

ByteVector wide_samples(const ByteVector& samples) {
  ByteVector wide;
  for (const std::uint8_t high : samples) {
    const auto low = static_cast<std::uint8_t>(high * 7 + 200);
    if (std::endian::native == std::endian::little) wide.insert(wide.end(), {low, high});
    if (std::endian::native == std::endian::big) wide.insert(wide.end(), {high, low});
  }
  return wide;
}

}  // namespace saker::test
