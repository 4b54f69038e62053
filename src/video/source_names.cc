// What a source's name tells, and what of it may be shown.
#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/text.h"
#include "video/video.h"

namespace saker::video {
namespace {

// Containers and elementary streams as cameras, phones and editors name them.
constexpr std::array<std::string_view, 33> kExtensions = {
    ".mp4",   ".m4v", ".mov", ".qt",   ".mkv", ".webm", ".avi", ".mpg",  ".mpeg", ".ts",  ".mts",
    ".m2ts",  ".vob", ".wmv", ".asf",  ".flv", ".f4v",  ".3gp", ".3g2",  ".ogv",  ".mxf", ".mjpg",
    ".mjpeg", ".dv",  ".y4m", ".h264", ".264", ".h265", ".265", ".hevc", ".ivf",  ".nut", ".av1"};

constexpr std::string_view kHidden = "***";

bool ends_url(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '"' || c == '\'' || c == '<' || c == '>';
}

// Small numbers tell cameras and channels apart; all else may be a secret.
bool may_stay(std::string_view value) {
  return value.size() <= 2 && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

// "user:***@host" of what stands between "://" and the end. The last '@' counts: a password may have others, and '/'.
std::string without_user_password(std::string_view rest) {
  const std::size_t at = rest.substr(0, rest.find('?')).rfind('@');
  if (at == std::string_view::npos) return std::string(rest);
  const std::size_t colon = rest.substr(0, at).find(':');
  if (colon == std::string_view::npos) return std::string(rest);
  return std::string(rest.substr(0, colon + 1)).append(kHidden).append(rest.substr(at));
}

// Values of a query; in the path, where some cameras have them ("/user=admin&password=x&channel=1.sdp"), those of
// passwords only.
std::string without_values(std::string_view text) {
  std::string out;
  bool query = false;
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    out += c;
    if (c == '?') query = true;
    if (c != '=') {
      name = std::isalnum(static_cast<unsigned char>(c)) != 0 ? name + c : std::string();
      continue;
    }
    const std::string_view ends = query ? "&;#" : "&;#/?_";
    const std::string_view value = text.substr(i + 1, text.find_first_of(ends, i + 1) - i - 1);
    const std::string known = lower_case(name);
    const bool secret = known.find("pass") != std::string::npos || known.find("pwd") != std::string::npos;
    if (secret || (query && !may_stay(value))) {
      out += kHidden;
      i += value.size();
    }
    name.clear();
  }
  return out;
}

}  // namespace

bool is_video_source(const std::string& source) {
  if (source.find("://") != std::string::npos || source.starts_with("/dev/video")) return true;
  return std::ranges::find(kExtensions, lower_extension(source)) != kExtensions.end();
}

std::string without_password(const std::string& source) {
  std::string out;
  std::string_view left = source;
  while (true) {
    const std::size_t scheme = left.find("://");
    if (scheme == std::string_view::npos) return out.append(left);
    const std::size_t begin = scheme + 3;
    const auto end = static_cast<std::size_t>(
        std::find_if(left.begin() + static_cast<std::ptrdiff_t>(begin), left.end(), ends_url) - left.begin());
    out.append(left.substr(0, begin));
    out += without_values(without_user_password(left.substr(begin, end - begin)));
    left.remove_prefix(end);
  }
}

}  // namespace saker::video
