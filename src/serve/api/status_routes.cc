#include "serve/api/status_routes.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace saker::serve {
namespace {

using Json = nlohmann::ordered_json;

// Names may be anything that files hold.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json statistics_json(const ModelStatistics& statistics) {
  Json json = {{"inferences", statistics.inferences.value()}, {"executions", statistics.executions.value()}};
  const auto sum = [&](const char* name, const ModelStatistics::Sum& one) {
    json[name] = {{"count", one.count.value()}, {"ms", static_cast<double>(one.ns.value()) / 1e6}};
  };
  sum("success", statistics.success);
  sum("fail", statistics.fail);
  sum("queue", statistics.queue);
  sum("input", statistics.compute_input);
  sum("infer", statistics.compute_infer);
  sum("output", statistics.compute_output);
  return json;
}

Json served_json(const ServedModel& model) {
  Json json;
  const DetectorSpec* spec = model.spec();
  json["task"] = spec != nullptr ? "detect" : "tensors";
  if (spec != nullptr) {
    json["input"] = {{"width", spec->input_width()}, {"height", spec->input_height()}};
    json["labels"] = spec->labels();
    json["conf"] = static_cast<double>(model.boxes().conf);
  } else {
    json["no_detector"] = model.no_detector();
  }
  json["backend"] = model.backend();
  json["max_batch"] = model.max_batch();
  json["queue"] = model.waiting();
  json["statistics"] = statistics_json(model.statistics());
  return json;
}

}  // namespace

void live_route(const std::shared_ptr<ApiContext>& /*context*/, Call call) {
  answer_json(call, "{\"live\":true}\n");
}

void ready_route(const std::shared_ptr<ApiContext>& context, Call call) {
  const bool draining = context->draining.load();
  if (!draining && context->repository.all_ready()) return answer_json(call, "{\"ready\":true}\n");
  HttpResponse response;
  response.status = 503;
  response.body = draining ? "{\"ready\":false,\"error\":\"the server is stopping\"}\n"
                           : "{\"ready\":false,\"error\":\"not all models are loaded; see /v2/repository/index\"}\n";
  response.headers.emplace_back("Retry-After", "1");
  answer(call, std::move(response));
}

void metrics_route(const std::shared_ptr<ApiContext>& context, Call call) {
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = context->metrics.text();
  answer(call, std::move(response));
}

void models_route(const std::shared_ptr<ApiContext>& context, Call call) {
  std::map<std::pair<std::string, std::int64_t>, std::shared_ptr<ServedModel>> ready;
  for (const auto& model : context->repository.ready()) ready[{model->name(), model->version()}] = model;
  Json models = Json::array();
  for (const RepositoryEntry& entry : context->repository.index()) {
    Json one = {{"name", entry.name}, {"version", entry.version}, {"state", entry.state}};
    if (!entry.reason.empty()) one["reason"] = entry.reason;
    const auto served = ready.find({entry.name, entry.version});
    if (served != ready.end()) one.update(served_json(*served->second));
    models.push_back(std::move(one));
  }
  answer_json(call, text_of({{"models", std::move(models)}}));
}

}  // namespace saker::serve
