// Rows are resized horizontally once and kept while two neighbouring result rows want them.
#include "augment/resize.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/bilinear.h"

namespace saker::augment {
namespace {

struct Column {
  std::int32_t left = 0, right = 0;  // bytes from the row's start
  std::int16_t left_weight = 0, right_weight = 0;
};

std::vector<Column> columns_of(int source, int target) {
  const double scale = bilinear_scale(source, target);
  std::vector<Column> columns(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    BilinearPosition at = bilinear_position(i, scale);
    if (at.index < 0) at = {0, 0};
    if (at.index >= source - 1) at = {source - 1, 0};
    columns[static_cast<std::size_t>(i)] = {at.index * 3, std::min(at.index + 1, source - 1) * 3,
                                            bilinear_weight(1 - at.fraction), bilinear_weight(at.fraction)};
  }
  return columns;
}

// Values have 7 fractional bits.
void resize_row(const std::uint8_t* row, const std::vector<Column>& columns, std::int16_t* values) {
  for (const Column& column : columns) {
    const std::uint8_t *left = row + column.left, *right = row + column.right;
    const std::int32_t a = column.left_weight, b = column.right_weight;
    for (int c = 0; c < 3; ++c) values[c] = static_cast<std::int16_t>((left[c] * a + right[c] * b) >> 4);
    values += 3;
  }
}

void blend_rows(const std::int16_t* top, const std::int16_t* bottom, std::int16_t top_weight,
                std::int16_t bottom_weight, std::size_t count, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const int sum = ((top[i] * top_weight) >> 16) + ((bottom[i] * bottom_weight) >> 16) + 2;
    out[i] = static_cast<std::uint8_t>(sum >> 2);
  }
}

}  // namespace

Image resize(const ImageView& source, ImageSize target) {
  Image image;
  image.width = target.width;
  image.height = target.height;
  image.file_size = source.file_size.width > 0 ? source.file_size : ImageSize{source.width, source.height};
  const std::size_t row_values = static_cast<std::size_t>(target.width) * 3;
  image.pixels.resize(row_values * static_cast<std::size_t>(target.height));

  const std::vector<Column> columns = columns_of(source.width, target.width);
  const double scale = bilinear_scale(source.height, target.height);
  std::array<std::vector<std::int16_t>, 2> kept = {std::vector<std::int16_t>(row_values),
                                                   std::vector<std::int16_t>(row_values)};
  std::array<int, 2> kept_row = {-1, -1};
  const auto need = [&](int slot, int row) {
    const auto i = static_cast<std::size_t>(slot);
    if (kept_row[i] == row) return;
    if (kept_row[1 - i] == row) {  // what was below is above now
      std::swap(kept[0], kept[1]);
      std::swap(kept_row[0], kept_row[1]);
      return;
    }
    resize_row(source.data + row * source.stride_bytes, columns, kept[i].data());
    kept_row[i] = row;
  };
  for (int y = 0; y < target.height; ++y) {
    const BilinearPosition at = bilinear_position(y, scale);
    const int top = std::clamp(at.index, 0, source.height - 1), bottom = std::clamp(at.index + 1, 0, source.height - 1);
    need(0, top);
    if (bottom != top) need(1, bottom);
    blend_rows(kept[0].data(), kept[bottom != top ? 1 : 0].data(), bilinear_weight(1 - at.fraction),
               bilinear_weight(at.fraction), row_values,
               image.pixels.data() + static_cast<std::size_t>(y) * row_values);
  }
  return image;
}

}  // namespace saker::augment
