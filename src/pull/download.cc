// Files from the network, by the programs curl and sha256sum.
#include "pull/download.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "pull/lock_file.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 4'000'000'000;
constexpr double kMaxMs = 24.0 * 3600 * 1000;  // curl gives up by itself when nothing comes for a minute

bool must_be_encoded(char c, bool in_file_path) {
  const auto code = static_cast<unsigned char>(c);
  if (code <= 0x20 || code >= 0x7F) return true;
  return std::string_view(in_file_path ? "\"<>^`{|}\\?#" : "\"<>^`{|}\\").find(c) != std::string_view::npos;
}

// Which address a partial file is from: parts of two files must not be joined.
std::string origin_path(const std::string& part) {
  return part + ".url";
}

bool is_from(const std::string& part, const std::string& url) {
  constexpr std::size_t kLongest = 1 << 16;
  const auto origin = read_file(origin_path(part), kLongest);
  return origin.ok() && std::string_view(reinterpret_cast<const char*>(origin->data.get()), origin->size) == url;
}

struct Attempt {
  int code = 0;      // curl's exit code
  std::string http;  // status of the last response; "000" without one
  std::string message;
};

Result<Attempt> run_curl(const std::string& url, const std::string& part) {
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  std::vector<std::string> argv = split(
      "curl --fail --location --globoff --proto =https,file --proto-redir =https --max-redirs 5 --retry 2 "
      "--connect-timeout 20 --speed-limit 1 --speed-time 60 --continue-at - --write-out %{http_code} --max-filesize",
      ' ');
  argv.insert(argv.end(), {std::to_string(kMaxBytes), "--output", part, "--url", url});
  if (watched) {
    argv.emplace_back("--progress-bar");
  } else {
    argv.insert(argv.end(), {"--silent", "--show-error"});
  }
  ProcessOptions options;
  options.keep_errors = !watched;
  options.max_file_bytes = kMaxBytes;  // --max-filesize of curl before 8.4 knows announced lengths only
  auto ran = run_program(argv, kMaxMs, options);
  if (!ran.ok() && ran.error().code == ErrorCode::kNotFound) {
    return Error{ErrorCode::kNotFound,
                 "the program curl is not installed; saker pull downloads with it\ntry: sudo apt-get install curl"};
  }
  if (!ran.ok()) return ran.error();
  std::string message(trimmed(ran->errors));
  const std::size_t last = message.rfind("curl: (");  // it says something at each attempt
  if (last != std::string::npos) message.erase(0, last);
  if (message.empty()) message = "curl: " + to_string(ran->ending);
  return Attempt{ran->ending.code, std::string(trimmed(ran->out)), message};
}

// curl could not go on where the part ends: it is complete already, longer than the file, or the server sends whole
// files only. Exit codes of curl(1).
bool cannot_resume(const Attempt& attempt) {
  constexpr int kHttpError = 22, kRangeError = 33, kBadResume = 36, kFileError = 37;
  const bool past_the_end = attempt.code == kHttpError && attempt.http == "416";
  return past_the_end || attempt.code == kRangeError || attempt.code == kBadResume || attempt.code == kFileError;
}

Result<bool> is_web_page(const std::string& path, std::uintmax_t size) {
  constexpr std::uintmax_t kStart = 5;
  SAKER_ASSIGN(const FileBytes bytes, read_file_range(path, 0, static_cast<std::size_t>(std::min(size, kStart))));
  const std::string_view start(reinterpret_cast<const char*>(bytes.data.get()), bytes.size);
  return start.starts_with("<!") || start == "<html" || start == "<HTML";
}

// The path of a file:/// address.
std::string local_path(std::string_view url) {
  std::string path;
  for (url.remove_prefix(std::string_view("file://").size()); !url.empty(); url.remove_prefix(1)) {
    unsigned code = 0;
    const bool encoded = url.size() >= 3 && url[0] == '%' &&
                         std::from_chars(url.data() + 1, url.data() + 3, code, 16).ptr == url.data() + 3;
    path.push_back(encoded ? static_cast<char>(code) : url[0]);
    if (encoded) url.remove_prefix(2);
  }
  return path;
}

