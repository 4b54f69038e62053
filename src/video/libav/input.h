// Sources opened by libavformat: which protocols and containers each kind may use, deadlines, errors in our words.
#pragma once

#include <saker/result.h>

#include <atomic>
#include <chrono>
#include <string>

#include "video/libav/av.h"

namespace saker::video {

using Clock = std::chrono::steady_clock;

// What a blocking call of libav asks about ten times a second.
class Patience {
 public:
  explicit Patience(const std::atomic<bool>* stopped) : stopped_(stopped) {}
  void begin(double seconds);                                                             // from now on
  void begin_forever() { until_ = Clock::time_point::max().time_since_epoch().count(); }  // but for interrupt()
  void interrupt() noexcept { interrupted_ = true; }
  bool interrupted() const { return interrupted_ || (stopped_ != nullptr && *stopped_); }
  bool over() const { return interrupted() || Clock::now().time_since_epoch().count() > until_; }

 private:
  const std::atomic<bool>* stopped_;
  std::atomic<bool> interrupted_ = false;
  std::atomic<Clock::rep> until_ = 0;
};

enum class SourceKind { kFile, kCamera, kStream };
SourceKind kind_of(const std::string& source);

// For decoders, which count whole blocks before they crop, twice at most: what comes out is counted exactly.
std::int64_t coded_limit(std::int64_t max_pixels);

// Files are read without a deadline: they do not make anybody wait, and a slow machine is no error.
void begin(Patience& patience, SourceKind kind, double seconds);

// Opened, and looked into so far that the streams are known; `patience` must outlive it. Errors as VideoLibrary::open.
Result<InputPtr> open_input(const std::string& source, const ReadOptions& options, Patience& patience);

// What went wrong with a source while it was read: its name is shown without its password, and FFmpeg's last complaint
// follows where there is one.
Error input_error(const std::string& source, int code, const Patience& patience, double seconds);

}  // namespace saker::video
