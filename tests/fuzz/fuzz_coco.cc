// libFuzzer target: COCO annotations and results. The first byte says which, whether bad entries are left out,
// and whether the ids of the classes have gaps.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/dataset.h"
#include "scratch.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_error(const saker::Error& error) {
  require(!error.message.empty() && error.code != saker::ErrorCode::kInternal);
}

template <typename Box>
void check_box(const Box& box, std::size_t pictures, std::size_t categories) {
  require(box.picture >= 0 && static_cast<std::size_t>(box.picture) < pictures);
  require(box.category >= 0 && static_cast<std::size_t>(box.category) < categories);
  require(std::isfinite(box.x + box.w) && std::isfinite(box.y + box.h) && box.w >= 0 && box.h >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch file(".json");
  if (size == 0) return 0;
  const auto& path = file.write({reinterpret_cast<const char*>(data) + 1, size - 1});
  saker::DatasetOptions options;
  options.skip_bad = (data[0] & 2) != 0;
  if ((data[0] & 1) == 0) {
    const auto dataset = saker::read_dataset(path, options);
    if (!dataset.ok()) {
      check_error(dataset.error());
      return 0;
    }
    for (const saker::Annotation& box : dataset->annotations) {
      check_box(box, dataset->pictures.size(), dataset->categories.size());
      require(std::isfinite(box.area) && box.area >= 0);
    }
    return 0;
  }
  saker::Dataset truth;
  truth.pictures = {{0, "x/a.jpg", 0, 0}, {7, "000042.png", 0, 0, "cam"}};
  truth.categories = {{1, "", ""}, {(data[0] & 4) != 0 ? 2 : 3, "", ""}};
  const auto results = saker::read_coco_results(path, truth, options);
  if (!results.ok()) {
    check_error(results.error());
    return 0;
  }
  for (const saker::ScoredBox& box : results->boxes) {
    check_box(box, 2, 2);
    require(std::isfinite(box.score));
  }
  return 0;
}
