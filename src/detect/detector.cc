// Detector: letterbox, session, head and suppression for one or many pictures.
#include <saker/detector.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/try.h"
#include "detect/heads/head.h"
#include "detect/labels.h"
#include "detect/letterbox.h"
#include "detect/nms.h"

namespace saker {
namespace {

constexpr int kDefaultSide = 640;
constexpr int kMaxSide = 8192;
constexpr int kMaxBatch = 1024;
constexpr int kUnknownClasses = 1000;  // assumed of heads that do not tell, without labels

// The sizes a model will be compiled for.
struct InputPlan {
  int batch = 1, height = 0, width = 0;
  bool fixed_batch = false;
};

Status check_options(const DetectorOptions& options) {
  const auto fraction = [](float value) { return value >= 0 && value <= 1; };
  if (!fraction(options.conf)) return Error{ErrorCode::kInvalid, fmt::format("conf {} is not in 0..1", options.conf)};
  if (!fraction(options.iou)) return Error{ErrorCode::kInvalid, fmt::format("iou {} is not in 0..1", options.iou)};
  if (options.max_det < 1) return Error{ErrorCode::kInvalid, fmt::format("max_det {} is below 1", options.max_det)};
  if (options.batch < 1 || options.batch > kMaxBatch) {
    return Error{ErrorCode::kInvalid, fmt::format("batch {} is not in 1..{}", options.batch, kMaxBatch)};
  }
  return {};
}

Result<int> choose_side(const char* what, std::int64_t declared, int wanted) {
  if (wanted < 0) return Error{ErrorCode::kInvalid, fmt::format("input {} {} is negative", what, wanted)};
  if (declared > 0 && wanted > 0 && declared != wanted) {
    return Error{ErrorCode::kInvalid, fmt::format("the model's input {} is {}, and {} is asked for; export the model "
                                                  "with dynamic sizes or with this size",
                                                  what, declared, wanted)};
  }
  std::int64_t side = kDefaultSide;
  if (wanted > 0) side = wanted;
  if (declared > 0) side = declared;
  if (declared == 0 || side > kMaxSide) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("an input {} of {} is not in 1..{}", what, declared == 0 ? 0 : side, kMaxSide)};
  }
  return static_cast<int>(side);
}

Result<InputPlan> plan_input(const Model& model, const DetectorOptions& options) {
  const std::vector<TensorInfo>& inputs = model.inputs();
  if (inputs.size() != 1) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("a detector has one input, a picture [N, 3, H, W]; this model has {}", inputs.size())};
  }
  const TensorInfo& input = inputs[0];
  const Shape shape = input.has_shape ? input.shape : Shape{-1, 3, -1, -1};
  if (shape.size() != 4 || (shape[1] != 3 && shape[1] != -1)) {
    return Error{ErrorCode::kUnsupported, fmt::format("a detector's input is a picture [N, 3, H, W]; \"{}\" is {}",
                                                      input.name, to_string(shape))};
  }
  InputPlan plan;
  SAKER_ASSIGN(plan.height, choose_side("height", shape[2], options.height));
  SAKER_ASSIGN(plan.width, choose_side("width", shape[3], options.width));
  plan.fixed_batch = shape[0] != -1;
  if (plan.fixed_batch && (shape[0] < 1 || shape[0] > kMaxBatch)) {
    return Error{ErrorCode::kUnsupported, fmt::format("the model's batch of {} is not in 1..{}", shape[0], kMaxBatch)};
  }
  plan.batch = plan.fixed_batch ? static_cast<int>(shape[0]) : options.batch;
  return plan;
}

// Other engines tell the shapes of their outputs only after a run.
Status learn_outputs(Session& session) {
  Tensor input = session.input(0);
  std::memset(input.raw(), 0, input.bytes());
  return session.run();
}

Result<HeadSpec> find_session_head(const Model& model, const Session& session, const InputPlan& plan, HeadKind wanted) {
  std::vector<OutputInfo> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    outputs.push_back({session.output_name(i), session.output(i).shape});
  }
  return find_head(outputs, plan.height, plan.width, model.operators(), wanted);
}

