// What the plug-in is made of.
#pragma once

#include "video/video.h"

namespace saker::video {

Result<std::unique_ptr<Reader>> open_reader(const std::string& source, const ReadOptions& options);
Result<std::unique_ptr<Writer>> create_writer(const std::string& file, const std::string& container,
                                              const WriteOptions& options);
Result<std::unique_ptr<Writer>> open_window(const std::string& title, const WriteOptions& options);

}  // namespace saker::video
