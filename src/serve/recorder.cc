#include "serve/recorder.h"

namespace saker::serve {
namespace {

constexpr std::array kReasonNames = {"bad_request", "not_allowed", "not_found", "too_large",
                                     "undecodable", "overloaded",  "deadline",  "cancelled",
                                     "unavailable", "unsupported", "internal"};
static_assert(kReasonNames.size() == static_cast<std::size_t>(Reason::kInternal) + 1);

void add(ModelStatistics::Sum& sum, double ms) {
  sum.count.add();
  sum.ns.add(static_cast<std::uint64_t>(ms * 1e6));
}

void add(ModelStatistics::Sum& sum, Duration time) {
  add(sum, std::chrono::duration<double, std::milli>(time).count());
}

}  // namespace

Recorder::Recorder(const std::string& name, std::int64_t version, MetricRegistry* metrics) {
  static_assert(kReasons == kReasonNames.size());
  if (metrics == nullptr) return;
  const Labels labels = {{"model", name}, {"version", std::to_string(version)}};
  const auto seconds = [&](const char* metric, const char* help) {
    return &metrics->histogram(metric, help, second_buckets(), labels);
  };
  queue_ = seconds("saker_queue_seconds", "Waiting for a worker.");
  decode_ = seconds("saker_decode_seconds", "Decoding a picture.");
  preprocess_ = seconds("saker_preprocess_seconds", "Fitting a picture, or copying tensors, into the input.");
  infer_ = seconds("saker_infer_seconds", "The run that a request was part of.");
  postprocess_ = seconds("saker_postprocess_seconds", "From outputs to boxes, or copying tensors.");
  batch_ = &metrics->histogram("saker_batch_pictures", "Pictures of a run.", {1, 2, 4, 8, 16, 32, 64}, labels);
  pictures_ = &metrics->counter("saker_pictures_total", "Pictures that were computed.", labels);
  requests_ = &metrics->counter("saker_requests_answered_total", "Requests that got a result.", labels);
  for (std::size_t i = 0; i < kReasons; ++i) {
    Labels own = labels;
    own.emplace_back("reason", kReasonNames[i]);
    const auto reason = static_cast<Reason>(i);
    if (reason == Reason::kNotAllowed || reason == Reason::kNotFound) continue;  // of the protocols, not of a model
    refused_[i] = &metrics->counter("saker_rejections_total", "Requests that got none, by reason.", own);
  }
}

void Recorder::ran(int pictures) {
  statistics_.executions.add();
  statistics_.inferences.add(static_cast<std::uint64_t>(pictures));
  if (batch_ == nullptr) return;
  batch_->observe(pictures);
  pictures_->add(static_cast<std::uint64_t>(pictures));
}

void Recorder::answered(const RequestTimes& ms, bool picture, Duration whole) {
  add(statistics_.success, whole);
  add(statistics_.queue, ms.queue);
  add(statistics_.compute_input, ms.decode + ms.preprocess);
  add(statistics_.compute_infer, ms.infer);
  add(statistics_.compute_output, ms.postprocess);
  if (requests_ == nullptr) return;
  requests_->add();
  queue_->observe(ms.queue / 1000);
  if (picture) decode_->observe(ms.decode / 1000);
  preprocess_->observe(ms.preprocess / 1000);
  infer_->observe(ms.infer / 1000);
  postprocess_->observe(ms.postprocess / 1000);
}

void Recorder::refused(Reason reason, Duration whole) {
  add(statistics_.fail, whole);
  if (Counter* const counter = refused_[static_cast<std::size_t>(reason)]) counter->add();
}

}  // namespace saker::serve
