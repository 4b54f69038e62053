#include "serve/api/repository_routes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"
#include "serve/api/load_thread.h"
#include "serve/api/reply.h"
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

// What Triton's clients may send along. Only what changes nothing here is taken.
std::optional<Refusal> check_parameters(const std::string& body) {
  auto read = read_object(body);
  if (auto* refusal = std::get_if<Refusal>(&read)) return *refusal;
  const Json& json = std::get<Json>(read);
  const auto parameters = json.find("parameters");
  if (parameters == json.end() || parameters->is_null()) return std::nullopt;
  if (!parameters->is_object()) return Refusal{Reason::kBadRequest, "`parameters` is no object"};
  for (const auto& [name, value] : parameters->items()) {
    if (name == "unload_dependents") continue;
    return Refusal{Reason::kUnsupported,
                   fmt::format("`parameters` has `{}`: models are loaded as they lie in the repository, with their "
                               "config.yaml; put it there",
                               printable_name(name, 80))};
  }
  return std::nullopt;
}

void change(const std::shared_ptr<ApiContext>& context, Call call, Status (Repository::*what)(const std::string&)) {
  const std::string name = call.path.at("model");
  if (!is_model_name(name)) {
    return refuse(call, {Reason::kBadRequest, fmt::format("`{}` is no name of a model", printable_name(name, 80))});
  }
  call.notes->model = name;
  if (const auto refusal = check_parameters(call.request->body)) return refuse(call, *refusal);
  // Only what the API's owner outlives: the thread that the task runs on is the context's.
  auto waiting = std::make_shared<Call>(std::move(call));
  const bool taken = context->loads.add([&repository = context->repository, waiting, what, name](bool stopped) {
    if (stopped) return refuse(*waiting, {Reason::kUnavailable, "the server is stopping", 1});
    const Status done = (repository.*what)(name);
    if (done.ok()) return answer_json(*waiting, "{}\n");
    refuse(*waiting, refusal_of(done.error()));
  });
  if (!taken) refuse(*waiting, {Reason::kOverloaded, "too many models wait to be loaded and unloaded", 5});
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
  change(context, std::move(call), &Repository::load);
}

void unload_route(const std::shared_ptr<ApiContext>& context, Call call) {
  change(context, std::move(call), &Repository::unload);
}

}  // namespace saker::serve
