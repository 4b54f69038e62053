// Threads that make the samples of the batches ahead, in order, while the batch before is trained on.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "augment/batch_loader.h"
#include "augment/epoch_plan.h"
#include "augment/picture_cache.h"
#include "augment/sample_maker.h"
#include "augment/true_boxes.h"

namespace saker::augment {

class Workers {
 public:
  // The dataset must outlive it.
  Workers(const Dataset& dataset, const LoaderOptions& options);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  Status start();  // error kLimit: not one thread
  void begin(std::int64_t number, const Augmentation& augmentation, EpochPlan plan, std::size_t first);
  Result<std::optional<Batch>> next();
  PictureCache& cache() { return cache_; }

 private:
  // What is fixed of an epoch. Whoever still works on one that was dropped keeps it.
  struct Epoch {
    std::int64_t number = 0;
    Augmentation augmentation;
    EpochPlan plan;
  };
  struct Slot;  // a batch in the making
  struct Job;
  struct Loading;

  std::optional<Job> take();  // with mutex_ held; empty: nothing to do now
  bool can_take() const;
  void work();
  Result<Sample> make(const Job& job, SampleMaker& maker) const;
  Result<LoadedPicture> load(const Epoch& epoch, std::size_t position, ImageSize room) const;
  Result<std::optional<Batch>> finish(Slot& slot) const;

  const Dataset& dataset_;
  const LoaderOptions options_;
  const TrueBoxes boxes_;
  mutable PictureCache cache_;

  std::mutex mutex_;
  std::condition_variable work_, done_;
  bool stop_ = false;
  std::shared_ptr<const Epoch> epoch_;
  std::deque<std::shared_ptr<Slot>> slots_;      // from the batch that next() returns
  std::size_t next_slot_ = 0, next_sample_ = 0;  // to be taken: among slots_, and in that one
  std::size_t made_slots_ = 0;                   // of this epoch, delivered ones too
  bool failed_ = false;                          // a sample could not be made: no further batches
  std::vector<std::thread> threads_;
};

}  // namespace saker::augment
