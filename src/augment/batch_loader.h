// Batches of pictures to train with: read, augmented and put together on threads of their own, the same for the same
// seed whatever their number.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace saker::augment {

// By the names of Ultralytics' and YOLOv5's hyper-parameters; YOLOX's where said.
struct Augmentation {
  double hsv_h = 0.015, hsv_s = 0.7, hsv_v = 0.4;  // shares
  double degrees = 0, translate = 0.1, scale = 0.5, shear = 0, perspective = 0;
  double flipud = 0, fliplr = 0.5;     // probabilities
  double mosaic = 1, mixup = 0;        // probabilities
  bool yolox = false;                  // YOLOX's own mosaic, affine, mixup, HSV and place of the padding
  double mosaic_scale[2] = {0.1, 2};   // YOLOX: what `scale` is for the others
  double mixup_scale[2] = {0.5, 1.5};  // YOLOX
  double hsv_prob = 1;                 // YOLOX
  bool additive_hue = true;            // Ultralytics 8.4; false: as YOLOv5 and Ultralytics until 8.3
};
// None: letterboxed only.
Augmentation no_augmentation();
// Error kInvalid, with the name in `setting`: a value that is not finite or out of its range.
Status check(const Augmentation& augmentation);

struct LoaderOptions {
  std::int64_t batch = 16;
  std::int64_t size = 640, stride = 32;  // pixels: the longer side; what sides are multiples of
  bool rect = false;                     // batches of pictures of like shapes, no larger than they need
  double multi_scale = 0;                // 0.5: sides from 0.5 to 1.5 of `size`, each batch another
  int multi_scale_every = 1;             // batches (YOLOX: 10)
  bool single_class = false;             // every box is of class 0
  std::uint64_t seed = 0;
  int workers = 0;                                   // threads; 0: one for each CPU, less one, at least one
  std::size_t ahead = 4;                             // batches made before they are wanted, at most
  std::size_t cache_bytes = std::size_t{512} << 20;  // decoded pictures kept, at most
  bool skip_bad = true;                          // pictures that cannot be read: left out and counted; false: an error
  std::function<void(const std::string&)> warn;  // told of each that is left out, from the thread that calls next()
};

// Bytes of pixels, at most: the cache, the batches ahead and the one in use.
std::size_t memory_needed(const LoaderOptions& options);

// A true box in its batch. Centre and size in pixels of the batch's pictures.
struct BoxInBatch {
  std::int32_t picture = 0, category = 0;
  float x = 0, y = 0, w = 0, h = 0;
};

struct Batch {
  Tensor pixels;  // uint8 [N, height, width, 3], RGB
  std::vector<BoxInBatch> boxes;
  std::vector<std::int32_t> pictures;  // indices into the dataset's list, N: of mosaics their first
};

class BatchLoader {
 public:
  // The dataset must outlive it. Errors: kInvalid, kLimit (no memory for a batch).
  static Result<BatchLoader> create(const Dataset& dataset, const LoaderOptions& options);
  BatchLoader(BatchLoader&&) noexcept;
  BatchLoader& operator=(BatchLoader&&) noexcept;
  ~BatchLoader();

  std::size_t batches() const;  // of an epoch; the last may have fewer pictures
  std::size_t skipped() const;  // pictures left out so far, each once

  // From batch `first` of that epoch on, the same as if those before it had been taken; what was made ahead of another
  // is dropped.
  void begin(std::int64_t epoch, const Augmentation& augmentation, std::size_t first = 0);
  // Empty: the epoch is over. Errors: kIo (a picture that cannot be read, without skip_bad, or none can be), kInvalid
  // (what check() says of the augmentation), kLimit (memory).
  Result<std::optional<Batch>> next();

  struct State;

 private:
  explicit BatchLoader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace saker::augment
