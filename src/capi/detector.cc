// Loading a detector, and what it says of itself.
#include <span>

#include "base/try.h"
#include "base/version.h"
#include "capi/error.h"
#include "capi/handles.h"
#include "capi/options.h"

namespace saker::capi {
namespace {

// `load` gives the model.
template <typename Load>
int make_detector(const saker_options* options, saker_detector** made, Load&& load) {
  *made = nullptr;
  return answer([&]() -> Status {
    SAKER_ASSIGN(const LoadOptions all, load_options(options));
    SAKER_ASSIGN(const Model model, load(all.detector.model));
    SAKER_ASSIGN(Detector detector, Detector::create(model, all.detector));
    *made = new saker_detector(std::move(detector), all.pictures);
    return {};
  });
}

}  // namespace
}  // namespace saker::capi

extern "C" {

const char* saker_version(void) {
  return saker::version();
}

int saker_api_level(void) {
  return SAKER_API_LEVEL;
}

int saker_detector_load(const char* path, const saker_options* options, saker_detector** detector) {
  if (detector == nullptr) return saker::capi::keep_null("detector");
  *detector = nullptr;
  if (path == nullptr) return saker::capi::keep_null("path");
  return saker::capi::make_detector(options, detector,
                                    [&](const saker::ModelOptions& how) { return saker::Model::load(path, how); });
}

int saker_detector_parse(const void* bytes, size_t size, const char* name, const saker_options* options,
                         saker_detector** detector) {
  if (detector == nullptr) return saker::capi::keep_null("detector");
  *detector = nullptr;
  if (bytes == nullptr) return saker::capi::keep_null("bytes");
  if (name == nullptr) return saker::capi::keep_null("name");
  const std::span file(static_cast<const std::byte*>(bytes), size);
  return saker::capi::make_detector(
      options, detector, [&](const saker::ModelOptions& how) { return saker::Model::parse(file, name, how); });
}

int saker_detector_clone(saker_detector* source, saker_detector** detector) {
  if (detector == nullptr) return saker::capi::keep_null("detector");
  *detector = nullptr;
  if (source == nullptr) return saker::capi::keep_null("source");
  return saker::capi::answer([&]() -> saker::Status {
    const std::lock_guard lock(source->busy);
    SAKER_ASSIGN(saker::Detector clone, source->detector.clone());
    *detector = new saker_detector(std::move(clone), source->pictures);
    return {};
  });
}

void saker_detector_free(saker_detector* detector) {
  delete detector;
}

int saker_detector_input_height(const saker_detector* detector) {
  return detector == nullptr ? 0 : detector->spec.input_height();
}

int saker_detector_input_width(const saker_detector* detector) {
  return detector == nullptr ? 0 : detector->spec.input_width();
}

int saker_detector_batch(const saker_detector* detector) {
  return detector == nullptr ? 0 : detector->spec.batch();
}

int saker_detector_class_count(const saker_detector* detector) {
  return detector == nullptr ? 0 : detector->spec.class_count();
}

const char* saker_detector_label(const saker_detector* detector, int class_id) {
  if (detector == nullptr || class_id < 0) return "";
  const auto& labels = detector->spec.labels();
  const auto id = static_cast<std::size_t>(class_id);
  return id < labels.size() ? labels[id].c_str() : "";
}

const char* saker_detector_head(const saker_detector* detector) {
  return detector == nullptr ? "" : saker::head_name(detector->spec.head());
}

const char* saker_detector_backend(const saker_detector* detector) {
  return detector == nullptr ? "" : detector->backend.c_str();
}

}  // extern "C"
