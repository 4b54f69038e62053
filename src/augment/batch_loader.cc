#include "augment/batch_loader.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "augment/epoch_plan.h"
#include "augment/workers.h"
#include "base/try.h"

namespace saker::augment {
namespace {

constexpr std::int64_t kLargestSide = 8192, kLargestBatch = 65536;

Error bad(const char* setting, const std::string& what) {
  return {ErrorCode::kInvalid, fmt::format("`{}` {}", setting, what), setting};
}

Status check_options(const LoaderOptions& o) {
  if (o.batch < 1 || o.batch > kLargestBatch) {
    return bad("batch", fmt::format("is {}: it must be 1 to {}", o.batch, kLargestBatch));
  }
  if (o.stride < 1) return bad("stride", fmt::format("is {}: it must be at least 1", o.stride));
  if (o.size < 1 || o.size > kLargestSide) {
    return bad("size", fmt::format("is {}: it must be 1 to {} pixels", o.size, kLargestSide));
  }
  if (o.size % o.stride != 0) {
    const std::int64_t next = (o.size / o.stride + 1) * o.stride;
    return bad("size", fmt::format("is {}, which is no multiple of the network's stride of {}: take {}", o.size,
                                   o.stride, next));
  }
  if (!(o.multi_scale >= 0 && o.multi_scale < 1)) {
    return bad("multi_scale", fmt::format("is {}: it must be 0 or more and less than 1", o.multi_scale));
  }
  if (o.multi_scale_every < 1) {
    return bad("multi_scale_every", fmt::format("is {}: it must be at least 1", o.multi_scale_every));
  }
  if (o.workers < 0) return bad("workers", fmt::format("is {}: it must be 0 or more", o.workers));
  return {};
}

std::size_t largest_batch_bytes(const LoaderOptions& options) {
  const auto side = static_cast<std::size_t>(static_cast<double>(options.size) * (1 + options.multi_scale)) +
                    static_cast<std::size_t>(options.multi_scale > 0 ? options.stride : 0);
  return static_cast<std::size_t>(options.batch) * side * side * 3;
}

// Height / width of all pictures; of those that cannot be read 1.
std::vector<double> aspects_of(const Dataset& dataset) {
  std::vector<double> aspects;
  for (const Picture& picture : dataset.pictures) {
    ImageSize size = {picture.width, picture.height};
    if (size.width <= 0 || size.height <= 0) {
      const Result<ImageSize> read = read_image_size(picture_path(dataset, picture));
      size = read.ok() ? *read : ImageSize{1, 1};
    }
    aspects.push_back(static_cast<double>(size.height) / size.width);
  }
  return aspects;
}

}  // namespace

Augmentation no_augmentation() {
  Augmentation none;
  none.hsv_h = none.hsv_s = none.hsv_v = 0;
  none.translate = none.scale = 0;
  none.fliplr = none.mosaic = 0;
  none.hsv_prob = 0;
  return none;
}

Status check(const Augmentation& a) {
  struct Range {
    const char* name;
    double value, least, most;
  };
  // Ultralytics' ranges; shears and scales only as far as something is left of the picture.
  const Range ranges[] = {{"hsv_h", a.hsv_h, 0, 1},
                          {"hsv_s", a.hsv_s, 0, 1},
                          {"hsv_v", a.hsv_v, 0, 1},
                          {"degrees", a.degrees, 0, 180},
                          {"translate", a.translate, 0, 1},
                          {"scale", a.scale, 0, 0.99},
                          {"shear", a.shear, 0, 80},
                          {"perspective", a.perspective, 0, 0.001},
                          {"flipud", a.flipud, 0, 1},
                          {"fliplr", a.fliplr, 0, 1},
                          {"mosaic", a.mosaic, 0, 1},
                          {"mixup", a.mixup, 0, 1},
                          {"mosaic_scale", a.mosaic_scale[0], 0.01, 100},
                          {"mosaic_scale", a.mosaic_scale[1], a.mosaic_scale[0], 100},
                          {"mixup_scale", a.mixup_scale[0], 0.01, 100},
                          {"mixup_scale", a.mixup_scale[1], a.mixup_scale[0], 100},
                          {"hsv_prob", a.hsv_prob, 0, 1}};
  for (const Range& range : ranges) {
    if (range.value >= range.least && range.value <= range.most) continue;
    return bad(range.name, fmt::format("is {}: it must be {} to {}", range.value, range.least, range.most));
  }
  return {};
}

std::size_t memory_needed(const LoaderOptions& options) {
  const std::size_t batches = std::max<std::size_t>(options.ahead, 1) + 1;  // and the one that is trained on
  return options.cache_bytes + batches * largest_batch_bytes(options);
}

struct BatchLoader::State {
  State(const Dataset& data, const LoaderOptions& wanted)
      : options(wanted), pictures(data.pictures.size()), workers(data, wanted) {}

  LoaderOptions options;
  std::size_t pictures;
  std::optional<RectBatches> rect;
  std::size_t skipped = 0;
  Status augmentation;  // what is wrong with that of this epoch
  Workers workers;
};

BatchLoader::BatchLoader(std::unique_ptr<State> state) : state_(std::move(state)) {}
BatchLoader::BatchLoader(BatchLoader&&) noexcept = default;
BatchLoader& BatchLoader::operator=(BatchLoader&&) noexcept = default;
BatchLoader::~BatchLoader() = default;

Result<BatchLoader> BatchLoader::create(const Dataset& dataset, const LoaderOptions& options) {
  SAKER_TRY(check_options(options));
  if (dataset.pictures.empty()) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: no pictures to train with", dataset.path)};
  }
  const auto bytes = static_cast<std::int64_t>(largest_batch_bytes(options));
  if (!Tensor::make(DType::kUint8, {bytes}).ok()) {
    return Error{ErrorCode::kLimit,
                 fmt::format("no memory for a batch of {} pictures of {} x {} pixels: take a smaller `batch`",
                             options.batch, options.size, options.size),
                 "batch"};
  }
  auto state = std::make_unique<State>(dataset, options);
  if (options.rect) state->rect = rect_batches(aspects_of(dataset), static_cast<std::size_t>(options.batch));
  SAKER_TRY(state->workers.start());
  return BatchLoader(std::move(state));
}

std::size_t BatchLoader::batches() const {
  const auto per_batch = static_cast<std::size_t>(state_->options.batch);
  return (state_->pictures + per_batch - 1) / per_batch;
}

std::size_t BatchLoader::skipped() const {
  return state_->skipped;
}

void BatchLoader::begin(std::int64_t epoch, const Augmentation& augmentation, std::size_t first) {
  const RectBatches* rect = state_->rect ? &*state_->rect : nullptr;
  state_->augmentation = check(augmentation);
  state_->workers.begin(epoch, state_->augmentation.ok() ? augmentation : no_augmentation(),
                        plan_epoch(state_->options, state_->pictures, rect, epoch), first);
}

Result<std::optional<Batch>> BatchLoader::next() {
  SAKER_TRY(state_->augmentation);
  Result<std::optional<Batch>> batch = state_->workers.next();
  if (!batch.ok()) return batch;
  for (const std::string& failure : state_->workers.cache().new_failures()) {
    ++state_->skipped;
    if (state_->options.warn) state_->options.warn(failure);
  }
  return batch;
}

}  // namespace saker::augment
