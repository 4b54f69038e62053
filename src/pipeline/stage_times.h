// How long the stages of the work on frames take, over any number of frames in little memory.
#pragma once

#include <saker/detector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace saker {

// Times in bins that are 1 % wide, from 1 us to 1000 s: percentiles are right to 1 %, mean and greatest exactly.
class TimeHistogram {
 public:
  void add(double ms);
  void add(const TimeHistogram& others);
  std::size_t count() const { return count_; }
  double mean() const;                      // 0 without any
  double percentile(double percent) const;  // 0..100, as base/statistics.h has it; 0 without any
  double greatest() const { return greatest_; }

 private:
  double at_rank(std::size_t rank) const;  // of the sorted times

  std::vector<std::uint32_t> bins_;  // none before the first time
  std::size_t count_ = 0;
  double sum_ = 0, greatest_ = 0;
};

enum class Stage : std::uint8_t { kDecode, kPreprocess, kInfer, kPostprocess, kTrack, kDraw, kEncode, kModel, kAge };
constexpr std::size_t kStages = 9;
const char* stage_name(Stage stage);  // "decode", ...; kModel: preprocess, infer and postprocess; kAge: from the
                                      // arrival of a live source's frame to the end of the work on it

struct StageFigures {
  std::array<TimeHistogram, kStages> of;
  TimeHistogram& operator[](Stage stage) { return of[static_cast<std::size_t>(stage)]; }
  const TimeHistogram& operator[](Stage stage) const { return of[static_cast<std::size_t>(stage)]; }

  // kPreprocess, kInfer and kPostprocess of a frame, and their sum, kModel.
  void add(const StageTimes& ms);
};

}  // namespace saker
