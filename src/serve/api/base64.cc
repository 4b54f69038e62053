#include "serve/api/base64.h"

#include <array>

namespace saker::serve {
namespace {

constexpr std::uint8_t kNone = 255, kBreak = 254;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNone;
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    values[static_cast<std::uint8_t>(kLetters[i])] = static_cast<std::uint8_t>(i);
  }
  values['\r'] = values['\n'] = kBreak;
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  if (text.starts_with("data:")) {
    const std::size_t mark = text.substr(0, 200).find(";base64,");
    if (mark == std::string_view::npos) return std::nullopt;
    text.remove_prefix(mark + 8);
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::size_t padding = 0;
  for (; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  std::size_t letters = 0;
  for (const char letter : text) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(letter)];
    if (value == kBreak) continue;
    if (value == kNone) return std::nullopt;
    group = group << 6 | value;
    if (++letters % 4 != 0) continue;
    bytes.push_back(static_cast<std::uint8_t>(group >> 16));
    bytes.push_back(static_cast<std::uint8_t>(group >> 8));
    bytes.push_back(static_cast<std::uint8_t>(group));
    group = 0;
  }
  const std::size_t rest = letters % 4;
  if (rest == 1 || (padding != 0 && rest + padding != 4)) return std::nullopt;
  if (rest >= 2) bytes.push_back(static_cast<std::uint8_t>(group >> (rest == 2 ? 4 : 10)));
  if (rest == 3) bytes.push_back(static_cast<std::uint8_t>(group >> 2));
  return bytes;
}

}  // namespace saker::serve
