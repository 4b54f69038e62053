// Synthetic data sets into folders.
#pragma once

#include <saker/image.h>
#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "synth/theme.h"

namespace saker::synth {

enum class Labels { kYolo, kCoco };

struct SynthOptions {
  std::size_t train = 800, val = 200;  // pictures, up to kMostPictures together, at least 1; a split of 0 is left out
  ImageSize size = {640, 480};         // sides of kSmallestSide to kLargestSide
  std::uint64_t seed = 1;
  Labels labels = Labels::kYolo;
  int threads = 0;                                 // 0: all CPUs
  std::function<void(std::size_t)> progress = {};  // pictures done; from any thread, one at a time
};
constexpr std::size_t kMostPictures = 1'000'000;

struct SynthWritten {
  std::size_t pictures = 0, boxes = 0;
};

// A new folder, there when it is complete. YOLO: images/SPLIT, labels/SPLIT, data.yaml. COCO: images/SPLIT and
// instances_SPLIT.json. Errors: kInvalid (counts, sizes), kIo (the folder is there already, no space).
Result<SynthWritten> write_synthetic(const Theme& theme, const SynthOptions& options, const std::string& folder);

}  // namespace saker::synth
