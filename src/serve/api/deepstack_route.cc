#include "serve/api/deepstack_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "pipeline/result_writers.h"
#include "serve/api/auth.h"
#include "serve/api/detect_pictures.h"
#include "serve/api/reply.h"

namespace saker::serve {
namespace {

// Its clients look at `success`, and at `predictions`, which refusals lack.
void refuse_deepstack(Call& call, HttpResponse response, const std::string& message) {
  call.notes->error = message;
  response.body =
      fmt::format(R"({{"success":false,"error":{},"code":{}}})", json_text(message), response.status) + "\n";
  answer(call, std::move(response));
}

void refuse_deepstack(Call& call, const Refusal& refusal) {
  refuse_deepstack(call, error_response(refusal), refusal.message);
}

// Whole pixels inside of the picture.
int pixel(float at, int size) {
  return static_cast<int>(std::lround(std::clamp(at, 0.0F, static_cast<float>(size))));
}

std::string found_json(const ServedModel& model, const PictureAnswer& found, double process_ms) {
  const auto& labels = model.spec()->labels();
  std::string predictions;
  for (const Detection& box : found.boxes) {  // the surest first: Frigate stops at the first that is not sure enough
    if (!predictions.empty()) predictions += ",";
    predictions += fmt::format(R"({{"label":{},"confidence":{},"x_min":{},"y_min":{},"x_max":{},"y_max":{}}})",
                               json_text(labels[static_cast<std::size_t>(box.class_id)]), box.score,
                               pixel(box.x1, found.size.width), pixel(box.y1, found.size.height),
                               pixel(box.x2, found.size.width), pixel(box.y2, found.size.height));
  }
  const auto whole = [](double ms) { return static_cast<long>(std::lround(ms)); };
  return fmt::format(R"({{"success":true,"predictions":[{}],"count":{},"message":"found {}","inferenceMs":{},)"
                     R"("processMs":{},"duration":0,"moduleName":{},"code":200}})",
                     predictions, found.boxes.size(), found.boxes.size(), whole(found.ms.infer), whole(process_ms),
                     json_text(model.name())) +
         "\n";
}

// Of what such clients send, what has a name of its own here; the rest says nothing about detection.
Query as_detect_query(const Query& query, const Query& fields) {
  Query out = query;
  const auto confidence = fields.find("min_confidence");
  if (confidence != fields.end() && !confidence->second.empty()) out["conf"] = confidence->second;
  return out;
}

std::string key_of(const HttpRequest& request, const Query& fields) {
  const auto key = fields.find("api_key");
  return key != fields.end() && !key->second.empty() ? key->second : std::string(token_of(request));
}

}  // namespace

void deepstack_route(const std::shared_ptr<ApiContext>& context, Call call) {
  const Stopwatch watch;
  const std::string* type = call.request->header("Content-Type");
  auto given = given_pictures(*call.request);
  auto* pictures = std::get_if<GivenPictures>(&given);
  const std::string key = key_of(*call.request, pictures != nullptr ? pictures->fields : Query{});
  if (const auto denied = check_token(*context->access.get(), key)) {
    return refuse_deepstack(call, denial_response(*denied),
                            key.empty() ? "an api_key is needed" : "the api_key is wrong");
  }
  if (pictures == nullptr) return refuse_deepstack(call, std::get<Refusal>(given));
  const bool form = type != nullptr && type->find("x-www-form-urlencoded") != std::string::npos;
  if (form) return refuse_deepstack(call, {Reason::kBadRequest, "the form has no picture: send multipart/form-data"});
  call.query = as_detect_query(call.query, pictures->fields);
  auto found = find_model(*context, call);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse_deepstack(call, *refusal);
  const auto& model = std::get<std::shared_ptr<ServedModel>>(found);
  const auto read = read_detect_options(call.query, nullptr, *model);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return refuse_deepstack(call, *refusal);
  const auto& options = std::get<DetectOptions>(read);
  if (options.format == DetectFormat::kImage || pictures->pictures.size() > 1) {
    return refuse_deepstack(call, {Reason::kBadRequest, "one picture, answered with JSON; /v1/detect does more"});
  }
  const JobOptions job = job_options(context->options, options, *call.request);
  auto waiting = std::make_shared<Call>(std::move(call));
  detect_pictures(model, waiting->request, pictures->pictures, options.boxes, false, job,
                  [waiting, model, watch](std::vector<Outcome<PictureAnswer>> outcomes) {
                    const auto* refusal = std::get_if<Refusal>(&outcomes[0]);
                    if (refusal != nullptr) return refuse_deepstack(*waiting, *refusal);
                    answer_json(*waiting, found_json(*model, std::get<PictureAnswer>(outcomes[0]), watch.ms()));
                  });
}

}  // namespace saker::serve
