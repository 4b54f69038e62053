#include "measure/protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/utf8.h"

namespace saker {
namespace {

using nlohmann::json;

// Between text and line a byte b from 0x80 on stands as the private character kByte + b; those characters themselves
// are taken for bytes, so that nothing is lost.
constexpr char32_t kByte = 0xF700;
constexpr std::size_t kEscape = 6;  // "\udc80"

bool is_byte(const CodePoint& point) {
  return point.valid && point.code >= kByte + 0x80 && point.code <= kByte + 0xFF;
}

std::string with_private(const std::string& text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    if (point.valid && !is_byte(point)) {
      out += rest.substr(0, point.bytes);
    } else {
      for (const char c : rest.substr(0, point.bytes)) append_utf8(kByte + static_cast<unsigned char>(c), out);
    }
    rest.remove_prefix(point.bytes);
  }
  return out;
}

std::string without_private(const std::string& text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    if (is_byte(point)) {
      out += static_cast<char>(static_cast<unsigned char>(point.code - kByte));
    } else {
      out += rest.substr(0, point.bytes);
    }
    rest.remove_prefix(point.bytes);
  }
  return out;
}

template <typename F>
void change_texts(json& value, const F& change, int depth = 0) {
  constexpr int kDeepest = 16;  // no message is as deep
  if (value.is_string()) value = change(value.get_ref<const std::string&>());
  if (!value.is_structured() || depth == kDeepest) return;
  for (json& each : value) change_texts(each, change, depth + 1);
}

// The hexadecimal digits of "\uXXXX" where `text` starts with it.
std::optional<unsigned> escape_at(std::string_view text) {
  if (text.size() < kEscape || !text.starts_with("\\u")) return std::nullopt;
  unsigned code = 0;
  for (const char c : text.substr(2, 4)) {
    const bool digit = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    if (!digit && (lower < 'a' || lower > 'f')) return std::nullopt;
    code = code * 16 + static_cast<unsigned>(digit ? c - '0' : lower - 'a' + 10);
  }
  return code;
}

// Sums of so many, and so many of those, are numbers still.
constexpr double kMost = 1e15;

bool is_figure(double value) {
  return value >= 0 && value <= kMost;
}

template <typename... T>
bool are_figures(T... values) {
  return (is_figure(values) && ...);
}

}  // namespace

bool makes_sense(const Loaded& loaded) {
  return loaded.threads >= 0 && loaded.streams >= 1 && loaded.batch >= 1 &&
         are_figures(loaded.load_ms, loaded.first_ms, loaded.rss_before_mb, loaded.rss_loaded_mb, loaded.rss_warm_mb,
                     loaded.file_mb, loaded.weights_mb, loaded.activations_mb);
}

bool makes_sense(const Round& round) {
  return std::ranges::all_of(round.ms, [](double ms) { return ms > 0 && is_figure(ms); }) &&
         are_figures(round.wall_ms, round.preprocess, round.infer, round.boxes);
}

bool makes_sense(const LayerTimes& times) {
  return std::ranges::all_of(times.peaks, [](const Peak& peak) { return peak.gflops > 0 && is_figure(peak.gflops); }) &&
         std::ranges::all_of(times.layers,
                             [](const LayerTime& layer) { return are_figures(layer.ms, layer.flops, layer.bytes); });
}

double LayerTimes::floor_ms(const LayerTime& layer) const {
  const double peak = gflops_of(peaks, layer.arithmetic);
  return peak > 0 ? layer.flops / peak / 1e6 : 0;
}

bool makes_sense(const PeakMemory& memory) {
  return is_figure(memory.rss_peak_mb);
}

std::string to_line(json message) {
  change_texts(message, with_private);
  const std::string text = message.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string line;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    if (is_byte(point)) {
      line += fmt::format("\\udc{:02x}", static_cast<unsigned>(point.code - kByte));
    } else {
      line += rest.substr(0, point.bytes);
    }
    rest.remove_prefix(point.bytes);
  }
  return line;
}

json from_line(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    const auto code = escape_at(line);
    std::size_t taken = line[0] == '\\' ? 2 : 1;
    if (code && *code >= 0xD800 && *code < 0xDC00) taken = 2 * kEscape;  // the first of a pair
    if (code && *code >= 0xDC80 && *code <= 0xDCFF) {
      append_utf8(kByte + (*code & 0xFFU), text);
      taken = kEscape;
    } else {
      text += line.substr(0, taken);
    }
    line.remove_prefix(std::min(taken, line.size()));
  }
  json message = json::parse(text, nullptr, false);
  change_texts(message, without_private);
  return message;
}

}  // namespace saker
