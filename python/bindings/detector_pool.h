// Detectors that share one plan, lent to whoever has pictures.
#pragma once

#include <saker/detector.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "calls.h"
#include "sources.h"

namespace saker::python {

// The pool of one process. Thread-safe; needs no interpreter's lock.
class DetectorPool {
 public:
  // `first`: what the others are clones of; lent itself unless another process made it.
  DetectorPool(std::shared_ptr<Detector> first, int streams, bool lend_first);

  // A detector that comes back when this ends.
  class Loan {
   public:
    Loan(Loan&&) = default;
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    Detector& operator*() const { return *detector_; }
    Detector* operator->() const { return detector_.get(); }

   private:
    friend class DetectorPool;
    Loan(DetectorPool& pool, std::shared_ptr<Detector> detector) : pool_(&pool), detector_(std::move(detector)) {}
    DetectorPool* pool_;
    std::shared_ptr<Detector> detector_;
  };
  // Waits until one is free. Errors: kInvalid: the pool is closed; kInternal: `stop` was wanted first.
  Result<Loan> borrow(const Stop& stop);

  bool has_idle();

  // Frees the memory: at once of the detectors that are here, of those that are lent when they come back.
  void close();

 private:
  void take_back(std::shared_ptr<Detector> detector);

  std::shared_ptr<Detector> first_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Detector>> idle_;
  int unmade_;
  bool closed_ = false;
};

struct Found {
  Detections detections;
  ImageSize size;
  double decode_ms = 0;
};
using Outcome = std::variant<std::monostate, Found, Error>;  // the first: it was not looked at

struct Request {
  std::vector<Source> sources;
  std::vector<std::string> names;  // of sources without files, for messages
  BoxOptions boxes;
  int batch = 1;    // pictures a run
  int workers = 1;  // threads at most, the caller among them
  bool stop_at_error = true;
};

// Each picture's outcome, in their order. A picture that fails spares the others of its batch.
std::vector<Outcome> detect_all(DetectorPool& pool, const Request& request, const Stop& stop);

}  // namespace saker::python
