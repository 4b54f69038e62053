#include "serve/tuning_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "api/bytes_on_disk.h"
#include "base/cpu.h"
#include "base/files.h"
#include "base/fnv1a.h"
#include "base/version.h"
#include "report/json.h"

namespace saker::serve {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr int kFormat = 1;
constexpr int kMostOfAll = 1024;  // streams, threads, pictures

// Of the file's bytes, piece by piece; what cannot be read is left out, as loading it says so.
void add_file(const std::string& path, Fnv1a& hash) {
  constexpr std::size_t kPiece = 1 << 20;
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(path, missing);
  if (missing) return;
  for (std::uintmax_t at = 0; at < size; at += kPiece) {
    const auto piece = static_cast<std::size_t>(std::min<std::uintmax_t>(kPiece, size - at));
    const auto bytes = read_file_range(path, static_cast<std::size_t>(at), piece);
    if (!bytes.ok()) return;
    hash.add(std::span(reinterpret_cast<const std::uint8_t*>(bytes->data.get()), bytes->size));
  }
}

std::uint64_t contents(const Model& model) {
  Fnv1a hash;
  add_file(model.path(), hash);
  const std::filesystem::path path = model.path();
  if (path.extension() == ".xml") add_file(std::filesystem::path(path).replace_extension(".bin").string(), hash);
  return hash.value();
}

bool is_time(double ms) {
  return std::isfinite(ms) && ms > 0;
}

// Nothing: a number that is none, or none that was measured.
std::optional<TunedShape> read_row(const Json& row) {
  const auto whole = [&](const char* name) -> int {
    const auto found = row.find(name);
    if (found == row.end() || !found->is_number_integer()) return 0;
    const auto value = found->get<std::int64_t>();
    return value >= 1 && value <= kMostOfAll ? static_cast<int>(value) : 0;
  };
  const auto number = [&](const char* name) -> double {
    const auto found = row.find(name);
    return found != row.end() && found->is_number() ? found->get<double>() : 0;
  };
  if (!row.is_object()) return std::nullopt;
  TunedShape tuned;
  tuned.shape = {whole("streams"), whole("threads"), whole("batch")};
  tuned.rounds = whole("rounds");
  tuned.pictures_per_s = number("pictures_per_s");
  tuned.p50_ms = number("p50_ms"), tuned.p99_ms = number("p99_ms");
  const WorkShape& shape = tuned.shape;
  const bool whole_ones = shape.streams > 0 && shape.threads > 0 && shape.batch > 0 && tuned.rounds > 0;
  if (!whole_ones || !is_time(tuned.pictures_per_s) || !is_time(tuned.p50_ms) || !is_time(tuned.p99_ms))
    return std::nullopt;
  return tuned;
}

}  // namespace

std::string tuning_key(const Model& model, const TuneOptions& options, int cpus) {
  const SessionOptions& session = options.session;
  const SpecOptions& spec = options.spec;
  const auto isa = choose_isa(session.isa);
  return fmt::format(
      "model {:016x}, {} bytes; {} {}; isa {}; {}{}precision {}; size {}x{}; head {}; {}x{}x{} given; {} CPUs of {}; "
      "saker {} {}",
      contents(model), bytes_on_disk(model.path()), model.backend(), session.max_memory_bytes,
      isa.ok() ? isa_name(*isa) : session.isa, session.low_memory ? "low memory; " : "",
      session.autotune ? "autotune; " : "", session.precision.empty() ? "f32" : session.precision, spec.height,
      spec.width, head_name(spec.head), options.fixed.streams, options.fixed.threads, options.fixed.batch, cpus,
      cpu_signature(), version(), commit());
}

bool has_tables(const std::string& folder) {
  std::error_code none;
  return !folder.empty() && std::filesystem::is_directory(folder + "/tuning", none);
}

TuningCache::TuningCache(const std::string& folder, std::string key) : key_(std::move(key)) {
  if (!folder.empty()) path_ = fmt::format("{}/tuning/{:016x}.json", folder, Fnv1a().add(key_).value());
}

std::optional<TuningTable> TuningCache::read() const {
  if (path_.empty()) return std::nullopt;
  const auto bytes = read_file(path_, kMaxBytes);
  if (!bytes.ok()) return std::nullopt;
  const char* const text = reinterpret_cast<const char*>(bytes->data.get());
  const Json json = Json::parse(text, text + bytes->size, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto has = [&](const char* name, const Json& value) {
    const auto found = json.find(name);
    return found != json.end() && *found == value;
  };
  const auto rows = json.find("rows");
  if (!has("format", kFormat) || !has("key", key_) || rows == json.end() || !rows->is_array() || rows->empty())
    return std::nullopt;
  TuningTable table;
  table.from_cache = true;
  table.fixed_batch = has("fixed_batch", true);
  for (const Json& row : *rows) {
    const auto tuned = read_row(row);
    if (!tuned) return std::nullopt;
    table.rows.push_back(*tuned);
  }
  return table;
}

Status TuningCache::write(const TuningTable& table) const {
  if (path_.empty()) return {};
  Json json = Json::object();
  json["format"] = kFormat;
  json["key"] = key_;
  json["fixed_batch"] = table.fixed_batch;
  json["rows"] = Json::array();
  for (const TunedShape& row : table.rows) {
    json["rows"].push_back({{"streams", row.shape.streams},
                            {"threads", row.shape.threads},
                            {"batch", row.shape.batch},
                            {"pictures_per_s", row.pictures_per_s},
                            {"p50_ms", row.p50_ms},
                            {"p99_ms", row.p99_ms},
                            {"rounds", row.rounds}});
  }
  std::error_code failed;  // write_file says it better
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
  return write_file(path_, dump(json));
}

}  // namespace saker::serve
