#include "guard/preprocess_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>

#include "base/try.h"
#include "guard/agreement.h"

namespace saker {
namespace {

// docs/calibration-guard.md has the measurements behind these.
constexpr double kFlooded = 0.6;    // mean best score in pictures of nothing: right readings 0.13 at most, flooded 0.97
constexpr double kEvidence = 0.12;  // mean evidence (below) without which there is no verdict
constexpr double kScaleAlarm = 1.5, kOrderAlarm = 2, kOrderAlarmWithoutWeights = 1.5;
constexpr double kWeightOfWeights = 4;
constexpr double kSure = 3;  // then no more pictures are needed
constexpr std::array<std::size_t, 3> kSteps = {16, 32, 64};

// How pixels become numbers, whatever their order.
struct Scale {
  const char* name;
  float scale;
  std::array<float, 3> mean, std;  // in the order red, green, blue
};
constexpr std::array<float, 3> kNone = {0, 0, 0}, kOnes = {1, 1, 1};
// ImageNet's, times 255 (torchvision).
constexpr std::array<float, 3> kMean = {123.675F, 116.28F, 103.53F}, kStd = {58.395F, 57.12F, 57.375F};
constexpr std::array kScales = {Scale{"pixels / 255", 1.0F / 255, kNone, kOnes},
                                Scale{"pixels 0..255", 1, kNone, kOnes},
                                Scale{"ImageNet's mean and std", 1, kMean, kStd}};
constexpr int kClaimedScale = -1;  // as given, when it is none of these

Preprocess reading(const Preprocess& claimed, int scale, bool bgr) {
  Preprocess p = claimed;
  if (bgr != claimed.bgr) {
    std::swap(p.mean[0], p.mean[2]);
    std::swap(p.std[0], p.std[2]);
  }
  p.bgr = bgr;
  if (scale == kClaimedScale) return p;
  const Scale& s = kScales[static_cast<std::size_t>(scale)];
  p.scale = s.scale;
  p.mean = s.mean;
  p.std = s.std;
  if (bgr) {
    std::swap(p.mean[0], p.mean[2]);
    std::swap(p.std[0], p.std[2]);
  }
  return p;
}

// Which of kScales gives nearly the same numbers for black and white; kClaimedScale if none does.
int scale_like(const Preprocess& claimed) {
  for (int i = 0; i < static_cast<int>(kScales.size()); ++i) {
    const Preprocess other = reading(claimed, i, claimed.bgr);
    bool same = true;
    for (std::size_t c = 0; c < 3; ++c) {
      const auto value = [&](const Preprocess& p, float pixel) { return (pixel * p.scale - p.mean[c]) / p.std[c]; };
      const float range = value(other, 255) - value(other, 0);
      same = same && std::fabs(value(claimed, 0) - value(other, 0)) < 0.1F * range &&
             std::fabs(value(claimed, 255) - value(other, 255)) < 0.1F * range;
    }
    if (same) return i;
  }
  return kClaimedScale;
}

// Differences of neighbouring pixels' means at all sizes, but no object: noise whose power falls with its frequency.
Image picture_of_nothing(int width, int height, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto uniform = [&] { return static_cast<float>(random()) * 0x1p-32F; };
  std::vector<float> sum(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 0.0F);
  for (int k = 2; k <= std::min({512, width, height}); k *= 2) {
    std::vector<float> grid(static_cast<std::size_t>(k) * static_cast<std::size_t>(k) * 3);
    for (float& g : grid) g = uniform();
    std::size_t at = 0;
    for (int y = 0; y < height; ++y) {
      const float fy =
          std::clamp((static_cast<float>(y) + 0.5F) * static_cast<float>(k) / static_cast<float>(height) - 0.5F, 0.0F,
                     static_cast<float>(k - 1));
      const int y0 = static_cast<int>(fy), y1 = std::min(y0 + 1, k - 1);
      for (int x = 0; x < width; ++x) {
        const float fx =
            std::clamp((static_cast<float>(x) + 0.5F) * static_cast<float>(k) / static_cast<float>(width) - 0.5F, 0.0F,
                       static_cast<float>(k - 1));
        const int x0 = static_cast<int>(fx), x1 = std::min(x0 + 1, k - 1);
        const float wy = fy - static_cast<float>(y0), wx = fx - static_cast<float>(x0);
        for (int c = 0; c < 3; ++c) {
          const auto g = [&](int row, int column) {
            return grid[static_cast<std::size_t>((row * k + column) * 3 + c)];
          };
          sum[at++] +=
              (1 - wy) * ((1 - wx) * g(y0, x0) + wx * g(y0, x1)) + wy * ((1 - wx) * g(y1, x0) + wx * g(y1, x1));
        }
      }
    }
  }
  Image image{width, height, std::vector<std::uint8_t>(sum.size()), {}};
  for (std::size_t c = 0; c < 3; ++c) {
    double total = 0, squares = 0;
    for (std::size_t i = c; i < sum.size(); i += 3) {
      total += static_cast<double>(sum[i]);
      squares += static_cast<double>(sum[i]) * static_cast<double>(sum[i]);
    }
    const double n = static_cast<double>(sum.size() / 3), mean = total / n;
    const double sd = std::sqrt(std::max(squares / n - mean * mean, 1e-12));
    for (std::size_t i = c; i < sum.size(); i += 3)
      image.pixels[i] =
          static_cast<std::uint8_t>(std::clamp((static_cast<double>(sum[i]) - mean) / sd * 50 + 128, 0.0, 255.0));
  }
  return image;
}

// Grey levels between the 1 % and 99 % quantiles become 0 to 255: washed-out pictures would otherwise look better with
// mean and std, which stretch them.
void level(Image& image) {
  std::array<std::size_t, 256> counts = {};
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    const float grey = 0.299F * image.pixels[i] + 0.587F * image.pixels[i + 1] + 0.114F * image.pixels[i + 2];
    ++counts[static_cast<std::size_t>(grey)];
  }
  const std::size_t cut = image.pixels.size() / 3 / 100;
  int low = 0, high = 255;
  for (std::size_t seen = counts[0]; low < 255 && seen <= cut; seen += counts[static_cast<std::size_t>(low)]) ++low;
  for (std::size_t seen = counts[255]; high > 0 && seen <= cut; seen += counts[static_cast<std::size_t>(high)]) --high;
  const float gain = 255.0F / static_cast<float>(std::max(high - low, 32));
  std::array<std::uint8_t, 256> table;
  for (int v = 0; v < 256; ++v)
    table[static_cast<std::size_t>(v)] =
        static_cast<std::uint8_t>(std::clamp(static_cast<float>(v - low) * gain, 0.0F, 255.0F));
  for (std::uint8_t& pixel : image.pixels) pixel = table[pixel];
}

// What one reading finds in each picture so far.
struct Evidence {
  std::vector<double> values;  // sum of the squares of a picture's five best scores
  std::vector<double> best;    // a picture's best score
  std::size_t boxes = 0;       // with a score of 0.25 or more

