#include "serve/api/router.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "serve/api/deepstack_route.h"
#include "serve/api/detect_route.h"
#include "serve/api/events_route.h"
#include "serve/api/oip_routes.h"
#include "serve/api/openapi.h"
#include "serve/api/page_route.h"
#include "serve/api/repository_routes.h"
#include "serve/api/status_routes.h"
#include "serve/api/stream_route.h"
#include "serve/web/web_files.h"

namespace saker::serve {
namespace {

// clang-format off
constexpr Route kRoutes[] = {
    {"GET", "/", Access::kOpen, page_route},
    {"GET", "/{file}", Access::kOpen, page_route},
    {"GET", "/healthz", Access::kOpen, live_route},
    {"GET", "/openapi.json", Access::kToken, openapi_route},
    {"GET", "/metrics", Access::kToken, metrics_route},
    {"POST", "/v1/detect", Access::kToken, detect_route, true},
    {"POST", "/v1/models/{model}/detect", Access::kToken, detect_route, true},
    {"POST", "/v1/models/{model}/versions/{version}/detect", Access::kToken, detect_route, true},
    {"POST", "/v1/vision/detection", Access::kOpen, deepstack_route, true},
    {"POST", "/v1/vision/custom/{model}", Access::kOpen, deepstack_route, true},
    {"GET", "/v1/events", Access::kToken, events_route},
    {"GET", "/v1/stream", Access::kToken, stream_route},
    {"GET", "/v1/cameras", Access::kToken, cameras_route},
    {"GET", "/v1/models", Access::kToken, models_route},
    {"GET", "/v2", Access::kToken, oip_server_route},
    {"GET", "/v2/health/live", Access::kOpen, live_route},
    {"GET", "/v2/health/ready", Access::kOpen, ready_route},
    {"GET", "/v2/models/stats", Access::kToken, oip_statistics_route},
    {"GET", "/v2/models/{model}", Access::kToken, oip_model_route},
    {"GET", "/v2/models/{model}/config", Access::kToken, oip_config_route},
    {"GET", "/v2/models/{model}/ready", Access::kToken, oip_model_ready_route},
    {"GET", "/v2/models/{model}/stats", Access::kToken, oip_statistics_route},
    {"GET", "/v2/models/{model}/versions/{version}", Access::kToken, oip_model_route},
    {"GET", "/v2/models/{model}/versions/{version}/config", Access::kToken, oip_config_route},
    {"GET", "/v2/models/{model}/versions/{version}/ready", Access::kToken, oip_model_ready_route},
    {"GET", "/v2/models/{model}/versions/{version}/stats", Access::kToken, oip_statistics_route},
    {"POST", "/v2/models/{model}/infer", Access::kToken, oip_infer_route, true},
    {"POST", "/v2/models/{model}/versions/{version}/infer", Access::kToken, oip_infer_route, true},
    {"GET", "/v2/repository/index", Access::kToken, index_route},
    {"POST", "/v2/repository/index", Access::kToken, index_route},
    {"POST", "/v2/repository/models/{model}/load", Access::kAdmin, load_route},
    {"POST", "/v2/repository/models/{model}/unload", Access::kAdmin, unload_route},
};
// clang-format on

using Segments = std::vector<std::string>;

const std::vector<Segments>& templates() {
  static const std::vector<Segments> all = [] {
    std::vector<Segments> made;
    for (const Route& route : kRoutes) made.push_back(split(std::string_view(route.path).substr(1), '/'));
    return made;
  }();
  return all;
}

bool is_name(const std::string& segment) {
  return segment.starts_with('{');
}

std::optional<std::map<std::string, std::string>> fitted(const Segments& form, const Segments& given) {
  if (form.size() != given.size()) return std::nullopt;
  std::map<std::string, std::string> path;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (!is_name(form[i])) {
      if (form[i] != given[i]) return std::nullopt;
    } else if (given[i].empty()) {
      return std::nullopt;
    } else {
      path[form[i].substr(1, form[i].size() - 2)] = given[i];
    }
  }
  return path;
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

Matched match_route(const Target& target, std::string_view method) {
  Matched out;
  Segments given = target.segments;
  if (given.size() > 1 && given.back().empty()) given.pop_back();
  std::set<std::string_view> methods;
  std::size_t fewest_names = 0;  // of the match: words win over names
  for (std::size_t i = 0; i < std::size(kRoutes); ++i) {
    auto path = fitted(templates()[i], given);
    if (!path || (kRoutes[i].run == page_route && web_file(target.path) == nullptr)) continue;
    const std::string_view has = kRoutes[i].method;
    methods.insert(has);
    if (has == "GET") methods.insert("HEAD");
    if (has != (method == "HEAD" ? "GET" : method)) continue;
    if (out.match && path->size() >= fewest_names) continue;
    fewest_names = path->size();
    out.match = Match{i, std::move(*path)};
  }
  if (methods.empty()) return out;
  for (const std::string_view one : methods) out.allow += std::string(one) + ", ";
  out.allow += "OPTIONS";
  return out;
}

}  // namespace saker::serve
