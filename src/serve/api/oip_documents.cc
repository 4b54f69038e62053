#include "serve/api/oip_documents.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/version.h"
#include "serve/api/oip_tensor.h"

namespace saker::serve {
namespace {

using Json = nlohmann::ordered_json;

// Names may be anything that files hold.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json tensors_json(const std::vector<TensorInfo>& all) {
  Json list = Json::array();
  for (const TensorInfo& one : all) {
    list.push_back({{"name", one.name}, {"datatype", oip_name(one.dtype)}, {"shape", one.shape}});
  }
  return list;
}

// Triton's names of types are older than the protocol's.
std::string config_type(DType dtype) {
  return std::string("TYPE_") + oip_name(dtype);
}

Json config_tensors(const std::vector<TensorInfo>& all, bool batched, bool input) {
  Json list = Json::array();
  for (const TensorInfo& one : all) {
    Shape dims = one.shape;
    if (batched) dims.erase(dims.begin());
    Json json = {{"name", one.name}, {"data_type", config_type(one.dtype)}};
    if (input) json["format"] = "FORMAT_NONE";
    json["dims"] = dims;
    list.push_back(std::move(json));
  }
  return list;
}

Json sum_json(const ModelStatistics::Sum& sum) {
  return {{"count", sum.count.value()}, {"ns", sum.ns.value()}};
}

}  // namespace

const std::vector<std::string>& oip_extensions() {
  static const std::vector<std::string> all = {"binary_tensor_data", "model_configuration", "model_repository",
                                               "parameters",         "schedule_policy",     "statistics"};
  return all;
}

std::string oip_platform(const ServedModel& model) {
  const std::string extension = lower_extension(std::filesystem::path(model.model().path()));
  return model.backend() + "_" + (extension.size() > 1 ? extension.substr(1) : "model");
}

bool oip_batched(const ServedModel& model) {
  const auto open = [](const TensorInfo& one) { return !one.shape.empty() && one.shape[0] < 0; };
  return !model.inputs().empty() && std::all_of(model.inputs().begin(), model.inputs().end(), open) &&
         std::all_of(model.outputs().begin(), model.outputs().end(), open);
}

std::vector<std::int64_t> served_versions(const Repository& repository, const std::string& name) {
  std::vector<std::int64_t> versions;
  for (const RepositoryEntry& entry : repository.index()) {
    if (entry.name == name && entry.state == "READY") versions.push_back(entry.version);
  }
  return versions;
}

std::string oip_server_json() {
  return text_of({{"name", "saker"}, {"version", version()}, {"extensions", oip_extensions()}});
}

std::string oip_ready_json(const ServedModel& model) {
  return text_of({{"name", model.name()}, {"ready", true}});
}

std::string oip_model_json(const ServedModel& model, const std::vector<std::int64_t>& versions) {
  Json texts = Json::array();
  for (const std::int64_t one : versions) texts.push_back(std::to_string(one));
  return text_of({{"name", model.name()},
                  {"versions", std::move(texts)},
                  {"platform", oip_platform(model)},
                  {"inputs", tensors_json(model.inputs())},
                  {"outputs", tensors_json(model.outputs())}});
}

std::string oip_config_json(const ServedModel& model) {
  const bool batched = oip_batched(model);
  Json json = {{"name", model.name()},
               {"platform", oip_platform(model)},
               {"backend", model.backend()},
               {"max_batch_size", batched ? model.max_batch() : 0},
               {"input", config_tensors(model.inputs(), batched, true)},
               {"output", config_tensors(model.outputs(), batched, false)}};
  if (batched && model.max_batch() > 1) json["dynamic_batching"] = Json::object();
  return text_of(json);
}

std::string oip_statistics_json(const std::vector<std::shared_ptr<ServedModel>>& models) {
  Json list = Json::array();
  for (const auto& model : models) {
    const ModelStatistics& statistics = model->statistics();
    list.push_back({{"name", model->name()},
                    {"version", std::to_string(model->version())},
                    {"inference_count", statistics.inferences.value()},
                    {"execution_count", statistics.executions.value()},
                    {"inference_stats",
                     {{"success", sum_json(statistics.success)},
                      {"fail", sum_json(statistics.fail)},
                      {"queue", sum_json(statistics.queue)},
                      {"compute_input", sum_json(statistics.compute_input)},
                      {"compute_infer", sum_json(statistics.compute_infer)},
                      {"compute_output", sum_json(statistics.compute_output)}}},
                    {"batch_stats", Json::array()}});
  }
  return text_of({{"model_stats", std::move(list)}});
}

}  // namespace saker::serve