// The labels, and the number of classes where the head does not tell it.
std::vector<std::string> choose_labels(const Model& model, const DetectorOptions& options, HeadSpec& head) {
  std::vector<std::string> from_model;
  const auto names = model.metadata().find("names");
  if (names != model.metadata().end()) {
    auto parsed = parse_python_names(names->second);
    if (parsed.ok()) from_model = std::move(parsed).value();
  }
  std::vector<std::string> labels = options.labels.empty() ? from_model : options.labels;
  if (head.classes == 0) {
    const std::size_t known = from_model.empty() ? labels.size() : from_model.size();
    head.classes = known == 0 ? kUnknownClasses : static_cast<int>(known);
  }
  if (labels.empty() && head.classes == static_cast<int>(coco80_labels().size())) labels = coco80_labels();
  pad_labels(labels, static_cast<std::size_t>(head.classes));
  return labels;
}

}  // namespace

struct Detector::State {
  std::string backend;
  Session session;
  HeadSpec head;
  InputPlan input;
  Preprocess preprocess;
  Letterbox letterbox;
  std::vector<std::string> labels;
  DetectorOptions options;
  std::vector<bool> wanted_classes;  // empty: all
  std::vector<Candidate> candidates;

  Status fill_slots(std::span<const ImageView> images, std::span<Placement> placements);
  Result<std::vector<Detection>> boxes_of(int slot, std::span<const TensorView> outputs, const ImageView& image,
                                          const Placement& placement);
  Status run_chunk(std::span<const ImageView> images, std::vector<Detections>& results);
};

// Slots without a picture are zeroed, so that a run depends on its pictures only.
Status Detector::State::fill_slots(std::span<const ImageView> images, std::span<Placement> placements) {
  Tensor tensor = session.input(0);
  auto* bytes = static_cast<std::byte*>(tensor.raw());
  const std::size_t slot_bytes = tensor.bytes() / static_cast<std::size_t>(input.batch);
  for (std::size_t i = 0; i < images.size(); ++i) {
    auto placement = letterbox.write(images[i], bytes + i * slot_bytes, session.pool());
    if (!placement.ok()) return placement.error();
    placements[i] = *placement;
  }
  std::memset(bytes + images.size() * slot_bytes, 0, tensor.bytes() - images.size() * slot_bytes);
  return {};
}

Result<std::vector<Detection>> Detector::State::boxes_of(int slot, std::span<const TensorView> outputs,
                                                         const ImageView& image, const Placement& placement) {
  candidates.clear();
  SAKER_TRY(decode(head, outputs, slot, {options.conf, options.multi_label}, candidates));
  if (!wanted_classes.empty()) {
    std::erase_if(candidates,
                  [&](const Candidate& c) { return !wanted_classes[static_cast<std::size_t>(c.class_id)]; });
  }
  const auto limit = static_cast<std::size_t>(options.max_det);
  const std::vector<Candidate> kept = head_needs_nms(head.kind)
                                          ? suppress(candidates, {options.iou, options.max_det, options.agnostic})
                                          : best_candidates(candidates, limit);
  std::vector<Detection> boxes;
  boxes.reserve(kept.size());
  for (const Candidate& c : kept) {
    Detection box = {c.class_id, c.score, c.x1, c.y1, c.x2, c.y2};
    map_back(placement, image.width, image.height, box);
    boxes.push_back(box);
  }
  return boxes;
}

Status Detector::State::run_chunk(std::span<const ImageView> images, std::vector<Detections>& results) {
  std::vector<Placement> placements(images.size());
  Stopwatch watch;
  StageTimes times;
  SAKER_TRY(fill_slots(images, placements));
  times.preprocess = watch.lap();
  SAKER_TRY(session.run());
  times.infer = watch.lap();
  std::vector<TensorView> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) outputs.push_back(session.output(i));
  const std::size_t first = results.size();
  for (std::size_t i = 0; i < images.size(); ++i) {
    SAKER_ASSIGN(auto boxes, boxes_of(static_cast<int>(i), outputs, images[i], placements[i]));
    results.push_back({std::move(boxes), {}});
  }
  times.postprocess = watch.lap();
  const auto count = static_cast<double>(images.size());
  for (std::size_t i = first; i < results.size(); ++i) {
    results[i].ms = {times.preprocess / count, times.infer / count, times.postprocess / count};
  }
  return {};
}

Detector::Detector(std::unique_ptr<State> state) : state_(std::move(state)) {}
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;
Detector::~Detector() = default;

// Some exports declare their height and width open but hold tables made for one size.
static Error with_size_hint(Error error, const Model& model, const InputPlan& plan) {
  const Shape& declared = model.inputs()[0].shape;
  if (error.code == ErrorCode::kInvalid && (declared[2] < 0 || declared[3] < 0)) {
    error.message += fmt::format(
        "\nThe model leaves its input size open, but may only work at the size it was exported for (often 640x640), "
        "not at {}x{}.",
        plan.height, plan.width);
  }
  return error;
}

