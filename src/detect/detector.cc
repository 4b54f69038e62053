// Detector: a specification and a session, for one or many pictures.
#include <saker/detector.h>

#include <algorithm>

#include "api/guarded.h"
#include "api/internals.h"
#include "base/clock.h"
#include "base/try.h"
#include "detect/spec_input.h"
#include "detect/spec_state.h"

namespace saker {

struct Detector::State {
  std::string backend;
  DetectorSpec spec;
  Session session;
  BoxOptions boxes;

  // View: ImageView or PlanarView.
  template <typename View>
  Status fill_slots(std::span<const View> images, std::span<Placement> placements);
  template <typename View>
  Status run_chunk(std::span<const View> images, const BoxOptions& options, std::vector<Detections>& results);
  template <typename View>
  Result<std::vector<Detections>> run(std::span<const View> images, const BoxOptions& options);
  template <typename View>
  Result<Detections> run_one(const View& image, const BoxOptions& options);
};

template <typename View>
Status Detector::State::fill_slots(std::span<const View> images, std::span<Placement> placements) {
  SAKER_TRY(fill_other_inputs(spec, session));
  for (std::size_t i = 0; i < images.size(); ++i) {
    SAKER_ASSIGN(placements[i], fit_picture(spec, images[i], session, static_cast<int>(i)));
  }
  return {};
}

template <typename View>
Status Detector::State::run_chunk(std::span<const View> images, const BoxOptions& options,
                                  std::vector<Detections>& results) {
  std::vector<Placement> placements(images.size());
  Stopwatch watch;
  StageTimes times;
  SAKER_TRY(fill_slots(images, placements));
  times.preprocess = watch.lap();
  SAKER_TRY(run_fitted(spec, session, static_cast<int>(images.size())));
  times.infer = watch.lap();
  std::vector<TensorView> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) outputs.push_back(session.output(i));
  const std::size_t first = results.size();
  for (std::size_t i = 0; i < images.size(); ++i) {
    SAKER_ASSIGN(auto found, read_boxes(spec, outputs, static_cast<int>(i), placements[i], options));
    results.push_back({std::move(found), {}});
  }
  times.postprocess = watch.lap();
  const auto count = static_cast<double>(images.size());
  for (std::size_t i = first; i < results.size(); ++i) {
    results[i].ms = {times.preprocess / count, times.infer / count, times.postprocess / count};
  }
  return {};
}

template <typename View>
Result<std::vector<Detections>> Detector::State::run(std::span<const View> images, const BoxOptions& options) {
  return guarded(spec.state().model, [&]() -> Result<std::vector<Detections>> {
    SAKER_TRY(check_boxes(spec, options));
    std::vector<Detections> results;
    results.reserve(images.size());
    const auto batch = static_cast<std::size_t>(spec.batch());
    for (std::size_t first = 0; first < images.size(); first += batch) {
      const std::size_t count = std::min(batch, images.size() - first);
      SAKER_TRY(run_chunk(images.subspan(first, count), options, results));
    }
    return results;
  });
}

template <typename View>
Result<Detections> Detector::State::run_one(const View& image, const BoxOptions& options) {
  SAKER_ASSIGN(auto results, run(std::span<const View>(&image, 1), options));
  return std::move(results[0]);
}

Detector::Detector(std::unique_ptr<State> state) : state_(std::move(state)) {}
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;
Detector::~Detector() = default;

Result<Detector> Detector::load(const std::string& model_path, const DetectorOptions& options) {
  SAKER_ASSIGN(const Model model, Model::load(model_path, options.model));
  return create(model, options);
}

// The specification comes first where the graph tells it, so that a model that is no detector is not compiled.
Result<Detector> Detector::create(const Model& model, const DetectorOptions& options) {
  return guarded(model.path(), [&]() -> Result<Detector> {
    SpecOptions spec_options = options.spec;
    if (spec_options.isa.empty()) spec_options.isa = options.session.isa;
    std::optional<DetectorSpec> spec;
    if (graph_of(model) != nullptr) {
      SAKER_ASSIGN(spec, DetectorSpec::find(model, spec_options));
      SAKER_TRY(check_boxes(*spec, options.boxes));
    }
    const auto input = choose_input(model, spec_options);
    if (!input.ok()) return input.error().with_context(model.path());
    SessionOptions session_options = options.session;
    session_options.input_shapes = input->shapes();
    auto session = Session::create(model, session_options);
    if (!session.ok()) return with_size_hint(session.error(), model.inputs()[input->index], *input);
    if (!spec) {
      SAKER_ASSIGN(spec, DetectorSpec::find(model, *session, spec_options));
      SAKER_TRY(check_boxes(*spec, options.boxes));
    }
    return Detector(
        std::make_unique<State>(State{model.backend(), std::move(*spec), std::move(*session), options.boxes}));
  });
}

Result<Detector> Detector::clone() const {
  return guarded(spec().state().model, [&]() -> Result<Detector> {
    SAKER_ASSIGN(Session session, state_->session.clone());
    return Detector(std::make_unique<State>(State{state_->backend, state_->spec, std::move(session), state_->boxes}));
  });
}

Result<Detections> Detector::detect(const ImageView& image) {
  return detect(image, state_->boxes);
}
Result<Detections> Detector::detect(const ImageView& image, const BoxOptions& options) {
  return state_->run_one(image, options);
}
Result<Detections> Detector::detect(const PlanarView& image) {
  return detect(image, state_->boxes);
}
Result<Detections> Detector::detect(const PlanarView& image, const BoxOptions& options) {
  return state_->run_one(image, options);
}
Result<std::vector<Detections>> Detector::detect(std::span<const ImageView> images) {
  return detect(images, state_->boxes);
}
Result<std::vector<Detections>> Detector::detect(std::span<const ImageView> images, const BoxOptions& options) {
  return state_->run(images, options);
}

Status Detector::set_preprocess(const Preprocess& preprocess) {
  SAKER_ASSIGN(state_->spec, state_->spec.with(preprocess));
  return {};
}

Status Detector::set_boxes(const BoxOptions& boxes) {
  SAKER_TRY(check_boxes(state_->spec, boxes));
  state_->boxes = boxes;
  return {};
}

const DetectorSpec& Detector::spec() const {
  return state_->spec;
}
const BoxOptions& Detector::boxes() const {
  return state_->boxes;
}
const std::string& Detector::backend() const {
  return state_->backend;
}
Session& Detector::session() {
  return state_->session;
}

}  // namespace saker
