#include "augment/workers.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/try.h"
#include "base/usable_cpus.h"

namespace saker::augment {
namespace {

// Mosaics take their other pictures from among those of so many positions before: they are in the cache then, and each
// picture is decoded about once an epoch. Ultralytics' buffer has 8 batches, at most 1000 pictures; with small batches
// that would be few to choose from. Not bound to the cache, which may change the time but not the pictures.
std::size_t mosaic_window(const LoaderOptions& options, std::size_t pictures) {
  constexpr std::size_t kBatches = 8, kLeast = 256, kMost = 1000;
  return std::min(std::clamp(kBatches * static_cast<std::size_t>(options.batch), kLeast, kMost), pictures);
}

int thread_count(const LoaderOptions& options) {
  return options.workers > 0 ? options.workers : std::max(1, usable_cpus() - 1);
}

}  // namespace

struct Workers::Slot {
  std::size_t first = 0;  // position
  ImageSize size;
  Tensor pixels;
  std::vector<Result<Sample>> samples;
  std::size_t left = 0;  // samples not made yet
  Status status;         // of its memory
};

struct Workers::Job {
  std::shared_ptr<const Epoch> epoch;
  std::shared_ptr<Slot> slot;
  std::size_t sample = 0;
};

Workers::Workers(const Dataset& dataset, const LoaderOptions& options)
    : dataset_(dataset),
      options_(options),
      boxes_(dataset, options.single_class),
      cache_(dataset, options.cache_bytes) {}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Status Workers::start() {
  try {
    for (int i = 0; i < thread_count(options_); ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    if (threads_.empty()) {
      return Error{ErrorCode::kLimit, fmt::format("no thread to read pictures with: {}", error.what())};
    }
  }
  return {};
}

void Workers::begin(std::int64_t number, const Augmentation& augmentation, EpochPlan plan, std::size_t first) {
  {
    const std::lock_guard lock(mutex_);
    epoch_ = std::make_shared<const Epoch>(Epoch{number, augmentation, std::move(plan)});
    slots_.clear();
    next_slot_ = next_sample_ = 0;
    made_slots_ = first;
    failed_ = false;
  }
  work_.notify_all();
}

bool Workers::can_take() const {
  if (!epoch_) return false;
  if (next_slot_ < slots_.size()) return true;
  return !failed_ && made_slots_ < epoch_->plan.sizes.size() &&
         slots_.size() < std::max<std::size_t>(options_.ahead, 1);
}

std::optional<Workers::Job> Workers::take() {
  if (!can_take()) return std::nullopt;
  const EpochPlan& plan = epoch_->plan;
  if (next_slot_ == slots_.size()) {
    auto slot = std::make_shared<Slot>();
    const auto per_batch = static_cast<std::size_t>(options_.batch);
    slot->first = made_slots_ * per_batch;
    slot->size = plan.sizes[made_slots_];
    const std::size_t count = std::min(per_batch, plan.order.size() - slot->first);
    auto pixels =
        Tensor::make(DType::kUint8, {static_cast<std::int64_t>(count), slot->size.height, slot->size.width, 3});
    if (pixels.ok()) {
      slot->pixels = std::move(pixels).value();
      slot->samples.resize(count, Sample{});
      slot->left = count;
    } else {
      slot->status = pixels.error();
      failed_ = true;
    }
    slots_.push_back(slot);
    ++made_slots_;
    if (!slot->status.ok()) {
      ++next_slot_;
      done_.notify_all();
      return std::nullopt;
    }
  }
  Job job = {epoch_, slots_[next_slot_], next_sample_};
  if (++next_sample_ == job.slot->samples.size()) {
    next_sample_ = 0;
    ++next_slot_;
  }
  return job;
}

void Workers::work() {
  SampleMaker maker;
  while (true) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [&] { return stop_ || can_take(); });
      if (stop_) return;
      job = take();
    }
    if (!job) continue;
    Result<Sample> sample = make(*job, maker);
    const std::lock_guard lock(mutex_);
    if (!sample.ok() && job->epoch == epoch_) failed_ = true;
    job->slot->samples[job->sample] = std::move(sample);
    if (--job->slot->left == 0) done_.notify_all();
  }
}

Result<Sample> Workers::make(const Job& job, SampleMaker& maker) const {
  const Epoch& epoch = *job.epoch;
  const ImageSize size = job.slot->size;
  SampleRequest request;
  request.position = job.slot->first + job.sample;
  request.count = epoch.plan.order.size();
  request.window = mosaic_window(options_, request.count);
  request.size = size;
  request.alone = options_.rect;
  request.load = [&](std::size_t position) { return load(epoch, position, size); };
  constexpr std::uint64_t kSample = 3;  // what the seed is for
  PortableRandom random(
      mixed_seed(options_.seed, static_cast<std::uint64_t>(epoch.number), request.position << 8 | kSample));
  std::uint8_t* out = job.slot->pixels.data<std::uint8_t>() +
                      job.sample * static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3;
  try {
    return maker.make(epoch.augmentation, request, random, out);
  } catch (const std::exception& error) {
    return Error{ErrorCode::kLimit,
                 fmt::format("no memory to read pictures with ({}); use fewer `workers` or a "
                             "smaller `size`",
                             error.what()),
                 "workers"};
  }
}

// A picture that cannot be read is replaced by the next in the epoch's order that can.
Result<LoadedPicture> Workers::load(const Epoch& epoch, std::size_t position, ImageSize room) const {
  const std::size_t count = epoch.plan.order.size();
  Error first;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t index = epoch.plan.order[(position + i) % count];
    Result<PictureCache::Picture> picture = cache_.get(index, room);
    if (picture.ok()) {
      const Image& image = **picture;
      return LoadedPicture{index, *picture, boxes_.in(index, {image.width, image.height}, image.file_size)};
    }
    if (!options_.skip_bad) return Error{ErrorCode::kIo, picture.error().message};
    if (i == 0) first = picture.error();
  }
  return Error{ErrorCode::kIo, fmt::format("none of the {} pictures of {} can be read; of one: {}", count,
                                           dataset_.path, first.message)};
}

Result<std::optional<Batch>> Workers::next() {
  std::unique_lock lock(mutex_);
  SAKER_CHECK(epoch_ != nullptr);  // begin() comes first
  if (slots_.empty() && made_slots_ == epoch_->plan.sizes.size()) return std::optional<Batch>();
  done_.wait(lock, [&] { return !slots_.empty() && slots_.front()->left == 0; });
  const std::shared_ptr<Slot> slot = slots_.front();
  Result<std::optional<Batch>> batch = finish(*slot);
  if (!batch.ok()) return batch;  // and so the next time
  slots_.pop_front();
  --next_slot_;
  lock.unlock();
  work_.notify_all();
  return batch;
}

Result<std::optional<Batch>> Workers::finish(Slot& slot) const {
  SAKER_TRY(slot.status);
  for (const Result<Sample>& sample : slot.samples) SAKER_TRY(sample);
  Batch batch;
  batch.pixels = slot.pixels;
  for (std::size_t i = 0; i < slot.samples.size(); ++i) {
    const Sample& sample = slot.samples[i].value();
    batch.pictures.push_back(sample.picture);
    for (const EdgeBox& box : sample.boxes) {
      batch.boxes.push_back({static_cast<std::int32_t>(i), box.category, static_cast<float>((box.x1 + box.x2) / 2),
                             static_cast<float>((box.y1 + box.y2) / 2), static_cast<float>(box.x2 - box.x1),
                             static_cast<float>(box.y2 - box.y1)});
    }
  }
  return std::optional<Batch>(std::move(batch));
}

}  // namespace saker::augment
