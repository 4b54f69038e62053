// A picture into a session's input, and the boxes of a picture out of its outputs.
#include <fmt/format.h>

#include "api/guarded.h"
#include "api/internals.h"
#include "base/try.h"
#include "detect/nms.h"
#include "detect/spec_state.h"

namespace saker {
namespace {

Status check_input(const DetectorSpec& spec, const Tensor& input, int slot) {
  if (input.dtype() != spec.input_dtype() || input.shape() != spec.input_shape()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the input is {} {}, the detector's is {} {}", dtype_name(input.dtype()),
                             to_string(input.shape()), dtype_name(spec.input_dtype()), to_string(spec.input_shape()))};
  }
  if (slot < 0 || slot >= spec.batch())
    return Error{ErrorCode::kInvalid, fmt::format("there is no place {} in a batch of {}", slot, spec.batch())};
  return {};
}

std::byte* slot_of(const DetectorSpec& spec, Tensor& input, int slot) {
  const std::size_t bytes = input.bytes() / static_cast<std::size_t>(spec.batch());
  return static_cast<std::byte*>(input.raw()) + static_cast<std::size_t>(slot) * bytes;
}

void keep_classes(const std::vector<int>& classes, int class_count, std::vector<Candidate>& candidates) {
  if (classes.empty()) return;
  std::vector<bool> wanted(static_cast<std::size_t>(class_count), false);
  for (const int id : classes) wanted[static_cast<std::size_t>(id)] = true;
  std::erase_if(candidates, [&](const Candidate& c) { return !wanted[static_cast<std::size_t>(c.class_id)]; });
}

}  // namespace

// Where the spec's pictures go as bytes, if they do.
static std::optional<ByteSlots> byte_slots(const DetectorSpec& spec, const Session& session) {
  std::optional<ByteSlots> slots = byte_slots_of(session);
  if (slots && (slots->input != spec.input_index() || !spec.state().letterbox.writes_bytes())) slots.reset();
  return slots;
}

template <typename View>
Result<Placement> fit_picture(const DetectorSpec& spec, const View& image, Session& session, int slot) {
  const DetectorSpec::State& state = spec.state();
  return guarded(state.model, [&]() -> Result<Placement> {
    Tensor input = session.input(spec.input_index());
    SAKER_TRY(check_input(spec, input, slot));
    const std::optional<ByteSlots> slots = byte_slots(spec, session);
    if (!slots) return state.letterbox.write(image, slot_of(spec, input, slot), pool_of(session));
    return state.letterbox.write(image, slots->bytes + slot * slots->picture_step, pool_of(session), &slots->quantizer);
  });
}

template Result<Placement> fit_picture(const DetectorSpec&, const ImageView&, Session&, int);
template Result<Placement> fit_picture(const DetectorSpec&, const PlanarView&, Session&, int);

Status run_fitted(const DetectorSpec& spec, Session& session, int pictures) {
  return byte_slots(spec, session) ? run_first_from_bytes(session, pictures) : session.run_first(pictures);
}

template <typename View>
static Result<Placement> fit_into(const DetectorSpec& spec, const View& image, Tensor& input, int slot) {
  return guarded(spec.state().model, [&]() -> Result<Placement> {
    SAKER_TRY(check_input(spec, input, slot));
    return spec.state().letterbox.write(image, slot_of(spec, input, slot), nullptr);
  });
}

Result<Placement> fit_picture(const DetectorSpec& spec, const ImageView& image, Tensor& input, int slot) {
  return fit_into(spec, image, input, slot);
}
Result<Placement> fit_picture(const DetectorSpec& spec, const PlanarView& image, Tensor& input, int slot) {
  return fit_into(spec, image, input, slot);
}

Status check_boxes(const DetectorSpec& spec, const BoxOptions& options) {
  const auto fraction = [](float value) { return value >= 0 && value <= 1; };
  if (!fraction(options.conf)) return Error{ErrorCode::kInvalid, fmt::format("conf {} is not in 0..1", options.conf)};
  if (options.iou && !fraction(*options.iou))
    return Error{ErrorCode::kInvalid, fmt::format("iou {} is not in 0..1", *options.iou)};
  if (options.max_det < 1) return Error{ErrorCode::kInvalid, fmt::format("max_det {} is below 1", options.max_det)};
  for (const int id : options.classes) {
    if (id < 0 || id >= spec.class_count()) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("class {} is asked for; the model has the classes 0..{}", id, spec.class_count() - 1)};
    }
  }
  return {};
}

Result<std::vector<Detection>> read_boxes(const DetectorSpec& spec, std::span<const TensorView> outputs, int slot,
                                          const Placement& placement, const BoxOptions& options) {
  const DetectorSpec::State& state = spec.state();
  return guarded(state.model, [&]() -> Result<std::vector<Detection>> {
    SAKER_TRY(check_boxes(spec, options));
    std::vector<Candidate> candidates;
    SAKER_TRY(decode(state.head, outputs, slot, {options.conf, options.multi_label}, candidates));
    keep_classes(options.classes, spec.class_count(), candidates);
    const std::vector<Candidate> kept =
        spec.needs_nms()
            ? suppress(candidates, {options.iou.value_or(spec.nms_iou()), options.max_det, options.agnostic})
            : best_candidates(candidates, static_cast<std::size_t>(options.max_det));
    std::vector<Detection> boxes;
    boxes.reserve(kept.size());
    for (const Candidate& c : kept) {
      boxes.push_back({c.class_id, c.score, c.x1, c.y1, c.x2, c.y2});
      map_back(placement, boxes.back());
    }
    return boxes;
  });
}

}  // namespace saker
