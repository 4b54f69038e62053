// New videos out of frames: the encoder is opened when the first frame tells the size, and again when that changes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "media/yuv.h"
#include "video/video.h"

namespace saker {

struct VideoPart {
  std::string path;  // empty: a window
  std::string encoder;
  int width = 0, height = 0;
  std::size_t frames = 0;
};

class VideoParts {
 public:
  // Opens the part of that number, from 0, with its size filled in; sets the path, if it has one.
  using Open = std::function<Result<std::unique_ptr<video::Writer>>(
      std::size_t part, const video::WriteOptions& options, std::string& path)>;

  VideoParts(Open open, const video::WriteOptions& options) : open_(std::move(open)), options_(options) {}

  Status write(const I420Image& picture, std::int64_t pts);
  // All are complete then. Without it the last one does not appear.
  Status finish();
  const std::vector<VideoPart>& parts() const { return parts_; }

 private:
  Open open_;
  video::WriteOptions options_;
  std::unique_ptr<video::Writer> writer_;
  std::vector<VideoPart> parts_;
};

// `path`, and beside it path_2, path_3, ... where the size changes; those of `taken` are left out.
VideoParts::Open files_beside(video::VideoLibrary& library, const std::string& path,
                              const std::vector<std::string>& taken = {});
VideoParts::Open window(video::VideoLibrary& library, const std::string& title);

}  // namespace saker
