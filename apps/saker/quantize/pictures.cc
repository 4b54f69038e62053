#include "quantize/pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "data/random.h"
#include "sources.h"

namespace saker::cli {

Result<CalibrationPictures> find_calibration_pictures(const std::string& folder, std::size_t subset, std::uint64_t seed,
                                                      const ImageReadOptions& options) {
  std::vector<Source> sources = expand_sources({folder});
  CalibrationPictures pictures;
  if (sources.size() == 1 && !sources[0].error.empty())
    return Error{ErrorCode::kNotFound, fmt::format("--data-dir: {}", sources[0].error)};
  std::vector<std::size_t> order(sources.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (sources.size() > subset) {
    PortableRandom(seed).shuffle(order);
  }
  std::vector<std::size_t> chosen;
  for (const std::size_t i : order) {
    if (chosen.size() == subset) break;
    const auto image = read_image(sources[i].path, options);
    if (image.ok()) {
      chosen.push_back(i);
    } else {
      pictures.unreadable.push_back(image.error().message);
    }
  }
  std::ranges::sort(chosen);
  for (const std::size_t i : chosen) pictures.paths.push_back(sources[i].path);
  pictures.found = sources.size();
  return pictures;
}

}  // namespace saker::cli
