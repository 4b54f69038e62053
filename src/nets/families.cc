#include "nets/families.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/text.h"
#include "nets/description.h"
#include "nets/yolox.h"

namespace saker::nets {

std::vector<std::string> family_names() {
  std::vector<std::string> names = described_families();
  for (const YoloxSize& size : kYoloxSizes) names.emplace_back(size.name);
  return names;
}

Result<Network> make_family(std::string_view name, const FamilyOptions& options) {
  const auto size = std::ranges::find(kYoloxSizes, name, &YoloxSize::name);
  if (size != kYoloxSizes.end()) return yolox_network(size->depth, size->width, size->depthwise, options);
  const Description description = describe_family(name);
  if (!description.rows.empty()) return make_network(description, options);
  const std::vector<std::string> names = family_names();
  const std::optional<std::string> meant = nearest(name, names);
  return Error{ErrorCode::kNotFound, fmt::format("no network is called '{}'{}; there are {}", printable_name(name),
                                                 meant ? fmt::format("; '{}'?", *meant) : "", fmt::join(names, ", "))};
}

}  // namespace saker::nets
