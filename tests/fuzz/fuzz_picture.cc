// libFuzzer target: any bytes as a picture.
#include <saker/image.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kMaxPixels = 1 << 20;
  const int target = size == 0 ? 0 : data[size / 2] % 16;  // of JPEG files decoded smaller, most of them whole
  const auto image = saker::decode_image({data, size}, "input",
                                         {.max_pixels = kMaxPixels, .target_width = target, .target_height = target});
  if (!image.ok()) {
    if (image.error().message.empty()) std::abort();
    return 0;
  }
  const std::int64_t pixels = std::int64_t{image->width} * image->height;
  if (image->width <= 0 || image->height <= 0 || pixels > kMaxPixels) std::abort();
  if (image->pixels.size() != static_cast<std::size_t>(pixels) * 3) std::abort();
  return 0;
}
