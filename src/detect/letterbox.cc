// Placement and pixel conversion. Facts: ultralytics (data/augment.py LetterBox, ops.scale_boxes),
// Megvii YOLOX (data/data_augment.py preproc), NanoDet (keep_ratio: false).
#include "detect/letterbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/half.h"
#include "detect/resize.h"

namespace saker {
namespace {

constexpr int kMaxPictureSide = 1 << 24;
constexpr std::size_t kTableSize = std::size_t{3} * 256;

// Half to even, as Python's round().
int round_even(double value) {
  return static_cast<int>(std::nearbyint(value));
}

Status check_view(const ImageView& image) {
  if (image.data == nullptr || image.width <= 0 || image.height <= 0) {
    return Error{ErrorCode::kInvalid, fmt::format("the picture is empty ({}x{})", image.width, image.height)};
  }
  if (image.width > kMaxPictureSide || image.height > kMaxPictureSide) {
    return Error{ErrorCode::kLimit, fmt::format("a picture of {}x{} has a side over {} pixels", image.width,
                                                image.height, kMaxPictureSide)};
  }
  const std::ptrdiff_t row = std::ptrdiff_t{3} * image.width;
  if (image.height > 1 && image.stride_bytes < row && image.stride_bytes > -row) {
    return Error{ErrorCode::kInvalid, fmt::format("rows of {} pixels need {} bytes, the picture's stride is {}",
                                                  image.width, row, image.stride_bytes)};
  }
  return {};
}

// The pixels of one row, split into three planes through the tables.
template <typename T>
void split_row(const std::uint8_t* __restrict pixels, int count, const T* const table[3], T* const out[3]) {
  const T *t0 = table[0], *t1 = table[1], *t2 = table[2];
  T *o0 = out[0], *o1 = out[1], *o2 = out[2];
  for (int x = 0; x < count; ++x, pixels += 3) {
    o0[x] = t0[pixels[0]];
    o1[x] = t1[pixels[1]];
    o2[x] = t2[pixels[2]];
  }
}

}  // namespace

Placement place_picture(Fit fit, int picture_width, int picture_height, int input_width, int input_height) {
  const double by_x = static_cast<double>(input_width) / picture_width;
  const double by_y = static_cast<double>(input_height) / picture_height;
  if (fit == Fit::kStretch) return {0, 0, input_width, input_height, by_x, by_y};
  const double ratio = std::min(by_x, by_y);
  const double exact_width = picture_width * ratio, exact_height = picture_height * ratio;
  Placement placement;
  placement.ratio_x = placement.ratio_y = ratio;
  const bool top_left = fit == Fit::kLetterboxTopLeft;
  const int width = top_left ? static_cast<int>(exact_width) : round_even(exact_width);
  const int height = top_left ? static_cast<int>(exact_height) : round_even(exact_height);
  placement.width = std::clamp(width, 1, input_width);
  placement.height = std::clamp(height, 1, input_height);
  if (!top_left) {
    placement.left = round_even((input_width - placement.width) / 2.0 - 0.1);
    placement.top = round_even((input_height - placement.height) / 2.0 - 0.1);
  }
  return placement;
}

void map_back(const Placement& placement, int picture_width, int picture_height, Detection& box) {
  const auto map = [](float value, int offset, double ratio, int limit) {
    return static_cast<float>(
        std::clamp((static_cast<double>(value) - offset) / ratio, 0.0, static_cast<double>(limit)));
  };
  box.x1 = map(box.x1, placement.left, placement.ratio_x, picture_width);
  box.y1 = map(box.y1, placement.top, placement.ratio_y, picture_height);
  box.x2 = map(box.x2, placement.left, placement.ratio_x, picture_width);
  box.y2 = map(box.y2, placement.top, placement.ratio_y, picture_height);
}

Result<Letterbox> Letterbox::make(const Preprocess& preprocess, DType dtype, int width, int height) {
  Letterbox letterbox;
  letterbox.preprocess_ = preprocess;
  letterbox.dtype_ = dtype;
  letterbox.width_ = width;
  letterbox.height_ = height;
  if (dtype == DType::kUint8) {
    letterbox.bytes_.resize(kTableSize);
    for (std::size_t i = 0; i < kTableSize; ++i) letterbox.bytes_[i] = static_cast<std::uint8_t>(i % 256);
    return letterbox;
  }
  if (dtype != DType::kFloat32 && dtype != DType::kFloat16) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("the model's input is {}; pictures fit float32, float16 and uint8", dtype_name(dtype))};
  }
  // 1/255 as a float times a pixel is not always the pixel / 255 that models were trained with.
  const double scale = preprocess.scale == 1.0F / 255 ? 1.0 / 255 : static_cast<double>(preprocess.scale);
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = preprocess.mean[c], deviation = preprocess.std[c];
    if (!std::isfinite(scale) || !std::isfinite(mean) || !std::isfinite(deviation) || deviation == 0) {
      return Error{ErrorCode::kInvalid, "preprocess: scale, mean and std must be finite and std not 0"};
    }
    for (int pixel = 0; pixel < 256; ++pixel) {
      letterbox.floats_.push_back(static_cast<float>((pixel * scale - mean) / deviation));
    }
  }
  if (dtype == DType::kFloat16) {
    for (const float value : letterbox.floats_) letterbox.halves_.push_back(float_to_half(value));
  }
  return letterbox;
}

Result<Placement> Letterbox::write(const ImageView& image, void* slot) const {
  const Status valid = check_view(image);
  if (!valid.ok()) return valid.error();
  const Placement placement = place_picture(preprocess_.fit, image.width, image.height, width_, height_);
  if (dtype_ == DType::kUint8) {
    write_as(image, placement, bytes_, static_cast<std::uint8_t*>(slot));
  } else if (dtype_ == DType::kFloat16) {
    write_as(image, placement, halves_, static_cast<std::uint16_t*>(slot));
  } else {
    write_as(image, placement, floats_, static_cast<float*>(slot));
  }
  return placement;
}

template <typename T>
void Letterbox::write_as(const ImageView& image, const Placement& placement, const std::vector<T>& table,
                         T* slot) const {
  const bool swap = (image.format == PixelFormat::kBgr) != preprocess_.bgr;
  const std::ptrdiff_t plane = std::ptrdiff_t{height_} * width_;
  RowResizer resizer(image, placement.width, placement.height);
  const T* tables[3];  // in the order of the picture's bytes
  T* planes[3];
  T pads[3];
  for (int byte = 0; byte < 3; ++byte) {
    const int channel = swap ? 2 - byte : byte;
    tables[byte] = table.data() + 256 * channel;
    planes[byte] = slot + plane * channel;
    pads[byte] = tables[byte][preprocess_.pad];
  }
  const int right = placement.left + placement.width, bottom = placement.top + placement.height;
  for (int y = 0; y < height_; ++y) {
    T* rows[3];
    const bool inside = y >= placement.top && y < bottom;
    for (int byte = 0; byte < 3; ++byte) {
      T* row = planes[byte] + std::ptrdiff_t{y} * width_;
      std::fill(row, row + (inside ? placement.left : width_), pads[byte]);
      if (inside) std::fill(row + right, row + width_, pads[byte]);
      rows[byte] = row + placement.left;
    }
    if (inside) split_row(resizer.row(y - placement.top), placement.width, tables, rows);
  }
}

}  // namespace saker
