// What a path of the server does: each is a function of a request on its way and of what all requests share.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "serve/api/api.h"
#include "serve/api/target.h"
#include "serve/exchange.h"
#include "serve/refusal.h"

namespace saker::serve {

class EventStream;
class LiveOptions;
class LoadThread;

// Lives as long as any request, except for what `options` and the references lead to: their owner lets the last
// request be answered first.
struct ApiContext {
  const ApiOptions& options;
  Repository& repository;
  MetricRegistry& metrics;
  EventStream& events;
  LoadThread& loads;
  const std::atomic<bool>& draining;
  const std::function<void(const AccessRecord&)>& log;  // may be empty
  Cameras& cameras;
  const LiveOptions& access;  // who may ask
};

// For the log; written before the answer is sent.
struct RequestNotes {
  std::string model, error;
};

// One request on its way.
struct Call {
  std::shared_ptr<const HttpRequest> request;
  std::shared_ptr<Responder> responder;
  std::map<std::string, std::string> path;  // values of the template's {names}, percent-decoded
  Query query;
  std::shared_ptr<RequestNotes> notes = std::make_shared<RequestNotes>();
};

enum class Access : std::uint8_t {
  kOpen,   // anybody, or the route itself looks at the token
  kToken,  // who has the token, where there is one
  kAdmin,  // who may load and unload
};

using RouteFunction = void (*)(const std::shared_ptr<ApiContext>&, Call);

struct Route {
  const char* method;
  const char* path;  // "/v1/models/{model}/detect"
  Access access;
  RouteFunction run;
  bool infers = false;  // answers with what a model has computed: counted among the page's latencies
};

void answer(Call& call, HttpResponse response);
void answer_json(Call& call, std::string json);
// Status and {"error": ...}; Retry-After where coming again may help.
void refuse(Call& call, const Refusal& refusal);

// The version of a model that has this text as its number, or the newest that is served where it is empty. An empty
// name: the only model. Refusals: kBadRequest (no number from 1), kNotFound, kUnavailable.
Outcome<std::shared_ptr<ServedModel>> find_model(const Repository& repository, const std::string& name,
                                                 const std::string& version);

// The model that `path`, or else the query, names by `model` and `version`; where neither does, the only one. The
// call's notes get its name.
Outcome<std::shared_ptr<ServedModel>> find_model(const ApiContext& context, Call& call);

}  // namespace saker::serve
