#include "serve/api/api.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.h"
#include "serve/api/auth.h"
#include "serve/api/events_route.h"
#include "serve/api/load_thread.h"
#include "serve/api/reply.h"
#include "serve/api/route.h"
#include "serve/api/router.h"
#include "serve/api/tracked_responder.h"

namespace saker::serve {
namespace {

constexpr std::size_t kClasses = 6;  // of status codes: 1xx to 5xx, and 0 for what is none

// The histograms of each route and class of status, asked for when the first such answer is given.
class RequestTimer {
 public:
  explicit RequestTimer(MetricRegistry& metrics) : metrics_(metrics), histograms_((routes().size() + 1) * kClasses) {}

  // `route`: among routes(), or their number for requests that have none.
  void observe(std::size_t route, const Answered& answered) {
    const std::size_t digit =
        answered.status >= 100 && answered.status < 600 ? static_cast<std::size_t>(answered.status) / 100 : 0;
    std::atomic<Histogram*>& histogram = histograms_[route * kClasses + digit];
    if (histogram.load() == nullptr) {
      const std::string path = route < routes().size() ? routes()[route].path : "none";
      histogram = &metrics_.histogram("saker_http_request_seconds", "From the request's last byte to its answer.",
                                      second_buckets(), {{"route", path}, {"code", fmt::format("{}xx", digit)}});
    }
    histogram.load()->observe(answered.ms / 1000);
  }

 private:
  MetricRegistry& metrics_;
  std::vector<std::atomic<Histogram*>> histograms_;
};

// The other half of CORS: a browser asks before it sends.
HttpResponse options_response(const std::string& allow) {
  HttpResponse response;
  response.status = 204;
  response.headers = {{"Allow", allow},
                      {"Access-Control-Allow-Methods", allow},
                      {"Access-Control-Allow-Headers",
                       "Authorization, Content-Type, X-Api-Key, X-Request-Id, Inference-Header-Content-Length"},
                      {"Access-Control-Max-Age", "600"}};
  return response;
}

}  // namespace

struct Api::State {
  State(const ApiOptions& given, Repository& used, MetricRegistry& counted,
        std::function<void(const AccessRecord&)> written)
      : options(given),
        metrics(counted),
        log(std::move(written)),
        events(used),
        cameras(options.cameras, used, counted),
        access(options),
        timer(counted),
        context(new ApiContext{options, used, counted, events, loads, draining, log, cameras, access}) {}

  const ApiOptions options;
  MetricRegistry& metrics;
  const std::function<void(const AccessRecord&)> log;
  std::atomic<bool> draining{false};
  EventStream events;
  LoadThread loads;
  Cameras cameras;
  LiveOptions access;
  RequestTimer timer;
  const std::shared_ptr<ApiContext> context;

  void record(const HttpRequest& request, const RequestNotes& notes, std::size_t route, const Answered& answered) {
    if (!answered.in_pieces) timer.observe(route, answered);
    if (route < routes().size() && routes()[route].infers) {
      events.ended();
      if (answered.status < 400) events.answered(answered.ms);
    }
    if (!log) return;
    AccessRecord record;
    record.id = request.id;
    record.peer = request.peer;
    record.method = request.method;
    record.target = request.target;
    record.model = notes.model;
    record.status = answered.status;
    record.bytes_in = request.body.size();
    record.bytes_out = answered.bytes;
    record.ms = answered.ms;
    record.error = notes.error;
    log(record);
  }

  static void handle(const std::shared_ptr<State>& state, std::shared_ptr<const HttpRequest> request,
                     std::shared_ptr<Responder> responder);
  void run(Call call, const Matched& matched, const HttpRequest& request);
};

void Api::State::run(Call call, const Matched& matched, const HttpRequest& request) {
  if (request.method == "OPTIONS" && (!matched.allow.empty() || request.target == "*")) {
    return answer(call, options_response(matched.allow.empty() ? "GET, HEAD, OPTIONS, POST" : matched.allow));
  }
  if (!matched.match && matched.allow.empty()) {
    return refuse(call, {Reason::kNotFound, "there is no such path; those that there are: /openapi.json"});
  }
  if (!matched.match) {
    call.notes->error = fmt::format("this path takes {}, not {}", matched.allow, printable_name(request.method, 20));
    HttpResponse response = error_response(405, call.notes->error);
    response.headers.emplace_back("Allow", matched.allow);
    return answer(call, std::move(response));
  }
  const Route& route = routes()[matched.match->route];
  if (const auto denied = check_access(*access.get(), request, route.access)) {
    call.notes->error = denied->no_token ? "no token" : "not allowed";
    return answer(call, denial_response(*denied));
  }
  route.run(context, std::move(call));
}

void Api::State::handle(const std::shared_ptr<State>& state, std::shared_ptr<const HttpRequest> request,
                        std::shared_ptr<Responder> responder) {
  Outcome<Target> parsed = parse_target(request->target);
  auto* target = std::get_if<Target>(&parsed);
  const Matched matched = target != nullptr ? match_route(*target, request->method) : Matched{};
  const std::size_t route = matched.match ? matched.match->route : routes().size();
  if (matched.match && routes()[route].infers) state->events.began();

  Call call;
  call.request = request;
  if (matched.match) call.path = matched.match->path;
  if (target != nullptr) call.query = std::move(target->query);
  call.responder =
      std::make_shared<TrackedResponder>(std::move(responder), cors_headers(state->options, *request),
                                         [state, request, notes = call.notes, route](const Answered& answered) {
                                           state->record(*request, *notes, route, answered);
                                         });
  if (auto* refusal = std::get_if<Refusal>(&parsed)) return refuse(call, *refusal);
  state->run(std::move(call), matched, *request);
}

void answer(Call& call, HttpResponse response) {
  call.responder->send(std::move(response));
}

void answer_json(Call& call, std::string json) {
  HttpResponse response;
  response.body = std::move(json);
  answer(call, std::move(response));
}

void refuse(Call& call, const Refusal& refusal) {
  call.notes->error = refusal.message;
  answer(call, error_response(refusal));
}

Api::Api(const ApiOptions& options, Repository& repository, MetricRegistry& metrics,
         std::function<void(const AccessRecord&)> log)
    : state_(std::make_shared<State>(options, repository, metrics, std::move(log))) {}

Api::~Api() {
  state_->cameras.stop();
  state_->events.stop();
  state_->loads.stop();
}

Handler Api::handler() {
  return [state = state_](std::shared_ptr<const HttpRequest> request, std::shared_ptr<Responder> responder) {
    State::handle(state, std::move(request), std::move(responder));
  };
}

std::shared_ptr<ApiContext> Api::context() {
  return {state_, state_->context.get()};  // keeps what it leads to
}

void Api::set_tokens(std::string token, std::string admin_token) {
  state_->access.set_tokens(std::move(token), std::move(admin_token));
}

void Api::begin_drain() {
  state_->draining = true;
  state_->events.stop();
  state_->cameras.stop();
}

}  // namespace saker::serve
