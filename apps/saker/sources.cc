// The pictures that the SOURCE arguments name.
#include "sources.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "base/files.h"
#include "flags.h"

namespace saker::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxStdinBytes = std::size_t{1} << 30;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_extension(const std::string& path) {
  std::string extension = fs::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), lower);
  return extension;
}

void add_sorted(std::vector<std::string> paths, std::vector<Source>& sources) {
  std::sort(paths.begin(), paths.end(), natural_less);
  for (std::string& path : paths) sources.push_back({std::move(path), ""});
}

void add_folder(const std::string& folder, std::vector<Source>& sources) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name[0] != '.' && has_picture_extension(name) && !it->is_directory(ignored))
      paths.push_back(it->path().string());
  }
  if (error) {
    sources.push_back({folder, fmt::format("{}: cannot read the folder: {}", folder, error.message())});
  } else if (paths.empty()) {
    std::string why = folder + ": no pictures in this folder (.jpg .jpeg .png .webp .bmp .ppm .pgm)";
    const fs::path inner = fs::path(folder) / "images";
    std::error_code ignored;
    if (fs::is_directory(inner, ignored)) why += "\nfolders in it are not searched; try: " + inner.string();
    sources.push_back({folder, why});
  }
  add_sorted(std::move(paths), sources);
}

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

void add_glob(const std::string& pattern, std::vector<Source>& sources) {
  glob_t found = {};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOSORT | GLOB_MARK, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      std::string path = found.gl_pathv[i];
      if (!path.ends_with('/')) paths.push_back(std::move(path));
    }
  }
  ::globfree(&found);
  if (paths.empty()) sources.push_back({pattern, pattern + ": no file matches"});
  add_sorted(std::move(paths), sources);
}

void add_list(const std::string& list, std::vector<Source>& sources);

void add_source(const std::string& path, bool in_list, std::vector<Source>& sources) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (path == "-" && !in_list) {
    sources.push_back({path, ""});
  } else if (fs::is_directory(status)) {
    add_folder(path, sources);
  } else if (!fs::exists(status) && is_pattern(path)) {
    add_glob(path, sources);
  } else if (!fs::exists(status)) {
    sources.push_back({path, path + ": no such file"});
  } else if (!in_list && lower_extension(path) == ".txt") {
    add_list(path, sources);
  } else {
    sources.push_back({path, ""});
  }
}

void add_list(const std::string& list, std::vector<Source>& sources) {
  auto bytes = read_file(list, kMaxListBytes);
  if (!bytes.ok()) {
    sources.push_back({list, bytes.error().message});
    return;
  }
  const auto span = bytes->span();
  std::istringstream lines(std::string(reinterpret_cast<const char*>(span.data()), span.size()));
  const std::size_t before = sources.size();
  for (std::string line; std::getline(lines, line);) {
    std::string path = trimmed(line);
    if (path.empty() || path[0] == '#') continue;
    if (!fs::path(path).is_absolute()) {
      const fs::path beside = fs::path(list).parent_path() / path;
      std::error_code ignored;
      // A pattern exists nowhere itself; its folder decides.
      const fs::path probe = is_pattern(path) ? beside.parent_path() : beside;
      if (probe.empty() || fs::exists(probe, ignored)) path = beside.string();
    }
    add_source(path, true, sources);
  }
  if (sources.size() == before) sources.push_back({list, list + ": lists no pictures"});
}

Result<Image> read_stdin(const ImageReadOptions& options) {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 65536> buffer = {};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
    if (bytes.size() > kMaxStdinBytes) return Error{ErrorCode::kLimit, "stdin: more than 1 GiB"};
  }
  if (std::ferror(stdin)) return Error{ErrorCode::kIo, "stdin: cannot read"};
  return decode_image(bytes, "stdin", options);
}

}  // namespace

std::vector<Source> expand_sources(const std::vector<std::string>& arguments) {
  std::vector<Source> sources;
  for (const std::string& argument : arguments) add_source(argument, false, sources);
  return sources;
}

Result<Image> read_source(const Source& source, const ImageReadOptions& options) {
  if (!source.error.empty()) return Error{ErrorCode::kNotFound, source.error};
  if (source.path == "-") return read_stdin(options);
  return read_image(source.path, options);
}

bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      std::size_t a_first = i, b_first = j;
      while (i < a.size() && is_digit(a[i])) ++i;
      while (j < b.size() && is_digit(b[j])) ++j;
      while (a_first + 1 < i && a[a_first] == '0') ++a_first;
      while (b_first + 1 < j && b[b_first] == '0') ++b_first;
      if (i - a_first != j - b_first) return i - a_first < j - b_first;
      const int order = a.compare(a_first, i - a_first, b, b_first, j - b_first);
      if (order != 0) return order < 0;
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
    }
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a < b;  // 01 and 1
}

bool has_picture_extension(const std::string& path) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".ppm", ".pgm", ".pnm"};
  const std::string extension = lower_extension(path);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

std::string stem_of(const std::string& path) {
  return path == "-" ? "stdin" : fs::path(path).stem().string();
}

}  // namespace saker::cli
