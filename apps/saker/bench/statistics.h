// The figures of a benchmark: what many runs took, and whether two series differ beyond their noise.
#pragma once

#include <optional>
#include <vector>

namespace saker::cli {

// The value below which this share (0..1) of the values lies, with straight lines between neighbours: position
// share * (n - 1) of the sorted values, as numpy.percentile and type 7 of Hyndman and Fan (1996). Not of none.
double percentile(const std::vector<double>& sorted, double share);
double median(std::vector<double> values);

struct LatencySummary {
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, min = 0, max = 0;
};
LatencySummary summarize(std::vector<double> values);  // not of none

enum class Verdict { kTooFewRounds, kNoDifference, kFaster, kSlower };
const char* verdict_text(Verdict verdict);  // "faster", ..., "no difference beyond the noise"

// How many times as fast as the reference something is.
struct Ratio {
  double ratio = 1;                 // geometric mean over the rounds; above 1: faster
  std::optional<double> low, high;  // the 95 % confidence interval; from three rounds on
  Verdict verdict = Verdict::kTooFewRounds;
};

// From one figure a round of each, all above 0, the k-th of both measured next to each other; what slows the machine
// down for a while then cancels out. The interval is Student's t on the logarithms of the rounds' ratios: with five to
// ten rounds the percentile bootstrap, the usual alternative, is too narrow and names winners where there are none
// (Hesterberg, "What teachers should know about the bootstrap", 2015, section 4).
Ratio paired_ratio(const std::vector<double>& reference_ms, const std::vector<double>& ms);

}  // namespace saker::cli
