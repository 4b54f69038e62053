#include <fmt/format.h>
#include <saker/image.h>

#include <filesystem>
#include <limits>

#include "base/files.h"
#include "base/try.h"
#include "data/formats.h"
#include "data/writers.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPictureBytes = std::size_t{1} << 30;

Error failed(const fs::path& path, const std::error_code& problem) {
  return {problem == std::errc::no_such_file_or_directory ? ErrorCode::kNotFound : ErrorCode::kIo,
          fmt::format("{}: {}", path.string(), problem.message())};
}

// What annotations name may be any file.
Status check_picture(const std::string& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (!fs::exists(status)) return failed(path, std::make_error_code(std::errc::no_such_file_or_directory));
  if (!fs::is_regular_file(status)) return Error{ErrorCode::kInvalid, path + ": is no file, so no picture"};
  ImageReadOptions any_size;
  any_size.max_pixels = std::numeric_limits<std::int64_t>::max();
  const auto size = read_image_size(path, any_size);
  if (size.ok()) return {};
  return Error{size.error().code, size.error().message + "; `skip_bad` leaves such pictures out", "skip_bad"};
}

// Whether a hard link was made, to what a symbolic link points to, so that the new name does not hang on the old
// folder. Who writes to a link writes to the original, so there are none to files that lie elsewhere.
bool link_picture(const std::string& folder, const std::string& from, const std::string& to) {
  std::error_code problem;
  const fs::path real = fs::canonical(from, problem);
  if (problem || !lies_below(fs::canonical(folder.empty() ? "." : folder, problem), real)) return false;
  fs::create_hard_link(real, to, problem);
  return !problem;
}

}  // namespace

Status place_picture(const Dataset& dataset, const Picture& picture, const std::string& to, Placing how) {
  if (how == Placing::kNone) return {};
  const std::string from = picture_path(dataset, picture);
  SAKER_TRY(check_picture(from));
  std::error_code problem;
  const fs::path folder = fs::path(to).parent_path();
  if (!folder.empty()) fs::create_directories(folder, problem);
  if (problem) return failed(folder, problem);
  if (fs::exists(to, problem)) return failed(to, std::make_error_code(std::errc::file_exists));
  if (how == Placing::kLink && link_picture(dataset.folder, from, to)) return {};
  SAKER_ASSIGN(const FileBytes bytes, read_file(from, kMaxPictureBytes));
  return write_file(to, bytes.span());
}

}  // namespace saker
