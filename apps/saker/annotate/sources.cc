// What the sources of `saker annotate` are.
#include "annotate/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/files.h"
#include "base/plural.h"
#include "base/text.h"
#include "base/try.h"
#include "pipeline/picture_files.h"
#include "pipeline/picture_saver.h"
#include "video/video.h"

namespace saker::cli {
namespace fs = std::filesystem;
namespace {

// Each has a decoder, an encoder and some pictures in memory: some 100 MB at 1080p.
constexpr std::size_t kMostVideos = 64;
constexpr std::string_view kCamera = "/dev/video";

bool is_url(const std::string& source) {
  return source.find("://") != std::string::npos;
}

// The videos of a folder without any picture; nothing of another folder.
std::vector<std::string> videos_in(const std::string& folder) {
  std::vector<std::string> videos;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; it != end; it.increment(error)) {
    if (has_picture_extension(it->path())) return {};
    if (it->is_regular_file(error) && video::is_video_source(it->path().string()))
      videos.push_back(it->path().string());
  }
  std::ranges::sort(videos, natural_less);
  return videos;
}

// The videos that an argument stands for; none: it stands for pictures.
Result<std::vector<std::string>> videos_of(const std::string& argument) {
  if (const auto number = parse_whole(argument); number && *number >= 0 && !is_there(argument))
    return std::vector{std::string(kCamera) + std::to_string(*number)};
  std::error_code ignored;
  if (fs::is_directory(argument, ignored)) return videos_in(argument);
  if (!video::is_video_source(argument)) return std::vector<std::string>();
  if (is_url(argument) || is_there(argument) || argument.find_first_of("*?[") == std::string::npos)
    return std::vector{argument};
  std::vector<std::string> found = glob_matches(argument);
  if (found.empty()) return Error{ErrorCode::kNotFound, argument + ": no file has such a name"};
  return found;
}

// "cam.example.org" of "rtsp://user:password@cam.example.org:554/live".
std::string host_of(const std::string& url) {
  std::string rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find('?'));
  if (const std::size_t at = rest.rfind('@'); at != std::string::npos) rest = rest.substr(at + 1);
  const bool v6 = rest.starts_with('[');
  return v6 ? rest.substr(1, rest.find(']') - 1) : rest.substr(0, rest.find_first_of(":/"));
}

std::string stem_for(const std::string& video) {
  constexpr std::size_t kLongest = 200;  // of the 255 bytes of a file name, with a number and an extension
  std::string stem = is_url(video)                ? host_of(video)
                     : video.starts_with(kCamera) ? "camera" + video.substr(kCamera.size())
                                                  : stem_of(video);
  for (char& c : stem) {
    const bool plain = static_cast<unsigned char>(c) >= 128 || std::isprint(static_cast<unsigned char>(c)) != 0;
    if (!plain || c == '/') c = '_';
  }
  return stem.empty() || stem[0] == '.' ? "video" + stem : std::string(beginning(stem, kLongest));
}

}  // namespace

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<Sources> sort_sources(const std::vector<std::string>& arguments) {
  Sources sources;
  std::string video, picture;  // the first argument of each kind
  for (const std::string& argument : arguments) {
    SAKER_ASSIGN(const std::vector<std::string> videos, videos_of(argument));
    sources.videos.insert(sources.videos.end(), videos.begin(), videos.end());
    if (videos.empty()) sources.pictures.push_back(argument);
    std::string& first = videos.empty() ? picture : video;
    if (first.empty()) first = argument;
  }
  if (!video.empty() && !picture.empty()) {
    return Error{ErrorCode::kInvalid, fmt::format("{} is video, {} is pictures: one kind at a time",
                                                  video::without_password(video), picture)};
  }
  if (sources.videos.size() > kMostVideos) {
    return Error{ErrorCode::kLimit, fmt::format("{}, all of which would be read at once: at most {} a run",
                                                counted(sources.videos.size(), "video"), kMostVideos)};
  }
  return sources;
}

std::vector<std::string> video_names(const std::vector<std::string>& videos, const std::string& format) {
  std::vector<std::string> names;
  for (const std::string& video : videos) names.push_back(fmt::format("{}.{}", stem_for(video), format));
  return unique_names(std::move(names));
}

Status check_not_a_source(const std::string& folder, const std::vector<std::string>& names,
                          const std::vector<std::string>& videos) {
  for (const std::string& name : names) {
    const std::string path = (fs::path(folder) / name).string();
    const bool clash = std::ranges::any_of(videos, [&](const std::string& video) { return same_file(path, video); });
    if (clash)
      return Error{ErrorCode::kInvalid,
                   fmt::format("--save-dir {}: {} is a source: name another folder", folder, path)};
  }
  return {};
}

}  // namespace saker::cli
