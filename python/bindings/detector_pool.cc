#include "detector_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace saker::python {
namespace {

// How often who waits for a detector looks whether it should go on waiting.
constexpr auto kPatience = std::chrono::milliseconds(20);

const Error kStopped{ErrorCode::kInternal, "interrupted"};

class Sweep {
 public:
  Sweep(DetectorPool& pool, const Request& request, const Stop& stop)
      : pool_(pool), request_(request), stop_(stop), outcomes_(request.sources.size()) {}

  std::vector<Outcome> run() && {
    const std::size_t batch = static_cast<std::size_t>(request_.batch);
    const std::size_t batches = (outcomes_.size() + batch - 1) / batch;
    const std::size_t workers = std::min(batches, static_cast<std::size_t>(request_.workers));
    std::vector<std::thread> threads;
    threads.reserve(workers);
    try {
      for (std::size_t i = 1; i < workers; ++i) threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // Fewer threads than asked for do the work as well.
    }
    work();
    for (std::thread& thread : threads) thread.join();
    if (problem_) std::rethrow_exception(problem_);
    return std::move(outcomes_);
  }

 private:
  void work() {
    try {
      const auto batch = static_cast<std::size_t>(request_.batch);
      while (!ended_ && !stop_.wanted()) {
        const std::size_t first = next_.fetch_add(batch);
        if (first >= outcomes_.size()) return;
        look(first, std::min(batch, outcomes_.size() - first));
      }
    } catch (...) {
      if (!ended_.exchange(true)) problem_ = std::current_exception();
    }
  }

  // Pictures are opened before a detector is taken, so that others can have it meanwhile.
  void look(std::size_t first, std::size_t count) {
    std::vector<OpenPicture> pictures;
    std::vector<std::size_t> opened;
    for (std::size_t i = first; i < first + count; ++i) {
      auto picture = open_picture(request_.sources[i], request_.names[i]);
      if (!picture.ok()) {
        fail(i, picture.error());
        continue;
      }
      pictures.push_back(std::move(*picture));
      opened.push_back(i);
    }
    if (pictures.empty() || ended_) return;
    auto detector = pool_.borrow(stop_);
    if (!detector.ok()) {
      for (const std::size_t i : opened) fail(i, detector.error());
      return;
    }
    std::vector<ImageView> views;
    for (const OpenPicture& picture : pictures) views.push_back(picture.view);
    auto found = (*detector)->detect(views, request_.boxes);
    for (std::size_t k = 0; k < opened.size(); ++k) {
      if (found.ok()) {
        outcomes_[opened[k]] = Found{std::move((*found)[k]), pictures[k].size(), pictures[k].ms};
      } else {
        look_alone(**detector, opened[k], pictures[k]);
      }
    }
  }

  // If the batch as a whole fails: one bad picture must not take the others with it.
  void look_alone(Detector& detector, std::size_t i, const OpenPicture& picture) {
    auto found = detector.detect(picture.view, request_.boxes);
    if (found.ok()) {
      outcomes_[i] = Found{std::move(*found), picture.size(), picture.ms};
    } else {
      const auto* path = std::get_if<std::string>(&request_.sources[i]);
      fail(i, found.error().with_context(path != nullptr ? *path : request_.names[i]));
    }
  }

  void fail(std::size_t i, const Error& error) {
    outcomes_[i] = error;
    if (request_.stop_at_error) ended_ = true;
  }

  DetectorPool& pool_;
  const Request& request_;
  const Stop& stop_;
  std::vector<Outcome> outcomes_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> ended_{false};
  std::exception_ptr problem_;
};

}  // namespace

DetectorPool::DetectorPool(std::shared_ptr<Detector> first, int streams, bool lend_first)
    : first_(std::move(first)), unmade_(lend_first ? streams - 1 : streams) {
  if (lend_first) idle_.push_back(first_);
}

DetectorPool::Loan::~Loan() {
  if (detector_ != nullptr) pool_->take_back(std::move(detector_));
}

Result<DetectorPool::Loan> DetectorPool::borrow(const Stop& stop) {
  std::unique_lock lock(mutex_);
  while (!closed_ && idle_.empty() && unmade_ == 0) {
    if (stop.wanted()) return kStopped;
    changed_.wait_for(lock, kPatience);
  }
  if (closed_) return Error{ErrorCode::kInvalid, "the detector was closed"};
  if (!idle_.empty()) {
    std::shared_ptr<Detector> detector = std::move(idle_.back());  // the last that was used: caches know it
    idle_.pop_back();
    return Loan(*this, std::move(detector));
  }
  --unmade_;
  const std::shared_ptr<Detector> first = first_;
  lock.unlock();
  auto clone = first->clone();
  if (clone.ok()) return Loan(*this, std::make_shared<Detector>(std::move(*clone)));
  lock.lock();
  ++unmade_;
  changed_.notify_one();
  return clone.error();
}

void DetectorPool::take_back(std::shared_ptr<Detector> detector) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;  // it is freed behind the lock, with its argument
  idle_.push_back(std::move(detector));
  changed_.notify_one();
}

bool DetectorPool::has_idle() {
  const std::lock_guard lock(mutex_);
  return !idle_.empty();
}

void DetectorPool::close() {
  std::vector<std::shared_ptr<Detector>> ended;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  ended.swap(idle_);
  ended.push_back(std::move(first_));
  changed_.notify_all();
}

std::vector<Outcome> detect_all(DetectorPool& pool, const Request& request, const Stop& stop) {
  return Sweep(pool, request, stop).run();
}

}  // namespace saker::python
