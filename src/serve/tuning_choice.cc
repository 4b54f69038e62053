// Which shapes are worth measuring, and which of the measured ones is taken.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "serve/tuning.h"

namespace saker::serve {
namespace {

constexpr double kNoise = 1.02;

// The best of the rows that `allowed` lets through, larger figures of `value` being better; of those within the noise
// the one with the largest `second`. rows.size(): none is allowed.
template <typename Allowed, typename Value, typename Second>
std::size_t best_row(const std::vector<TunedShape>& rows, Allowed allowed, Value value, Second second) {
  double best = 0;
  for (const TunedShape& row : rows) {
    if (allowed(row)) best = std::max(best, value(row));
  }
  std::size_t chosen = rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!allowed(rows[i]) || value(rows[i]) * kNoise < best) continue;
    if (chosen == rows.size() || second(rows[i]) > second(rows[chosen])) chosen = i;
  }
  return chosen;
}

double speed(const TunedShape& row) {
  return row.pictures_per_s;
}
double quickness(const TunedShape& row) {
  return 1 / row.p50_ms;
}
double certainty(const TunedShape& row) {
  return 1 / row.p99_ms;
}
bool any(const TunedShape&) {
  return true;
}

}  // namespace

double request_p99_ms(const TunedShape& tuned) {
  return 2 * tuned.p99_ms;
}

TuningChoice choose(const TuningTable& table, TuningMode mode, std::optional<double> budget_ms) {
  const std::vector<TunedShape>& rows = table.rows;
  SAKER_CHECK(!rows.empty());
  if (budget_ms) {
    const auto within = [&](const TunedShape& row) { return request_p99_ms(row) <= *budget_ms; };
    const std::size_t row = best_row(rows, within, speed, certainty);
    if (row < rows.size()) return {row, true};
    return {best_row(rows, any, certainty, speed), false};
  }
  return {mode == TuningMode::kLatency ? best_row(rows, any, quickness, speed) : best_row(rows, any, speed, certainty),
          true};
}

TuningTable only(TuningTable table, const WorkShape& fixed, int most_pictures) {
  const auto differs = [](int wanted, int has) { return wanted > 0 && wanted != has; };
  std::erase_if(table.rows, [&](const TunedShape& row) {
    const WorkShape& shape = row.shape;
    return shape.batch > most_pictures || differs(fixed.streams, shape.streams) ||
           differs(fixed.threads, shape.threads) || (!table.fixed_batch && differs(fixed.batch, shape.batch));
  });
  return table;
}

std::vector<WorkShape> shapes_to_measure(int cpus, const WorkShape& fixed) {
  std::vector<WorkShape> alone;  // with a batch of 1
  const auto add = [&](int streams, int threads) {
    const WorkShape shape = {streams, threads, 1};
    if (std::ranges::find(alone, shape) == alone.end()) alone.push_back(shape);
  };
  std::vector<int> threads;
  if (fixed.threads > 0) {
    threads = {fixed.threads};
  } else {
    for (int count = 1; count < cpus; count *= 2) threads.push_back(count);
    threads.push_back(cpus);
  }
  for (const int count : threads) {
    if (fixed.streams == 0) {
      add(std::max(1, cpus / count), count);
    } else if (fixed.streams * count <= cpus || count == threads.front()) {
      add(fixed.streams, count);
    }
  }
  if (fixed.streams == 0 && threads.front() == 1) add((3 * cpus + 1) / 2, 1);
  constexpr std::array kBatches = {1, 2, 4, 8};
  std::vector<WorkShape> shapes;
  for (const int batch : kBatches) {
    for (WorkShape shape : alone) {
      shape.batch = fixed.batch > 0 ? fixed.batch : batch;
      shapes.push_back(shape);
    }
    if (fixed.batch > 0) break;
  }
  return shapes;
}

}  // namespace saker::serve