// curl would wait for a pipe without a writer, and read a device without an end.
Status check_local(const std::string& url) {
  if (!url.starts_with("file:///")) return {};
  std::error_code ignored;
  const fs::file_status status = fs::status(local_path(url), ignored);
  if (!fs::exists(status) || fs::is_regular_file(status)) return {};
  return Error{ErrorCode::kIo, url + ": is not a regular file"};
}

Error too_long(const std::string& url) {
  return {ErrorCode::kLimit, fmt::format("{}: more than the limit of {} bytes", url, kMaxBytes)};
}

Status check_downloaded(const std::string& part, const std::string& url) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(part, error);
  if (error || size == 0) return Error{ErrorCode::kIo, url + ": an empty file came"};
  if (size > kMaxBytes) return too_long(url);
  SAKER_ASSIGN(const bool web_page, is_web_page(part, size));
  if (web_page) {
    return Error{ErrorCode::kInvalid,
                 url + ": a web page came instead of the file; is there a log-in page or a proxy in between?"};
  }
  return {};
}

}  // namespace

Result<std::string> check_url(const std::string& url) {
  const bool file = url.starts_with("file:///");
  if (!file && !url.starts_with("https://"))
    return Error{ErrorCode::kInvalid, fmt::format("'{}' is no https:// or file:/// address", url)};
  std::string encoded;
  for (const char c : url) {
    if (must_be_encoded(c, file)) {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      encoded.push_back(c);
    }
  }
  return encoded;
}

std::string on_mirror(const std::string& url, const std::string& mirror) {
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = std::min(url.size(), url.find('/', host));
  const std::size_t scheme = mirror.find("://") + 3;
  return mirror.substr(0, std::max(scheme, mirror.find_last_not_of('/') + 1)) + url.substr(path);
}

void forget_download(const std::string& part) {
  std::error_code ignored;
  fs::remove(part, ignored);
  fs::remove(origin_path(part), ignored);
}

Status download(const std::string& url, const std::string& part) {
  SAKER_TRY(check_local(url));
  std::error_code ignored;
  if (!is_from(part, url)) forget_download(part);
  SAKER_TRY(write_file(origin_path(part), url));
  const bool resumed = fs::exists(part, ignored);
  auto attempt = run_curl(url, part);
  if (resumed && attempt.ok() && cannot_resume(*attempt)) {
    fs::remove(part, ignored);
    attempt = run_curl(url, part);
  }
  if (!fs::exists(part, ignored)) forget_download(part);
  if (!attempt.ok()) return attempt.error();
  if (attempt->code != 0) {
    const std::uintmax_t size = fs::file_size(part, ignored);
    if (ignored || size < kMaxBytes) return Error{ErrorCode::kIo, fmt::format("{}: {}", url, attempt->message)};
    forget_download(part);
    return too_long(url);
  }
  auto status = check_downloaded(part, url);
  if (!status.ok()) forget_download(part);
  return status;
}

Result<std::string> sha256_of(const std::string& path) {
  constexpr double kLongestMs = 600e3;
  SAKER_ASSIGN(const ProgramOutput ran, run_program({"sha256sum", "--", path}, kLongestMs));
  // A line that begins with a backslash: characters of the name are escaped.
  const std::string hash = ran.out.substr(ran.out.starts_with('\\') ? 1 : 0, 64);
  if (!ran.ending.ok() || !is_sha256(hash)) {
    const std::string why(trimmed(ran.errors));
    return Error{ErrorCode::kIo,
                 fmt::format("{}: sha256sum failed: {}", path, why.empty() ? to_string(ran.ending) : why)};
  }
  return hash;
}

}  // namespace saker
