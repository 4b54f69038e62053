#include "sparsify/obs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/try.h"
#include "sparsify/mask.h"
#include "sparsify/matrix.h"

namespace saker::sparsify {
namespace {

constexpr std::size_t kPanel = 128;  // inputs whose mask is chosen together, as in SparseGPT
constexpr std::size_t kRows = 16;    // filters of a job
constexpr std::size_t kGroup = 4;    // inputs of a block
constexpr int kMostSteps = 40;       // of the last solution; fewer where it has settled
constexpr double kSettled = 1e-12;   // of the first residual, squared

struct Panel {
  std::size_t first, count;  // inputs, all of one tap
};

class Surgeon {
 public:
  Surgeon(const ObsLayer& layer, SparsePattern pattern, double sparsity, ThreadPool& pool)
      : layer_(layer),
        pattern_(pattern),
        sparsity_(sparsity),
        pool_(pool),
        outputs_(static_cast<std::size_t>(layer.dims.out_c)),
        channels_(static_cast<std::size_t>(layer.dims.in_c)),
        inputs_(channels_ * static_cast<std::size_t>(layer.dims.taps)),
        weights_(layer.weights),
        target_(layer.weights),
        kept_(layer.weights.size(), 1) {
    if (!layer.goal.empty()) aim();
  }

  Result<ObsResult> run() {
    factor_ = inverse_factor(layer_.covariance, inputs_, pool_);
    SAKER_TRY(take_inputs());
    return solved();
  }

  ObsResult run_kept(std::vector<std::uint8_t> kept) {
    kept_ = std::move(kept);
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = kept_[i] == 0 ? 0 : weights_[i];
    return solved();
  }

 private:
  // Weights of a filter that go together.
  std::size_t group_size() const {
    const auto block = block_size(pattern_);
    return block ? static_cast<std::size_t>(block->inputs) : 1;
  }
  ConstRows covariance() const { return {layer_.covariance.data(), inputs_}; }

  template <typename Use>
  void each_filters(Use&& use) {
    pool_.run(static_cast<std::int64_t>((outputs_ + kRows - 1) / kRows), [&](std::int64_t job, int) {
      const std::size_t begin = static_cast<std::size_t>(job) * kRows;
      use(begin, std::min(begin + kRows, outputs_));
    });
  }

  std::vector<Panel> panels() const {
    std::vector<Panel> result;
    for (std::size_t tap = 0; tap < inputs_; tap += channels_) {
      for (std::size_t c = 0; c < channels_; c += kPanel) result.push_back({tap + c, std::min(kPanel, channels_ - c)});
    }
    return result;
  }

  using Square = std::array<std::array<double, kGroup>, kGroup>;

  // The Cholesky factor of the part of the covariance's inverse that inputs [first, first + size) share, `end` inputs
  // being left.
  Square group_factor(std::size_t first, std::size_t size, std::size_t end) const {
    Square s{};
    for (std::size_t i = first; i < end; ++i) {
      const double* row = factor_.data() + i * inputs_ + first;  // 0 right of the diagonal
      for (std::size_t a = 0; a < size; ++a) {
        for (std::size_t b = 0; b <= a; ++b) s[a][b] += row[a] * row[b];
      }
    }
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t i = j; i < size; ++i) {
        double sum = s[i][j];
        for (std::size_t k = 0; k < j; ++k) sum -= s[i][k] * s[j][k];
        s[i][j] = i == j ? std::sqrt(std::max(sum, 1e-300)) : sum / s[j][j];
      }
    }
    return s;
  }

  // What the error grows by when these weights of a filter go and the others make up for it: w (H^-1)^-1 w.
  static double group_error(const double* weights, std::size_t size, const Square& factor) {
    std::array<double, kGroup> solved{};
    double error = 0;
    for (std::size_t i = 0; i < size; ++i) {
      double sum = weights[i];
      for (std::size_t k = 0; k < i; ++k) sum -= factor[i][k] * solved[k];
      solved[i] = sum / factor[i][i];
      error += solved[i] * solved[i];
    }
    return error;
  }

