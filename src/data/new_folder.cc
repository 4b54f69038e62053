// A folder that appears only when it is complete.
#include "data/new_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

#include "base/try.h"

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
  Error refusal =
      cannot_make(path.string(), "it exists and is not empty; name a new one, or replace it with `replace`");
  refusal.setting = "replace";
  return refusal;
}

// In `folder`, so that a rename is enough.
fs::path name_of_old(const fs::path& folder) {
  static std::atomic<unsigned> counter{0};
  return folder / fmt::format(".saker-{}-{}.old", ::getpid(), counter.fetch_add(1));
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make(const std::string& parent) {
  std::error_code error;
  TemporaryPath path = TemporaryPath::beside((fs::path(parent) / ".").string());
  fs::create_directory(path.path(), error);
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: cannot make a folder in it: {}", parent, error.message())};
  return TemporaryFolder(std::move(path));
}

Error named_in_place(Error error, const std::string& temporary, const std::string& place) {
  for (std::size_t at = 0; (at = error.message.find(temporary, at)) != std::string::npos; at += place.size())
    error.message.replace(at, temporary.size(), place);
  return error;
}

Result<NewFolder> NewFolder::begin(const std::string& path, const std::string& marker, bool replace) {
  std::error_code error;
  fs::path final_path = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) return cannot_make(path, error.message());
  if (!final_path.has_filename()) final_path = final_path.parent_path();  // "a/b/"
  SAKER_TRY(check_free(final_path, marker, replace));
  fs::create_directories(final_path.parent_path(), error);
  if (error) return cannot_make(path, error.message());
  SAKER_ASSIGN(TemporaryFolder temporary, TemporaryFolder::make(final_path.parent_path().string()));
  return NewFolder(path, final_path.string(), std::move(temporary), replace);
}

Status NewFolder::commit() {
  std::error_code error, ignored;
  const fs::path old = name_of_old(fs::path(final_).parent_path());
  const bool replacing = replace_ && fs::exists(final_, ignored) && !fs::is_empty(final_, ignored);
  if (replacing) fs::rename(final_, old, error);
  if (error) return cannot_make(asked_, error.message());
  fs::rename(path(), final_, error);  // fails where there is a folder with something in it
  if (!error) {
    temporary_.release();
    if (replacing) fs::remove_all(old, ignored);
    return {};
  }
  if (error == std::errc::directory_not_empty || error == std::errc::file_exists) {
    if (replacing) fs::remove_all(old, ignored);
    return cannot_make(asked_, "somebody else has made it meanwhile");
  }
  if (replacing) fs::rename(old, final_, ignored);
  return cannot_make(asked_, error.message());
}

}  // namespace saker
