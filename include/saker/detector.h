// Detector: a picture in, boxes out.
#pragma once

#include <saker/detector_spec.h>
#include <saker/planar.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace saker {

struct DetectorOptions {
  ModelOptions model = {};      // for load(): the backend, among others
  SessionOptions session = {};  // input_shapes is filled in by the detector
  SpecOptions spec = {};        // how the model is fed and read
  BoxOptions boxes = {};        // of calls that name none
};

struct StageTimes {  // milliseconds of one call, divided by its number of pictures
  double preprocess = 0, infer = 0, postprocess = 0;
};

struct Detections {
  std::vector<Detection> boxes;  // best score first
  StageTimes ms;
};

// Not thread-safe: one call at a time; clone() for more pictures in flight.
class Detector {
 public:
  static Result<Detector> load(const std::string& model_path, const DetectorOptions& options = {});
  static Result<Detector> create(const Model& model, const DetectorOptions& options = {});
  Result<Detector> clone() const;  // shares the compiled plan and the specification

  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  ~Detector();

  Result<Detections> detect(const ImageView& image);
  Result<Detections> detect(const ImageView& image, const BoxOptions& options);
  // The same boxes as of the picture turned into RGB, each pixel with the chroma of its block of 2x2, rounded.
  Result<Detections> detect(const PlanarView& image);
  Result<Detections> detect(const PlanarView& image, const BoxOptions& options);
  // Any number of pictures; run spec().batch() at a time.
  Result<std::vector<Detections>> detect(std::span<const ImageView> images);
  Result<std::vector<Detections>> detect(std::span<const ImageView> images, const BoxOptions& options);

  // For later calls; neither compiles anything.
  Status set_preprocess(const Preprocess& preprocess);
  Status set_boxes(const BoxOptions& boxes);

  const DetectorSpec& spec() const;
  const BoxOptions& boxes() const;
  const std::string& backend() const;  // the engine that runs the model
  // Its input does not always hold the picture that was detected last (8-bit models take bytes); fit_picture puts it
  // there.
  Session& session();

  // Of spec().
  HeadKind head() const { return spec().head(); }
  const Preprocess& preprocess() const { return spec().preprocess(); }
  const std::vector<std::string>& labels() const { return spec().labels(); }
  int class_count() const { return spec().class_count(); }
  int input_height() const { return spec().input_height(); }
  int input_width() const { return spec().input_width(); }
  bool batch_is_fixed() const { return spec().batch_is_fixed(); }

 private:
  struct State;
  explicit Detector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace saker
