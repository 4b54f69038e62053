// GET /v1/events: each second what the server does, as server-sent events.
#pragma once

#include <saker/result.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "serve/api/route.h"

namespace saker::serve {

// Of the time between two events.
struct LiveFigures {
  double throughput = 0;          // pictures, or rows of tensors, that models have run, per second
  double requests = 0;            // answered, per second
  double p50_ms = 0, p99_ms = 0;  // of requests that models answered
  std::size_t queue = 0;          // pictures that wait
  std::int64_t running = 0;       // requests under way, those that wait among them
  std::size_t models = 0;         // versions that are served
};

std::string event_text(const LiveFigures& figures);  // "data: {...}\n\n"

// One thread for all who listen. Thread-safe.
class EventStream {
 public:
  explicit EventStream(const Repository& repository, Duration period = std::chrono::seconds(1));
  ~EventStream();  // as stop()
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  void began() { running_.fetch_add(1, std::memory_order_relaxed); }
  void ended() { running_.fetch_sub(1, std::memory_order_relaxed); }
  void answered(double ms) { latencies_.observe(ms); }  // with a result, not with a refusal
  // The answer has begun when this returns true. False: as many listen as may, or it was stopped.
  bool add(const Call& call);
  void stop();  // ends all answers

  static constexpr std::size_t kMostListeners = 64;

 private:
  struct Listener {
    std::shared_ptr<const HttpRequest> request;
    std::shared_ptr<Responder> responder;
    int missed = 0;  // events in a row that were left out
  };
  struct Seen {  // totals at the last event
    Time at;
    std::uint64_t pictures = 0;
    std::vector<std::uint64_t> latencies;
  };

  void run();
  Seen look() const;
  LiveFigures figures(const Seen& before, const Seen& now) const;
  static bool keeps_up(Listener& listener, const std::string& text);

  const Repository& repository_;
  const Duration period_;
  Histogram latencies_;  // milliseconds
  std::atomic<std::int64_t> running_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Listener> listeners_;
  bool stop_ = false;
  std::thread thread_;
};

void events_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
