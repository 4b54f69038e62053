#include "serve/grpc/methods.h"

#include <utility>
#include <vector>

#include "serve/api/inference.h"
#include "serve/api/model_change.h"
#include "serve/api/oip_documents.h"
#include "serve/api/reply.h"
#include "serve/grpc/documents.h"
#include "serve/grpc/infer_message.h"
#include "serve/model_folder.h"

namespace saker::serve {
namespace {

using Model = std::shared_ptr<ServedModel>;

Outcome<Model> find(GrpcCall& call, const std::string& name, const std::string& version) {
  if (name.empty()) return Refusal{Reason::kBadRequest, "the request has no model's name"};
  auto found = find_model(call.api().repository, name, version);
  if (const auto* model = std::get_if<Model>(&found)) call.set_model((*model)->name());
  return found;
}

// Answers with what `message` makes of the model.
template <typename Asked, typename Message>
void answer_about(const GrpcCallPtr& call, const Asked& asked, Message message) {
  const auto found = find(*call, asked.name(), asked.version());
  if (const auto* refusal = std::get_if<Refusal>(&found)) return call->refuse(*refusal);
  call->answer(message(std::get<Model>(found)));
}

// There is one repository.
std::optional<Refusal> check_repository(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return Refusal{Reason::kUnsupported, "`repository_name`: there is one repository, which has no name"};
}

template <typename Asked, typename Answer>
void change(const GrpcCallPtr& call, const Asked& asked, ModelChange what, const Answer& answer) {
  if (is_model_name(asked.model_name())) call->set_model(asked.model_name());
  auto refusal = check_repository(asked.repository_name());
  for (const auto& [name, value] : asked.parameters()) {
    if (!refusal) refusal = check_change_parameter(name);
  }
  if (refusal) return call->refuse(*refusal);
  change_model(call->api(), asked.model_name(), what, [call, answer](const std::optional<Refusal>& refused) {
    if (refused) return call->refuse(*refused);
    call->answer(answer);
  });
}

}  // namespace

void server_live(const GrpcCallPtr& call, const inference::ServerLiveRequest& /*asked*/) {
  inference::ServerLiveResponse out;
  out.set_live(true);
  call->answer(out);
}

void server_ready(const GrpcCallPtr& call, const inference::ServerReadyRequest& /*asked*/) {
  inference::ServerReadyResponse out;
  out.set_ready(!call->api().draining.load() && call->api().repository.all_ready());
  call->answer(out);
}

// A model that is not there is not ready; a version that is no number is a mistake.
void model_ready(const GrpcCallPtr& call, const inference::ModelReadyRequest& asked) {
  const auto found = find(*call, asked.name(), asked.version());
  const auto* refusal = std::get_if<Refusal>(&found);
  if (refusal != nullptr && refusal->reason == Reason::kBadRequest) return call->refuse(*refusal);
  inference::ModelReadyResponse out;
  out.set_ready(refusal == nullptr);
  call->answer(out);
}

void server_metadata(const GrpcCallPtr& call, const inference::ServerMetadataRequest& /*asked*/) {
  call->answer(server_message());
}

void model_metadata(const GrpcCallPtr& call, const inference::ModelMetadataRequest& asked) {
  answer_about(call, asked, [&](const Model& model) {
    return model_message(*model, served_versions(call->api().repository, model->name()));
  });
}

void model_config(const GrpcCallPtr& call, const inference::ModelConfigRequest& asked) {
  answer_about(call, asked, [](const Model& model) { return config_message(*model); });
}

void model_statistics(const GrpcCallPtr& call, const inference::ModelStatisticsRequest& asked) {
  if (asked.name().empty()) return call->answer(statistics_message(call->api().repository.ready()));
  answer_about(call, asked, [](const Model& model) { return statistics_message({model}); });
}

void repository_index(const GrpcCallPtr& call, const inference::RepositoryIndexRequest& asked) {
  if (const auto refusal = check_repository(asked.repository_name())) return call->refuse(*refusal);
  call->answer(index_message(call->api().repository.index(), asked.ready()));
}

void repository_load(const GrpcCallPtr& call, const inference::RepositoryModelLoadRequest& asked) {
  change(call, asked, ModelChange::kLoad, inference::RepositoryModelLoadResponse());
}

void repository_unload(const GrpcCallPtr& call, const inference::RepositoryModelUnloadRequest& asked) {
  change(call, asked, ModelChange::kUnload, inference::RepositoryModelUnloadResponse());
}

void model_infer(const GrpcCallPtr& call, const inference::ModelInferRequest& asked) {
  const auto found = find(*call, asked.model_name(), asked.model_version());
  if (const auto* refusal = std::get_if<Refusal>(&found)) return call->refuse(*refusal);
  const auto& model = std::get<Model>(found);
  auto request = read_infer_message(asked, signature_of(*model));
  if (!request) {
    Refusal refusal = refusal_of(request.error());
    // An input or output that the model has not is a mistake in the request; NOT_FOUND is for models.
    if (refusal.reason == Reason::kNotFound) refusal.reason = Reason::kBadRequest;
    return call->refuse(refusal);
  }
  const InferTerms terms{.default_timeout = call->api().options.default_timeout,
                         .cancelled = call->request().gone,
                         .until = call->until()};
  auto done = [call, model, id = request->id, raw = wants_raw(asked)](Outcome<std::vector<OipTensor>> outcome) {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return call->refuse(*refusal);
    const auto& outputs = std::get<std::vector<OipTensor>>(outcome);
    const auto message = infer_answer_message(model->name(), model->version(), id, outputs, raw);
    if (!message) return call->refuse(refusal_of(message.error()));
    call->answer(*message);
  };
  infer(model, std::move(*request), terms, std::move(done));
}

}  // namespace saker::serve
