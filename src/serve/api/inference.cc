#include "serve/api/inference.h"

#include <fmt/format.h>

#include <limits>
#include <mutex>
#include <utility>

#include "base/try.h"
#include "serve/api/infer_answer.h"

namespace saker::serve {
namespace {

Result<JobOptions> job_options(const InferTerms& terms, const OipParameters& parameters) {
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
  } else if (terms.default_timeout.count() > 0) {
    job.deadline = now + terms.default_timeout;
  }
  job.cancelled = terms.cancelled;
  job.until = terms.until;
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

void infer_tensors(const std::shared_ptr<ServedModel>& model, InferRequest request, const JobOptions& job,
                   InferDone done) {
  TensorRequest tensors{std::move(request.tensors)};
  model->infer(
      std::move(tensors), job,
      [model, wanted = std::move(request.wanted), done = std::move(done)](Outcome<TensorAnswer> outcome) {
        if (auto* refusal = std::get_if<Refusal>(&outcome)) return done(std::move(*refusal));
        const TensorAnswer& result = std::get<TensorAnswer>(outcome);
        std::vector<OipTensor> outputs;
        for (const WantedOutput& one : wanted) {
          outputs.push_back(
              {.name = model->outputs()[one.index].name, .numbers = result.outputs[one.index], .binary = one.binary});
        }
        done(std::move(outputs));
      });
}

// The pictures of a request, each a job of its own, so that they may share a run with others'.
struct Pictures {
  std::shared_ptr<ServedModel> model;
  std::vector<WantedOutput> wanted;
  InferDone done;
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
  if (refusal) return done(std::move(*refusal));
  auto tensors = picture_tensors(boxes, model->spec()->labels(), wanted);
  if (!tensors) return done(Refusal{Reason::kInternal, tensors.error().message});
  done(std::move(*tensors));
}

void infer_pictures(const std::shared_ptr<ServedModel>& model, InferRequest request, const JobOptions& job,
                    InferDone done) {
  const auto boxes = box_options(*model, request.parameters);
  if (!boxes) return done(Refusal{Reason::kBadRequest, boxes.error().message});
  PictureFiles files = std::move(request.pictures);
  auto pictures = std::make_shared<Pictures>();
  pictures->model = model;
  pictures->wanted = std::move(request.wanted);
  pictures->done = std::move(done);
  pictures->left = files.size();
  pictures->boxes.resize(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    PictureRequest one{.bytes = std::move(files[i]), .name = fmt::format("picture {}", i), .boxes = *boxes};
    model->detect(std::move(one), job,
                  [pictures, i](Outcome<PictureAnswer> outcome) { pictures->finish(i, std::move(outcome)); });
  }
}

}  // namespace

OipSignature signature_of(const ServedModel& model) {
  OipSignature signature{model.inputs(), model.outputs(), std::nullopt};
  if (model.spec() != nullptr) signature.picture_input = model.spec()->input_index();
  return signature;
}

void infer(const std::shared_ptr<ServedModel>& model, InferRequest request, const InferTerms& terms, InferDone done) {
  const auto job = job_options(terms, request.parameters);
  if (!job) return done(Refusal{Reason::kBadRequest, job.error().message});
  if (!request.pictures.empty()) return infer_pictures(model, std::move(request), *job, std::move(done));
  infer_tensors(model, std::move(request), *job, std::move(done));
}

}  // namespace saker::serve
