#include "serve/retired_models.h"

#include <algorithm>

namespace saker::serve {

struct RetiredModels::Shared {
  struct Entry {
    std::shared_ptr<ServedModel> model;
    std::weak_ptr<ServedModel> lease;
    Time latest;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::list<Entry> entries;
  int draining = 0;  // that are no entries any more and not gone yet
  bool stop = false;

  // Called with the mutex held.
  std::list<Entry>::iterator due(Time now) {
    return std::ranges::find_if(entries,
                                [&](const Entry& entry) { return entry.lease.expired() || entry.latest <= now; });
  }
  Time next() const {
    Time first = Time::max();
    for (const Entry& entry : entries) first = std::min(first, entry.latest);
    return first;
  }
};

RetiredModels::RetiredModels(std::function<void(const ServedModel&)> gone) : shared_(std::make_shared<Shared>()) {
  thread_ = std::thread([shared = shared_.get(), gone = std::move(gone)] { work(*shared, gone); });
}

RetiredModels::~RetiredModels() {
  finish(std::chrono::steady_clock::now());
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stop = true;
  }
  shared_->changed.notify_all();
  thread_.join();
}

RetiredModels::Lease RetiredModels::lend(std::shared_ptr<ServedModel> model) {
  struct Lent {
    std::shared_ptr<Shared> shared;
    std::shared_ptr<ServedModel> model;
    // Under the lock: whoever waits has either seen the lease expired or waits already.
    ~Lent() {
      const std::lock_guard lock(shared->mutex);
      shared->changed.notify_all();
    }
  };
  auto lent = std::make_shared<Lent>(Lent{shared_, std::move(model)});
  ServedModel* raw = lent->model.get();
  return {std::move(lent), raw};
}

void RetiredModels::retire(Lease lease, Time latest) {
  {
    const std::lock_guard lock(shared_->mutex);
    // The model itself is kept here, so that no request's thread has to take it apart.
    shared_->entries.push_back({lease->shared_from_this(), lease, latest});
  }
  lease.reset();
  shared_->changed.notify_all();
}

void RetiredModels::finish(Time until) {
  std::unique_lock lock(shared_->mutex);
  for (Shared::Entry& entry : shared_->entries) entry.latest = std::min(entry.latest, until);
  shared_->changed.notify_all();
  shared_->changed.wait(lock, [&] { return shared_->entries.empty() && shared_->draining == 0; });
}

void RetiredModels::work(Shared& shared, const std::function<void(const ServedModel&)>& gone) {
  std::unique_lock lock(shared.mutex);
  while (!shared.stop) {
    const auto due = shared.due(std::chrono::steady_clock::now());
    if (due == shared.entries.end()) {
      const Time next = shared.next();
      if (next == Time::max()) {
        shared.changed.wait(lock);
      } else {
        shared.changed.wait_until(lock, next);
      }
      continue;
    }
    Shared::Entry entry = std::move(*due);
    shared.entries.erase(due);
    ++shared.draining;
    lock.unlock();
    entry.model->drain(entry.latest);
    gone(*entry.model);
    entry.model.reset();
    lock.lock();
    --shared.draining;
    shared.changed.notify_all();
  }
}

}  // namespace saker::serve
