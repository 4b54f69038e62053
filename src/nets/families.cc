#include "nets/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/text.h"
#include "nets/description.h"

namespace saker::nets {
namespace {

struct YoloxSize {
  std::string_view name;
  double depth, width;
  bool depthwise;
};
constexpr std::array<YoloxSize, 6> kYolox = {{{"yolox-nano", 0.33, 0.25, true},
                                              {"yolox-tiny", 0.33, 0.375, false},
                                              {"yolox-s", 0.33, 0.5, false},
                                              {"yolox-m", 0.67, 0.75, false},
                                              {"yolox-l", 1, 1, false},
                                              {"yolox-x", 1.33, 1.25, false}}};

Result<Network> make_named(std::string_view name, const FamilyOptions& options) {
  const auto size = std::ranges::find(kYolox, name, &YoloxSize::name);
  if (size != kYolox.end()) return yolox_network(size->depth, size->width, size->depthwise, options);
  const Description description = describe_family(name);
  if (!description.rows.empty()) return make_network(description, options);
  const std::vector<std::string> names = family_names();
  const std::optional<std::string> meant = nearest(name, names);
  return Error{ErrorCode::kNotFound, fmt::format("no network is called '{}'{}; there are {}", printable_name(name),
                                                 meant ? fmt::format("; '{}'?", *meant) : "", fmt::join(names, ", "))};
}

}  // namespace

std::vector<std::string> family_names() {
  std::vector<std::string> names = described_families();
  for (const YoloxSize& size : kYolox) names.emplace_back(size.name);
  return names;
}

Result<Network> make_family(std::string_view name, const FamilyOptions& options) {
  auto network = make_named(name, options);
  if (network.ok()) network->name = name;
  return network;
}

}  // namespace saker::nets
