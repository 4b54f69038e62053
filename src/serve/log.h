// What the server tells while it runs, a line a record: text for people, JSON for machines. Whoever writes is not held
// up: records wait in a bounded queue for a thread that hands them on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "serve/api/api.h"

namespace saker::serve {

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

struct LogOptions {
  bool json = false;
  LogLevel level = LogLevel::kInfo;  // what is below is left out
  bool access = true;                // a line for each request
  std::size_t most_waiting = 8192;   // records; more are dropped and counted
};

using LogValue = std::variant<std::string, double, std::int64_t>;
using LogFields = std::vector<std::pair<std::string_view, LogValue>>;

// Thread-safe.
class Log {
 public:
  // `write` gets whole lines, on one thread, one call at a time; it may block.
  Log(const LogOptions& options, std::function<void(std::string_view lines)> write);
  ~Log();  // after the last record was written
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void add(LogLevel level, std::string_view message, const LogFields& fields = {});
  void info(std::string_view message, const LogFields& fields = {}) { add(LogLevel::kInfo, message, fields); }
  void warning(std::string_view message, const LogFields& fields = {}) { add(LogLevel::kWarning, message, fields); }
  void error(std::string_view message, const LogFields& fields = {}) { add(LogLevel::kError, message, fields); }
  void access(const AccessRecord& record);
  std::uint64_t dropped() const;

 private:
  void put(std::string line);
  void run();

  LogOptions options_;
  std::function<void(std::string_view)> write_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  std::uint64_t dropped_ = 0, told_ = 0;  // of those dropped, the ones that a record has told of
  bool stop_ = false;
  std::thread thread_;
};

// "2026-11-29T16:00:00.123Z"
std::string utc_time(std::chrono::system_clock::time_point time);

// One record; `target` and the like may be anything that a client has sent.
std::string log_line(bool json, std::chrono::system_clock::time_point time, LogLevel level, std::string_view message,
                     const LogFields& fields);

}  // namespace saker::serve
