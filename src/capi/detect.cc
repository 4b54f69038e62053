// Pictures in, boxes out.
#include <algorithm>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/try.h"
#include "capi/error.h"
#include "capi/handles.h"
#include "capi/options.h"

namespace saker::capi {
namespace {

std::unique_ptr<saker_result> result_of(const saker_detector& detector, const Detections& found, const ImageView& image,
                                        double decode_ms) {
  auto result = std::make_unique<saker_result>(saker_result{detector.spec, {}, 0, 0, {}});
  result->boxes.reserve(found.boxes.size());
  for (const Detection& d : found.boxes) result->boxes.push_back({d.class_id, d.score, d.x1, d.y1, d.x2, d.y2});
  const bool smaller = image.file_size.width > 0;
  result->width = smaller ? image.file_size.width : image.width;
  result->height = smaller ? image.file_size.height : image.height;
  result->times = {sizeof(saker_times), decode_ms, found.ms.preprocess, found.ms.infer, found.ms.postprocess};
  return result;
}

Status detect_one(saker_detector& detector, const ImageView& image, const BoxOptions& options, double decode_ms,
                  saker_result** result) {
  const std::lock_guard lock(detector.busy);
  SAKER_ASSIGN(const Detections found, detector.detector.detect(image, options));
  *result = result_of(detector, found, image, decode_ms).release();
  return {};
}

// `read` gives the picture, before others have to wait for it.
template <typename Read>
int detect_picture(saker_detector& detector, const saker_box_options* options, saker_result** result, Read&& read) {
  return answer([&]() -> Status {
    SAKER_ASSIGN(const BoxOptions boxes, box_options(options));
    const Stopwatch watch;
    SAKER_ASSIGN(const Image image, read());
    return detect_one(detector, image.view(), boxes, watch.ms(), result);
  });
}

Status detect_all(saker_detector& detector, std::span<const saker_pixels* const> pixels,
                  const saker_box_options* options, saker_result** results) {
  SAKER_ASSIGN(const BoxOptions boxes, box_options(options));
  std::vector<ImageView> views;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    auto view = image_view(pixels[i]);
    if (!view.ok()) return view.error().with_context("picture " + std::to_string(i));
    views.push_back(*view);
  }
  const std::lock_guard lock(detector.busy);
  SAKER_ASSIGN(const auto found, detector.detector.detect(views, boxes));
  std::vector<std::unique_ptr<saker_result>> made;
  for (std::size_t i = 0; i < found.size(); ++i) made.push_back(result_of(detector, found[i], views[i], 0));
  for (std::size_t i = 0; i < made.size(); ++i) results[i] = made[i].release();
  return {};
}

}  // namespace
}  // namespace saker::capi

extern "C" {

int saker_detect_file(saker_detector* detector, const char* path, const saker_box_options* options,
                      saker_result** result) {
  if (result == nullptr) return saker::capi::keep_null("result");
  *result = nullptr;
  if (detector == nullptr) return saker::capi::keep_null("detector");
  if (path == nullptr) return saker::capi::keep_null("path");
  return saker::capi::detect_picture(*detector, options, result,
                                     [&] { return saker::read_image(path, detector->pictures); });
}

int saker_detect_encoded(saker_detector* detector, const void* bytes, size_t size, const saker_box_options* options,
                         saker_result** result) {
  if (result == nullptr) return saker::capi::keep_null("result");
  *result = nullptr;
  if (detector == nullptr) return saker::capi::keep_null("detector");
  if (bytes == nullptr) return saker::capi::keep_null("bytes");
  const std::span file(static_cast<const std::uint8_t*>(bytes), size);
  return saker::capi::detect_picture(*detector, options, result,
                                     [&] { return saker::decode_image(file, "picture", detector->pictures); });
}

int saker_detect_pixels(saker_detector* detector, const saker_pixels* pixels, const saker_box_options* options,
                        saker_result** result) {
  if (result == nullptr) return saker::capi::keep_null("result");
  *result = nullptr;
  if (detector == nullptr) return saker::capi::keep_null("detector");
  return saker::capi::answer([&]() -> saker::Status {
    SAKER_ASSIGN(const saker::BoxOptions boxes, saker::capi::box_options(options));
    SAKER_ASSIGN(const saker::ImageView view, saker::capi::image_view(pixels));
    return saker::capi::detect_one(*detector, view, boxes, 0, result);
  });
}

int saker_detect_many(saker_detector* detector, const saker_pixels* const* pixels, size_t count,
                      const saker_box_options* options, saker_result** results) {
  if (results == nullptr && count > 0) return saker::capi::keep_null("results");
  std::fill_n(results, count, nullptr);
  if (detector == nullptr) return saker::capi::keep_null("detector");
  if (pixels == nullptr && count > 0) return saker::capi::keep_null("pixels");
  return saker::capi::answer(
      [&] { return saker::capi::detect_all(*detector, std::span(pixels, count), options, results); });
}

}  // extern "C"
