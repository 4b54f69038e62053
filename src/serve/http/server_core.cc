#include "serve/http/server_core.h"

#include <algorithm>
#include <utility>

namespace saker::serve {
namespace {

constexpr int kMaxTurnedAway = 64;  // connections that wait to be told that they may not be
constexpr std::array<const char*, kHttpLimits> kLimitNames = {
    "connections", "connections_per_peer", "header_size", "body_size", "bodies", "header_time",
    "body_time",   "write_time",           "malformed"};

}  // namespace

HttpMetrics::HttpMetrics(MetricRegistry* registry, std::shared_ptr<const std::atomic<int>> open) : registry_(registry) {
  if (registry_ == nullptr) return;
  received_ = &registry_->counter("saker_http_received_bytes_total", "Bytes read from clients");
  sent_ = &registry_->counter("saker_http_sent_bytes_total", "Bytes written to clients");
  accept_failed_ = &registry_->counter("saker_http_accept_failures_total",
                                       "Connections that could not be accepted, for want of descriptors or memory");
  for (std::size_t i = 0; i < kHttpLimits; ++i) {
    limits_[i] = &registry_->counter("saker_http_turned_away_total", "What clients were turned away for",
                                     {{"limit", kLimitNames[i]}});
  }
  registry_->gauge("saker_http_connections", "Open connections", {}, [open = std::move(open)] { return open->load(); });
}

void HttpMetrics::received(std::size_t bytes) const {
  if (received_ != nullptr) received_->add(bytes);
}

void HttpMetrics::sent(std::size_t bytes) const {
  if (sent_ != nullptr) sent_->add(bytes);
}

void HttpMetrics::response(int status) {
  if (registry_ == nullptr) return;
  std::atomic<Counter*>& place = responses_[static_cast<std::size_t>(std::clamp(status, 0, 599))];
  Counter* counter = place.load();
  if (counter == nullptr) {
    counter =
        &registry_->counter("saker_http_responses_total", "Answers by status", {{"code", std::to_string(status)}});
    place = counter;
  }
  counter->add();
}

void HttpMetrics::limit(HttpLimit which) const {
  if (Counter* counter = limits_[static_cast<std::size_t>(which)]; counter != nullptr) counter->add();
}

void HttpMetrics::accept_failed() const {
  if (accept_failed_ != nullptr) accept_failed_->add();
}

ServerCore::ServerCore(const HttpOptions& http_options, Handler http_handler, MetricRegistry* registry)
    : options(http_options), handler(std::move(http_handler)), metrics(registry, open) {}

ServerCore::Admission ServerCore::admit(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const bool full = open->load() >= options.max_connections;
  bool peer_full = false;
  if (!full && options.max_connections_per_peer > 0) {
    int& count = peers_[address];
    peer_full = count >= options.max_connections_per_peer;
    if (!peer_full) ++count;
  }
  if (!full && !peer_full) {
    ++*open;
    return Admission::kOpen;
  }
  if (turned_away_ >= kMaxTurnedAway) return Admission::kNotEvenTold;
  ++turned_away_;
  return full ? Admission::kFull : Admission::kPeerFull;
}

void ServerCore::closed(bool was_open, const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (!was_open) {
    --turned_away_;
    return;
  }
  if (const auto found = peers_.find(address); found != peers_.end() && --found->second <= 0) peers_.erase(found);
  --*open;
  closed_.notify_all();
}

void ServerCore::wait_until_closed(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  closed_.wait_for(lock, longest, [this] { return open->load() <= 0; });
}

}  // namespace saker::serve
