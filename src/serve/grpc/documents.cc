#include "serve/grpc/documents.h"

#include <string>

#include "base/utf8.h"
#include "base/version.h"
#include "serve/api/oip_documents.h"
#include "serve/api/oip_tensor.h"

namespace saker::serve {
namespace {

using Metadata = inference::ModelMetadataResponse::TensorMetadata;

void write_tensors(const std::vector<TensorInfo>& all, google::protobuf::RepeatedPtrField<Metadata>& out) {
  for (const TensorInfo& one : all) {
    Metadata& tensor = *out.Add();
    tensor.set_name(as_utf8(one.name));
    tensor.set_datatype(oip_name(one.dtype));
    tensor.mutable_shape()->Assign(one.shape.begin(), one.shape.end());
  }
}

inference::DataType config_type(DType dtype) {
  inference::DataType type = inference::TYPE_INVALID;
  inference::DataType_Parse(std::string("TYPE_") + oip_name(dtype), &type);
  return type;
}

template <typename Tensor>
void write_config(const std::vector<TensorInfo>& all, bool batched, google::protobuf::RepeatedPtrField<Tensor>& out) {
  for (const TensorInfo& one : all) {
    Tensor& tensor = *out.Add();
    tensor.set_name(as_utf8(one.name));
    tensor.set_data_type(config_type(one.dtype));
    tensor.mutable_dims()->Assign(one.shape.begin() + (batched ? 1 : 0), one.shape.end());
  }
}

void write_sum(const ModelStatistics::Sum& sum, inference::StatisticDuration& out) {
  out.set_count(sum.count.value());
  out.set_ns(sum.ns.value());
}

}  // namespace

inference::ServerMetadataResponse server_message() {
  inference::ServerMetadataResponse out;
  out.set_name("saker");
  out.set_version(version());
  for (const std::string& one : oip_extensions()) out.add_extensions(one);
  return out;
}

inference::ModelMetadataResponse model_message(const ServedModel& model, const std::vector<std::int64_t>& versions) {
  inference::ModelMetadataResponse out;
  out.set_name(as_utf8(model.name()));
  for (const std::int64_t one : versions) out.add_versions(std::to_string(one));
  out.set_platform(oip_platform(model));
  write_tensors(model.inputs(), *out.mutable_inputs());
  write_tensors(model.outputs(), *out.mutable_outputs());
  return out;
}

inference::ModelConfigResponse config_message(const ServedModel& model) {
  inference::ModelConfigResponse out;
  inference::ModelConfig& config = *out.mutable_config();
  const bool batched = oip_batched(model);
  config.set_name(as_utf8(model.name()));
  config.set_platform(oip_platform(model));
  config.set_backend(model.backend());
  config.set_max_batch_size(batched ? model.max_batch() : 0);
  write_config(model.inputs(), batched, *config.mutable_input());
  write_config(model.outputs(), batched, *config.mutable_output());
  if (batched && model.max_batch() > 1) config.mutable_dynamic_batching();
  return out;
}

inference::ModelStatisticsResponse statistics_message(const std::vector<std::shared_ptr<ServedModel>>& models) {
  inference::ModelStatisticsResponse out;
  for (const auto& model : models) {
    const ModelStatistics& from = model->statistics();
    inference::ModelStatistics& one = *out.add_model_stats();
    one.set_name(as_utf8(model->name()));
    one.set_version(std::to_string(model->version()));
    one.set_inference_count(from.inferences.value());
    one.set_execution_count(from.executions.value());
    inference::InferStatistics& sums = *one.mutable_inference_stats();
    write_sum(from.success, *sums.mutable_success());
    write_sum(from.fail, *sums.mutable_fail());
    write_sum(from.queue, *sums.mutable_queue());
    write_sum(from.compute_input, *sums.mutable_compute_input());
    write_sum(from.compute_infer, *sums.mutable_compute_infer());
    write_sum(from.compute_output, *sums.mutable_compute_output());
  }
  return out;
}

inference::RepositoryIndexResponse index_message(const std::vector<RepositoryEntry>& entries, bool ready_only) {
  inference::RepositoryIndexResponse out;
  for (const RepositoryEntry& entry : entries) {
    if (ready_only && entry.state != "READY") continue;
    auto& one = *out.add_models();
    one.set_name(as_utf8(entry.name));
    one.set_version(std::to_string(entry.version));
    one.set_state(entry.state);
    one.set_reason(as_utf8(entry.reason));
  }
  return out;
}

}  // namespace saker::serve
