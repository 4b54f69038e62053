// DetectorSpec: what a detector's input takes and what its outputs mean. And the two functions that stand on it: a
// picture into the input, boxes out of the outputs. A program with sessions of its own needs no more; Detector
// (saker/detector.h) is both with one session.
#pragma once

#include <saker/image.h>
#include <saker/planar.h>
#include <saker/session.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

struct Detection {
  int class_id = 0;
  float score = 0;                       // 0..1
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;  // corners in pixels of the picture, clipped to it (ImageView::file_size)
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
  kNanodetPlus,   // [N, cells, classes + 4*bins]
  kYolov6,        // [N, cells, 5+classes], decoded, objectness always 1 (YOLOv6, Gold-YOLO)
  kYolov8Raw,     // maps [N, 4*16+classes, H, W] a level, or two; channels first or last: cut before the boxes
  kBoxesScores,   // [N, cells, 4] and [N, cells, classes] (YOLO-NAS, DAMO-YOLO, PP-YOLOE); either transposed
  kRows,          // [N, cells, 6]: x1, y1, x2, y2, score, class before suppression (DeepStream-Yolo)
  kDetr,          // [N, queries, 4+classes] or [N, queries, 4] and [N, queries, classes]; fractions of the input
  kNmsOutputs,    // boxes, scores, classes and perhaps their number apart (TensorRT's NMS; RT-DETR, D-FINE, DEIM)
};

const char* head_name(HeadKind head);                      // "yolov8", ...
std::optional<HeadKind> head_from_name(std::string_view);  // "auto" too
std::vector<std::string> head_names();                     // of all, "auto" first

enum class Fit : std::uint8_t {
  kLetterboxCenter,   // YOLOv5, v8, v9, v10, 11, 12, 26
  kLetterboxTopLeft,  // YOLOX
  kStretch,           // NanoDet
};

// value = (pixel * scale - mean[c]) / std[c], channels in model order (after the colour swap). Grey: c = 0. Inputs of
// uint8 take the pixel itself.
struct Preprocess {
  Fit fit = Fit::kLetterboxCenter;
  bool bgr = false;
  float scale = 1.0F / 255;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> std = {1, 1, 1};
  std::uint8_t pad = 114;
};

struct SpecOptions {
  int height = 0, width = 0;  // 0: the model's own; of a dynamic one what its metadata say, or 640
  int batch = 1;              // pictures a run; a model with a fixed batch runs as often as needed
  HeadKind head = HeadKind::kAuto;
  // Empty: what the head's family trains with, less what the graph does to its input itself.
  std::optional<Preprocess> preprocess = {};
  std::vector<std::string> labels = {};  // empty: from the model's metadata, else coco80 if 80 classes, else numbers
  std::string isa = {};                  // of the code that fits pictures, as SessionOptions::isa
  // Of the inputs that are no pictures, by name: one value for all elements, those of one picture, or all. Without:
  // orig_target_sizes, im_shape and scale_factor get the input's size, so that boxes are in its pixels.
  std::map<std::string, std::vector<double>> inputs = {};
  // Of kYolov5Raw, whose files do not tell them: width and height in pixels of the input, three a level, small ones
  // first.
  std::vector<std::array<float, 2>> anchors = {};  // empty: those of YOLOv5's COCO models
};

// The shapes to compile the model's inputs for. One is the picture: [N, 3, H, W], [N, H, W, 3], or grey with 1 in place
// of 3. Errors: kInvalid (sizes that the model does not take, values that do not fit), kUnsupported (no detector's
// inputs).
Result<std::vector<Shape>> detector_input_shapes(const Model& model, const SpecOptions& options = {});

// A head that the shapes of a model's outputs allow.
struct HeadCandidate {
  HeadKind head = HeadKind::kAuto;
  int classes = 0;      // 0: the outputs do not tell
  std::string against;  // what rules it out; empty: nothing
};

