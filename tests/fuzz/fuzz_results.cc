// libFuzzer target: results.csv and the arguments of runs. The first byte says which.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runs/compare.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch(".csv");
  if (size == 0) return 0;
  const std::string& path = scratch.write({reinterpret_cast<const char*>(data) + 1, size - 1});
  if ((data[0] & 1) != 0) {
    const auto args = saker::runs::read_args(path);
    if (!args.ok() && args.error().message.empty()) std::abort();
    return 0;
  }
  const auto results = saker::runs::read_results(path);
  if (!results.ok()) {
    if (results.error().message.empty()) std::abort();
    return 0;
  }
  for (const std::vector<double>& row : results->rows) {
    if (row.size() != results->columns.size()) std::abort();
  }
  if (saker::runs::summarize(*results).epochs != results->rows.size()) std::abort();
  return 0;
}
