// The figures of a benchmark: what many runs took, and whether two series differ beyond their noise.
#pragma once

#include <optional>
#include <vector>

namespace saker {

struct LatencySummary {
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, min = 0, max = 0;
};
LatencySummary summarize(std::vector<double> values);  // not of none

enum class SpeedVerdict { kTooFewRounds, kNoDifference, kFaster, kSlower };
const char* verdict_text(SpeedVerdict verdict);  // "faster", ..., "no difference beyond the noise"

// How many times as fast as the reference something is.
struct SpeedRatio {
  double ratio = 1;                 // geometric mean over the rounds; above 1: faster
  std::optional<double> low, high;  // the 95 % confidence interval; from three rounds on
  SpeedVerdict verdict = SpeedVerdict::kTooFewRounds;
};

// From one figure a round of each, all above 0, the k-th of both measured next to each other; what slows the machine
// down for a while then cancels out. The interval is Student's t on the logarithms of the rounds' ratios: with five to
// ten rounds the percentile bootstrap, the usual alternative, is too narrow and names winners where there are none
// (Hesterberg, "What teachers should know about the bootstrap", 2015, section 4).
SpeedRatio paired_ratio(const std::vector<double>& reference_ms, const std::vector<double>& ms);

}  // namespace saker
