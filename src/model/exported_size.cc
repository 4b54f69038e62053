#include "model/exported_size.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace saker {

// "[480, 640]" or "640".
PictureSize exported_size(const std::map<std::string, std::string>& metadata) {
  constexpr std::int64_t kMaxSide = 8192;
  const auto found = metadata.find("imgsz");
  if (found == metadata.end()) return {};
  std::string_view text = trimmed(found->second);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<int> sides;
  for (const std::string& part : split(text, ',')) {
    const auto side = parse_whole(trimmed(part));
    if (!side || *side < 1 || *side > kMaxSide) return {};
    sides.push_back(static_cast<int>(*side));
  }
  return sides.size() > 2 ? PictureSize{} : PictureSize{sides.front(), sides.back()};
}

}  // namespace saker