  double mean() const {
    double sum = 0;
    for (const double v : values) sum += v;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
  }
};

// Student's t of a[i] - b[i].
double paired_t(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += a[i] - b[i];
    squares += (a[i] - b[i]) * (a[i] - b[i]);
  }
  const double mean = sum / n, variance = n > 1 ? std::max(0.0, (squares - n * mean * mean) / (n - 1)) : 0;
  return mean / (std::sqrt(variance / n) + 1e-4);
}

using Key = std::pair<int, bool>;  // scale, bgr

class Checker {
 public:
  Checker(const Detector& detector, double colour_weight, std::size_t count,
          const std::function<Result<Image>(std::size_t)>& picture)
      : detector_(detector),
        claimed_(detector.preprocess()),
        scale_(scale_like(claimed_)),
        weight_(claimed_.bgr ? -colour_weight : colour_weight),
        count_(count),
        picture_(picture) {}

  Result<PreprocessCheck> run() {
    for (int s = 0; s < static_cast<int>(kScales.size()); ++s) candidates_.push_back(s);
    if (scale_ == kClaimedScale) candidates_.push_back(kClaimedScale);
    SAKER_TRY(drop_flooded());
    if (candidates_.empty()) {
      result_.findings.push_back({"objects in noise", false,
                                  "the model sees objects in noise under every reading: whether it is fed rightly "
                                  "cannot be told",
                                  ""});
      return std::move(result_);
    }
    for (const std::size_t step : kSteps) {
      used_ = std::min(step, count_);
      SAKER_TRY(decide());
      const bool early = claim_is_flooded_ && step < kSteps[1];
      if (used_ == count_ || (!early && std::fabs(scale_t_) > kSure && std::fabs(order_z_) > kSure)) break;
    }
    return report();
  }

