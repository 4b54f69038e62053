#include "tracking/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace saker::tracking {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Rows enter one after another; each by the cheapest path of exchanges. Not more rows than columns; column `columns`
// is where a path begins.
class Hungarian {
 public:
  Hungarian(std::size_t rows, std::size_t columns)
      : columns_(columns), row_price_(rows), column_price_(columns + 1), row_of_(columns + 1, kNone) {}

  void enter(std::size_t row, const auto& cost) {
    std::vector<double> reach(columns_, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> from(columns_, kNone);
    std::vector<bool> settled(columns_ + 1, false);
    std::size_t column = columns_;
    row_of_[column] = row;
    while (row_of_[column] != kNone) {
      settled[column] = true;
      const std::size_t at = row_of_[column];
      double least = std::numeric_limits<double>::infinity();
      std::size_t next = kNone;
      for (std::size_t j = 0; j < columns_; ++j) {
        if (settled[j]) continue;
        const double through = cost(at, j) - row_price_[at] - column_price_[j];
        if (through < reach[j]) {
          reach[j] = through;
          from[j] = column;
        }
        if (reach[j] < least) {
          least = reach[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns_; ++j) {
        if (settled[j]) {
          row_price_[row_of_[j]] += least;
          column_price_[j] -= least;
        } else if (j < columns_) {
          reach[j] -= least;
        }
      }
      column = next;
    }
    for (; column != columns_; column = from[column]) row_of_[column] = row_of_[from[column]];
  }

  std::size_t row_of(std::size_t column) const { return row_of_[column]; }

 private:
  std::size_t columns_;
  std::vector<double> row_price_, column_price_;
  std::vector<std::size_t> row_of_;
};

}  // namespace

std::vector<std::optional<std::size_t>> assign(std::span<const double> costs, std::size_t rows, std::size_t columns,
                                               double limit) {
  SAKER_CHECK(costs.size() == rows * columns);
  std::vector<std::optional<std::size_t>> found(rows);
  // What gains nothing is no pair: at 0 it is as good as any other.
  const auto gain = [&](std::size_t row, std::size_t column) {
    const double over = costs[row * columns + column] - limit;
    return std::isfinite(over) ? std::min(over, 0.0) : 0.0;
  };
  const bool turned = rows > columns;
  Hungarian solver(std::min(rows, columns), std::max(rows, columns));
  for (std::size_t i = 0; i < std::min(rows, columns); ++i)
    solver.enter(i, [&](std::size_t a, std::size_t b) { return turned ? gain(b, a) : gain(a, b); });
  for (std::size_t j = 0; j < std::max(rows, columns); ++j) {
    const std::size_t i = solver.row_of(j);
    if (i == kNone) continue;
    const std::size_t row = turned ? j : i, column = turned ? i : j;
    if (gain(row, column) < 0) found[row] = column;
  }
  return found;
}

}  // namespace saker::tracking
