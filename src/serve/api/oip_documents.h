// What the Open Inference Protocol tells about server and models, as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "serve/served_model.h"

namespace saker::serve {

std::string oip_server_json();
std::string oip_ready_json(const ServedModel& model);
// `versions`: all that are served.
std::string oip_model_json(const ServedModel& model, const std::vector<std::int64_t>& versions);
// As Triton writes a model's configuration.
std::string oip_config_json(const ServedModel& model);
std::string oip_statistics_json(const std::vector<std::shared_ptr<ServedModel>>& models);

}  // namespace saker::serve
