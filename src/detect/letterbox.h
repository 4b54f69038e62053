// From a picture to the input tensor of a detector, and from boxes there back to the picture.
#pragma once

#include <saker/detector_spec.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/cpu.h"
#include "base/thread_pool.h"
#include "kernels/letterbox/letterbox.h"
#include "kernels/quantize/quantize.h"

namespace saker {

// How Ultralytics (LetterBox with auto and scaleup off), YOLOX (preproc) and NanoDet (stretched) place
// pictures. All sizes > 0; the part that the picture takes is at least one pixel wide and high.
Placement place_picture(Fit fit, int picture_width, int picture_height, int input_width, int input_height);

// Corners of a box from input pixels to those of the picture's file, clipped to the picture.
void map_back(const Placement& placement, Detection& box);

// How pixels lie in an input: [channels, H, W], or [H, W, channels]. Of one channel: grey, the luma of ITU-R BT.601 as
// OpenCV rounds it.
struct PixelLayout {
  int channels = 3;  // or 1
  bool channels_last = false;
};

// Writes pictures into the slots of a float32, float16 or uint8 input.
// A uint8 input takes the pixels as they are: neither scale nor mean nor std is applied.
class Letterbox {
 public:
  static Result<Letterbox> make(const Preprocess& preprocess, DType dtype, int width, int height, Isa isa,
                                PixelLayout layout = {});

  // `slot` has channels * height * width elements; all of them are written, by the threads of the pool if there is one.
  // With `bytes`, if writes_bytes(): it has height * width * 4 bytes, those that become of a pixel's values and a zero.
  // Error kInvalid for a broken view.
  Result<Placement> write(const ImageView& image, void* slot, ThreadPool* pool,
                          const InputQuantizer* bytes = nullptr) const;
  // The same numbers as of the picture turned into RGB.
  Result<Placement> write(const PlanarView& image, void* slot, ThreadPool* pool,
                          const InputQuantizer* bytes = nullptr) const;
  bool writes_bytes() const { return is_direct(); }
  // What a pixel becomes in a channel of the model, of each of its 256 values.
  std::span<const float> values(std::size_t channel) const { return {floats_.data() + 256 * channel, 256}; }

 private:
  struct Job;
  struct Buffers;

  Letterbox() = default;
  Placement write_job(Job& job, bool bgr, void* slot, ThreadPool* pool, const InputQuantizer* bytes) const;
  void choose_quads(Job& job, const InputQuantizer& bytes) const;
  void write_part(const Job& job, int first, int last, Buffers& buffers) const;
  void write_rows(const Job& job, int first, int last, float* const planes[3], std::int16_t* scratch) const;
  void write_quads(const Job& job, int first, int last, std::int16_t* scratch) const;
  void write_picture(const Placement& place, const LetterboxArgs& args, int first, int last,
                     std::int16_t* scratch) const;
  // Whether resized pixels go where they belong at once, as values.
  bool is_direct() const { return dtype_ == DType::kFloat32 && layout_.channels == 3 && !layout_.channels_last; }
  // What the kernel writes for each pixel value of a channel.
  const float* table(std::size_t channel) const { return (is_direct() ? floats_ : pixels_).data() + 256 * channel; }
  template <typename T, typename ValueOf>
  void store(const float* planes, int first, int last, T* slot, ValueOf&& value_of) const;

  Preprocess preprocess_;
  DType dtype_ = DType::kFloat32;
  PixelLayout layout_;
  int width_ = 0, height_ = 0;
  const LetterboxKernel* kernel_ = nullptr;
  // What each of the 256 pixel values becomes in each channel of the model.
  std::vector<float> floats_;
  std::array<LetterboxScale, 3> scales_{};  // what those are, if they are
  bool scaled_ = false;
  std::vector<std::uint16_t> halves_;  // float16 only
  std::vector<float> pixels_;          // the values themselves, where they are stored in a second step; else empty
};

}  // namespace saker