 private:
  // Readings under which it sees objects in nothing: too large numbers saturate its scores.
  Status drop_flooded() {
    constexpr std::array<std::uint32_t, 3> kSeeds = {7, 8, 9};
    std::vector<Image> nothing;
    for (const std::uint32_t seed : kSeeds)
      nothing.push_back(picture_of_nothing(detector_.input_width(), detector_.input_height(), seed));
    std::vector<int> kept;
    for (const int scale : candidates_) {
      SAKER_ASSIGN(Detector own, fed(reading(claimed_, scale, claimed_.bgr)));
      double best = 0;
      for (const Image& image : nothing) {
        SAKER_ASSIGN(const Detections found, own.detect(image.view()));
        best += found.boxes.empty() ? 0 : std::min(1.0, static_cast<double>(found.boxes[0].score));
      }
      if (best / kSeeds.size() < kFlooded) {
        kept.push_back(scale);
      } else if (scale == scale_) {
        claim_is_flooded_ = true;
      }
    }
    candidates_ = std::move(kept);
    return {};
  }

  // The detector fed otherwise, with all boxes that may mean something.
  Result<Detector> fed(const Preprocess& preprocess) const {
    SAKER_ASSIGN(Detector own, detector_.clone());
    SAKER_TRY(own.set_preprocess(preprocess));
    BoxOptions boxes = own.boxes();
    boxes.conf = 0.05F;
    boxes.iou = 0.5F;
    boxes.max_det = 100;
    SAKER_TRY(own.set_boxes(boxes));
    return own;
  }

  Result<const Evidence*> look(Key key) {
    Evidence& e = evidence_[key];
    if (e.values.size() < used_) {
      SAKER_ASSIGN(Detector own, fed(reading(claimed_, key.first, key.second)));
      while (e.values.size() < used_) {
        SAKER_ASSIGN(const Image* image, levelled(e.values.size()));
        SAKER_ASSIGN(const Detections found, own.detect(image->view()));
        double sum = 0;
        for (std::size_t i = 0; i < found.boxes.size(); ++i) {
          const double score = std::clamp(static_cast<double>(found.boxes[i].score), 0.0, 1.0);
          if (i < 5) sum += score * score;
          e.boxes += score >= 0.25 ? 1 : 0;
        }
        e.values.push_back(sum);
        e.best.push_back(found.boxes.empty() ? 0 : static_cast<double>(found.boxes[0].score));
      }
    }
    return &e;
  }

  Result<const Image*> levelled(std::size_t i) {
    while (pictures_.size() <= i) {
      SAKER_ASSIGN(Image image, picture_(pictures_.size()));
      level(image);
      pictures_.push_back(shrunk(image));
    }
    return &pictures_[i];
  }

