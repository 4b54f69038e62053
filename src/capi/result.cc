// The boxes of one picture.
#include "capi/error.h"
#include "capi/handles.h"
#include "capi/options.h"

extern "C" {

size_t saker_result_count(const saker_result* result) {
  return result == nullptr ? 0 : result->boxes.size();
}

const saker_box* saker_result_boxes(const saker_result* result) {
  return result == nullptr || result->boxes.empty() ? nullptr : result->boxes.data();
}

const char* saker_result_label(const saker_result* result, size_t index) {
  if (result == nullptr || index >= result->boxes.size()) return "";
  const auto& labels = result->spec.labels();
  const auto id = static_cast<std::size_t>(result->boxes[index].class_id);
  return id < labels.size() ? labels[id].c_str() : "";
}

int saker_result_width(const saker_result* result) {
  return result == nullptr ? 0 : result->width;
}

int saker_result_height(const saker_result* result) {
  return result == nullptr ? 0 : result->height;
}

int saker_result_times(const saker_result* result, saker_times* times) {
  if (result == nullptr) return saker::capi::keep_null("result");
  if (times == nullptr) return saker::capi::keep_null("times");
  return saker::capi::answer([&] { return saker::capi::write_times(result->times, times); });
}

void saker_result_free(saker_result* result) {
  delete result;
}

}  // extern "C"
