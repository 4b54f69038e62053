#include <fmt/format.h>

#include <filesystem>

#include "data/writers.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, const std::error_code& problem) {
  return {problem == std::errc::no_such_file_or_directory ? ErrorCode::kNotFound : ErrorCode::kIo,
          fmt::format("{}: {}", path.string(), problem.message())};
}

}  // namespace

Status place_picture(const std::string& from, const std::string& to, Placing how) {
  if (how == Placing::kNone) return {};
  std::error_code problem;
  const fs::path folder = fs::path(to).parent_path();
  if (!folder.empty()) fs::create_directories(folder, problem);
  if (problem) return failed(folder, problem);
  if (how == Placing::kLink) {
    // What a symbolic link points to, so that the new name does not hang on the old folder.
    const fs::path real = fs::canonical(from, problem);
    if (problem) return failed(from, problem);
    fs::create_hard_link(real, to, problem);
    if (!problem) return {};
    if (problem == std::errc::file_exists) return failed(to, problem);
  }
  fs::copy_file(from, to, problem);
  if (!problem) return {};
  return failed(problem == std::errc::file_exists ? to : from, problem);
}

}  // namespace saker
