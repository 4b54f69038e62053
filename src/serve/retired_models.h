// Models that others have replaced: each goes when the last request that has found it is answered.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "serve/served_model.h"

namespace saker::serve {

// Thread-safe.
class RetiredModels {
 public:
  // What a repository and its finders hold of a model; when the last one lets go, it may be drained.
  using Lease = std::shared_ptr<ServedModel>;

  // `gone`: called on a thread of its own, after a model was drained.
  explicit RetiredModels(std::function<void(const ServedModel&)> gone);
  ~RetiredModels();  // as finish(now)
  RetiredModels(const RetiredModels&) = delete;
  RetiredModels& operator=(const RetiredModels&) = delete;

  Lease lend(std::shared_ptr<ServedModel> model);
  // Drains it when nobody else holds its lease, at `latest` in any case.
  void retire(Lease lease, Time latest);
  // Returns when all that were retired are gone, which is a little after `until` at the latest.
  void finish(Time until);

 private:
  struct Shared;
  static void work(Shared& shared, const std::function<void(const ServedModel&)>& gone);

  std::shared_ptr<Shared> shared_;  // leases keep it, too
  std::thread thread_;
};

}  // namespace saker::serve
