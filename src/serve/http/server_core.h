// What all connections of a server share.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "serve/http/server.h"
#include "serve/request_id.h"

namespace saker::serve {

// What made the server turn something away.
enum class HttpLimit : std::uint8_t {
  kConnections,
  kConnectionsPerPeer,
  kHeaderSize,
  kBodySize,
  kBodies,
  kHeaderTime,
  kBodyTime,
  kWriteTime,
  kMalformed,
};
constexpr std::size_t kHttpLimits = 9;

// Counts; without a registry it counts nothing.
class HttpMetrics {
 public:
  // `open`: the number of connections.
  HttpMetrics(MetricRegistry* registry, std::shared_ptr<const std::atomic<int>> open);

  void received(std::size_t bytes) const;
  void sent(std::size_t bytes) const;
  void response(int status);
  void limit(HttpLimit which) const;
  void accept_failed() const;

 private:
  MetricRegistry* registry_;
  Counter* received_ = nullptr;
  Counter* sent_ = nullptr;
  Counter* accept_failed_ = nullptr;
  std::array<Counter*, kHttpLimits> limits_ = {};
  std::array<std::atomic<Counter*>, 600> responses_ = {};  // by status, found at the first one
};

struct ServerCore {
  ServerCore(const HttpOptions& http_options, Handler http_handler, MetricRegistry* registry);

  // Whether one more connection may be, and one of this peer; closed() takes it back. Those that may not are counted,
  // too, until they have been told. Nothing: there are too many of those.
  enum class Admission : std::uint8_t { kOpen, kFull, kPeerFull, kNotEvenTold };
  Admission admit(const std::string& address);
  void closed(bool was_open, const std::string& address);
  // Until none is open, for at most so long.
  void wait_until_closed(std::chrono::milliseconds longest);
  // Bytes of bodies that are in memory. False: there are too many; they are counted all the same.
  bool add_body_bytes(std::size_t bytes) {
    return body_bytes_.fetch_add(bytes) + bytes <= std::max(options.max_bodies, options.max_body);
  }
  void release_body_bytes(std::size_t bytes) { body_bytes_ -= bytes; }

  const HttpOptions options;
  Handler handler;
  const std::shared_ptr<std::atomic<int>> open = std::make_shared<std::atomic<int>>(0);
  HttpMetrics metrics;
  RequestIds ids;
  std::atomic<bool> draining{false};  // takes no more connections, and one more request of each
  std::atomic<bool> ending{false};    // nothing more

 private:
  std::mutex mutex_;
  std::condition_variable closed_;
  std::atomic<std::size_t> body_bytes_{0};
  std::map<std::string, int> peers_;  // connections, where they are limited
  int turned_away_ = 0;               // and still there
};

}  // namespace saker::serve
