#include "serve/api/openapi.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/text.h"
#include "base/version.h"
#include "serve/api/deepstack_route.h"
#include "serve/api/detect_route.h"
#include "serve/api/events_route.h"
#include "serve/api/oip_routes.h"
#include "serve/api/page_route.h"
#include "serve/api/repository_routes.h"
#include "serve/api/router.h"
#include "serve/api/status_routes.h"
#include "serve/api/stream_route.h"

namespace saker::serve {
namespace {

using Json = nlohmann::ordered_json;

enum class Body : std::uint8_t { kNone, kJson, kPicture, kForm };

struct Parameter {
  const char* name;
  const char* type;
  const char* what;
};

constexpr Parameter kOptions[] = {
    {"conf", "number", "boxes below are left out, 0 to 1"},
    {"iou", "number", "overlap from which one of two boxes goes, 0 to 1"},
    {"max_det", "integer", "boxes at most"},
    {"classes", "string", "keep only these: ids or labels, separated by commas"},
    {"agnostic", "boolean", "boxes of different classes suppress each other, too"},
    {"model", "string", "name of the model; without: the only one"},
    {"version", "integer", "version of the model; without: the newest that is served"},
    {"priority", "integer", "0 to 9, smaller ones go first"},
    {"timeout_ms", "integer", "how long the request may wait, in milliseconds; then 504"},
    {"format", "string", "json, or image: a JPEG with the boxes drawn"},
};

constexpr Parameter kStreamOptions[] = {
    {"camera", "string", "name of the camera; without: the only one"},
    {"format", "string", "sse: server-sent events, or mjpeg: pictures; without: by Accept"},
    {"fps", "number", "frames a second at most"},
};

struct Described {
  RouteFunction route;  // what it is told of
  const char* summary;
  const char* answer;  // of 200
  Body body = Body::kNone;
  std::span<const Parameter> options = {};  // of the query
};

constexpr Described kDescribed[] = {
    {live_route, "Whether the process lives", "{\"live\": true}"},
    {ready_route, "Whether all models are loaded and the server is not stopping; 503 otherwise", "{\"ready\": true}"},
    {metrics_route, "Counters, gauges and histograms as Prometheus reads them", "text/plain"},
    {models_route, "Models with versions, state, labels, input size and statistics", "{\"models\": [...]}"},
    {events_route, "What the server does, each second, as server-sent events", "text/event-stream"},
    {stream_route, "What a camera shows, with its boxes: as server-sent events, or as JPEGs with the boxes drawn",
     "text/event-stream, or multipart/x-mixed-replace", Body::kNone, kStreamOptions},
    {cameras_route, "Cameras with state and counts", "{\"cameras\": [...]}"},
    {openapi_route, "This document", "OpenAPI 3.0"},
    {detect_route, "Boxes of one picture, or of several in a form",
     "Boxes as JSON, or the picture with its boxes drawn", Body::kPicture, kOptions},
    {deepstack_route, "DeepStack's object detection", "{\"success\": true, \"predictions\": [...]}", Body::kForm},
    {oip_server_route, "The server and the protocol's extensions that it has",
     "{\"name\", \"version\", \"extensions\"}"},
    {oip_model_route, "A model's inputs and outputs",
     "{\"name\", \"versions\", \"platform\", \"inputs\", \"outputs\"}"},
    {oip_model_ready_route, "Whether a model serves; 404 otherwise", "{\"name\", \"ready\": true}"},
    {oip_config_route, "A model's configuration as Triton writes it", "{\"name\", \"max_batch_size\", ...}"},
    {oip_statistics_route, "What models have done, as Triton's statistics extension has it",
     "{\"model_stats\": [...]}"},
    {oip_infer_route, "Tensors to tensors, or pictures (BYTES) to boxes, in JSON or with binary data",
     "{\"model_name\", \"model_version\", \"id\", \"outputs\"}", Body::kJson},
    {index_route, "The repository: models, versions and states", "[{\"name\", \"version\", \"state\", \"reason\"}]"},
    {load_route, "Load a model, or load it again; answered when it serves", "{}", Body::kJson},
    {unload_route, "Unload a model", "{}", Body::kJson},
};

const Described* described(const Route& route) {
  const auto* found = std::ranges::find(kDescribed, route.run, &Described::route);
  return found == std::end(kDescribed) ? nullptr : found;
}

Json parameters_json(const Route& route) {
  Json list = Json::array();
  for (const std::string& segment : split(route.path, '/')) {
    if (!segment.starts_with('{')) continue;
    list.push_back({{"name", segment.substr(1, segment.size() - 2)},
                    {"in", "path"},
                    {"required", true},
                    {"schema", {{"type", "string"}}}});
  }
  const Described* about = described(route);
  if (about == nullptr) return list;
  for (const Parameter& one : about->options) {
    if (std::string_view(route.path).find(std::string("{") + one.name + "}") != std::string_view::npos) continue;
    list.push_back({{"name", one.name}, {"in", "query"}, {"description", one.what}, {"schema", {{"type", one.type}}}});
  }
  return list;
}

Json body_json(Body body) {
  const Json bytes = {{"schema", {{"type", "string"}, {"format", "binary"}}}};
  const Json form = {{"schema",
                      {{"type", "object"},
                       {"properties",
                        {{"image", {{"type", "string"}, {"format", "binary"}}},
                         {"min_confidence", {{"type", "number"}}},
                         {"api_key", {{"type", "string"}}}}}}}};
  const Json pictures = {
      {"schema",
       {{"type", "object"},
        {"properties", {{"image", {{"type", "array"}, {"items", {{"type", "string"}, {"format", "binary"}}}}}}}}}};
  switch (body) {
    case Body::kPicture:
      return {
          {"required", true},
          {"content", {{"image/*", bytes}, {"application/octet-stream", bytes}, {"multipart/form-data", pictures}}}};
    case Body::kForm:
      return {{"required", true}, {"content", {{"multipart/form-data", form}}}};
    case Body::kJson:
    case Body::kNone:
      break;
  }
  return {{"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}};
}

Json operation_json(const Route& route) {
  const Described* about = described(route);
  Json operation;
  operation["summary"] = about != nullptr ? about->summary : "";
  const Json parameters = parameters_json(route);
  if (!parameters.empty()) operation["parameters"] = parameters;
  if (about != nullptr && about->body != Body::kNone) operation["requestBody"] = body_json(about->body);
  const Json error = {{"$ref", "#/components/responses/error"}};
  operation["responses"] = {{"200", {{"description", about != nullptr ? about->answer : "an answer"}}},
                            {"default", error}};
  if (route.access == Access::kOpen) operation["security"] = Json::array();
  return operation;
}

std::string document() {
  Json paths = Json::object();
  for (const Route& route : routes()) {
    if (route.run == page_route) continue;
    paths[route.path][lower_case(route.method)] = operation_json(route);
  }
  const Json error_schema = {{"type", "object"}, {"properties", {{"error", {{"type", "string"}}}}}};
  Json json;
  json["openapi"] = "3.0.3";
  json["info"] = {{"title", "saker serve"},
                  {"version", version()},
                  {"description", "Object detection over HTTP. Refusals are JSON with `error`; 503 has Retry-After."}};
  json["paths"] = std::move(paths);
  json["components"] = {
      {"responses",
       {{"error", {{"description", "why not"}, {"content", {{"application/json", {{"schema", error_schema}}}}}}}}},
      {"securitySchemes",
       {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
        {"key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-Api-Key"}}}}}};
  json["security"] = Json::array({{{"bearer", Json::array()}}, {{"key", Json::array()}}});
  return json.dump(1) + "\n";
}

}  // namespace

const std::string& openapi_json() {
  static const std::string text = document();
  return text;
}

void openapi_route(const std::shared_ptr<ApiContext>& /*context*/, Call call) {
  answer_json(call, openapi_json());
}

}  // namespace saker::serve
