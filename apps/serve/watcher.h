// Looks at the repository now and then, and when it is told to.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "serve/log.h"
#include "serve/repository.h"

namespace saker::cli {

class Watcher {
 public:
  // `interval_s`: 0: only when told.
  Watcher(serve::Repository& repository, serve::Log& log, double interval_s);
  ~Watcher();  // a model that is being loaded is waited for
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void look();  // soon; thread-safe

 private:
  void run(double interval_s);
  void look_once();

  serve::Repository& repository_;
  serve::Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace saker::cli
