// libFuzzer target: YOLO label files. The first byte says whether bad lines are left out, whether classes are known,
// and which keypoints there are.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/yolo_labels.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  saker::DatasetOptions options;
  options.skip_bad = (data[0] & 1) != 0;
  const std::size_t classes = (data[0] & 2) != 0 ? 80 : 0;
  const saker::KeypointShape keypoints = {(data[0] >> 3) & 3, (data[0] & 4) != 0 ? 3 : 2};
  saker::BadEntries bad(options);
  const auto boxes =
      saker::parse_yolo_labels({reinterpret_cast<const char*>(data) + 1, size - 1}, "a.txt", classes, keypoints, bad);
  if (!boxes.ok()) {
    if (boxes.error().message.empty() || boxes.error().code != saker::ErrorCode::kInvalid) std::abort();
    return 0;
  }
  for (const saker::LabelBox& box : *boxes) {
    if (box.category < 0 || box.category >= (classes > 0 ? 80 : saker::kMaxClasses)) std::abort();
    for (const double value : {box.cx, box.cy, box.w, box.h}) {
      if (!(value >= -1.1 && value <= 1.1)) std::abort();
    }
    if (box.w < 0 || box.h < 0) std::abort();
  }
  return 0;
}
