// What the Open Inference Protocol tells about server and models, as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "serve/repository.h"

namespace saker::serve {

// What is served of Triton's extensions.
const std::vector<std::string>& oip_extensions();
// "saker_onnx", "openvino_xml": the engine and the file's format.
std::string oip_platform(const ServedModel& model);
// Whether the first dimension of all inputs and outputs is the batch, which Triton's configuration leaves out.
bool oip_batched(const ServedModel& model);

// Those of the model that are served, in the order of the index.
std::vector<std::int64_t> served_versions(const Repository& repository, const std::string& name);

std::string oip_server_json();
std::string oip_ready_json(const ServedModel& model);
// `versions`: all that are served.
std::string oip_model_json(const ServedModel& model, const std::vector<std::int64_t>& versions);
// As Triton writes a model's configuration.
std::string oip_config_json(const ServedModel& model);
std::string oip_statistics_json(const std::vector<std::shared_ptr<ServedModel>>& models);

}  // namespace saker::serve
