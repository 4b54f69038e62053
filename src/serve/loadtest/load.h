// Sends requests to a server and takes the time: as fast as so many clients can (closed loop), or at times of their own
// whatever the server does (open loop).
#pragma once

#include <saker/result.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "serve/loadtest/client.h"
#include "serve/loadtest/url.h"

namespace saker::serve {

struct LoadOptions {
  Url url;
  std::vector<PreparedRequest> requests;  // not empty; each time one of them, drawn at random
  double warmup_s = 1, duration_s = 10;   // of each stage; what is sent in the warm-up is not counted
  double timeout_s = 30;                  // of a request
  int max_connections = 1024;             // of the open loop: requests wait for one, which counts as their latency
  std::uint64_t seed = 0;
};

// One point of a curve. Exactly one of both is set.
struct LoadStage {
  int concurrency = 0;  // closed loop: clients, each with a request under way all the time
  double rate = 0;      // open loop: requests a second on average, at times of a Poisson process
};

struct LoadResult {
  LoadStage stage;
  double seconds = 0;                                    // measured, without the warm-up
  std::uint64_t sent = 0;                                // or meant to be sent, in that time
  std::uint64_t completed = 0;                           // answers of status 2xx that came in that time, whenever sent
  std::map<int, std::uint64_t> statuses;                 // of those sent
  std::array<std::uint64_t, kClientErrors> errors = {};  // the same
  // Milliseconds, sorted. From when they were to be sent: a client that waits for the last answer first would hide how
  // long requests wait (coordinated omission).
  std::vector<double> ok_ms;          // answers of status 2xx
  std::vector<double> overloaded_ms;  // of status 503
  std::vector<double> lag_ms;         // by how much they were sent late, for want of CPU or connections
  std::uint64_t bytes = 0;            // of the bodies of the answers counted
  int connections = 0;                // at most, at a time
  bool stopped = false;               // before its time

  double throughput() const { return seconds > 0 ? static_cast<double>(completed) / seconds : 0; }
  std::uint64_t failed() const;  // neither 2xx nor 503
};

struct LoadHooks {
  // A few times a second: seconds since the beginning, and what there is so far.
  std::function<void(double, const LoadResult&)> progress;
  std::function<bool()> stop;  // asked as often
};

// Errors: kNotFound (no such host), kIo (nobody answers there).
Result<LoadResult> run_load(const LoadOptions& options, const LoadStage& stage, const LoadHooks& hooks);

}  // namespace saker::serve
