// A responder that knows how its answer went: what the log, the metrics and the page's figures are told.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "serve/api/route.h"

namespace saker::serve {

struct Answered {
  int status = 0;
  std::size_t bytes = 0;  // of the body
  bool in_pieces = false;
  double ms = 0;  // from the handler's begin until the answer, or its last piece, was handed over
};

class TrackedResponder final : public Responder {
 public:
  // `headers` are added to the answer. `done` is called once; where no answer is given, with 500.
  TrackedResponder(std::shared_ptr<Responder> out, Headers headers, std::function<void(const Answered&)> done);
  ~TrackedResponder() override;

  void send(HttpResponse response) override;
  void begin(HttpResponse head) override;
  bool write(std::string piece) override;
  bool offer(const std::shared_ptr<const std::string>& piece, std::size_t most_waiting) override;
  void end() override;

 private:
  void add_headers(HttpResponse& response) const;
  void finish();

  std::shared_ptr<Responder> out_;
  Headers headers_;
  std::function<void(const Answered&)> done_;
  Stopwatch watch_;
  std::atomic<int> status_{500};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> in_pieces_{false}, finished_{false};
};

}  // namespace saker::serve
