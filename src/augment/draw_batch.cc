#include "augment/draw_batch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "augment/resize.h"
#include "media/draw.h"
#include "media/text.h"

namespace saker::augment {
namespace {

constexpr std::int64_t kMostPictures = 16;
constexpr int kLargestSide = 1920;  // pixels, of the sheet
constexpr std::size_t kNameLength = 40;

// White on a dark line, so that it can be read on any picture.
void draw_name(Image& sheet, const std::string& name, float x, float y) {
  constexpr float kSize = 13, kMargin = 4;
  const std::u32string text = decode_label(name, kNameLength);
  const float baseline = y + kMargin + text_ascent(kSize);
  for (const float dx : {-1.0F, 1.0F}) {
    for (const float dy : {-1.0F, 1.0F}) draw_text(sheet, text, kSize, x + kMargin + dx, baseline + dy, {0, 0, 0});
  }
  draw_text(sheet, text, kSize, x + kMargin, baseline, {230, 230, 230});
}

void copy_into(Image& sheet, const Image& picture, int left, int top) {
  for (int y = 0; y < picture.height; ++y) {
    const std::size_t to =
        (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(sheet.width) + static_cast<std::size_t>(left)) *
        3;
    const std::size_t row = static_cast<std::size_t>(picture.width) * 3;
    std::memcpy(sheet.pixels.data() + to, picture.pixels.data() + static_cast<std::size_t>(y) * row, row);
  }
}

}  // namespace

Image draw_batch(const Batch& batch, const Dataset& dataset) {
  const Shape& shape = batch.pixels.shape();
  const auto count = static_cast<int>(std::min(shape[0], kMostPictures));
  const auto height = static_cast<int>(shape[1]), width = static_cast<int>(shape[2]);
  const int columns = static_cast<int>(std::ceil(std::sqrt(count))), rows = (count + columns - 1) / columns;
  const double scale = std::min(1.0, static_cast<double>(kLargestSide) / (columns * std::max(width, height)));
  const ImageSize cell = {std::max(1, static_cast<int>(width * scale)), std::max(1, static_cast<int>(height * scale))};

  Image sheet;
  sheet.width = cell.width * columns;
  sheet.height = cell.height * rows;
  sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3, 255);
  for (int i = 0; i < count; ++i) {
    const std::uint8_t* pixels = batch.pixels.data<std::uint8_t>() + std::ptrdiff_t{3} * i * width * height;
    copy_into(sheet, resize({pixels, width, height, std::ptrdiff_t{3} * width, PixelFormat::kRgb, {}}, cell),
              i % columns * cell.width, i / columns * cell.height);
  }

  std::vector<DrawnBox> boxes;
  for (const BoxInBatch& box : batch.boxes) {
    if (box.picture >= count) continue;
    const auto left = static_cast<float>(box.picture % columns * cell.width);
    const auto top = static_cast<float>(box.picture / columns * cell.height);
    const float sx = static_cast<float>(cell.width) / static_cast<float>(width);
    const float sy = static_cast<float>(cell.height) / static_cast<float>(height);
    const auto category = static_cast<std::size_t>(box.category);
    boxes.push_back({left + (box.x - box.w / 2) * sx, top + (box.y - box.h / 2) * sy, left + (box.x + box.w / 2) * sx,
                     top + (box.y + box.h / 2) * sy,
                     category < dataset.categories.size() ? dataset.categories[category].name : std::string(),
                     box.category});
  }
  draw_boxes(sheet, boxes);
  for (int i = 0; i < count; ++i) {
    const Picture& picture = dataset.pictures[static_cast<std::size_t>(batch.pictures[static_cast<std::size_t>(i)])];
    draw_name(sheet, std::filesystem::path(picture.file).filename().string(),
              static_cast<float>(i % columns * cell.width), static_cast<float>(i / columns * cell.height));
  }
  return sheet;
}

}  // namespace saker::augment
