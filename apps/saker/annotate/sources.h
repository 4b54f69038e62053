// What the sources of `saker annotate` are, and what the new videos are called.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

namespace saker::cli {

struct Sources {
  std::vector<std::string> videos;    // files, URLs, /dev/video0; none if there are pictures
  std::vector<std::string> pictures;  // as list_pictures takes them
};

bool is_there(const std::string& path);  // whatever it is

// "0" is /dev/video0; globs and folders of videos are opened up. Errors: kInvalid (both videos and pictures),
// kNotFound (a glob that fits nothing), kLimit (more videos than can be open at a time).
Result<Sources> sort_sources(const std::vector<std::string>& arguments);

// "street.mp4", "camera0.mp4", "cam.example.org.mp4": of the folder, in the order of the videos, all different, without
// user names, passwords and what follows a '?'.
std::vector<std::string> video_names(const std::vector<std::string>& videos, const std::string& format);

// Error kInvalid if one of those would be written over one of the videos.
Status check_not_a_source(const std::string& folder, const std::vector<std::string>& names,
                          const std::vector<std::string>& videos);

}  // namespace saker::cli
