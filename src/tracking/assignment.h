// Who goes with whom at the least cost.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace saker::tracking {

// For each row its column, or nothing. costs: rows x columns, row-major. Of all choices of pairs that share no row and
// no column, the one with the least sum of (cost - limit): a pair at `limit` or above is no pair, nor
// one whose cost is not finite. Of several best choices it is always the same one. Time O(rows^2 * columns) (Hungarian
// method with shortest augmenting paths; Jonker and Volgenant, 1987).
std::vector<std::optional<std::size_t>> assign(std::span<const double> costs, std::size_t rows, std::size_t columns,
                                               double limit);

}  // namespace saker::tracking
