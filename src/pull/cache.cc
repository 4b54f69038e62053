// The folder of downloaded weights, each known by its hash.
#include "pull/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/files.h"
#include "base/knobs.h"
#include "base/temporary.h"
#include "base/try.h"
#include "pull/download.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

Error changed_in_cache(const std::string& path, const std::string& expected, const std::string& got) {
  return {ErrorCode::kInvalid,
          fmt::format("{}: is not the file it should be\nexpected sha256 {}\nfound    sha256 {}\n"
                      "it was changed or damaged since it was pulled, or another hash is asked for now; remove it and "
                      "pull again",
                      path, expected, got)};
}

Error refused(const std::string& name, const std::string& expected, const std::string& got) {
  return {ErrorCode::kInvalid,
          fmt::format("{}: what came is not the file it should be; it was thrown away\nexpected sha256 {}\ngot      "
                      "sha256 {}\neither the download was damaged (try again), or the publisher replaced the file, or "
                      "somebody else did\nif you know that the new one is right: `sha256` {}",
                      name, expected, got, got),
          "sha256"};
}

}  // namespace

Result<Cache> Cache::open(Tell tell) {
  const std::string& folder = knobs().cache;
  if (folder.empty())
    return Error{ErrorCode::kNotFound, "no place for downloads: set SAKER_CACHE to a folder, or HOME"};
  if (const Status made = make_folder(folder + "/weights"); !made.ok()) return made.error().with_context("SAKER_CACHE");
  Cache cache(folder, ::open((folder + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666), std::move(tell));
  if (cache.fd_ < 0 || !cache.wait_for_others())
    return Error{ErrorCode::kIo, fmt::format("{}/.lock: cannot lock: {}", folder, std::strerror(errno))};
  SAKER_ASSIGN(cache.lock_, LockFile::read(folder + "/saker-pull.lock"));
  return cache;
}

Cache::Cache(Cache&& other) noexcept
    : folder_(std::move(other.folder_)),
      fd_(std::exchange(other.fd_, -1)),
      tell_(std::move(other.tell_)),
      lock_(std::move(other.lock_)) {}

Cache::~Cache() {
  if (fd_ >= 0) ::close(fd_);
}

bool Cache::wait_for_others() const {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) tell_("waiting for another saker pull to finish");
  int result = 0;
  do {
    result = ::flock(fd_, LOCK_EX);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

Result<std::string> Cache::provide(const Wanted& wanted, const std::string& mirror) {
  SAKER_ASSIGN(const std::string expected, expected_hash(wanted));
  const std::string path = path_of(wanted.name);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    SAKER_TRY(fetch(wanted, mirror, expected));
    return path;
  }
  SAKER_ASSIGN(const std::string got, sha256_of(path));
  if (!expected.empty() && got != expected) return changed_in_cache(path, expected, got);
  SAKER_TRY(record(wanted, got));
  tell_(fmt::format("{}: in the cache already, sha256 {}", wanted.name, got));
  return path;
}

Result<std::string> Cache::expected_hash(const Wanted& wanted) const {
  if (!wanted.sha256.empty()) return wanted.sha256;
  const LockEntry* entry = lock_.find(wanted.name);
  if (entry == nullptr) return std::string();
  if (entry->url == wanted.url) return entry->sha256;
  return Error{ErrorCode::kInvalid,
               fmt::format("{} was pulled from another address before: {}\ngive this one another name (`name`), state "
                           "its hash (`sha256`), or remove the line from {}",
                           wanted.name, entry->url, lock_.path()),
               "sha256"};
}

Status Cache::fetch(const Wanted& wanted, const std::string& mirror, const std::string& expected) {
  const std::string path = path_of(wanted.name), part = path + ".part";
  const std::string url = mirror.empty() ? wanted.url : on_mirror(wanted.url, mirror);
  tell_(fmt::format("fetching {}", url));
  if (auto status = download(url, part); !status.ok()) return with_remedy(status.error(), wanted);
  SAKER_ASSIGN(const std::string got, sha256_of(part));
  if (!expected.empty() && got != expected) {
    forget_download(part);
    return refused(wanted.name, expected, got);
  }
  SAKER_TRY(record(wanted, got));
  std::error_code error;
  fs::rename(part, path, error);
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: cannot rename: {}", part, error.message())};
  forget_download(part);
  tell_(fmt::format("{}: sha256 {} ({})", wanted.name, got,
                    expected.empty() ? "trusted on first use, recorded in " + lock_.path() : "as expected"));
  return {};
}

Error Cache::with_remedy(Error error, const Wanted& wanted) const {
  if (error.code != ErrorCode::kIo) return error;
  const std::string path = path_of(wanted.name);
  std::error_code ignored;
  if (fs::exists(path + ".part", ignored))
    error.message += "\nwhat has come is kept: the same command goes on from there";
  error.message += fmt::format("\nwithout a network: fetch {} on another machine, put it at {} and run this again",
                               wanted.url, path);
  return error;
}

Status Cache::record(const Wanted& wanted, const std::string& sha256) {
  const LockEntry* entry = lock_.find(wanted.name);
  if (entry != nullptr && entry->sha256 == sha256 && entry->url == wanted.url) return {};
  return lock_.record({sha256, wanted.name, wanted.url});
}

std::string target_of(const std::string& out, const std::string& name) {
  std::error_code ignored;
  if (out.empty()) return name;
  if (out.ends_with('/') || fs::is_directory(out, ignored)) return (fs::path(out) / name).string();
  return out;
}

Status copy_out(const std::string& from, const std::string& to, bool replace) {
  std::error_code error;
  if (from == to || fs::equivalent(from, to, error)) return {};
  if (fs::exists(to, error) && !fs::is_regular_file(to, error))
    return Error{ErrorCode::kIo, fmt::format("{}: is not a file; the weights are at {}", to, from)};
  if (fs::exists(to, error)) {
    SAKER_ASSIGN(const std::string there, sha256_of(to));
    SAKER_ASSIGN(const std::string here, sha256_of(from));
    if (there == here) return {};
    if (!replace)
      return Error{ErrorCode::kIo,
                   fmt::format("{}: exists and is another file\nreplace it with `replace`, or name another "
                               "place with `out`; the weights are at {}",
                               to, from),
                   "replace"};
  }
  TemporaryPath temporary = TemporaryPath::beside(to);
  fs::copy_file(from, temporary.path(), error);
  if (!error) fs::rename(temporary.path(), to, error);
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: cannot write: {}", to, error.message())};
  temporary.keep();
  return {};
}

}  // namespace saker
