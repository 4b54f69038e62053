// A folder that appears only when it is complete.
#include "data/new_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

namespace saker {
namespace {

namespace fs = std::filesystem;

Error cannot_make(const std::string& path, const std::string& why) {
  return {ErrorCode::kIo, fmt::format("{}: cannot make the folder: {}", path, why)};
}

Status check_free(const fs::path& path, const std::string& marker, bool replace) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  if (!fs::is_directory(path, error)) return cannot_make(path.string(), "a file of that name exists");
  if (fs::is_empty(path, error)) return {};
  if (error) return cannot_make(path.string(), error.message());
  if (!fs::exists(path / marker, error)) {
    return cannot_make(path.string(),
                       fmt::format("it exists with other files in it (there is no {}); name a new one", marker));
  }
  if (replace) return {};
  Error refusal = cannot_make(path.string(), "it exists and is not empty; name a new one, or replace it with `replace`");
  refusal.setting = "replace";
  return refusal;
}

// Beside `path`, so that a rename is enough.
fs::path beside(const fs::path& path, const char* ending) {
  static std::atomic<unsigned> counter{0};
  return path.parent_path() / fmt::format(".saker-{}-{}.{}", ::getpid(), counter.fetch_add(1), ending);
}

}  // namespace

NewFolder::NewFolder(std::string final_path, std::string temporary)
    : final_(std::move(final_path)), temporary_(std::move(temporary)) {}

NewFolder::NewFolder(NewFolder&& other) noexcept
    : final_(std::move(other.final_)), temporary_(std::exchange(other.temporary_, {})) {}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

Result<NewFolder> NewFolder::begin(const std::string& path, const std::string& marker, bool replace) {
  std::error_code error;
  fs::path final_path = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) return cannot_make(path, error.message());
  if (!final_path.has_filename()) final_path = final_path.parent_path();  // "a/b/"
  if (auto status = check_free(final_path, marker, replace); !status.ok()) return status.error();
  fs::create_directories(final_path.parent_path(), error);
  const fs::path temporary = beside(final_path, "tmp");
  if (!error) fs::create_directory(temporary, error);
  if (error) return cannot_make(path, error.message());
  return NewFolder(final_path.string(), temporary.string());
}

Status NewFolder::commit() {
  std::error_code error, ignored;
  const fs::path old = beside(final_, "old");
  const bool replacing = fs::exists(final_, ignored) && !fs::is_empty(final_, ignored);
  if (replacing) fs::rename(final_, old, error);
  if (error) return cannot_make(final_, error.message());
  fs::rename(temporary_, final_, error);
  if (error) {
    if (replacing) fs::rename(old, final_, ignored);
    return cannot_make(final_, error.message());
  }
  temporary_.clear();
  if (replacing) fs::remove_all(old, ignored);
  return {};
}

}  // namespace saker
