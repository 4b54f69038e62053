// config.yaml of a model in the repository, and which of its versions are served.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "serve/repository.h"

namespace saker::serve {

struct ModelConfig {
  ServedOptions options;
  VersionPolicy policy;
};

// Keys: max_batch, max_delay_ms, max_queue, timeout_ms (0: none), weight, conf, iou, max_det, classes, labels, imgsz,
// backend, precision, version_policy; what a file leaves out is as in `defaults`. Errors: kNotFound, kIo, kLimit,
// kInvalid; they name file and line.
Result<ModelConfig> read_model_config(const std::string& path, const ModelConfig& defaults);

// "latest", "latest:2", "all", or "specific:1,3". Error kInvalid.
Result<VersionPolicy> parse_version_policy(std::string_view text);
std::string to_string(const VersionPolicy& policy);

// Those of `available` that are served. Error kNotFound: one that is asked for by number is not there, or none is.
Result<std::set<std::int64_t>> choose_versions(const VersionPolicy& policy, const std::set<std::int64_t>& available);

}  // namespace saker::serve
