#include "train/fake_quantization.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "base/try.h"
#include "quantize/trained.h"

namespace saker::train {
namespace {

constexpr float kShare = 0.01F;  // of a batch in its range: torch's averaging_constant

Status check_ranges(const QuantizationPlan& plan, const ObservedRanges& observed) {
  for (const QuantizationPlan::Point& point : plan.points) {
    const auto found = observed.of_values.find(point.name);
    if (found != observed.of_values.end() && ranges_in(found->second, point.channels).empty())
      return Error{ErrorCode::kInvalid, fmt::format("the ranges observed of '{}' are not {} ranges",
                                                    printable_name(point.name), point.channels)};
  }
  return {};
}

}  // namespace

Result<FakeQuantization> FakeQuantization::create(const nets::Network& network, ObservedRanges& observed,
                                                  const std::function<bool(const nets::Module&)>& keep_float) {
  FakeQuantization fake;
  SAKER_ASSIGN(fake.plan_, plan_quantization(network, observed.scales, keep_float));
  SAKER_TRY(check_ranges(fake.plan_, observed));
  fake.observed_ = &observed;
  observed.convs.clear();
  for (const PlannedConv& conv : fake.plan_.convs) observed.convs.push_back(conv.conv->path);
  // In memory of their own: they change, and a file's do not.
  for (auto& [name, tensor] : observed.of_values) {
    SAKER_ASSIGN(tensor, to_dense(view_of(tensor)));
  }
  return fake;
}

Status FakeQuantization::begin_pass() {
  std::vector<std::vector<ValueRange>> ranges;
  for (const QuantizationPlan::Point& point : plan_.points) {
    const auto found = observed_->of_values.find(point.name);
    if (found == observed_->of_values.end()) return {};
    ranges.push_back(ranges_in(found->second, point.channels));
    if (ranges.back().empty())
      return Error{ErrorCode::kInvalid, fmt::format("values of '{}' are no numbers any more", point.name)};
  }
  ready_ = true;
  grids_ = scales_of_points(plan_.groups, ranges, observed_->scales, observed_->symmetric);
  input_scales_.clear();
  for (const PlannedConv& conv : plan_.convs) {
    std::vector<float>& scales = input_scales_.emplace_back();
    for (const PointChannel& at : conv.inputs)
      scales.push_back(grids_[static_cast<std::size_t>(at.point)].scale_of(at.channel));
  }
  return {};
}

Status FakeQuantization::see(std::size_t point, std::span<const float> low, std::span<const float> high) {
  const std::size_t channels = low.size();
  SAKER_CHECK(static_cast<std::int64_t>(channels) == plan_.points[point].channels);
  const auto [at, is_new] = observed_->of_values.try_emplace(plan_.points[point].name);
  if (is_new) {
    SAKER_ASSIGN(at->second, Tensor::make(DType::kFloat32, {2, static_cast<std::int64_t>(channels)}));
    std::ranges::copy(low, at->second.data<float>());
    std::ranges::copy(high, at->second.data<float>() + channels);
    return {};
  }
  float *kept_low = at->second.data<float>(), *kept_high = kept_low + channels;
  for (std::size_t c = 0; c < channels; ++c) {
    kept_low[c] += kShare * (low[c] - kept_low[c]);
    kept_high[c] += kShare * (high[c] - kept_high[c]);
  }
  return {};
}

}  // namespace saker::train
