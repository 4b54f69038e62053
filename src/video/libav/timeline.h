// Time stamps that ascend, out of those that a file or a camera gives.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace saker::video {

class Timeline {
 public:
  Timeline() = default;
  // one_second: in the time base. from_zero: the first stamp becomes 0, as clocks of cameras begin anywhere.
  Timeline(std::int64_t one_second, bool from_zero) : one_second_(one_second), from_zero_(from_zero) {}

  // Kept as they are where they ascend. One that is missing follows the last by `duration`; one that does not ascend by
  // one unit. Where the clock was set back by more than a second, all that follow are moved, so that time goes on.
  std::int64_t next(std::optional<std::int64_t> stamp, std::int64_t duration) {
    const std::int64_t step = std::clamp(duration, std::int64_t{1}, std::max(one_second_, std::int64_t{1}));
    if (stamp && !sane(*stamp)) stamp.reset();
    if (!last_) {
      if (from_zero_) shift_ = -stamp.value_or(0);
      last_ = stamp.value_or(0) + shift_;
      return *last_;
    }
    std::int64_t moved = stamp && sane(*stamp + shift_) ? *stamp + shift_ : *last_ + step;
    if (moved < *last_ - one_second_) {
      shift_ += *last_ + step - moved;
      moved = *last_ + step;
    }
    last_ = std::max(moved, *last_ + 1);
    return *last_;
  }

 private:
  // Files may hold any number; sums of sane ones do not overflow.
  static bool sane(std::int64_t stamp) {
    constexpr std::int64_t kFar = std::int64_t{1} << 61;
    return stamp > -kFar && stamp < kFar;
  }

  std::int64_t one_second_ = 1;
  bool from_zero_ = false;
  std::int64_t shift_ = 0;
  std::optional<std::int64_t> last_;
};

}  // namespace saker::video
