// Finds and loads the plug-in, and gives its files their names when they are complete.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/plugin_file.h"
#include "base/temporary.h"
#include "base/text.h"
#include "base/try.h"
#include "video/plugin.h"

namespace saker::video {
namespace {

constexpr std::array<std::string_view, 4> kContainers = {"mp4", "mkv", "mov", "avi"};

// The temporary name is ours, not the plug-in's: a signal that ends this program removes it.
class FileVideo final : public Writer {
 public:
  static Result<std::unique_ptr<Writer>> create(VideoPlugin& plugin, const std::string& path,
                                                const std::string& container, const WriteOptions& options) {
    SAKER_TRY(check_writable(path));
    auto video = std::unique_ptr<FileVideo>(new FileVideo(path));
    auto writer = plugin.create(video->temporary_.path(), container, options);
    if (!writer.ok()) return video->failed(writer.error());
    video->writer_ = std::move(writer).value();
    return std::unique_ptr<Writer>(std::move(video));
  }

  const std::string& encoder() const override { return writer_->encoder(); }

  Status write(const PlanarView& picture, std::int64_t pts) override {
    const Status written = writer_->write(picture, pts);
    return written.ok() ? written : failed(written.error());
  }

  Status finish() override {
    if (const Status finished = writer_->finish(); !finished.ok()) return failed(finished.error());
    std::error_code problem;
    std::filesystem::rename(temporary_.path(), replaced_, problem);
    if (problem) return failed({ErrorCode::kIo, problem.message()});
    temporary_.keep();
    return {};
  }

 private:
  explicit FileVideo(const std::string& path)
      : path_(path), replaced_(behind_links(path)), temporary_(TemporaryPath::beside(replaced_)) {}
  Error failed(const Error& error) const { return error.with_context(path_); }

  std::string path_, replaced_;
  TemporaryPath temporary_;  // removed after writer_ has closed it
  std::unique_ptr<Writer> writer_;
};

class PluginLibrary final : public VideoLibrary {
 public:
  explicit PluginLibrary(VideoPlugin& plugin) : plugin_(plugin) {}

  std::string version() const override { return plugin_.version(); }

  Result<std::unique_ptr<Reader>> open(const std::string& source, const ReadOptions& options) override {
    return plugin_.open(source, options);
  }

  Result<std::unique_ptr<Writer>> create(const std::string& path, const WriteOptions& options) override {
    const std::string extension = lower_extension(path);
    const std::string container = extension.empty() ? "" : extension.substr(1);
    if (std::ranges::find(kContainers, container) == kContainers.end())
      return Error{ErrorCode::kUnsupported, path + ": video goes into .mp4, .mkv, .mov or .avi"};
    if (is_special(path))
      return Error{ErrorCode::kUnsupported, path + ": video goes into files, not pipes and devices"};
    SAKER_TRY(check_options(options));
    return FileVideo::create(plugin_, path, container, options);
  }

  Result<std::unique_ptr<Writer>> show(const std::string& title, const WriteOptions& options) override {
    SAKER_TRY(check_options(options));
    return plugin_.show(title, options);
  }

 private:
  static Status check_options(const WriteOptions& options) {
    if (options.width > 0 && options.height > 0 && options.time_base.value() > 0) return {};
    return Error{ErrorCode::kInvalid, fmt::format("a video of {}x{} pixels with a time base of {}/{} s", options.width,
                                                  options.height, options.time_base.num, options.time_base.den)};
  }

  VideoPlugin& plugin_;
};

}  // namespace

Result<VideoLibrary*> load_video_library(std::span<const std::string> folders) {
  const PluginKind kind{
      "video", "the plug-in for videos", "scripts/install_video.sh", "saker_video_abi", "saker_video", kVideoAbi};
  SAKER_ASSIGN(const LoadedPlugin<VideoPlugin> plugin, start_plugin<VideoPlugin>(kind, folders));
  return static_cast<VideoLibrary*>(new PluginLibrary(*plugin.object));  // as long as the process, as the plug-in
}

Result<VideoLibrary*> video_library() {
  static std::mutex mutex;
  static VideoLibrary* loaded = nullptr;
  const std::lock_guard lock(mutex);
  if (loaded == nullptr) {
    SAKER_ASSIGN(loaded, load_video_library(plugin_folders()));
  }
  return loaded;
}

}  // namespace saker::video
