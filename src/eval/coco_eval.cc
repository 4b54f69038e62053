#include "eval/coco_eval.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/parallel.h"
#include "eval/coco_collect.h"
#include "eval/coco_curve.h"

namespace saker {
namespace {

enum Area : std::size_t { kAll, kSmall, kMedium, kLarge };

// COCOeval.eval for one range of area, without the categories that have nothing to find: they are not in the means.
struct Table {
  std::size_t columns = 0;                           // measured categories
  std::vector<double> precision;                     // [threshold][recall][column]
  std::vector<double> recall1, recall10, recall100;  // [threshold][column]

  explicit Table(std::size_t measured)
      : columns(measured),
        precision(kCocoThresholds * kCocoRecalls * measured),
        recall1(kCocoThresholds * measured),
        recall10(recall1),
        recall100(recall1) {}

  void set(std::size_t column, const CocoCurve& curve) {
    for (std::size_t t = 0; t < kCocoThresholds; ++t) {
      for (std::size_t r = 0; r < kCocoRecalls; ++r)
        precision[(t * kCocoRecalls + r) * columns + column] = curve.precision[t][r];
      recall1[t * columns + column] = curve.recall1[t];
      recall10[t * columns + column] = curve.recall10[t];
      recall100[t * columns + column] = curve.recall100[t];
    }
  }
  std::span<const double> precision_at(std::size_t threshold) const {
    return std::span(precision).subspan(threshold * kCocoRecalls * columns, kCocoRecalls * columns);
  }
};

// COCOeval.summarize's mean.
double mean(std::span<const double> values) {
  return values.empty() ? -1 : numpy_sum(values) / static_cast<double>(values.size());
}

constexpr std::size_t kAt50 = 0, kAt75 = 5;  // thresholds

// Of one range of area; -1 where there is nothing to find.
struct AreaMeans {
  double precision = -1, precision50 = -1, precision75 = -1, recall1 = -1, recall10 = -1, recall100 = -1;
};

CocoNumbers numbers_of(const std::array<AreaMeans, kCocoAreas>& means) {
  return {.ap = means[kAll].precision,
          .ap50 = means[kAll].precision50,
          .ap75 = means[kAll].precision75,
          .ap_small = means[kSmall].precision,
          .ap_medium = means[kMedium].precision,
          .ap_large = means[kLarge].precision,
          .ar1 = means[kAll].recall1,
          .ar10 = means[kAll].recall10,
          .ar100 = means[kAll].recall100,
          .ar_small = means[kSmall].recall100,
          .ar_medium = means[kMedium].recall100,
          .ar_large = means[kLarge].recall100};
}

struct Task {
  const CocoMatches* matches;
  std::size_t area, column;
  std::int64_t to_find;
};

CocoNumbers summarize(std::span<const CocoCategory> categories, std::span<const std::int32_t> weights, int threads) {
  std::vector<Task> tasks;
  std::vector<Table> tables;
  for (std::size_t area = 0; area < kCocoAreas; ++area) {
    std::size_t columns = 0;
    for (const CocoCategory& category : categories) {
      const std::int64_t to_find = category[area].boxes_to_find(weights);
      if (to_find > 0) tasks.push_back({&category[area], area, columns++, to_find});
    }
    tables.emplace_back(columns);
  }
  std::stable_sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) {  // the longest first
    return a.matches->events.size() > b.matches->events.size();
  });
  const auto count = static_cast<std::int64_t>(tasks.size());
  std::vector<CocoCurveMaker> makers(static_cast<std::size_t>(loop_threads(threads, count)));
  parallel_for(threads, count, [&](std::int64_t i, int thread) {
    const Task& task = tasks[static_cast<std::size_t>(i)];
    tables[task.area].set(task.column,
                          makers[static_cast<std::size_t>(thread)].make(*task.matches, weights, task.to_find));
  });
  std::array<AreaMeans, kCocoAreas> means;
  for (std::size_t area = 0; area < kCocoAreas; ++area) {
    const Table& table = tables[area];
    means[area] = {mean(table.precision),
                   mean(table.precision_at(kAt50)),
                   mean(table.precision_at(kAt75)),
                   mean(table.recall1),
                   mean(table.recall10),
                   mean(table.recall100)};
  }
  return numbers_of(means);
}

// The same without the table, whose memory and time go with the categories, however little is in them.
CocoNumbers summarize_by_category(std::span<const CocoCategory> categories, std::span<const std::int32_t> weights) {
  std::array<AreaMeans, kCocoAreas> means;
  CocoCurveMaker maker;
  for (std::size_t area = 0; area < kCocoAreas; ++area) {
    std::size_t columns = 0;
    AreaMeans sum{0, 0, 0, 0, 0, 0};
    for (const CocoCategory& category : categories) {
      const std::int64_t to_find = category[area].boxes_to_find(weights);
      if (to_find == 0) continue;
      ++columns;
      const CocoCurveSums curve = maker.sum(category[area], weights, to_find);
      const auto total = [](const auto& values) { return std::accumulate(values.begin(), values.end(), 0.0); };
      sum.precision += total(curve.precision) / (kCocoThresholds * kCocoRecalls);
      sum.precision50 += curve.precision[kAt50] / kCocoRecalls;
      sum.precision75 += curve.precision[kAt75] / kCocoRecalls;
      sum.recall1 += total(curve.recall1) / kCocoThresholds;
      sum.recall10 += total(curve.recall10) / kCocoThresholds;
      sum.recall100 += total(curve.recall100) / kCocoThresholds;
    }
    if (columns == 0) continue;
    const auto n = static_cast<double>(columns);
    means[area] = {sum.precision / n, sum.precision50 / n, sum.precision75 / n,
                   sum.recall1 / n,   sum.recall10 / n,    sum.recall100 / n};
  }
  return numbers_of(means);
}

