#include "serve/api/oip_routes.h"

#include <utility>
#include <vector>

#include "serve/api/oip_documents.h"

namespace saker::serve {
namespace {

// Answers with what `document` makes of the model that the path names.
template <typename Document>
void answer_about(const ApiContext& context, Call& call, Document document) {
  auto found = find_model(context, call);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(call, *refusal);
  answer_json(call, document(*std::get<std::shared_ptr<ServedModel>>(found)));
}

}  // namespace

void oip_server_route(const std::shared_ptr<ApiContext>& /*context*/, Call call) {
  answer_json(call, oip_server_json());
}

void oip_model_route(const std::shared_ptr<ApiContext>& context, Call call) {
  answer_about(*context, call, [&](const ServedModel& model) {
    return oip_model_json(model, served_versions(context->repository, model.name()));
  });
}

void oip_model_ready_route(const std::shared_ptr<ApiContext>& context, Call call) {
  answer_about(*context, call, [](const ServedModel& model) { return oip_ready_json(model); });
}

void oip_config_route(const std::shared_ptr<ApiContext>& context, Call call) {
  answer_about(*context, call, [](const ServedModel& model) { return oip_config_json(model); });
}

void oip_statistics_route(const std::shared_ptr<ApiContext>& context, Call call) {
  if (!call.path.contains("model")) return answer_json(call, oip_statistics_json(context->repository.ready()));
  auto found = find_model(*context, call);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(call, *refusal);
  answer_json(call, oip_statistics_json({std::get<std::shared_ptr<ServedModel>>(found)}));
}

}  // namespace saker::serve
