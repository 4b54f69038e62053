// Lists of class names: read from what defines them, and drawn at random.
#include "data/classes.h"

#include <fmt/format.h>
#include <saker/detector_spec.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "base/try.h"
#include "data/dataset.h"

namespace saker {

Result<std::vector<std::string>> read_class_names(const std::string& path) {
  if (!path.ends_with(".json")) return read_labels(path);
  DatasetOptions options;
  options.skip_bad = options.allow_empty = true;  // broken boxes do not matter here
  SAKER_ASSIGN(Dataset dataset, read_dataset(path, options));
  std::sort(dataset.categories.begin(), dataset.categories.end(),
            [](const Category& a, const Category& b) { return a.id < b.id; });
  std::vector<std::string> names;
  for (Category& category : dataset.categories) names.push_back(std::move(category.name));
  return names;
}

Result<std::vector<std::string>> draw_classes(const std::vector<std::string>& names, std::size_t count,
                                              std::uint64_t seed) {
  if (count > names.size())
    return Error{ErrorCode::kInvalid, fmt::format("{} classes are wanted, but there are {}", count, names.size())};
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  PortableRandom(seed).shuffle(order);
  order.resize(count);
  std::sort(order.begin(), order.end());
  std::vector<std::string> drawn;
  for (const std::size_t i : order) drawn.push_back(names[i]);
  return drawn;
}

}  // namespace saker
