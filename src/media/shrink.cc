// Makes pictures smaller: every new pixel is the mean of what it covers.
#include <algorithm>
#include <cmath>
#include <vector>

#include "media/draw.h"
#include "media/formats.h"

namespace saker {
namespace {

// What of the old pixels lies under a new one: first..last with their parts, which add up to 1.
struct Cover {
  int first = 0;
  std::vector<float> parts;
};

std::vector<Cover> covers(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  std::vector<Cover> all(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double begin = i * scale, end = std::min((i + 1) * scale, static_cast<double>(from));
    Cover& cover = all[static_cast<std::size_t>(i)];
    cover.first = std::min(static_cast<int>(begin), from - 1);
    for (int k = cover.first; k < from && (k < end || cover.parts.empty()); ++k) {
      const double part = std::min(end, k + 1.0) - std::max(begin, static_cast<double>(k));
      cover.parts.push_back(static_cast<float>(part / (end - begin)));
    }
  }
  return all;
}

// Adds `part` of one row, made narrower, to `sums`.
void add_row(const std::uint8_t* row, const std::vector<Cover>& columns, float part, std::vector<float>& sums) {
  float* out = sums.data();
  for (const Cover& column : columns) {
    const std::uint8_t* rgb = row + std::ptrdiff_t{3} * column.first;
    for (const float p : column.parts) {
      for (int c = 0; c < 3; ++c) out[c] += part * p * static_cast<float>(rgb[c]);
      rgb += 3;
    }
    out += 3;
  }
}

}  // namespace

Image shrink(const ImageView& image, int longest_side) {
  const int longest = std::max(image.width, image.height);
  if (longest <= longest_side)
    return crop(image, 0, 0, static_cast<float>(image.width), static_cast<float>(image.height));
  const auto shorter = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) * longest_side / longest)));
  };
  Image small = blank_image(shorter(image.width), shorter(image.height));
  const std::vector<Cover> columns = covers(image.width, small.width), rows = covers(image.height, small.height);
  std::uint8_t* out = small.pixels.data();
  std::vector<float> sums(static_cast<std::size_t>(small.width) * 3);
  for (const Cover& row : rows) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    const std::uint8_t* from = image.data + row.first * image.stride_bytes;
    for (const float part : row.parts) {
      add_row(from, columns, part, sums);
      from += image.stride_bytes;
    }
    for (std::size_t i = 0; i < sums.size(); i += 3) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t channel = image.format == PixelFormat::kBgr ? 2 - c : c;
        *out++ = static_cast<std::uint8_t>(std::lround(std::min(sums[i + channel], 255.0F)));
      }
    }
  }
  return small;
}

}  // namespace saker
