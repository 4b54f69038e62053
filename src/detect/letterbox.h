// From a picture to the input tensor of a detector, and from boxes there back to the picture.
#pragma once

#include <saker/detector.h>

#include <cstdint>
#include <vector>

namespace saker {

// Where a picture lies in the input and how it was scaled.
struct Placement {
  int left = 0, top = 0, width = 0, height = 0;  // pixels of the input
  double ratio_x = 1, ratio_y = 1;               // input pixels per picture pixel
};

// How Ultralytics (LetterBox with auto and scaleup off), YOLOX (preproc) and NanoDet (stretched) place
// pictures. All sizes > 0; the part that the picture takes is at least one pixel wide and high.
Placement place_picture(Fit fit, int picture_width, int picture_height, int input_width, int input_height);

// Corners of a box from input pixels to picture pixels, clipped to the picture.
void map_back(const Placement& placement, int picture_width, int picture_height, Detection& box);

// Writes pictures into the slots [3, height, width] of a float32, float16 or uint8 input.
// A uint8 input takes the pixels as they are: neither scale nor mean nor std is applied.
class Letterbox {
 public:
  static Result<Letterbox> make(const Preprocess& preprocess, DType dtype, int width, int height);

  // `slot` has 3 * height * width elements; all of them are written. Error kInvalid for a broken view.
  Result<Placement> write(const ImageView& image, void* slot) const;

 private:
  Letterbox() = default;
  template <typename T>
  void write_as(const ImageView& image, const Placement& placement, const std::vector<T>& table, T* slot) const;

  Preprocess preprocess_;
  DType dtype_ = DType::kFloat32;
  int width_ = 0, height_ = 0;
  // What each of the 256 pixel values becomes in each channel of the model.
  std::vector<float> floats_;
  std::vector<std::uint16_t> halves_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace saker
