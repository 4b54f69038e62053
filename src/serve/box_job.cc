// A picture into a model's input, its boxes out of the outputs, whatever the picture is made of.
#include "base/clock.h"
#include "detect/spec_state.h"
#include "serve/served_job.h"

namespace saker::serve {

template <typename View>
std::optional<Refusal> BoxJob::fit(const View& view, int worker, int slot) {
  Network& network = parts_->network;
  auto placed = fit_picture(*network.spec, view, network.session(worker), slot);
  if (!placed.ok()) return Refusal{Reason::kInternal, placed.error().message};
  placement_ = *placed;
  return std::nullopt;
}

template std::optional<Refusal> BoxJob::fit(const ImageView& view, int worker, int slot);
template std::optional<Refusal> BoxJob::fit(const PlanarView& view, int worker, int slot);

std::optional<std::vector<Detection>> BoxJob::read(std::span<const TensorView> outputs, int slot,
                                                   const BoxOptions& options) {
  const Stopwatch watch;
  auto boxes = read_boxes(*parts_->network.spec, outputs, slot, placement_, options);
  if (!boxes.ok()) {
    refuse({Reason::kInternal, boxes.error().message});
    return std::nullopt;
  }
  ms.postprocess = watch.ms();
  return *std::move(boxes);
}

}  // namespace saker::serve
