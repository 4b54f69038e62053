// The pictures that a command line names: files, folders, globs, lists, stdin.
#include "pipeline/picture_files.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>

#include "base/files.h"
#include "base/picture_names.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "media/formats.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxStdinBytes = std::size_t{1} << 30;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void add_sorted(std::vector<std::string> paths, std::vector<PictureFile>& files) {
  std::sort(paths.begin(), paths.end(), natural_less);
  for (std::string& path : paths) files.push_back({std::move(path), ""});
}

// What other programs take for a picture, and this build does not read.
bool is_other_picture(const std::string& name) {
  constexpr std::array kOthers = {".gif", ".tif", ".tiff", ".avif", ".heic", ".heif", ".jp2",
                                  ".j2k", ".j2c", ".jpc",  ".jpx",  ".jxl",  ".svg",  ".mpo",
                                  ".dng", ".pfm", ".ico",  ".tga",  ".exr",  ".hdr",  ".raw"};
  return std::ranges::find(kOthers, lower_extension(name)) != kOthers.end();
}

std::string left_out(const std::string& folder, std::vector<std::string> names) {
  constexpr std::size_t kShown = 5;
  std::sort(names.begin(), names.end(), natural_less);
  std::string text = fmt::format("{}: left out, as this build does not read them: ", folder);
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

void add_folder(const std::string& folder, std::vector<PictureFile>& files, std::vector<std::string>& notes) {
  std::vector<std::string> paths, others;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name[0] == '.' || it->is_directory(ignored)) continue;
    if (has_picture_extension(name))
      paths.push_back(it->path().string());
    else if (is_other_picture(name))
      others.push_back(name);
  }
  if (!others.empty()) notes.push_back(left_out(folder, std::move(others)));
  if (error) {
    files.push_back({folder, fmt::format("{}: cannot read the folder: {}", folder, error.message())});
  } else if (paths.empty()) {
    std::string why = fmt::format("{}: no pictures in this folder ({})", folder, picture_extensions());
    const fs::path inner = fs::path(folder) / "images";
    std::error_code ignored;
    if (fs::is_directory(inner, ignored)) why += "\nfolders in it are not searched; try: " + inner.string();
    files.push_back({folder, why});
  }
  add_sorted(std::move(paths), files);
}

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

void add_glob(const std::string& pattern, std::vector<PictureFile>& files) {
  std::vector<std::string> paths = glob_matches(pattern);
  std::error_code ignored;
  std::erase_if(paths, [&](const std::string& path) { return fs::is_directory(path, ignored); });
  if (paths.empty()) files.push_back({pattern, pattern + ": no file matches"});
  add_sorted(std::move(paths), files);
}

void add_list(const std::string& list, std::vector<PictureFile>& files, std::vector<std::string>& notes);

void add_source(const std::string& path, bool in_list, std::vector<PictureFile>& files,
                std::vector<std::string>& notes) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (path == "-" && !in_list) {
    files.push_back({path, "", true});
  } else if (fs::is_directory(status)) {
    add_folder(path, files, notes);
  } else if (!fs::exists(status) && is_pattern(path)) {
    add_glob(path, files);
  } else if (!fs::exists(status)) {
    files.push_back({path, path + ": no such file"});
  } else if (!in_list && lower_extension(path) == ".txt") {
    add_list(path, files, notes);
  } else {
    files.push_back({path, "", !in_list});
  }
}

void add_list(const std::string& list, std::vector<PictureFile>& files, std::vector<std::string>& notes) {
  auto bytes = read_named_file(list, kMaxListBytes);
  if (!bytes.ok()) {
    files.push_back({list, bytes.error().message});
    return;
  }
  const auto span = bytes->span();
  std::istringstream lines(
      std::string(without_byte_order_mark({reinterpret_cast<const char*>(span.data()), span.size()})));
  const std::size_t before = files.size();
  for (std::string line; std::getline(lines, line);) {
    std::string path(trimmed(line));
    if (path.empty() || path[0] == '#') continue;
    if (!fs::path(path).is_absolute()) {
      const fs::path beside = fs::path(list).parent_path() / path;
      std::error_code ignored;
      // A pattern exists nowhere itself; its folder decides.
      const fs::path probe = is_pattern(path) ? beside.parent_path() : beside;
      if (probe.empty() || fs::exists(probe, ignored)) path = beside.string();
    }
    add_source(path, true, files, notes);
  }
  if (files.size() == before) files.push_back({list, list + ": lists no pictures"});
}

Result<Image> decode_stdin(const ImageReadOptions& options) {
  SAKER_ASSIGN(const FileBytes bytes, read_stdin(kMaxStdinBytes, may_be_a_picture));
  return decode_image({reinterpret_cast<const std::uint8_t*>(bytes.data.get()), bytes.size}, "stdin", options);
}

}  // namespace

std::vector<std::string> glob_matches(const std::string& pattern) {
  glob_t found = {};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::ranges::sort(paths, natural_less);
  return paths;
}

std::vector<PictureFile> list_pictures(const std::vector<std::string>& arguments, std::vector<std::string>* notes) {
  std::vector<PictureFile> files;
  std::vector<std::string> said;
  for (const std::string& argument : arguments) add_source(argument, false, files, said);
  if (notes != nullptr) *notes = std::move(said);
  return files;
}

Result<Image> read_picture(const PictureFile& file, const ImageReadOptions& options) {
  if (!file.error.empty()) return Error{ErrorCode::kNotFound, file.error};
  if (file.path == "-") return decode_stdin(options);
  ImageReadOptions reading = options;
  reading.pipes = file.typed;
  return read_image(file.path, reading);
}

std::optional<Frame> PictureFiles::next() {
  if (next_ == files_.size()) return std::nullopt;
  const std::size_t index = next_++;
  Frame frame;
  frame.index = index;
  frame.name = files_[index].path;
  frame.read = [file = files_[index]](const ImageReadOptions& options) -> Result<FramePicture> {
    SAKER_ASSIGN(Image image, read_picture(file, options));
    return FramePicture(std::move(image));
  };
  return frame;
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

std::string stem_of(const std::string& path) {
  return path == "-" ? "stdin" : std::filesystem::path(path).stem().string();
}

}  // namespace saker
