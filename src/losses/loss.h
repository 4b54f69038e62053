// What training makes smaller: which cells of a head answer for which true boxes (assignment), what the head's maps are
// then worth (losses), and how that changes with each of their numbers (gradients). One family of detectors a file;
// plain arithmetic on maps, whatever computed them.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace saker {
class ThreadPool;
}

namespace saker::losses {

// One map of a head for a batch: what its last convolution gave, before any sigmoid. Element (n, c, y, x) is at
// n * strides[0] + c * strides[1] + y * strides[2] + x * strides[3], of the values and of the gradients.
struct MapView {
  const float* values = nullptr;
  float* gradients = nullptr;  // written whole: d total / d value; null: only the losses are wanted
  std::int64_t batch = 0, channels = 0, height = 0, width = 0;
  std::int64_t strides[4] = {};
};

// A true box. Centre and size in pixels of the network's input.
struct Target {
  std::int32_t picture = 0, category = 0;  // in the batch; of the classes
  float x = 0, y = 0, w = 0, h = 0;
};

struct LossItem {
  std::string_view name;  // as results.csv has it: "box_loss"
  double value = 0;       // with its gain, without the factor of the batch
};

struct Losses {
  double total = 0;  // what the gradients are of; with the factor of the batch where the family has it
  std::vector<LossItem> items;
};

// Gains and thresholds, by the names of the families' hyper-parameters. Defaults: Ultralytics 8.4 for distances,
// YOLOv5 7.0 for anchors, YOLOX main.
struct DistanceLossOptions {  // YOLOv8, 11
  std::int64_t classes = 80, reg_max = 16;
  std::vector<double> strides = {8, 16, 32};
  double box = 7.5, cls = 0.5, dfl = 1.5;
};

struct AnchorLossOptions {  // YOLOv5
  std::int64_t classes = 80;
  std::vector<double> strides = {8, 16, 32};
  std::vector<float> anchors;  // width and height in pixels, level by level, as many a level
  // As in hyp.yaml; they are scaled here by the numbers of levels and classes and the training's size, as YOLOv5's
  // train.py does before it makes its loss.
  double box = 0.05, cls = 0.5, obj = 1.0;
  double image_size = 640;  // that the training asks for, whatever the size of a batch
  double cls_pw = 1, obj_pw = 1, anchor_t = 4, fl_gamma = 0, label_smoothing = 0;
};

struct YoloxLossOptions {
  std::int64_t classes = 80;
  std::vector<double> strides = {8, 16, 32};
  bool l1 = false;  // the last epochs' additional loss; without it its item is 0
};

// Immutable but for what a call needs of memory: one call at a time.
class Loss {
 public:
  virtual ~Loss() = default;
  // The maps level by level, in the order that the family's head gives them (nets/heads.h, head_maps): distances:
  // boxes, scores; anchors: one; YOLOX: boxes, objectness, scores. `input`: the size of the network's input.
  // Targets of no class of the model, of no picture or not finite are the caller's fault; they may lie outside. The
  // total is not finite where a score (YOLOv5 and YOLOX: objectness) of any cell is not, or what a target is compared
  // with. The same results whatever the number of threads.
  virtual Losses compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize input,
                         ThreadPool& pool) = 0;
  virtual std::vector<std::string_view> item_names() const = 0;
};

std::unique_ptr<Loss> make_loss(const DistanceLossOptions& options);
std::unique_ptr<Loss> make_loss(const AnchorLossOptions& options);
std::unique_ptr<Loss> make_loss(const YoloxLossOptions& options);

}  // namespace saker::losses