  // To about the model's input, so that 64 of them need little memory.
  Image shrunk(Image& image) const {
    const int step = std::min(image.width / std::max(1, detector_.input_width()),
                              image.height / std::max(1, detector_.input_height()));
    if (step < 2) return std::move(image);
    Image out{image.width / step, image.height / step, {}, {}};
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        for (int c = 0; c < 3; ++c) {
          int sum = 0;
          for (int dy = 0; dy < step; ++dy) {
            for (int dx = 0; dx < step; ++dx)
              sum += image.pixels[(static_cast<std::size_t>(y * step + dy) * static_cast<std::size_t>(image.width) +
                                   static_cast<std::size_t>(x * step + dx)) *
                                      3 +
                                  static_cast<std::size_t>(c)];
          }
          out.pixels.push_back(static_cast<std::uint8_t>(sum / (step * step)));
        }
      }
    }
    return out;
  }

  Status decide() {
    // The best other scale, in the claimed order.
    const Evidence* other = nullptr;
    int other_scale = kClaimedScale;
    for (const int scale : candidates_) {
      if (scale == scale_) continue;
      SAKER_ASSIGN(const Evidence* own, look({scale, claimed_.bgr}));
      if (other != nullptr && own->mean() <= other->mean()) continue;
      other = own;
      other_scale = scale;
    }
    SAKER_ASSIGN(const Evidence* claimed, look({scale_, claimed_.bgr}));
    best_scale_ = scale_;
    scale_t_ = 0;
    if (claim_is_flooded_) {
      best_scale_ = other_scale;
      scale_t_ = kSure + 1;
    } else if (other != nullptr && std::max(other->mean(), claimed->mean()) >= kEvidence) {
      scale_t_ = paired_t(other->values, claimed->values);
      if (scale_t_ > kScaleAlarm) best_scale_ = other_scale;
    }
    SAKER_ASSIGN(const Evidence* same, look({best_scale_, claimed_.bgr}));
    SAKER_ASSIGN(const Evidence* swapped, look({best_scale_, !claimed_.bgr}));
    has_evidence_ = std::max(same->mean(), swapped->mean()) >= kEvidence;
    const double t = has_evidence_ ? paired_t(swapped->values, same->values) : 0;
    order_z_ = t - kWeightOfWeights * weight_;
    wrong_order_ = has_evidence_ && (weight_ != 0 ? t > 0 && order_z_ > kOrderAlarm : t > kOrderAlarmWithoutWeights);
    return {};
  }

  const char* name_of(int scale) const {
    return scale == kClaimedScale ? "the given scale, mean and std" : kScales[static_cast<std::size_t>(scale)].name;
  }
  static const char* order_name(bool bgr) { return bgr ? "BGR" : "RGB"; }

  std::string line(Key key) {
    const Evidence& e = evidence_[key];
    double best = 0;
    for (const double b : e.best) best += b;
    const auto n = static_cast<double>(e.values.size());
    return fmt::format("{}, {}: {:.1f} boxes a picture, best score {:.2f} on average", name_of(key.first),
                       order_name(key.second), static_cast<double>(e.boxes) / n, best / n);
  }

  // What a person would call the mistake.
  std::string mistake(int claimed, int right) const {
    if (claimed == 1 && right == 0) return "not divided by 255";
    if (claimed == 0 && right == 1) return "divided by 255, and the model takes 0..255";
    if (claimed == 2 && right == 0) return "ImageNet's mean and std on a model for pixels / 255";
    if (claimed == 0 && right == 2) return "divided by 255, and the model takes mean and std";
    if (claimed == 1 && right == 2) return "without mean and std";
    if (claimed == 2 && right == 1) return "mean and std, and the model takes 0..255";
    return fmt::format("wrong scale: the model works with {}", name_of(right));
  }

  PreprocessCheck report() {
    const Evidence& claimed = evidence_[{scale_, claimed_.bgr}];
    const auto sure = std::ranges::count_if(claimed.best, [](double b) { return b >= 0.5; });
    result_.certain = static_cast<double>(sure) / static_cast<double>(std::max<std::size_t>(1, claimed.best.size()));
    const bool wrong_scale = best_scale_ != scale_;
    const std::string seen = line({scale_, claimed_.bgr});
    if (wrong_scale) {
      const std::string why = claim_is_flooded_ ? "it sees objects even in noise" : fmt::format("t = {:.1f}", scale_t_);
      result_.findings.push_back({mistake(scale_, best_scale_), true,
                                  fmt::format("the float model on {} pictures:\n  {}\n  {}\n({})", used_, seen,
                                              line({best_scale_, claimed_.bgr}), why),
                                  "", reading(claimed_, best_scale_, claimed_.bgr)});
    }
    if (wrong_order_) {
      Preprocess other_order = claimed_;
      other_order.bgr = !claimed_.bgr;
      result_.findings.push_back(
          {fmt::format("{} for {}", order_name(claimed_.bgr), order_name(!claimed_.bgr)), true,
           fmt::format("the float model on {} pictures:\n  {}\n  {}\n(z = {:.1f})", used_,
                       line({best_scale_, claimed_.bgr}), line({best_scale_, !claimed_.bgr}), order_z_),
           "", other_order});
    }
    if (!has_evidence_ && !wrong_scale && claimed.boxes == 0) {
      result_.findings.push_back(nothing_found(used_, "  " + seen));
    } else if (!has_evidence_ && !wrong_scale) {
      result_.findings.push_back(
          {"nothing found", false,
           fmt::format("the float model finds hardly anything in these pictures:\n  {}\nWhether it "
                       "is fed rightly cannot be told",
                       seen),
           "calibrate with pictures that show what the model was trained for"});
    }
    return std::move(result_);
  }

  const Detector& detector_;
  Preprocess claimed_;
  int scale_;
  double weight_;
  std::size_t count_;
  const std::function<Result<Image>(std::size_t)>& picture_;

  std::vector<int> candidates_;  // scales that are not flooded
  bool claim_is_flooded_ = false;
  std::map<Key, Evidence> evidence_;
  std::vector<Image> pictures_;
  std::size_t used_ = 0;
  int best_scale_ = 0;
  double scale_t_ = 0, order_z_ = 0;
  bool wrong_order_ = false, has_evidence_ = true;
  PreprocessCheck result_;
};

}  // namespace

Result<PreprocessCheck> check_preprocess(const Detector& detector, double colour_weight, std::size_t count,
                                         const std::function<Result<Image>(std::size_t)>& picture) {
  return Checker(detector, colour_weight, count, picture).run();
}

}  // namespace saker
