// What a request for boxes may say besides its picture.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "serve/api/route.h"

namespace saker::serve {

enum class DetectFormat : std::uint8_t { kJson, kImage };

struct DetectOptions {
  BoxOptions boxes;
  int priority = JobOptions{}.priority;
  std::optional<std::chrono::milliseconds> timeout = {};  // of waiting
  DetectFormat format = DetectFormat::kJson;
};

// conf, iou, max_det, classes, agnostic, priority, timeout_ms, format; model and version are somebody else's. Without a
// `format` it is an image where `accept` names image/jpeg or image/*, but neither JSON nor anything. Refusals,
// kBadRequest: values and names that are none, by name.
Outcome<DetectOptions> read_detect_options(const Query& query, const std::string* accept, const ServedModel& model);

// For a job that such a request makes.
JobOptions job_options(const ApiOptions& api, const DetectOptions& options, const HttpRequest& request);

}  // namespace saker::serve
