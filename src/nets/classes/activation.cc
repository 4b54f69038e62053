#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "nets/classes/classes.h"

namespace saker::nets {
namespace {

constexpr std::array<std::string_view, 4> kActivations = {"SiLU", "Hardswish", "LeakyReLU", "ReLU"};
constexpr double kLeak = 0.1;  // of YOLO's LeakyReLU where its slope is not said

}  // namespace

Result<Module> activation_of(const Style& style, std::string_view text) {
  std::string_view name = trimmed(text.empty() ? "SiLU" : text);
  const std::size_t bracket = name.find('(');
  std::string_view slope = bracket == std::string_view::npos ? "" : name.substr(bracket + 1);
  name = name.substr(0, bracket);
  for (const std::string_view package : {"torch.", "nn."}) {
    if (name.starts_with(package)) name.remove_prefix(package.size());
  }
  if (slope.ends_with(")")) slope.remove_suffix(1);
  if (slope.starts_with("negative_slope=")) slope.remove_prefix(15);
  if (std::ranges::find(kActivations, name) == kActivations.end()) {
    return Error{ErrorCode::kUnsupported, fmt::format("the activation '{}' is not known; there are {}",
                                                      printable_name(text), fmt::join(kActivations, ", "))};
  }
  Module activation = make_module(style, name);
  activation.attributes["inplace"] = !style.ultralytics;
  if (name != "LeakyReLU") return activation;
  const std::optional<double> number = slope.empty() ? kLeak : parse_number(slope);
  if (!number || *number < 0 || *number > 1) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the slope of the activation '{}' is not a number of 0 to 1", printable_name(text))};
  }
  activation.attributes["negative_slope"] = *number;
  return activation;
}

}  // namespace saker::nets
