// A picture in a file's bytes, to boxes.
#include <utility>

#include "api/internals.h"
#include "base/clock.h"
#include "detect/spec_state.h"
#include "serve/served_job.h"

namespace saker::serve {
namespace {

Refusal undecodable(const Error& error) {
  return {error.code == ErrorCode::kLimit ? Reason::kTooLarge : Reason::kUndecodable, error.message};
}

}  // namespace

PictureJob::PictureJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, PictureRequest request, Done done)
    : ServedJob(std::move(parts), options), request_(std::move(request)), done_(std::move(done)) {}

PictureJob::~PictureJob() {
  refuse({Reason::kInternal, "the request was lost"});
}

void PictureJob::send(Refusal refusal) {
  std::exchange(done_, nullptr)(std::move(refusal));
}

void PictureJob::prepare() {
  const Stopwatch watch;
  ImageReadOptions options;
  options.max_pixels = parts_->max_pixels;
  auto decoded = decode_image(request_.bytes, request_.name, options);
  request_.bytes = {};
  if (decoded.ok()) {
    picture_ = *std::move(decoded);
    size_ = picture_.file_size;
  } else {
    problem = undecodable(decoded.error());
  }
  ms.decode = watch.ms();
}

std::optional<Refusal> PictureJob::write(int worker, int slot) {
  Network& network = parts_->network;
  Session& session = network.session(worker);
  const Stopwatch watch;
  Tensor input = session.input(network.spec->input_index());
  auto placed = fit_picture(*network.spec, picture_.view(), input, slot, pool_of(session));
  if (!placed.ok()) return Refusal{Reason::kInternal, placed.error().message};
  placement_ = *placed;
  if (!request_.keep_picture) picture_ = {};
  ms.preprocess = watch.ms();
  return std::nullopt;
}

void PictureJob::finish(std::span<const TensorView> outputs, int slot) {
  const Stopwatch watch;
  auto boxes = read_boxes(*parts_->network.spec, outputs, slot, placement_, request_.boxes);
  if (!boxes.ok()) return refuse({Reason::kInternal, boxes.error().message});
  ms.postprocess = watch.ms();
  count_answer();
  std::exchange(done_, nullptr)(PictureAnswer{*std::move(boxes), size_, std::move(picture_), ms});
}

}  // namespace saker::serve