  // set(filter, input, score) for all of a panel: the mean error of the group that a weight is of.
  template <typename Set>
  void score(const Panel& panel, bool whole, Set&& set) const {
    const std::size_t groups = (panel.count + group_size() - 1) / group_size();
    pool_.run(static_cast<std::int64_t>(groups), [&](std::int64_t job, int) {
      const std::size_t offset = static_cast<std::size_t>(job) * group_size();
      const std::size_t size = std::min(group_size(), panel.count - offset), first = panel.first + offset;
      const Square factor = group_factor(first, size, whole ? inputs_ : first + size);
      for (std::size_t o = 0; o < outputs_; ++o) {
        const double error = group_error(weights_.data() + o * inputs_ + first, size, factor);
        for (std::size_t i = 0; i < size; ++i) set(o, first + i, static_cast<float>(error / static_cast<double>(size)));
      }
    });
  }

  // How much of each panel goes: by the errors of all, as long as nothing has gone.
  Result<std::vector<double>> shares() const {
    const std::size_t taps = inputs_ / channels_;
    std::vector<float> scores(weights_.size());
    const auto at = [&](std::size_t o, std::size_t k) {  // [out_c][in_c][taps]
      return (o * channels_ + k % channels_) * taps + k / channels_;
    };
    std::vector<double> result;
    for (const Panel& panel : panels())
      score(panel, true, [&](std::size_t o, std::size_t k, float value) { scores[at(o, k)] = value; });
    SAKER_ASSIGN(const Mask mask, choose_mask({scores, layer_.dims}, pattern_, sparsity_));
    for (const Panel& panel : panels()) {
      std::size_t zeros = 0;
      for (std::size_t o = 0; o < outputs_; ++o) {
        for (std::size_t i = 0; i < panel.count; ++i) zeros += mask[at(o, panel.first + i)] == 0 ? 1U : 0U;
      }
      result.push_back(static_cast<double>(zeros) / static_cast<double>(outputs_ * panel.count));
    }
    return result;
  }

  Status take_inputs() {
    SAKER_ASSIGN(const std::vector<double> share, shares());
    const std::vector<Panel> all = panels();
    for (std::size_t p = all.size(); p-- > 0;) {
      const Panel& panel = all[p];
      std::vector<float> scores(outputs_ * panel.count);
      score(panel, false,
            [&](std::size_t o, std::size_t k, float value) { scores[o * panel.count + k - panel.first] = value; });
      const WeightDims dims{layer_.dims.out_c, static_cast<std::int64_t>(panel.count), 1};
      SAKER_ASSIGN(const Mask mask, choose_mask({scores, dims}, pattern_, share[p]));
      each_filters([&](std::size_t begin, std::size_t end) { take(panel, mask, begin, end); });
    }
    return {};
  }

  // Of filters [begin, end) the panel's weights that the mask has as 0, from the last to the first.
  void take(const Panel& panel, const Mask& mask, std::size_t begin, std::size_t end) {
    std::vector<double> moved((end - begin) * panel.count, 0);
    for (std::size_t o = begin; o < end; ++o) {
      double* own = weights_.data() + o * inputs_;
      for (std::size_t i = panel.count; i-- > 0;) {
        if (mask[o * panel.count + i] != 0) continue;
        const std::size_t k = panel.first + i;
        const double* row = factor_.data() + k * inputs_;
        const double by = own[k] / row[k];
        for (std::size_t j = panel.first; j < k; ++j) own[j] -= by * row[j];
        own[k] = 0;
        kept_[o * inputs_ + k] = 0;
        moved[(o - begin) * panel.count + i] = by;
      }
    }
    subtract_product(end - begin, panel.first, panel.count, {moved.data(), panel.count},
                     {factor_.data() + panel.first * inputs_, inputs_}, {weights_.data() + begin * inputs_, inputs_});
  }

  // The weights by which what is computed varies most like the goal.
  void aim() {
    each_filters([&](std::size_t begin, std::size_t end) {
      std::vector<double> r((end - begin) * inputs_);
      const double* w = weights_.data() + begin * inputs_;
      for (std::size_t i = 0; i < r.size(); ++i) r[i] = layer_.goal[begin * inputs_ + i] + layer_.damping * w[i];
      subtract_product(end - begin, inputs_, inputs_, {w, inputs_}, covariance(), {r.data(), inputs_});
      descend(begin, end, std::move(r));
    });
    target_ = weights_;
  }

