// A camera's frame in planes, to boxes.
#include <utility>

#include "api/internals.h"
#include "base/clock.h"
#include "detect/spec_state.h"
#include "serve/served_job.h"

namespace saker::serve {

FrameJob::FrameJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, FrameRequest request, Done done)
    : ServedJob(std::move(parts), options), request_(std::move(request)), done_(std::move(done)) {}

FrameJob::~FrameJob() {
  refuse({Reason::kInternal, "the frame was lost"});
}

void FrameJob::send(Refusal refusal) {
  std::exchange(done_, nullptr)(std::move(refusal));
}

std::optional<Refusal> FrameJob::write(int worker, int slot) {
  Network& network = parts_->network;
  Session& session = network.session(worker);
  const Stopwatch watch;
  const std::optional<PlanarPicture> frame = request_.take();
  if (!frame) return Refusal{Reason::kCancelled, "there is no frame any more"};
  Tensor input = session.input(network.spec->input_index());
  auto placed = fit_picture(*network.spec, frame->view, input, slot, pool_of(session));
  if (!placed.ok()) return Refusal{Reason::kInternal, placed.error().message};
  placement_ = *placed;
  ms.preprocess = watch.ms();
  return std::nullopt;
}

void FrameJob::finish(std::span<const TensorView> outputs, int slot) {
  const Stopwatch watch;
  auto boxes = read_boxes(*parts_->network.spec, outputs, slot, placement_, request_.boxes);
  if (!boxes.ok()) return refuse({Reason::kInternal, boxes.error().message});
  ms.postprocess = watch.ms();
  count_answer();
  std::exchange(done_, nullptr)(FrameAnswer{*std::move(boxes), ms});
}

}  // namespace saker::serve
