// Which pictures an epoch's batches are made of, in which order and size: all of it from the seed.
#pragma once

#include <saker/image.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "augment/batch_loader.h"

namespace saker::augment {

// One number of several, each of which changes it.
std::uint64_t mixed_seed(std::uint64_t a, std::uint64_t b, std::uint64_t c);

// Batches of pictures of like shapes: the pictures in the order of their height / width, and for each batch of that
// order the share of `size` that its height and width need.
struct RectBatches {
  struct Shape {
    double height = 1, width = 1;
  };
  std::vector<std::int32_t> order;
  std::vector<Shape> shapes;
};
RectBatches rect_batches(const std::vector<double>& aspects, std::size_t batch);

struct EpochPlan {
  std::vector<std::int32_t> order;  // position to picture
  std::vector<ImageSize> sizes;     // of the batches; each has options.batch positions, the last what is left
};

// With `rect` the batches are shuffled, but for a last one of fewer pictures; else the pictures are.
EpochPlan plan_epoch(const LoaderOptions& options, std::size_t pictures, const RectBatches* rect, std::int64_t epoch);

}  // namespace saker::augment
