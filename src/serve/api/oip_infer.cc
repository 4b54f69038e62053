// POST .../infer: tensors to tensors, or pictures to boxes.
#include <fmt/format.h>

#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/try.h"
#include "serve/api/infer_answer.h"
#include "serve/api/infer_request.h"
#include "serve/api/oip_routes.h"

namespace saker::serve {
namespace {

constexpr const char* kHeaderLength = "Inference-Header-Content-Length";

// A request that waits for its model.
struct Inference {
  Call call;
  std::shared_ptr<ServedModel> model;
  InferRequest request;
};

OipSignature signature_of(const ServedModel& model) {
  OipSignature signature{model.inputs(), model.outputs(), std::nullopt};
  if (model.spec() != nullptr) signature.picture_input = model.spec()->input_index();
  return signature;
}

Result<JobOptions> job_options(const ApiOptions& api, const OipParameters& parameters) {
  JobOptions job;
  SAKER_ASSIGN(const auto priority, whole_parameter(parameters, "priority"));
  if (priority && (*priority < 0 || *priority > 9)) {
    return Error{
        ErrorCode::kInvalid,
        fmt::format("parameter `priority` is {}: 0 (the default), or 1, the first to be served, to 9", *priority)};
  }
  if (priority && *priority > 0) job.priority = static_cast<int>(*priority);
  SAKER_ASSIGN(const auto timeout, whole_parameter(parameters, "timeout"));
  constexpr std::int64_t kLongest = std::int64_t{86'400} * 1'000'000;  // a day, in microseconds
  if (timeout && (*timeout < 0 || *timeout > kLongest)) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("parameter `timeout` is {}: microseconds, at most those of a day", *timeout)};
  }
  const Time now = std::chrono::steady_clock::now();
  if (timeout && *timeout > 0) {
    job.deadline = now + std::chrono::microseconds(*timeout);
  } else if (api.default_timeout.count() > 0) {
    job.deadline = now + api.default_timeout;
  }
  return job;
}

Result<BoxOptions> box_options(const ServedModel& model, const OipParameters& parameters) {
  BoxOptions boxes = model.boxes();
  SAKER_ASSIGN(const auto conf, number_parameter(parameters, "conf"));
  SAKER_ASSIGN(const auto iou, number_parameter(parameters, "iou"));
  SAKER_ASSIGN(const auto max_det, whole_parameter(parameters, "max_det"));
  if (conf) boxes.conf = static_cast<float>(*conf);
  if (iou) boxes.iou = static_cast<float>(*iou);
  if (max_det && (*max_det < 1 || *max_det > std::numeric_limits<int>::max())) {
    return Error{ErrorCode::kInvalid, fmt::format("parameter `max_det` is {}", *max_det)};
  }
  if (max_det) boxes.max_det = static_cast<int>(*max_det);
  SAKER_TRY(check_boxes(*model.spec(), boxes));
  return boxes;
}

void refuse_input(Call& call, const Error& error) {
  refuse(call, {Reason::kBadRequest, error.message});
}

void answer_with(Inference& inference, const std::vector<OipTensor>& outputs) {
  const ServedModel& model = *inference.model;
  answer(inference.call, infer_response(model.name(), model.version(), inference.request.id, outputs));
}

void infer_tensors(std::shared_ptr<Inference> inference, const JobOptions& job) {
  TensorRequest request{std::move(inference->request.tensors)};
  ServedModel& model = *inference->model;
  model.infer(std::move(request), job, [inference = std::move(inference)](Outcome<TensorAnswer> outcome) {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refuse(inference->call, *refusal);
    const TensorAnswer& result = std::get<TensorAnswer>(outcome);
    std::vector<OipTensor> outputs;
    for (const WantedOutput& one : inference->request.wanted) {
      outputs.push_back({.name = inference->model->outputs()[one.index].name,
                         .numbers = result.outputs[one.index],
                         .binary = one.binary});
    }
    answer_with(*inference, outputs);
  });
}

// The pictures of a request, each a job of its own, so that they may share a run with others'.
struct Pictures {
  Inference inference;
  std::mutex mutex;
  std::size_t left = 0;
  std::vector<std::vector<Detection>> boxes;
  std::optional<Refusal> refusal;  // of the first that was refused

  void finish(std::size_t index, Outcome<PictureAnswer> outcome);
  void reply();
};

void Pictures::finish(std::size_t index, Outcome<PictureAnswer> outcome) {
  {
    const std::lock_guard lock(mutex);
    if (auto* one = std::get_if<PictureAnswer>(&outcome)) {
      boxes[index] = std::move(one->boxes);
    } else if (!refusal) {
      refusal = std::move(std::get<Refusal>(outcome));
    }
    if (--left > 0) return;
  }
  reply();
}

void Pictures::reply() {
  if (refusal) return refuse(inference.call, *refusal);
  const auto tensors = picture_tensors(boxes, inference.model->spec()->labels(), inference.request.wanted);
  if (!tensors) return refuse(inference.call, {Reason::kInternal, tensors.error().message});
  answer_with(inference, *tensors);
}

void infer_pictures(Inference inference, const JobOptions& job) {
  const auto boxes = box_options(*inference.model, inference.request.parameters);
  if (!boxes) return refuse_input(inference.call, boxes.error());
  std::vector<std::vector<std::uint8_t>> files = std::move(inference.request.pictures);
  auto pictures = std::make_shared<Pictures>();
  pictures->inference = std::move(inference);
  pictures->left = files.size();
  pictures->boxes.resize(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    PictureRequest one{.bytes = std::move(files[i]), .name = fmt::format("picture {}", i), .boxes = *boxes};
    pictures->inference.model->detect(std::move(one), job, [pictures, i](Outcome<PictureAnswer> outcome) {
      pictures->finish(i, std::move(outcome));
    });
  }
}

}  // namespace

void oip_infer_route(const std::shared_ptr<ApiContext>& context, Call call) {
  auto found = find_model(*context, call);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(call, *refusal);
  Inference inference{std::move(call), std::get<std::shared_ptr<ServedModel>>(std::move(found)), {}};
  const HttpRequest& http = *inference.call.request;
  if (const std::string* encoding = http.header("Content-Encoding"); encoding != nullptr && *encoding != "identity") {
    return refuse(inference.call, {Reason::kUnsupported, "Content-Encoding: bodies are taken as they are only"});
  }
  const std::string* length = http.header(kHeaderLength);
  auto request = read_infer_request(http.body, length != nullptr ? std::optional(*length) : std::nullopt,
                                    signature_of(*inference.model));
  if (!request) return refuse_input(inference.call, request.error());
  inference.request = std::move(*request);
  auto job = job_options(context->options, inference.request.parameters);
  if (!job) return refuse_input(inference.call, job.error());
  job->cancelled = http.gone;
  if (!inference.request.pictures.empty()) return infer_pictures(std::move(inference), *job);
  infer_tensors(std::make_shared<Inference>(std::move(inference)), *job);
}

}  // namespace saker::serve