// Immutable and cheap to copy; may be shared between threads.
class DetectorSpec {
 public:
  // By the outputs' shapes as they follow from the graph, the names in the metadata and the operators that make the
  // outputs: nothing is compiled, unless those leave a choice; then the model is run once on noise. Errors:
  // kUnsupported: no known head, several that fit, a model of another task, or the graph is another engine's and only a
  // session can tell. kInvalid: the metadata name more or fewer classes than the outputs have.
  static Result<DetectorSpec> find(const Model& model, const SpecOptions& options = {});
  // By the outputs of a session of that model, compiled for detector_input_shapes. Runs it once on zeros if it is
  // another engine's: those may know the shapes of their outputs only then.
  static Result<DetectorSpec> find(const Model& model, Session& session, const SpecOptions& options = {});
  // The same model fed otherwise.
  Result<DetectorSpec> with(const Preprocess& preprocess) const;

  HeadKind head() const;
  const std::string& head_reason() const;                     // why this one, for people
  const std::vector<HeadCandidate>& head_candidates() const;  // all that the outputs' shapes allow
  const std::vector<std::string>& notes() const;              // assumptions, and what is left out; mostly none
  bool needs_nms() const;                                     // false: the model suppresses duplicates itself
  float nms_iou() const;                                      // threshold of a call that names none
  float evaluation_iou() const;  // with which models of this family are evaluated by those who train them
  const Preprocess& preprocess() const;
  const std::vector<std::string>& labels() const;  // index: class id; at least as many as classes
  int class_count() const;
  std::size_t input_index() const;  // of the picture, among the session's inputs
  int input_height() const;
  int input_width() const;
  int batch() const;                        // pictures a run
  bool batch_is_fixed() const;              // by the model, whatever options.batch says
  Shape input_shape() const;                // of the picture: [batch, 3, height, width], ...
  std::vector<Shape> input_shapes() const;  // of all inputs, as the session's
  DType input_dtype() const;

  struct State;  // internal
  const State& state() const { return *state_; }

 private:
  explicit DetectorSpec(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// Where a picture lies in the input and how it was scaled.
struct Placement {
  int left = 0, top = 0, width = 0, height = 0;  // pixels of the input
  double ratio_x = 1, ratio_y = 1;               // input pixels per pixel given
  int picture_width = 0, picture_height = 0;     // pixels given
  float file_x = 1, file_y = 1;                  // pixels of the file per pixel given
};

// Writes a picture into place `slot` of a batch; `input` is a session's, number input_index(). All of the slot is
// written. Errors: kInvalid (a broken view, another shape or type than the spec's), kLimit.
Result<Placement> fit_picture(const DetectorSpec& spec, const ImageView& image, Tensor& input, int slot);
Result<Placement> fit_picture(const DetectorSpec& spec, const PlanarView& image, Tensor& input, int slot);

// Writes the inputs that are no pictures, if there are any: before every run.
Status fill_other_inputs(const DetectorSpec& spec, Session& session);

// Which boxes a call gives.
struct BoxOptions {
  float conf = 0.25F;             // boxes below are dropped
  std::optional<float> iou = {};  // NMS threshold; empty: DetectorSpec::nms_iou; unused by heads that bring their own
  int max_det = 300;
  bool multi_label = false;       // one box may carry several classes
  bool agnostic = false;          // NMS across classes
  std::vector<int> classes = {};  // keep only these; empty: all
};

// Error kInvalid, naming the option that is out of range.
Status check_boxes(const DetectorSpec& spec, const BoxOptions& options);

// The boxes of the picture in `slot`, best score first. `outputs`: all of the session's, in their order, with any
// strides.
Result<std::vector<Detection>> read_boxes(const DetectorSpec& spec, std::span<const TensorView> outputs, int slot,
                                          const Placement& placement, const BoxOptions& options = {});

// "person", "bicycle", ...: the 80 classes of COCO in training order.
const std::vector<std::string>& coco80_labels();
// One label a line, or a YOLO data.yaml with `names` (a list, or a map from id). By extension.
Result<std::vector<std::string>> read_labels(const std::string& path);

}  // namespace saker
