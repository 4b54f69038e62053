// What saker_video.so gives to the library.
#include <new>

#include "base/plugin_abi.h"
#include "video/libav/av.h"
#include "video/libav/log.h"
#include "video/libav/parts.h"
#include "video/plugin.h"

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace saker::video {
namespace {

class LibavPlugin final : public VideoPlugin {
 public:
  LibavPlugin() {
    take_log();
    avdevice_register_all();
    avformat_network_init();
  }

  std::string version() const override { return std::string("FFmpeg ") + av_version_info(); }

  // Exceptions end here: only memory can be short.
  Result<std::unique_ptr<Reader>> open(const std::string& source, const ReadOptions& options) override try {
    return open_reader(source, options);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "out of memory"};
  }
  Result<std::unique_ptr<Writer>> create(const std::string& file, const std::string& container,
                                         const WriteOptions& options) override try {
    return create_writer(file, container, options);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "out of memory"};
  }
  Result<std::unique_ptr<Writer>> show(const std::string& title, const WriteOptions& options) override try {
    return open_window(title, options);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "out of memory"};
  }
};

}  // namespace
}  // namespace saker::video

SAKER_PLUGIN_EXPORT const char* saker_video_abi() {
  return saker::video::kVideoAbi;
}

// Never destroyed: threads may outlive main().
SAKER_PLUGIN_EXPORT saker::video::VideoPlugin* saker_video() {
  static auto* const library = new saker::video::LibavPlugin;
  return library;
}
