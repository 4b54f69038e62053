#include "serve/api/events_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace saker::serve {
namespace {

// A tenth apart from 0.1 ms to a minute: as fine as a plot shows.
std::vector<double> latency_bounds() {
  std::vector<double> bounds;
  for (double ms = 0.1; ms < 60'000; ms *= 1.1) bounds.push_back(ms);
  return bounds;
}

}  // namespace

std::string event_text(const LiveFigures& figures) {
  return fmt::format(
      R"(data: {{"throughput":{:.2f},"requests":{:.2f},"latency_ms":{{"p50":{:.3f},"p99":{:.3f}}},"queue":{},)"
      R"("running":{},"models":{}}})"
      "\n\n",
      figures.throughput, figures.requests, figures.p50_ms, figures.p99_ms, figures.queue, figures.running,
      figures.models);
}

EventStream::EventStream(const Repository& repository, Duration period)
    : repository_(repository), period_(period), latencies_(latency_bounds()), thread_([this] { run(); }) {}

EventStream::~EventStream() {
  stop();
}

bool EventStream::add(const Call& call) {
  const std::lock_guard lock(mutex_);
  if (stop_ || listeners_.size() >= kMostListeners) return false;
  HttpResponse head;
  head.content_type = "text/event-stream";
  head.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};  // nginx passes pieces on at once
  head.body = "retry: 2000\n\n";
  call.responder->begin(std::move(head));
  listeners_.push_back({call.request, call.responder});
  changed_.notify_one();
  return true;
}

void EventStream::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

EventStream::Seen EventStream::look() const {
  Seen seen;
  seen.at = std::chrono::steady_clock::now();
  for (const auto& model : repository_.ready()) seen.pictures += model->statistics().inferences.value();
  seen.latencies = latencies_.buckets();
  return seen;
}

LiveFigures EventStream::figures(const Seen& before, const Seen& now) const {
  std::vector<std::uint64_t> counts(now.latencies.size());
  std::ranges::transform(now.latencies, before.latencies, counts.begin(), std::minus<>());
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now.at - before.at).count());
  LiveFigures out;
  // A model that was unloaded takes what it has counted with it.
  out.throughput = static_cast<double>(now.pictures - std::min(now.pictures, before.pictures)) / seconds;
  out.requests = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0})) / seconds;
  out.p50_ms = bucket_quantile(latencies_.upper_bounds(), counts, 0.5);
  out.p99_ms = bucket_quantile(latencies_.upper_bounds(), counts, 0.99);
  out.running = std::max<std::int64_t>(0, running_.load(std::memory_order_relaxed));
  for (const auto& model : repository_.ready()) {
    ++out.models;
    out.queue += model->waiting();
  }
  return out;
}

bool EventStream::keeps_up(Listener& listener, const std::string& text) {
  constexpr int kMostMissed = 10;
  if (listener.responder->write(text)) {
    listener.missed = 0;
    return true;
  }
  const bool gone = listener.request->gone != nullptr && listener.request->gone->load();
  if (!gone && ++listener.missed < kMostMissed) return true;
  listener.responder->end();
  return false;
}

void EventStream::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [&] { return stop_ || !listeners_.empty(); });
    Seen before = look();
    while (!stop_ && !listeners_.empty()) {
      changed_.wait_until(lock, before.at + period_, [&] { return stop_; });
      if (stop_) break;
      Seen now = look();
      const std::string text = event_text(figures(before, now));
      std::erase_if(listeners_, [&](Listener& one) { return !keeps_up(one, text); });
      before = std::move(now);
    }
  }
  for (const Listener& one : listeners_) one.responder->end();
  listeners_.clear();
}

void events_route(const std::shared_ptr<ApiContext>& context, Call call) {
  if (call.request->method == "HEAD") {
    HttpResponse head;
    head.content_type = "text/event-stream";
    call.responder->begin(std::move(head));
    return call.responder->end();
  }
  if (context->events.add(call)) return;
  if (context->draining.load()) return refuse(call, {Reason::kUnavailable, "the server is stopping", 1});
  refuse(call, {Reason::kOverloaded, fmt::format("{} listen already", EventStream::kMostListeners), 10});
}

}  // namespace saker::serve