  // The weights that are left, for the least variance of what changes.
  ObsResult solved() {
    each_filters([&](std::size_t begin, std::size_t end) {
      std::vector<double> change((end - begin) * inputs_), r(change.size(), 0);
      for (std::size_t i = 0; i < change.size(); ++i)
        change[i] = weights_[begin * inputs_ + i] - target_[begin * inputs_ + i];
      subtract_product(end - begin, inputs_, inputs_, {change.data(), inputs_}, covariance(), {r.data(), inputs_});
      descend(begin, end, std::move(r));
    });
    ObsResult result;
    result.error = error();
    result.weights = std::move(weights_);
    return result;
  }

  // Moves the weights that are kept until nothing is left of the residual r: conjugate gradients, each filter for
  // itself, preconditioned by the diagonal (Saad, "Iterative Methods for Sparse Linear Systems", algorithm 9.1).
  void descend(std::size_t begin, std::size_t end, std::vector<double> r) {
    const std::size_t count = end - begin, size = count * inputs_;
    double* w = weights_.data() + begin * inputs_;
    const std::uint8_t* kept = kept_.data() + begin * inputs_;
    std::vector<double> z(size), p(size, 0), q(size);
    std::vector<double> rz(count, 0), enough(count, 0);
    for (int step = 0; step < kMostSteps; ++step) {
      bool settled = true;
      for (std::size_t o = 0; o < count; ++o) {
        double now = 0;
        for (std::size_t k = 0, i = o * inputs_; k < inputs_; ++k, ++i) {
          r[i] = kept[i] == 0 ? 0 : r[i];
          z[i] = r[i] / layer_.covariance[k * inputs_ + k];
          now += r[i] * z[i];
        }
        if (step == 0) enough[o] = now * kSettled;
        settled = settled && now <= enough[o];
        const double beta = rz[o] > 0 ? now / rz[o] : 0;
        for (std::size_t i = o * inputs_; i < (o + 1) * inputs_; ++i) p[i] = z[i] + beta * p[i];
        rz[o] = now;
      }
      if (settled) return;
      std::ranges::fill(q, 0);
      subtract_product(count, inputs_, inputs_, {p.data(), inputs_}, covariance(), {q.data(), inputs_});
      for (std::size_t o = 0; o < count; ++o) {
        double curvature = 0;
        for (std::size_t i = o * inputs_; i < (o + 1) * inputs_; ++i) curvature -= p[i] * q[i];
        if (!(curvature > 0)) continue;
        const double alpha = rz[o] / curvature;
        for (std::size_t i = o * inputs_; i < (o + 1) * inputs_; ++i) {
          w[i] += alpha * p[i];
          r[i] += alpha * q[i];  // q: less the product
        }
      }
    }
  }

  // Of what each filter computes.
  std::vector<double> variances(const std::vector<double>& filters) {
    std::vector<double> result(outputs_, 0);
    each_filters([&](std::size_t begin, std::size_t end) {
      std::vector<double> products((end - begin) * inputs_, 0);
      const double* own = filters.data() + begin * inputs_;
      subtract_product(end - begin, inputs_, inputs_, {own, inputs_}, covariance(), {products.data(), inputs_});
      for (std::size_t i = 0; i < products.size(); ++i) result[begin + i / inputs_] -= own[i] * products[i];
    });
    return result;
  }

  double error() {
    std::vector<double> change(weights_.size());
    for (std::size_t i = 0; i < change.size(); ++i) change[i] = weights_[i] - target_[i];
    const std::vector<double> changed = variances(change), whole = variances(target_);
    const double all = std::accumulate(whole.begin(), whole.end(), 0.0);
    return all > 0 ? std::accumulate(changed.begin(), changed.end(), 0.0) / all : 0;
  }

  const ObsLayer& layer_;
  SparsePattern pattern_;
  double sparsity_;
  ThreadPool& pool_;
  std::size_t outputs_, channels_, inputs_;
  std::vector<double> weights_, target_, factor_;  // target_: of all the weights, none zero
  std::vector<std::uint8_t> kept_;
};

}  // namespace

Result<ObsResult> prune_by_obs(const ObsLayer& layer, SparsePattern pattern, double sparsity, ThreadPool& pool) {
  return Surgeon(layer, pattern, sparsity, pool).run();
}

ObsResult solve_kept(const ObsLayer& layer, std::vector<std::uint8_t> kept, ThreadPool& pool) {
  return Surgeon(layer, SparsePattern::kUnstructured, 0, pool).run_kept(std::move(kept));
}

}  // namespace saker::sparsify
