#include "serve/tuning.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/statistics.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "serve/tuning_cache.h"
#include "serve/tuning_measure.h"

namespace saker::serve {
namespace {

constexpr std::size_t kRounds = 3;
// A shape that another beats by so much both ways is measured no more.
constexpr double kFarInSpeed = 1.25, kFarInTime = 1.15;
constexpr double kShare = 0.6;                    // of the time, for runs; the rest is compiling
constexpr double kShortest = 0.15, kLongest = 1;  // seconds of a measurement

// One shape and what its rounds gave.
struct Candidate {
  WorkShape shape;
  std::vector<double> pictures_per_s = {}, p50_ms = {}, p99_ms = {};

  bool measured() const { return !p50_ms.empty(); }
  TunedShape result() const {
    return {shape, median(pictures_per_s), median(p50_ms), median(p99_ms), static_cast<int>(p50_ms.size())};
  }
};

bool is_far_behind(const TunedShape& row, const TunedShape& other) {
  return other.pictures_per_s > row.pictures_per_s * kFarInSpeed && other.p50_ms * kFarInTime < row.p50_ms;
}

class Rounds {
 public:
  Rounds(const TuningSubject& subject, const TuneOptions& options, const std::vector<WorkShape>& shapes)
      : subject_(subject), options_(options), total_(kRounds * shapes.size()) {
    for (const WorkShape& shape : shapes) candidates_.push_back({shape});
    window_ = std::clamp(options.seconds * kShare / static_cast<double>(total_), kShortest, kLongest);
  }

  // The first error if nothing could be measured.
  Result<std::vector<TunedShape>> run() {
    for (std::size_t round = 0; round < kRounds; ++round) {
      for (Candidate& candidate : candidates_) {
        if (round > 0 && !is_worth_it(candidate)) {
          ++done_;
          continue;
        }
        if (is_over() && !is_due(round, candidate)) return rows();
        measure(candidate);
      }
    }
    return rows();
  }

 private:
  bool is_over() const { return watch_.ms() > options_.seconds * 1000; }
  bool is_due(std::size_t round, const Candidate& candidate) const {
    return round == 0 && candidate.shape.batch == candidates_[0].shape.batch;
  }

  bool is_worth_it(const Candidate& candidate) const {
    if (!candidate.measured()) return false;
    const TunedShape row = candidate.result();
    return std::ranges::none_of(
        candidates_, [&](const Candidate& other) { return other.measured() && is_far_behind(row, other.result()); });
  }

  void measure(Candidate& candidate) {
    if (options_.progress) options_.progress(done_, total_, candidate.shape);
    ++done_;
    const auto figures = measure_shape(subject_, candidate.shape, window_);
    if (!figures.ok()) {  // such as of memory, with many streams
      if (!problem_) problem_ = figures.error();
      return;
    }
    candidate.pictures_per_s.push_back(figures->pictures_per_s);
    candidate.p50_ms.push_back(figures->p50_ms);
    candidate.p99_ms.push_back(figures->p99_ms);
  }

  Result<std::vector<TunedShape>> rows() const {
    std::vector<TunedShape> rows;
    for (const Candidate& candidate : candidates_) {
      if (candidate.measured()) rows.push_back(candidate.result());
    }
    if (rows.empty()) return problem_.value_or(Error{ErrorCode::kInternal, "nothing was measured"});
    return rows;
  }

  const TuningSubject& subject_;
  const TuneOptions& options_;
  std::vector<Candidate> candidates_;
  std::size_t done_ = 0, total_;
  double window_ = 0;
  Stopwatch watch_;
  std::optional<Error> problem_;
};

TuningCache cache_of(const Model& model, const TuneOptions& options, int cpus) {
  return {options.cache, options.cache.empty() ? "" : tuning_key(model, options, cpus)};
}

TuningTable of_this_machine(TuningTable table, int cpus) {
  table.cpu = cpu_signature();
  table.cpus = cpus;
  return table;
}

}  // namespace

std::optional<TuningTable> tuned_before(const std::string& path, const TuneOptions& options) {
  if (!has_tables(options.cache)) return std::nullopt;  // the model need not be read
  const auto model = Model::load(path, options.model);
  if (!model.ok()) return std::nullopt;
  const int cpus = usable_cpus();
  auto table = cache_of(*model, options, cpus).read();
  if (table) table = of_this_machine(std::move(*table), cpus);
  return table;
}

Result<TuningTable> tune(const std::string& path, const TuneOptions& options) {
  SAKER_ASSIGN(const Model model, Model::load(path, options.model));
  const int cpus = usable_cpus();
  const TuningCache cache = cache_of(model, options, cpus);
  if (!options.retune) {
    if (auto table = cache.read()) return of_this_machine(std::move(*table), cpus);
  }
  SAKER_ASSIGN(const TuningSubject subject, tuning_subject(model, options));
  WorkShape fixed = options.fixed;
  if (subject.fixed_batch > 0) fixed.batch = subject.fixed_batch;
  TuningTable table;
  table.fixed_batch = subject.fixed_batch > 0;
  SAKER_ASSIGN(table.rows, Rounds(subject, options, shapes_to_measure(cpus, fixed)).run());
  static_cast<void>(cache.write(table));  // without it the next time takes as long as this one
  return of_this_machine(std::move(table), cpus);
}

}  // namespace saker::serve
