// A camera's frame in planes, to boxes.
#include <utility>

#include "base/clock.h"
#include "serve/served_job.h"

namespace saker::serve {

FrameJob::FrameJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, FrameRequest request, Done done)
    : BoxJob(std::move(parts), options), request_(std::move(request)), done_(std::move(done)) {}

FrameJob::~FrameJob() {
  refuse({Reason::kInternal, "the frame was lost"});
}

void FrameJob::send(Refusal refusal) {
  std::exchange(done_, nullptr)(std::move(refusal));
}

std::optional<Refusal> FrameJob::write(int worker, int slot) {
  const Stopwatch watch;
  const std::optional<PlanarPicture> frame = request_.take();
  if (!frame) return Refusal{Reason::kCancelled, "there is no frame any more"};
  if (auto refusal = fit(frame->view, worker, slot)) return refusal;
  ms.preprocess = watch.ms();
  return std::nullopt;
}

void FrameJob::finish(std::span<const TensorView> outputs, int slot) {
  auto boxes = read(outputs, slot, request_.boxes);
  if (!boxes) return;
  count_answer();
  std::exchange(done_, nullptr)(FrameAnswer{*std::move(boxes), ms});
}

}  // namespace saker::serve
