#include "base/picture_names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace saker {
namespace {

constexpr auto kExtensions = std::to_array<std::string_view>({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".ppm", ".pgm", ".pnm",
    SAKER_MORE_PICTURE_EXTENSIONS  // by cmake/picture_formats.cmake
});

}  // namespace

bool has_picture_extension(const std::filesystem::path& path) {
  return std::ranges::find(kExtensions, lower_extension(path)) != kExtensions.end();
}

std::string picture_extensions() {
  std::string all;
  for (const std::string_view extension : kExtensions) all += (all.empty() ? "" : " ") + std::string(extension);
  return all;
}

}  // namespace saker
