// DetectorSpec: from a model, and the shapes of its outputs, to how it is fed and read.
#include <saker/detector_spec.h>

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "api/guarded.h"
#include "api/internals.h"
#include "api/output_shapes.h"
#include "base/try.h"
#include "detect/heads/gather_evidence.h"
#include "detect/input_preprocess.h"
#include "detect/labels.h"
#include "detect/spec_state.h"

namespace saker {
namespace {

constexpr int kUnknownClasses = 1000;  // assumed of heads that do not tell, without labels

// The number of classes where the head does not tell it, and names for all.
std::vector<std::string> choose_labels(const std::vector<std::string>& own, const SpecOptions& options,
                                       HeadSpec& head) {
  std::vector<std::string> labels = options.labels.empty() ? own : options.labels;
  if (head.classes == 0) {
    const std::size_t known = own.empty() ? labels.size() : own.size();
    head.classes = known == 0 ? kUnknownClasses : static_cast<int>(known);
  }
  if (labels.empty() && head.classes == static_cast<int>(coco80_labels().size())) labels = coco80_labels();
  pad_labels(labels, static_cast<std::size_t>(head.classes));
  return labels;
}

// What both ways to find a specification end in.
Result<DetectorSpec::State> describe(const Model& model, const SpecInput& input, DType dtype,
                                     std::vector<OutputInfo> outputs, const SpecOptions& options, Session* session) {
  const auto own = labels_of(model);
  const std::vector<std::string> own_labels = own.ok() ? *own : std::vector<std::string>();
  const HeadEvidence evidence = gather_evidence(model, input, std::move(outputs), own_labels, options, session);
  SAKER_ASSIGN(FoundHead found, find_head(evidence, options.head));
  if (!own.ok() && options.labels.empty())
    found.notes.push_back(own.error().with_context(model.path()).message + "; `labels` names the classes");
  std::vector<std::string> labels = choose_labels(own_labels, options, found.spec);
  const Preprocess usual = preprocess_for(model, input, default_preprocess(found.spec), found.notes);
  const Preprocess preprocess = options.preprocess.value_or(usual);
  SAKER_ASSIGN(const Isa isa, choose_isa(options.isa));
  SAKER_ASSIGN(Letterbox letterbox, Letterbox::make(preprocess, dtype, input.width, input.height, isa, input.layout));
  std::vector<HeadCandidate> candidates;
  for (CandidateHead& each : found.candidates)
    candidates.push_back({each.spec.kind, each.spec.classes, std::move(each.against)});
  return DetectorSpec::State{model.path(),
                             std::move(found.spec),
                             std::move(found.reason),
                             std::move(candidates),
                             std::move(found.notes),
                             input,
                             dtype,
                             isa,
                             preprocess,
                             std::move(letterbox),
                             std::move(labels)};
}

std::vector<OutputInfo> session_outputs(const Session& session) {
  std::vector<OutputInfo> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i)
    outputs.push_back({session.output_name(i), session.output(i).shape});
  return outputs;
}

}  // namespace

Result<std::vector<Shape>> detector_input_shapes(const Model& model, const SpecOptions& options) {
  const auto input = choose_input(model, options);
  if (!input.ok()) return input.error().with_context(model.path());
  return input->shapes();
}

Result<DetectorSpec> DetectorSpec::find(const Model& model, const SpecOptions& options) {
  return guarded(model.path(), [&]() -> Result<DetectorSpec> {
    if (graph_of(model) == nullptr) {
      return Error{ErrorCode::kUnsupported,
                   fmt::format("{}: {} runs this model: what its outputs mean is seen only in a session", model.path(),
                               model.backend())};
    }
    const auto input = choose_input(model, options);
    if (!input.ok()) return input.error().with_context(model.path());
    auto shapes = infer_output_shapes(model, input->shapes());
    if (!shapes.ok()) return with_size_hint(shapes.error(), model.inputs()[input->index], *input);
    std::vector<OutputInfo> outputs;
    for (std::size_t i = 0; i < shapes->size(); ++i)
      outputs.push_back({model.outputs()[i].name, std::move((*shapes)[i])});
    auto state = describe(model, *input, model.inputs()[input->index].dtype, std::move(outputs), options, nullptr);
    if (!state.ok()) return state.error().with_context(model.path());
    return DetectorSpec(std::make_shared<const State>(std::move(*state)));
  });
}

Result<DetectorSpec> DetectorSpec::find(const Model& model, Session& session, const SpecOptions& options) {
  return guarded(model.path(), [&]() -> Result<DetectorSpec> {
    const auto input = choose_input(model, options);
    if (!input.ok()) return input.error().with_context(model.path());
    Tensor tensor = session.input(input->index);
    if (graph_of(model) == nullptr) {
      std::memset(tensor.raw(), 0, tensor.bytes());
      SAKER_TRY(fill_other_inputs(*input, session));
      if (const auto status = session.run(); !status.ok()) return status.error().with_context(model.path());
    }
    auto state = describe(model, *input, tensor.dtype(), session_outputs(session), options, &session);
    if (!state.ok()) return state.error().with_context(model.path());
    return DetectorSpec(std::make_shared<const State>(std::move(*state)));
  });
}

Result<DetectorSpec> DetectorSpec::with(const Preprocess& preprocess) const {
  return guarded(state_->model, [&]() -> Result<DetectorSpec> {
    State other = *state_;
    SAKER_ASSIGN(other.letterbox, Letterbox::make(preprocess, other.dtype, other.input.width, other.input.height,
                                                  other.isa, other.input.layout));
    other.preprocess = preprocess;
    return DetectorSpec(std::make_shared<const State>(std::move(other)));
  });
}

Status fill_other_inputs(const DetectorSpec& spec, Session& session) {
  return guarded(spec.state().model, [&] { return fill_other_inputs(spec.state().input, session); });
}

HeadKind DetectorSpec::head() const {
  return state_->head.kind;
}
const std::string& DetectorSpec::head_reason() const {
  return state_->head_reason;
}
const std::vector<HeadCandidate>& DetectorSpec::head_candidates() const {
  return state_->head_candidates;
}
const std::vector<std::string>& DetectorSpec::notes() const {
  return state_->notes;
}
bool DetectorSpec::needs_nms() const {
  return head_family(state_->head.kind).needs_nms;
}
float DetectorSpec::nms_iou() const {
  return head_family(state_->head.kind).iou;
}
float DetectorSpec::evaluation_iou() const {
  return head_family(state_->head.kind).evaluation_iou;
}
const Preprocess& DetectorSpec::preprocess() const {
  return state_->preprocess;
}

const std::vector<std::string>& DetectorSpec::labels() const {
  return state_->labels;
}
int DetectorSpec::class_count() const {
  return state_->head.classes;
}
std::size_t DetectorSpec::input_index() const {
  return state_->input.index;
}
int DetectorSpec::input_height() const {
  return state_->input.height;
}
int DetectorSpec::input_width() const {
  return state_->input.width;
}
int DetectorSpec::batch() const {
  return state_->input.batch;
}
bool DetectorSpec::batch_is_fixed() const {
  return state_->input.fixed_batch;
}
Shape DetectorSpec::input_shape() const {
  return state_->input.shape();
}
std::vector<Shape> DetectorSpec::input_shapes() const {
  return state_->input.shapes();
}
DType DetectorSpec::input_dtype() const {
  return state_->dtype;
}

}  // namespace saker
