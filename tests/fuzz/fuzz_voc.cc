// libFuzzer target: Pascal VOC files. The first byte says whether bad objects are left out.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/voc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  saker::DatasetOptions options;
  options.skip_bad = (data[0] & 1) != 0;
  saker::BadEntries bad(options);
  const auto picture = saker::parse_voc({reinterpret_cast<const char*>(data) + 1, size - 1}, "a.xml", bad);
  if (!picture.ok()) {
    if (picture.error().message.empty() || picture.error().code == saker::ErrorCode::kInternal) std::abort();
    return 0;
  }
  if (picture->width < 0 || picture->height < 0 || picture->file.find('/') != std::string::npos) std::abort();
  for (const saker::VocObject& object : picture->objects) {
    if (object.name.empty() || object.w < 0 || object.h < 0 || object.x < 0 || object.y < 0) std::abort();
    if (!std::isfinite(object.w * object.h)) std::abort();
  }
  return 0;
}
