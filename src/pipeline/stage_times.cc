// How long the stages of the work on frames take, over any number of frames in little memory.
#include "pipeline/stage_times.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace saker {
namespace {

constexpr double kLeast = 1e-3, kMost = 1e6;    // milliseconds
constexpr double kWidth = 0.00995033085316808;  // log(1.01)
constexpr std::size_t kBins = 2084;             // log(kMost / kLeast) / kWidth, rounded up

std::size_t bin_of(double ms) {
  if (!(ms > kLeast)) return 0;
  return std::min(static_cast<std::size_t>(std::log(std::min(ms, kMost) / kLeast) / kWidth), kBins - 1);
}

double middle_of(std::size_t bin) {
  return kLeast * std::exp((static_cast<double>(bin) + 0.5) * kWidth);
}

}  // namespace

void TimeHistogram::add(double ms) {
  if (bins_.empty()) bins_.resize(kBins);
  ++bins_[bin_of(ms)];
  ++count_;
  sum_ += ms;
  greatest_ = std::max(greatest_, ms);
}

void TimeHistogram::add(const TimeHistogram& others) {
  if (others.bins_.empty()) return;
  if (bins_.empty()) bins_.resize(kBins);
  std::ranges::transform(bins_, others.bins_, bins_.begin(), std::plus());
  count_ += others.count_;
  sum_ += others.sum_;
  greatest_ = std::max(greatest_, others.greatest_);
}

double TimeHistogram::mean() const {
  return count_ > 0 ? sum_ / static_cast<double>(count_) : 0;
}

double TimeHistogram::at_rank(std::size_t rank) const {
  std::size_t bin = 0;
  for (std::size_t below = bins_[0]; below <= rank; below += bins_[bin]) ++bin;
  return std::min(middle_of(bin), greatest_);
}

double TimeHistogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const double position = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_ - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= count_) return greatest_;
  return std::lerp(at_rank(below), at_rank(below + 1), position - static_cast<double>(below));
}

void StageFigures::add(const StageTimes& ms) {
  (*this)[Stage::kPreprocess].add(ms.preprocess);
  (*this)[Stage::kInfer].add(ms.infer);
  (*this)[Stage::kPostprocess].add(ms.postprocess);
  (*this)[Stage::kModel].add(ms.preprocess + ms.infer + ms.postprocess);
}

const char* stage_name(Stage stage) {
  constexpr std::array<const char*, kStages> kNames = {"decode", "preprocess", "infer", "postprocess", "track",
                                                       "draw",   "encode",     "model", "age"};
  return kNames[static_cast<std::size_t>(stage)];
}

}  // namespace saker