struct PictureAp {
  std::int32_t picture;
  double ap;
};

// AP of each picture that has something to find.
std::vector<PictureAp> picture_aps(const CocoMatches& matches) {
  std::vector<CocoEvent> events = matches.events;
  std::ranges::stable_sort(events, {}, &CocoEvent::picture);
  std::vector<PictureAp> aps;
  CocoMatches own;
  CocoCurveMaker maker;
  for (const TrueBoxes& truth : matches.truths) {
    const auto low = std::ranges::lower_bound(events, truth.picture, {}, &CocoEvent::picture);
    own.events.assign(low, std::ranges::upper_bound(low, events.end(), truth.picture, {}, &CocoEvent::picture));
    const CocoCurve& curve = maker.make(own, {}, truth.count);
    const std::span values(curve.precision.front().data(), kCocoThresholds * kCocoRecalls);
    aps.push_back({truth.picture, mean(values)});
  }
  return aps;
}

}  // namespace

const std::array<std::string_view, 12> kCocoNumberNames = {"AP",  "AP50", "AP75",  "APs", "APm", "APl",
                                                           "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"};

struct CocoEvaluation::State {
  std::vector<CocoCategory> categories;  // in the order of ids
  std::vector<std::size_t> places;       // of the dataset's categories in that order
  std::size_t pictures = 0, zero_ids = 0;
  int threads = 0;
};

CocoEvaluation::CocoEvaluation(std::unique_ptr<State> state) : state_(std::move(state)) {}
CocoEvaluation::CocoEvaluation(CocoEvaluation&&) noexcept = default;
CocoEvaluation& CocoEvaluation::operator=(CocoEvaluation&&) noexcept = default;
CocoEvaluation::~CocoEvaluation() = default;

CocoEvaluation CocoEvaluation::match(const Dataset& truth, std::span<const ScoredBox> found, int threads) {
  auto state = std::make_unique<State>();
  state->categories = collect_matches(truth, found, threads);
  state->places = places_by_id(truth.categories);
  state->pictures = truth.pictures.size();
  state->zero_ids = static_cast<std::size_t>(
      std::count_if(truth.annotations.begin(), truth.annotations.end(), [](const Annotation& a) { return a.id == 0; }));
  state->threads = threads;
  return CocoEvaluation(std::move(state));
}

std::size_t CocoEvaluation::pictures() const {
  return state_->pictures;
}

std::size_t CocoEvaluation::zero_ids() const {
  return state_->zero_ids;
}

CocoNumbers CocoEvaluation::numbers(std::span<const std::int32_t> weights, int threads) const {
  SAKER_CHECK(weights.empty() || weights.size() == state_->pictures);
  return summarize(state_->categories, weights, threads == 0 ? state_->threads : threads);
}

CocoNumbers CocoEvaluation::resampled(std::span<const std::int32_t> weights) const {
  SAKER_CHECK(weights.size() == state_->pictures);
  constexpr std::size_t kMostInTable = 1000;
  return state_->categories.size() > kMostInTable ? summarize_by_category(state_->categories, weights)
                                                  : summarize(state_->categories, weights, 1);
}

std::vector<CocoNumbers> CocoEvaluation::per_category() const {
  std::vector<CocoNumbers> numbers(state_->places.size());
  parallel_for(state_->threads, static_cast<std::int64_t>(numbers.size()), [&](std::int64_t i, int) {
    const auto category = static_cast<std::size_t>(i);
    numbers[category] = summarize(std::span(state_->categories).subspan(state_->places[category], 1), {}, 1);
  });
  return numbers;
}

std::vector<double> CocoEvaluation::per_picture_ap() const {
  const std::vector<CocoCategory>& categories = state_->categories;
  std::vector<std::vector<PictureAp>> aps(categories.size());
  parallel_for(state_->threads, static_cast<std::int64_t>(categories.size()), [&](std::int64_t i, int) {
    const auto category = static_cast<std::size_t>(i);
    aps[category] = picture_aps(categories[category][kAll]);
  });
  std::vector<double> sum(state_->pictures);
  std::vector<int> count(state_->pictures);
  for (const auto& category : aps) {
    for (const PictureAp& p : category) {
      sum[static_cast<std::size_t>(p.picture)] += p.ap;
      ++count[static_cast<std::size_t>(p.picture)];
    }
  }
  for (std::size_t p = 0; p < sum.size(); ++p) sum[p] = count[p] == 0 ? -1 : sum[p] / count[p];
  return sum;
}

std::vector<double> CocoEvaluation::precision_curve(int category, int threshold) const {
  const CocoMatches& matches = state_->categories[state_->places[static_cast<std::size_t>(category)]][kAll];
  const std::int64_t to_find = matches.boxes_to_find({});
  if (to_find == 0) return std::vector<double>(kCocoRecalls, -1);
  CocoCurveMaker maker;
  const auto& precision = maker.make(matches, {}, to_find).precision[static_cast<std::size_t>(threshold)];
  return {precision.begin(), precision.end()};
}

}  // namespace saker
