// What autotune has measured, kept between runs of the program.
//
//   saker conv timings 1
//   version 0.1.0
//   cpu AMD EPYC 9R14, family 25, model 17
//   isa avx512
//   threads 2
//   winograd 0.9059 direct 2.3131 | 64x80x80 to 64, 3x3 stride 1 pad 1 silu
#include "compile/timing_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "base/files.h"
#include "base/fnv1a.h"
#include "base/knobs.h"
#include "base/try.h"
#include "base/version.h"
#include "plan/conv_key.h"

namespace saker {
namespace {

constexpr std::size_t kMaxBytes = 4 << 20;  // some 40 000 layers

std::string_view next_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

std::string_view next_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  return word;
}

bool read_entry(std::string_view line, std::string& key, std::map<std::string, double>& methods) {
  constexpr std::string_view kBar = " | ";
  const std::size_t bar = line.find(kBar);
  if (bar == std::string_view::npos) return false;
  key = line.substr(bar + kBar.size());
  const auto layer = parse_conv_key(key);
  if (!layer.ok() || conv_key(*layer) != key) return false;
  for (std::string_view rest = line.substr(0, bar); !rest.empty();) {
    const std::string_view name = next_word(rest), number = next_word(rest);
    double ms = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), ms);
    if (name.empty() || error != std::errc() || end != number.data() + number.size() || !std::isfinite(ms) || ms <= 0)
      return false;
    methods.emplace(name, ms);
  }
  return !methods.empty();
}

std::string entry(const std::string& key, const std::map<std::string, double>& methods) {
  std::string line;
  for (const auto& [name, ms] : methods) line += fmt::format("{}{} {:.6g}", line.empty() ? "" : " ", name, ms);
  return fmt::format("{} | {}\n", line, key);
}

}  // namespace

TimingCache::TimingCache(const std::string& folder, Isa isa, int threads)
    : head_(fmt::format("saker conv timings 1\nversion {}\ncpu {}\nisa {}{}\nthreads {}\n", version(), cpu_signature(),
                        isa_name(isa), knobs().tiles == Knobs::Tiles::kSoftware ? ", tiles in software" : "",
                        threads)) {
  if (folder.empty()) return;
  path_ = fmt::format("{}/autotune/{}-{}t-{:016x}.txt", folder, isa_name(isa), threads, Fnv1a().add(head_).value());
}

TimingTable TimingCache::read() const {
  TimingTable table;
  if (path_.empty()) return table;
  const auto bytes = read_file(path_, kMaxBytes);
  if (!bytes.ok()) return table;
  std::string_view rest(reinterpret_cast<const char*>(bytes->data.get()), bytes->size);
  if (!rest.starts_with(head_)) return table;
  rest.remove_prefix(head_.size());
  while (!rest.empty()) {
    std::string key;
    std::map<std::string, double> methods;
    if (read_entry(next_line(rest), key, methods)) table.insert_or_assign(std::move(key), std::move(methods));
  }
  return table;
}

Status TimingCache::add(const TimingTable& table) const {
  if (path_.empty()) return {};
  TimingTable all = read();
  for (const auto& [key, methods] : table) all.insert_or_assign(key, methods);
  std::string text = head_;
  for (const auto& [key, methods] : all) text += entry(key, methods);
  std::error_code failed;  // write_file says it better
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
  return write_file(path_, text);
}

}  // namespace saker
