// Detector: a picture in, boxes out.
#pragma once

#include <saker/image.h>
#include <saker/session.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker {

struct Detection {
  int class_id = 0;
  float score = 0;                       // 0..1
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;  // corners in pixels of the picture given, clipped to it
};

// How output tensors become boxes.
enum class HeadKind : std::uint8_t {
  kAuto,
  kYolov5,        // [N, 3*cells, 5+classes], decoded: cx, cy, w, h in input pixels, objectness, scores
  kYolov5Raw,     // three maps [N, 3, H, W, 5+classes] or [N, 3*(5+classes), H, W], logits
  kYolov8,        // [N, 4+classes, cells] or transposed (v8, v9, 11, 12, 26 without its end-to-end head)
  kEndToEnd,      // [N, boxes, 6]: x1, y1, x2, y2, score, class (v10, 26, exports with NMS inside)
  kNmsRows,       // [boxes, 7]: batch, x1, y1, x2, y2, class, score (exports with NMS inside)
  kYolox,         // [N, cells, 5+classes], undecoded
  kYoloxDecoded,  // the same, decoded in the graph
  kNanodet,       // per level scores [N, cells, classes] and distributions [N, cells, 4*bins]
};

const char* head_name(HeadKind head);                      // "yolov8", ...
std::optional<HeadKind> head_from_name(std::string_view);  // "auto" too

enum class Fit : std::uint8_t {
  kLetterboxCenter,   // YOLOv5, v8, v9, v10, 11, 12, 26
  kLetterboxTopLeft,  // YOLOX
  kStretch,           // NanoDet
};

// value = (pixel * scale - mean[c]) / std[c], channels in model order (after the colour swap).
struct Preprocess {
  Fit fit = Fit::kLetterboxCenter;
  bool bgr = false;
  float scale = 1.0F / 255;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> std = {1, 1, 1};
  std::uint8_t pad = 114;
};

struct DetectorOptions {
  ModelOptions model;         // for load(): the backend, among others
  SessionOptions session;     // input_shapes is filled in by the detector
  int height = 0, width = 0;  // 0: the model's own, or 640 for a dynamic model
  int batch = 1;              // pictures a run; a model with a fixed batch runs as often as needed
  HeadKind head = HeadKind::kAuto;
  std::optional<Preprocess> preprocess;  // empty: what the head's family trains with
  std::vector<std::string> labels;       // empty: from the model's metadata, else coco80 if 80 classes, else numbers
  float conf = 0.25F;                    // boxes below are dropped
  float iou = 0.45F;                     // NMS threshold; unused by heads that bring their own
  int max_det = 300;
  bool multi_label = false;  // one box may carry several classes
  bool agnostic = false;     // NMS across classes
  std::vector<int> classes;  // keep only these; empty: all
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
  Result<Detector> clone() const;                                   // shares the compiled plan
  Result<Detector> clone_with(const Preprocess& preprocess) const;  // the same model, fed otherwise

  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  ~Detector();

  Result<Detections> detect(const ImageView& image);
  // Any number of pictures; run options.batch at a time.
  Result<std::vector<Detections>> detect(std::span<const ImageView> images);

  HeadKind head() const;
  const Preprocess& preprocess() const;
  const std::vector<std::string>& labels() const;  // index: class id; at least as many as classes
  int class_count() const;
  int input_height() const;
  int input_width() const;
  const std::string& backend() const;  // the engine that runs the model
  bool batch_is_fixed() const;         // the model takes one picture a run whatever options.batch says
  Session& session();

 private:
  struct State;
  explicit Detector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "person", "bicycle", ...: the 80 classes of COCO in training order.
const std::vector<std::string>& coco80_labels();
// One label a line, or a YOLO data.yaml with `names` (a list, or a map from id). By extension.
Result<std::vector<std::string>> read_labels(const std::string& path);

}  // namespace saker
