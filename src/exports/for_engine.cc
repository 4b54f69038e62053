#include "exports/for_engine.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/files.h"
#include "base/fnv1a.h"
#include "base/try.h"
#include "base/version.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

// What tells this model, as it is now, from others.
Result<std::string> identity(const std::string& path, ExportFormat format) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  const auto size = error ? 0 : fs::file_size(real, error);
  const auto time = error ? fs::file_time_type() : fs::last_write_time(real, error);
  if (error) return Error{ErrorCode::kNotFound, fmt::format("{}: {}", path, error.message())};
  return fmt::format("{}\n{}\n{}\n{}\n{}", real.string(), size, time.time_since_epoch().count(), info_of(format).name,
                     version());
}

}  // namespace

Result<std::string> exported_for_engine(const std::string& path, ExportFormat format, const std::string& folder) {
  if (folder.empty())
    return Error{ErrorCode::kNotFound, "no place for the exported model: set SAKER_CACHE to a folder, or HOME"};
  SAKER_ASSIGN(const std::string known_by, identity(path, format));
  const std::string name = fmt::format("{}-{:016x}", fs::path(path).stem().string(), Fnv1a().add(known_by).value());
  const fs::path target = fs::path(folder) / "exports" / fmt::format(fmt::runtime(info_of(format).beside), name);
  std::error_code ignored;
  if (fs::exists(target, ignored)) return target.string();
  ExportOptions options;
  options.dynamic = true;
  const std::array formats = {format};
  SAKER_ASSIGN(const auto exported, export_model(path, formats, options));
  SAKER_TRY(make_folder(target.parent_path().string()));
  SAKER_TRY(write_files(exported.front(), target.string()));
  return target.string();
}

}  // namespace saker
