#include "video/libav/cameras.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/descriptor.h"
#include "base/text.h"

namespace saker::video {
namespace {

struct Camera {
  std::string device, name;
};

// Nothing: a device without pictures, as the second one of many webcams, or not to be opened (errno).
std::optional<Camera> ask(const std::string& device) {
  const Descriptor file(::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  v4l2_capability capability{};
  if (file.get() < 0 || ::ioctl(file.get(), VIDIOC_QUERYCAP, &capability) < 0) return std::nullopt;
  const bool own = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0;
  errno = ENOTTY;
  if (((own ? capability.device_caps : capability.capabilities) & V4L2_CAP_VIDEO_CAPTURE) == 0) return std::nullopt;
  const auto* const name = reinterpret_cast<const char*>(capability.card);
  return Camera{device, printable_line({name, ::strnlen(name, sizeof capability.card)})};
}

std::string those_there_are() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", error)) {
    const std::string device = entry.path();
    if (!device.starts_with("/dev/video")) continue;
    if (const auto camera = ask(device)) found.push_back(fmt::format("\n  {}  {}", device, camera->name));
  }
  std::ranges::sort(found);
  std::string text = found.empty() ? "; this machine has none" : "; there are";
  for (const std::string& line : found) text += line;
  return text;
}

}  // namespace

Status check_camera(const std::string& device) {
  if (ask(device)) return {};
  const int why = errno;
  if (why == ENOENT || why == ENODEV || why == ENXIO)
    return Error{ErrorCode::kNotFound, device + ": no such camera" + those_there_are()};
  if (why == ENOTTY || why == EINVAL) return Error{ErrorCode::kInvalid, device + ": not a camera" + those_there_are()};
  return Error{ErrorCode::kIo, fmt::format("{}: {}{}", device, std::strerror(why),
                                           why == EACCES ? "; is this user in the group 'video'?" : "")};
}

}  // namespace saker::video
