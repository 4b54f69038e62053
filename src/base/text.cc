#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace saker {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// The C1 controls, which some terminals obey like ESC sequences, and the marks, embeddings, overrides and isolates of
// bidirectional text, which show one thing and mean another.
bool is_shown_as_escape(char32_t code) {
  return (code >= 0x80 && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

template <typename T>
std::optional<T> parse_all(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string escaped(std::string_view text, std::string_view controls_kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const std::string_view bytes = text.substr(0, point.bytes);
    const bool control = is_control(bytes[0]) && controls_kept.find(bytes[0]) == std::string_view::npos;
    if (control || !point.valid) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
    } else if (is_shown_as_escape(point.code)) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point.code));
    } else {
      out += bytes;
    }
    text.remove_prefix(point.bytes);
  }
  return out;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string lower_extension(const std::filesystem::path& path) {
  return lower_case(path.extension().string());
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  return parse_all<std::int64_t>(text);
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse_all<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string printable(std::string_view text) {
  return escaped(text, "\n\t");
}

std::string printable_line(std::string_view text) {
  return escaped(text, "");
}

std::string_view beginning(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t length = 0;
  for (std::size_t next = 0; next <= longest; next += first_code_point(text.substr(next)).bytes) length = next;
  return text.substr(0, length);
}

std::string printable_name(std::string_view name, std::size_t longest) {
  if (name.size() <= longest) return printable_line(name);
  return printable_line(beginning(name, longest)) + "...";
}

std::string one_line(std::string_view name) {
  std::string line(name);
  std::ranges::replace_if(line, is_control, ' ');
  return line;
}

}  // namespace saker
