#include "guard/picture_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/statistics.h"

namespace saker {
namespace {

constexpr float kBlankContrast = 1.0F;    // real pictures: 15 and more
constexpr float kNoisePeakedness = 4.0F;  // noise of all kinds: 3.5 at most; real: 4.4 and more
constexpr float kDrawnShading = 0.60F;    // medians of drawings: 0.55 at most; of real sets: 0.67 and more
constexpr float kTwin = 0.75F;         // different scenes: 0.67 at most; the same slightly changed: nearly always more
constexpr double kCertainShare = 0.5;  // then drawings are what the model is for

bool is_blank(const PictureTraits& t) {
  return t.contrast < kBlankContrast;
}

std::size_t count_different(std::span<const PictureTraits> traits) {
  std::vector<const PictureTraits*> kept;
  for (const PictureTraits& own : traits) {
    const bool is_twin =
        std::ranges::any_of(kept, [&](const PictureTraits* k) { return similarity(own, *k) >= kTwin; });
    if (!is_twin) kept.push_back(&own);
  }
  return kept.size();
}

}  // namespace

Findings check_pictures(const PictureSet& set) {
  Findings found;
  const std::size_t n = set.traits.size();
  if (n < kFewestPictures) {
    found.push_back(
        {"too few pictures", true,
         fmt::format("{} pictures{}; ranges of fewer than {} say little about others", n,
                     set.unreadable > 0 ? fmt::format(" ({} could not be read)", set.unreadable) : "", kFewestPictures),
         "use 100 or more, like those the model will see"});
    if (n == 0) return found;
  }
  const auto blank = static_cast<std::size_t>(std::ranges::count_if(set.traits, is_blank));
  if (blank > 0) {
    found.push_back(
        {"blank pictures", 2 * blank > n, fmt::format("{} of {} show a single colour", blank, n), "take them out"});
  }
  if (2 * blank > n) return found;

  const std::size_t different = count_different(set.traits);
  const std::size_t wanted = std::min<std::size_t>(std::max<std::size_t>(12, n / 2), 48);
  if (n >= kFewestPictures && different < wanted) {
    found.push_back(
        {"near-duplicates", true,
         fmt::format("{} pictures show only {} different scenes; {} or more are needed", n, different, wanted),
         "pictures of a video or of one camera: take some of each hour, day and place"});
  }
  std::vector<float> shading;
  std::size_t noise = 0;
  for (const PictureTraits& own : set.traits) {
    if (is_blank(own)) continue;
    shading.push_back(own.shading);
    noise += own.peakedness < kNoisePeakedness ? 1 : 0;
  }
  if (2 * noise > n) {
    found.push_back(
        {"noise", true, fmt::format("{} of {} pictures are noise, not scenes", noise, n), "use real pictures"});
  } else if (median(shading) < kDrawnShading) {
    const bool certain = set.certain >= kCertainShare;
    found.push_back({"drawn pictures", !certain,
                     fmt::format("they look drawn or made up, not photographed{}",
                                 certain ? ", but the model is sure of what it sees in them" : ""),
                     "use real pictures"});
  }
  return found;
}

}  // namespace saker
