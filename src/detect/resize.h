// Bilinear resizing of 8-bit, 3-channel pictures, bit for bit as OpenCV's cv::resize(INTER_LINEAR).
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <vector>

namespace saker {

// Makes the resized picture one row at a time, so that no intermediate picture is stored.
//
// The arithmetic is that of OpenCV (modules/imgproc/src/resize.cpp): a picture of the same size is
// copied; halving both sides exactly averages 2x2 pixels; everything else blends horizontally with
// weights of 11 fractional bits, drops 4 bits, blends vertically and rounds.
class RowResizer {
 public:
  // The picture must outlive the resizer; width and height are those of the result, > 0.
  RowResizer(const ImageView& image, int width, int height);

  // Row y of the result, width * 3 bytes, valid until the next call. Ascending y is fastest.
  const std::uint8_t* row(int y);

 private:
  enum class Mode : std::uint8_t { kCopy, kHalve, kBlend };
  struct Tap {
    int left = 0, right = 0;  // offsets of two pixels, in bytes (columns) or rows
    int left_weight = 0, right_weight = 0;
  };

  static std::vector<Tap> column_taps(int source, int target);
  static std::vector<Tap> row_taps(int source, int target);
  const std::uint8_t* source_row(int y) const { return image_.data + y * image_.stride_bytes; }
  void halve(int y);
  const std::int16_t* blended_columns(int source_y, int other_y);

  ImageView image_;
  int width_;
  Mode mode_;
  std::vector<Tap> columns_, rows_;
  std::vector<std::int16_t> blended_[2];  // two source rows, already resized horizontally
  int blended_y_[2] = {-1, -1};
  std::vector<std::uint8_t> out_;
};

}  // namespace saker