Result<Detector> Detector::load(const std::string& model_path, const DetectorOptions& options) {
  SAKER_ASSIGN(const Model model, Model::load(model_path, options.model));
  return create(model, options);
}

Result<Detector> Detector::create(const Model& model, const DetectorOptions& options) {
  SAKER_TRY(check_options(options));
  auto plan = plan_input(model, options);
  if (!plan.ok()) return plan.error().with_context(model.path());
  SessionOptions session_options = options.session;
  session_options.input_shapes = {{plan->batch, 3, plan->height, plan->width}};
  auto session_result = Session::create(model, session_options);
  if (!session_result.ok()) return with_size_hint(session_result.error(), model, *plan);
  Session session = std::move(*session_result);
  if (model.backend_model() != nullptr) {
    if (auto status = learn_outputs(session); !status.ok()) return status.error().with_context(model.path());
  }
  auto head = find_session_head(model, session, *plan, options.head);
  if (!head.ok()) return head.error().with_context(model.path());
  std::vector<std::string> labels = choose_labels(model, options, *head);
  const Preprocess preprocess = options.preprocess.value_or(default_preprocess(head->kind));
  SAKER_ASSIGN(const Isa isa, choose_isa(options.session.isa));
  auto letterbox = Letterbox::make(preprocess, session.input(0).dtype(), plan->width, plan->height, isa);
  if (!letterbox.ok()) return letterbox.error().with_context(model.path());
  std::vector<bool> wanted;
  if (!options.classes.empty()) {
    wanted.resize(static_cast<std::size_t>(head->classes), false);
    for (const int id : options.classes) {
      if (id < 0 || id >= head->classes) {
        return Error{ErrorCode::kInvalid,
                     fmt::format("class {} is asked for; the model has the classes 0..{}", id, head->classes - 1)};
      }
      wanted[static_cast<std::size_t>(id)] = true;
    }
  }
  return Detector(std::make_unique<State>(State{model.backend(),
                                                std::move(session),
                                                std::move(*head),
                                                *plan,
                                                preprocess,
                                                std::move(*letterbox),
                                                std::move(labels),
                                                options,
                                                std::move(wanted),
                                                {}}));
}

Result<Detector> Detector::clone() const {
  const State& s = *state_;
  SAKER_ASSIGN(Session session, s.session.clone());
  return Detector(std::make_unique<State>(State{s.backend,
                                                std::move(session),
                                                s.head,
                                                s.input,
                                                s.preprocess,
                                                s.letterbox,
                                                s.labels,
                                                s.options,
                                                s.wanted_classes,
                                                {}}));
}

Result<Detections> Detector::detect(const ImageView& image) {
  std::vector<Detections> results;
  SAKER_TRY(state_->run_chunk({&image, 1}, results));
  return std::move(results[0]);
}

Result<std::vector<Detections>> Detector::detect(std::span<const ImageView> images) {
  std::vector<Detections> results;
  results.reserve(images.size());
  const auto batch = static_cast<std::size_t>(state_->input.batch);
  for (std::size_t first = 0; first < images.size(); first += batch) {
    const std::size_t count = std::min(batch, images.size() - first);
    SAKER_TRY(state_->run_chunk(images.subspan(first, count), results));
  }
  return results;
}

Result<Detector> Detector::clone_with(const Preprocess& preprocess) const {
  SAKER_ASSIGN(Detector copy, clone());
  State& s = *copy.state_;
  SAKER_ASSIGN(const Isa isa, choose_isa(s.options.session.isa));
  SAKER_ASSIGN(s.letterbox,
               Letterbox::make(preprocess, s.session.input(0).dtype(), s.input.width, s.input.height, isa));
  s.preprocess = preprocess;
  return copy;
}

HeadKind Detector::head() const {
  return state_->head.kind;
}
const Preprocess& Detector::preprocess() const {
  return state_->preprocess;
}
const std::vector<std::string>& Detector::labels() const {
  return state_->labels;
}
int Detector::class_count() const {
  return state_->head.classes;
}
int Detector::input_height() const {
  return state_->input.height;
}
int Detector::input_width() const {
  return state_->input.width;
}
const std::string& Detector::backend() const {
  return state_->backend;
}
bool Detector::batch_is_fixed() const {
  return state_->input.fixed_batch;
}
Session& Detector::session() {
  return state_->session;
}

}  // namespace saker
