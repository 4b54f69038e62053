// One picture of a batch with its boxes: mosaic, map, mixup, colours, flips, in the order of the family.
#pragma once

#include <saker/image.h>
#include <saker/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "augment/geometry.h"
#include "augment/warp.h"
#include "base/random.h"

namespace saker::augment {

struct LoadedPicture {
  std::int32_t index = 0;  // in the dataset
  std::shared_ptr<const Image> image;
  std::vector<EdgeBox> boxes;  // in pixels of `image`, inside it
};

struct Sample {
  std::int32_t picture = 0;  // of a mosaic the first
  std::vector<EdgeBox> boxes;
};

// What a sample is made of: the picture at its position in the epoch's order and, where it needs others, those at one
// of the `window` positions up to its own, counted around the end.
struct SampleRequest {
  std::size_t position = 0, window = 1, count = 1;                  // count: of positions
  ImageSize size;                                                   // of the result
  bool alone = false;                                               // neither mosaic nor mixup
  std::function<Result<LoadedPicture>(std::size_t position)> load;  // fitted into `size`
};

// Its buffers are used again; one for each thread.
class SampleMaker {
 public:
  // Writes size.width * size.height RGB pixels.
  Result<Sample> make(const Augmentation& augmentation, const SampleRequest& request, PortableRandom& random,
                      std::uint8_t* out);

 private:
  struct Making;
  Result<Sample> view(const Making& making, std::size_t position, std::uint8_t* out);
  Result<Sample> mosaic(const Making& making, std::size_t position, std::uint8_t* out);
  Status mixup(const Making& making, Sample& sample, std::uint8_t* out);
  Status yolox_mixup(const Making& making, Sample& sample, std::uint8_t* out);

  std::vector<std::uint8_t> canvas_, other_;
};

}  // namespace saker::augment
