// The figures of a benchmark: what many runs took, and whether two series differ beyond their noise.
#include "measure/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/statistics.h"

namespace saker {
namespace {

// Student's t, 97.5 %, by degrees of freedom from 1 (the standard table); beyond it the normal distribution with the
// first term of its expansion, right to 0.001.
double student_t(std::size_t freedom) {
  constexpr std::array kTable = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                 2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                 2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  constexpr double kNormal = 1.959964;
  if (freedom <= kTable.size()) return kTable[freedom - 1];
  return kNormal + (kNormal * kNormal * kNormal + kNormal) / 4 / static_cast<double>(freedom);
}

}  // namespace

LatencySummary summarize(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {mean_of(values),          percentile(values, 0.5), percentile(values, 0.9),
          percentile(values, 0.99), values.front(),          values.back()};
}

const char* verdict_text(SpeedVerdict verdict) {
  switch (verdict) {
    case SpeedVerdict::kTooFewRounds:
      return "too few rounds to tell";
    case SpeedVerdict::kNoDifference:
      return "no difference beyond the noise";
    case SpeedVerdict::kFaster:
      return "faster";
    case SpeedVerdict::kSlower:
      return "slower";
  }
  return "?";
}

SpeedRatio paired_ratio(const std::vector<double>& reference_ms, const std::vector<double>& ms) {
  const std::size_t rounds = std::min(reference_ms.size(), ms.size());
  if (rounds == 0) return {};
  std::vector<double> logs(rounds);
  for (std::size_t k = 0; k < rounds; ++k) logs[k] = std::log(reference_ms[k] / ms[k]);
  const double mean = mean_of(logs);
  SpeedRatio result;
  result.ratio = std::exp(mean);
  if (rounds < 3) return result;
  double squares = 0;
  for (const double value : logs) squares += (value - mean) * (value - mean);
  const auto n = static_cast<double>(rounds);
  const double half = student_t(rounds - 1) * std::sqrt(squares / (n - 1) / n);
  result.low = std::exp(mean - half);
  result.high = std::exp(mean + half);
  result.verdict = SpeedVerdict::kNoDifference;
  if (*result.low > 1) result.verdict = SpeedVerdict::kFaster;
  if (*result.high < 1) result.verdict = SpeedVerdict::kSlower;
  return result;
}

}  // namespace saker
