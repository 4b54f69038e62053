#include "serve/api/repository_routes.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"
#include "serve/api/model_change.h"
#include "serve/model_folder.h"

namespace saker::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBody = 64 << 10;  // bytes; beyond, nothing that this part knows is said

// An empty body is an empty object.
Outcome<Json> read_object(const std::string& body) {
  if (trimmed(body).empty()) return Json::object();
  if (body.size() > kMostBody) return Refusal{Reason::kTooLarge, "the body is larger than 64 KiB"};
  Json json = Json::parse(body, nullptr, false);
  if (json.is_object()) return json;
  return Refusal{Reason::kBadRequest, "the body is no JSON object"};
}

std::optional<Refusal> check_parameters(const std::string& body) {
  auto read = read_object(body);
  if (auto* refusal = std::get_if<Refusal>(&read)) return *refusal;
  const Json& json = std::get<Json>(read);
  const auto parameters = json.find("parameters");
  if (parameters == json.end() || parameters->is_null()) return std::nullopt;
  if (!parameters->is_object()) return Refusal{Reason::kBadRequest, "`parameters` is no object"};
  for (const auto& [name, value] : parameters->items()) {
    if (auto refusal = check_change_parameter(name)) return refusal;
  }
  return std::nullopt;
}

void change(const std::shared_ptr<ApiContext>& context, Call call, ModelChange what) {
  const std::string name = call.path.at("model");
  if (is_model_name(name)) call.notes->model = name;
  if (const auto refusal = check_parameters(call.request->body)) return refuse(call, *refusal);
  auto waiting = std::make_shared<Call>(std::move(call));
  change_model(*context, name, what, [waiting](const std::optional<Refusal>& refusal) {
    if (refusal) return refuse(*waiting, *refusal);
    answer_json(*waiting, "{}\n");
  });
}

}  // namespace

void index_route(const std::shared_ptr<ApiContext>& context, Call call) {
  auto read = read_object(call.request->body);
  if (auto* refusal = std::get_if<Refusal>(&read)) return refuse(call, *refusal);
  const Json& asked = std::get<Json>(read);
  const auto ready = asked.find("ready");
  if (ready != asked.end() && !ready->is_boolean()) {
    return refuse(call, {Reason::kBadRequest, "`ready` is neither true nor false"});
  }
  const bool ready_only = ready != asked.end() && ready->get<bool>();
  Json index = Json::array();
  for (const RepositoryEntry& entry : context->repository.index()) {
    if (ready_only && entry.state != "READY") continue;
    index.push_back({{"name", entry.name},
                     {"version", std::to_string(entry.version)},
                     {"state", entry.state},
                     {"reason", entry.reason}});
  }
  answer_json(call, index.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void load_route(const std::shared_ptr<ApiContext>& context, Call call) {
  change(context, std::move(call), ModelChange::kLoad);
}

void unload_route(const std::shared_ptr<ApiContext>& context, Call call) {
  change(context, std::move(call), ModelChange::kUnload);
}

}  // namespace saker::serve
