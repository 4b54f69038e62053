// New videos out of frames.
#include "pipeline/video_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/try.h"

namespace saker {

Status VideoParts::write(const I420Image& picture, std::int64_t pts) {
  const bool fits = writer_ && picture.width == options_.width && picture.height == options_.height;
  if (!fits) {
    SAKER_TRY(finish());
    options_.width = picture.width, options_.height = picture.height;
    options_.bt709 = picture.bt709, options_.full_range = picture.full_range;
    VideoPart part = {"", "", picture.width, picture.height, 0};
    SAKER_ASSIGN(writer_, open_(parts_.size(), options_, part.path));
    part.encoder = writer_->encoder();
    parts_.push_back(std::move(part));
  }
  SAKER_TRY(writer_->write(picture.view(), pts));
  ++parts_.back().frames;
  return {};
}

Status VideoParts::finish() {
  if (!writer_) return {};
  const auto writer = std::exchange(writer_, nullptr);
  return writer->finish();
}

VideoParts::Open files_beside(video::VideoLibrary& library, const std::string& path,
                              const std::vector<std::string>& taken) {
  return [&library, path, taken, number = 1](std::size_t part, const video::WriteOptions& options,
                                             std::string& name) mutable {
    const std::filesystem::path whole(path);
    name = path;
    while (part > 0) {
      const std::string numbered = fmt::format("{}_{}{}", whole.stem().string(), ++number, whole.extension().string());
      name = (whole.parent_path() / numbered).string();
      if (std::ranges::find(taken, name) == taken.end()) break;
    }
    return library.create(name, options);
  };
}

VideoParts::Open window(video::VideoLibrary& library, const std::string& title) {
  return [&library, title](std::size_t /*part*/, const video::WriteOptions& options, std::string& /*name*/) {
    return library.show(title, options);
  };
}

}  // namespace saker
