#include "serve/api/detect_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "media/draw.h"
#include "media/formats.h"
#include "pipeline/picture_saver.h"
#include "pipeline/result_writers.h"
#include "serve/api/detect_pictures.h"
#include "serve/api/reply.h"
#include "serve/box_json.h"

namespace saker::serve {
namespace {

using Outcomes = std::vector<Outcome<PictureAnswer>>;

constexpr int kJpegQuality = 95;  // as write_image's

void answer_image(Call& call, const ServedModel& model, PictureAnswer found) {
  const auto drawn = labelled_boxes(found.boxes, model.spec()->labels());
  draw_boxes(found.picture, drawn);
  auto bytes = encode_jpeg(found.picture.view(), kJpegQuality);
  if (!bytes.ok()) return refuse(call, {Reason::kInternal, bytes.error().message});
  HttpResponse response;
  response.content_type = "image/jpeg";
  response.body.assign(bytes->begin(), bytes->end());
  answer(call, std::move(response));
}

// Pictures that are none get their reason in their place; any other refusal, or none that is good, is the whole
// request's.
const Refusal* refusal_of_all(const Outcomes& outcomes) {
  const Refusal* first = nullptr;
  std::size_t refused = 0;
  for (const auto& outcome : outcomes) {
    const auto* refusal = std::get_if<Refusal>(&outcome);
    if (refusal == nullptr) continue;
    if (!is_about_picture(*refusal)) return refusal;
    if (refused++ == 0) first = refusal;
  }
  return refused == outcomes.size() ? first : nullptr;
}

std::string results_json(const ServedModel& model, const std::vector<std::string>& names, const Outcomes& outcomes) {
  std::string json = "{\"results\":[";
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::string name = fmt::format(R"("picture":{},)", json_text(names[i]));
    if (i > 0) json += ",\n";
    if (const auto* refusal = std::get_if<Refusal>(&outcomes[i])) {
      json += fmt::format(R"({{{}"error":{}}})", name, json_text(refusal->message));
    } else {
      json += picture_json(model, std::get<PictureAnswer>(outcomes[i]), name);
    }
  }
  return json + "]}\n";
}

void answer_all(Call& call, const ServedModel& model, const std::vector<std::string>& names, DetectFormat format,
                Outcomes outcomes) {
  if (const Refusal* refusal = refusal_of_all(outcomes)) return refuse(call, *refusal);
  if (format == DetectFormat::kImage) {
    return answer_image(call, model, std::move(std::get<PictureAnswer>(outcomes[0])));
  }
  if (outcomes.size() > 1) return answer_json(call, results_json(model, names, outcomes));
  answer_json(call, picture_json(model, std::get<PictureAnswer>(outcomes[0])) + "\n");
}

// A form's fields are options as those of the query are.
std::optional<Refusal> take_fields(Query& query, Query& fields) {
  query.merge(fields);
  if (fields.empty()) return std::nullopt;
  return Refusal{Reason::kBadRequest,
                 fmt::format("`{}` is both in the query and in the form; give it once", fields.begin()->first)};
}

}  // namespace

std::string picture_json(const ServedModel& model, const PictureAnswer& answer, const std::string& first) {
  std::string json = fmt::format(R"({{{}"model":{},"version":{},"width":{},"height":{},"boxes":[)", first,
                                 json_text(model.name()), model.version(), answer.size.width, answer.size.height);
  for (std::size_t i = 0; i < answer.boxes.size(); ++i) {
    json += (i > 0 ? "," : "") + box_json(answer.boxes[i], model.spec()->labels());
  }
  const RequestTimes& ms = answer.ms;
  return json + fmt::format(R"(],"ms":{{"queue":{:.3f},"decode":{:.3f},"preprocess":{:.3f},"infer":{:.3f},)"
                            R"("postprocess":{:.3f}}},"batch":{}}})",
                            ms.queue, ms.decode, ms.preprocess, ms.infer, ms.postprocess, ms.batch);
}

void detect_route(const std::shared_ptr<ApiContext>& context, Call call) {
  auto given = given_pictures(*call.request);
  if (const auto* refusal = std::get_if<Refusal>(&given)) return refuse(call, *refusal);
  auto& [pictures, fields] = std::get<GivenPictures>(given);
  if (const auto refusal = take_fields(call.query, fields)) return refuse(call, *refusal);
  auto found = find_model(*context, call);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(call, *refusal);
  const auto& model = std::get<std::shared_ptr<ServedModel>>(found);
  const auto read = read_detect_options(call.query, call.request->header("Accept"), *model);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return refuse(call, *refusal);
  const auto& options = std::get<DetectOptions>(read);
  const bool image = options.format == DetectFormat::kImage;
  if (image && pictures.size() > 1) {
    return refuse(call, {Reason::kBadRequest, "format: an image can be the answer to one picture, not to several"});
  }
  std::vector<std::string> names;
  for (const GivenPicture& one : pictures) names.push_back(one.name);
  const JobOptions job = job_options(context->options, options, *call.request);
  auto waiting = std::make_shared<Call>(std::move(call));
  detect_pictures(model, waiting->request, pictures, options.boxes, image, job,
                  [waiting, model, names, format = options.format](Outcomes outcomes) {
                    answer_all(*waiting, *model, names, format, std::move(outcomes));
                  });
}

}  // namespace saker::serve
