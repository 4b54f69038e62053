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
constexpr int kGap = 2;             // pixels between pictures
constexpr std::size_t kNameLength = 40;

// Light on a dark line, so that it can be read on any picture.
void draw_name(Image& picture, const std::string& name) {
  constexpr float kSize = 11, kMargin = 3;
  const std::u32string text = decode_label(name, kNameLength);
  const float baseline = kMargin + text_ascent(kSize);
  for (const float dx : {-1.0F, 1.0F}) {
    for (const float dy : {-1.0F, 1.0F}) draw_text(picture, text, kSize, kMargin + dx, baseline + dy, {0, 0, 0});
  }
  draw_text(picture, text, kSize, kMargin, baseline, {230, 230, 230});
}

void copy_into(Image& sheet, const Image& picture, int left, int top) {
  const std::size_t row = static_cast<std::size_t>(picture.width) * 3;
  for (int y = 0; y < picture.height; ++y) {
    const std::size_t to =
        static_cast<std::size_t>(top + y) * static_cast<std::size_t>(sheet.width) + static_cast<std::size_t>(left);
    std::memcpy(sheet.pixels.data() + to * 3, picture.pixels.data() + static_cast<std::size_t>(y) * row, row);
  }
}

// Boxes of one picture of the batch, made `scale` as large.
std::vector<DrawnBox> boxes_of(const Batch& batch, const Dataset& dataset, int picture, float scale) {
  std::vector<DrawnBox> boxes;
  for (const BoxInBatch& box : batch.boxes) {
    if (box.picture != picture) continue;
    const auto category = static_cast<std::size_t>(box.category);
    boxes.push_back({(box.x - box.w / 2) * scale, (box.y - box.h / 2) * scale, (box.x + box.w / 2) * scale,
                     (box.y + box.h / 2) * scale,
                     category < dataset.categories.size() ? dataset.categories[category].name : std::string(),
                     box.category});
  }
  return boxes;
}

}  // namespace

Image draw_batch(const Batch& batch, const Dataset& dataset) {
  const Shape& shape = batch.pixels.shape();
  const auto count = static_cast<int>(std::min(shape[0], kMostPictures));
  const auto height = static_cast<int>(shape[1]), width = static_cast<int>(shape[2]);
  const int columns = static_cast<int>(std::ceil(std::sqrt(count))), rows = (count + columns - 1) / columns;
  const int room = kLargestSide - (columns - 1) * kGap;
  const double scale = std::min(1.0, static_cast<double>(room) / (columns * std::max(width, height)));
  const ImageSize cell = {std::max(1, static_cast<int>(width * scale)), std::max(1, static_cast<int>(height * scale))};

  Image sheet;
  sheet.width = (cell.width + kGap) * columns - kGap;
  sheet.height = (cell.height + kGap) * rows - kGap;
  sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3, 255);
  for (int i = 0; i < count; ++i) {
    const std::uint8_t* pixels = batch.pixels.data<std::uint8_t>() + std::ptrdiff_t{3} * i * width * height;
    Image picture = resize({pixels, width, height, std::ptrdiff_t{3} * width, PixelFormat::kRgb, {}}, cell);
    draw_boxes(picture, boxes_of(batch, dataset, i, static_cast<float>(scale)));
    const auto index = static_cast<std::size_t>(batch.pictures[static_cast<std::size_t>(i)]);
    draw_name(picture, std::filesystem::path(dataset.pictures[index].file).filename().string());
    copy_into(sheet, picture, i % columns * (cell.width + kGap), i / columns * (cell.height + kGap));
  }
  return sheet;
}

}  // namespace saker::augment
