// The heads that the shapes of a model's outputs allow.

#include <algorithm>

#include "detect/heads/evidence.h"
#include "detect/heads/levels.h"

namespace saker {
namespace {

constexpr std::int64_t kMaxClasses = 10000;
constexpr std::int64_t kMaxBins = 256;
constexpr std::int64_t kFewestQueries = 50, kMostQueries = 5000;  // 100 to 900 are usual
constexpr int kYolov8Bins = 16;                                   // reg_max of YOLOv8 and most successors
constexpr int kNanodetBins = 8;                                   // reg_max 7 of NanoDet-Plus

using Specs = std::vector<HeadSpec>;

class Search {
 public:
  explicit Search(const HeadEvidence& evidence) : evidence_(evidence), levels_{evidence.height, evidence.width} {}

  Specs of(HeadKind kind) const {
    switch (kind) {
      case HeadKind::kYolov5:
        return yolov5();
      case HeadKind::kYolov5Raw:
        return yolov5_raw();
      case HeadKind::kYolov8:
        return yolov8();
      case HeadKind::kYolox:
      case HeadKind::kYoloxDecoded:
      case HeadKind::kYolov6:
        return objectness();
      case HeadKind::kNanodet:
        return nanodet();
      case HeadKind::kNanodetPlus:
        return nanodet_plus();
      case HeadKind::kYolov8Raw:
        return yolov8_raw();
      case HeadKind::kRows:
        return rows();
      case HeadKind::kBoxesScores:
        return boxes_scores();
      case HeadKind::kDetr:
        return detr();
      case HeadKind::kNmsOutputs:
        return nms_outputs();
      case HeadKind::kEndToEnd:
        return final_rows(6);
      case HeadKind::kNmsRows:
        return final_rows(7);
      case HeadKind::kAuto:
        break;
    }
    return {};
  }

 private:
  std::size_t count() const { return evidence_.outputs.size(); }
  const Shape& shape(std::size_t i) const { return evidence_.outputs[i].shape; }

  HeadSpec spec_of(std::vector<std::size_t> outputs, Strides strides) const {
    HeadSpec spec;
    spec.input_height = evidence_.height;
    spec.input_width = evidence_.width;
    spec.outputs = std::move(outputs);
    spec.strides = std::move(strides);
    return spec;
  }

  static bool set_classes(HeadSpec& spec, std::int64_t classes) {
    if (classes < 1 || classes > kMaxClasses) return false;
    spec.classes = static_cast<int>(classes);
    return true;
  }

  // Segmentation models append mask coefficients and have a map [N, coefficients, H/4, W/4]; pose models keypoints.
  int extra_channels() const {
    for (std::size_t i = 0; i < count(); ++i) {
      const Shape& s = shape(i);
      const bool map = s.size() == 4 && s[2] == levels_.rows(4) && s[3] == levels_.columns(4);
      if (map && s[1] > 0 && s[1] <= 256) return static_cast<int>(s[1]);
    }
    return evidence_.keypoint_values;
  }

  // One output [N, cells, channels], or [N, channels, cells] with `channels_first`, for each that there is.
  template <typename Fit>
  Specs grids(bool channels_first, std::int64_t boxes_per_cell, Fit fit) const {
    Specs specs;
    for (std::size_t i = 0; i < count(); ++i) {
      const Shape& s = shape(i);
      if (s.size() != 3) continue;
      const std::int64_t cells = s[channels_first ? 2 : 1], channels = s[channels_first ? 1 : 2];
      if (cells <= 0 || cells % boxes_per_cell != 0) continue;
      HeadSpec spec = spec_of({i}, levels_.strides_of(cells / boxes_per_cell));
      spec.channels_first = channels_first;
      if (!spec.strides.empty() && fit(spec, channels)) specs.push_back(std::move(spec));
    }
    return specs;
  }

  Specs yolov5() const {
    return grids(false, 3, [&](HeadSpec& spec, std::int64_t channels) {
      spec.extra_channels = extra_channels();
      return set_classes(spec, channels - 5 - spec.extra_channels);
    });
  }

  Specs yolov8() const {
    const auto fit = [&](HeadSpec& spec, std::int64_t channels) {
      spec.extra_channels = extra_channels();
      return set_classes(spec, channels - 4 - spec.extra_channels);
    };
    Specs specs = grids(true, 1, fit);
    for (HeadSpec& spec : grids(false, 1, fit)) specs.push_back(std::move(spec));
    return specs;
  }

  Specs objectness() const {
    return grids(false, 1, [](HeadSpec& spec, std::int64_t channels) { return set_classes(spec, channels - 5); });
  }

  Specs nanodet_plus() const {
    return grids(false, 1, [](HeadSpec& spec, std::int64_t channels) {
      spec.bins = kNanodetBins;
      return spec.strides.size() == 4 && spec.strides[0] == 8 && set_classes(spec, channels - 4 * spec.bins);
    });
  }

  // Of three boxes a cell only where an operator chooses classes, since YOLOv5 with one class has that shape.
  Specs rows() const {
    const auto fit = [](HeadSpec&, std::int64_t channels) { return channels == 6; };
    Specs specs = grids(false, 1, fit);
    for (HeadSpec& spec : grids(false, 3, fit)) {
      const auto& makers = evidence_.outputs[spec.outputs[0]].makers;
      if (makers.contains("ArgMax") || makers.contains("TopK")) specs.push_back(std::move(spec));
    }
    for (HeadSpec& spec : boxes_scores_classes()) {
      if (is_of_cells(spec)) specs.push_back(std::move(spec));
    }
    return specs;
  }

  Specs nms_outputs() const {
    Specs specs = boxes_scores_classes();
    std::erase_if(specs, [&](const HeadSpec& spec) { return is_of_cells(spec); });
    return specs;
  }

  bool is_of_cells(const HeadSpec& spec) const {
    const Shape& boxes = shape(spec.outputs[0]);
    return levels_.are_cells(boxes[boxes.size() - 2]);
  }

  // The maps may come in any order; each is told by its size.
  Specs yolov5_raw() const {
    HeadSpec spec = spec_of({}, known_strides()[0]);
    std::int64_t classes = 0;
    for (const int stride : spec.strides) {
      for (std::size_t i = 0; i < count(); ++i) {
        const Shape& s = shape(i);
        const bool five = s.size() == 5 && s[1] == 3 && s[2] == levels_.rows(stride) && s[3] == levels_.columns(stride);
        const bool four =
            s.size() == 4 && s[1] % 3 == 0 && s[2] == levels_.rows(stride) && s[3] == levels_.columns(stride);
        const bool last =
            s.size() == 4 && s[3] % 3 == 0 && s[1] == levels_.rows(stride) && s[2] == levels_.columns(stride);
        if (!five && !four && !last) continue;
        const std::int64_t found = (five ? s[4] : (four ? s[1] : s[3]) / 3) - 5;
        if (classes != 0 && found != classes) continue;
        classes = found;
        spec.outputs.push_back(i);
        break;
      }
    }
    spec.anchors = evidence_.anchors.empty() ? coco_anchors() : evidence_.anchors;
    if (spec.outputs.size() != spec.strides.size() || !set_classes(spec, classes)) return {};
    return {spec};
  }

  // The maps of a level, by their channels.
  struct LevelMap {
    std::size_t output;
    std::int64_t channels;
  };
  std::vector<LevelMap> level_maps(int stride, bool channels_first) const {
    std::vector<LevelMap> maps;
    for (std::size_t i = 0; i < count(); ++i) {
      const Shape& s = shape(i);
      if (s.size() != 4) continue;
      const std::size_t row = channels_first ? 2 : 1;
      if (s[row] == levels_.rows(stride) && s[row + 1] == levels_.columns(stride))
        maps.push_back({i, s[channels_first ? 1 : 3]});
    }
    return maps;
  }

  // Of a level one map with sides and classes, or one with each; a third, of one channel, is their sum and not needed.
  // Sides are distributions, or apart the distances themselves.
  static bool add_level(const std::vector<LevelMap>& maps, HeadSpec& spec) {
    const auto with = [&](std::int64_t channels) { return std::ranges::find(maps, channels, &LevelMap::channels); };
    const std::int64_t sides = std::int64_t{4} * kYolov8Bins;
    std::size_t score = 0, side = 0;
    std::int64_t classes = 0, bins = kYolov8Bins;
    if (maps.size() == 1) {
      if (maps[0].channels <= sides) return false;
      score = side = maps[0].output;
      classes = maps[0].channels - sides;
    } else {
      auto found = with(sides);
      if (found == maps.end()) found = with(4);
      if (found == maps.end()) return false;
      side = found->output;
      bins = found->channels / 4;
      const auto other = std::ranges::find_if(
          maps, [&](const LevelMap& map) { return map.output != side && (map.channels > 1 || maps.size() == 2); });
      if (other == maps.end()) return false;
      score = other->output;
      classes = other->channels;
    }
    const bool first = spec.outputs.empty();
    if (!first && (classes != spec.classes || bins != spec.bins)) return false;
    if (!set_classes(spec, classes)) return false;
    spec.bins = static_cast<int>(bins);
    spec.score_first = score == side ? static_cast<int>(sides) : 0;
    spec.outputs.insert(spec.outputs.end(), {score, side});
    return true;
  }

  Specs yolov8_raw() const {
    Specs specs = levels_in_one();
    for (const bool channels_first : {true, false}) {
      HeadSpec spec = spec_of({}, known_strides()[0]);
      spec.channels_first = channels_first;
      const bool fits = std::ranges::all_of(
          spec.strides, [&](int stride) { return add_level(level_maps(stride, channels_first), spec); });
      if (fits) specs.push_back(std::move(spec));
    }
    return specs;
  }

  // All levels one after the other. Sides and classes together have the shape of decoded boxes: only operators speak
  // for them.
  Specs levels_in_one() const {
    constexpr int kSides = 4 * kYolov8Bins;
    Specs specs = pairs(kSides);
    std::erase_if(specs, [](const HeadSpec& spec) { return spec.strides.empty(); });
    for (HeadSpec& spec : specs) std::swap(spec.outputs[0], spec.outputs[1]);  // scores first
    const auto fit = [](HeadSpec& spec, std::int64_t channels) { return set_classes(spec, channels - kSides); };
    for (HeadSpec& spec : grids(true, 1, fit)) {
      const auto& makers = evidence_.outputs[spec.outputs[0]].makers;
      const bool raw = std::ranges::all_of(makers, [](const std::string& maker) {
        return maker == "Conv" || maker == "ConvInt8" || maker == "Sigmoid";
      });
      if (makers.empty() || !raw) continue;
      spec.outputs.push_back(spec.outputs[0]);
      spec.score_first = kSides;
      spec.boxes_first = true;
      specs.push_back(std::move(spec));
    }
    for (HeadSpec& spec : specs) spec.bins = kYolov8Bins;
    return specs;
  }

  // The two outputs of a level, in their order: [N, cells, channels] or [cells, channels].
  std::vector<std::size_t> level_pair(std::int64_t cells) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < count(); ++i) {
      const Shape& s = shape(i);
      if ((s.size() == 2 || s.size() == 3) && s[s.size() - 2] == cells) found.push_back(i);
    }
    return found;
  }

  Specs nanodet() const {
    constexpr std::int64_t kUsualSides = 32;  // 4 sides of 8 bins
    HeadSpec spec = spec_of({}, {});
    std::int64_t classes = 0, sides = 0;
    for (const int stride : known_strides()[1]) {
      const auto pair = level_pair(levels_.cells(stride));
      if (pair.size() != 2) break;
      std::size_t score = pair[0], side = pair[1];
      const auto channels = [&](std::size_t i) { return shape(i).back(); };
      if (channels(score) == kUsualSides && channels(side) != kUsualSides) std::swap(score, side);
      if (spec.strides.empty()) {
        classes = channels(score);
        sides = channels(side);
      } else if (channels(score) != classes || channels(side) != sides) {
        return {};
      }
      spec.strides.push_back(stride);
      spec.outputs.insert(spec.outputs.end(), {score, side});
    }
    if (spec.strides.size() < 3 || sides < 8 || sides % 4 != 0 || sides / 4 > kMaxBins) return {};
    spec.bins = static_cast<int>(sides / 4);
    if (!set_classes(spec, classes)) return {};
    return {spec};
  }

  // An output [N, places, channels] and one [N, places, classes], either transposed.
  Specs pairs(std::int64_t channels) const {
    Specs specs;
    for (std::size_t i = 0; i < count(); ++i) {
      for (std::size_t k = 0; k < count(); ++k) {
        if (i == k || shape(i).size() != 3 || shape(k).size() != 3) continue;
        for (const bool boxes_first : {false, true}) {
          const std::int64_t places = shape(i)[boxes_first ? 2 : 1];
          if (shape(i)[boxes_first ? 1 : 2] != channels || places <= channels) continue;
          const bool last = shape(k)[1] == places, first = shape(k)[2] == places;
          if (last == first) continue;
          HeadSpec spec = spec_of({i, k}, levels_.strides_of(places));
          spec.boxes_first = boxes_first;
          spec.channels_first = first;
          if (set_classes(spec, shape(k)[first ? 1 : 2])) specs.push_back(std::move(spec));
        }
      }
    }
    return specs;
  }

  std::int64_t places_of(const HeadSpec& pair) const { return shape(pair.outputs[0])[pair.boxes_first ? 2 : 1]; }

  Specs boxes_scores() const {
    Specs specs = pairs(4);
    std::erase_if(specs, [&](const HeadSpec& spec) { return !levels_.are_cells(places_of(spec)); });
    return specs;
  }

  // Queries are as many as the model was trained with, which has nothing to do with the input's size.
  Specs detr() const {
    Specs specs = pairs(4);
    std::erase_if(specs, [&](const HeadSpec& spec) { return levels_.are_cells(places_of(spec)); });
    if (!specs.empty()) return specs;  // scores apart from their boxes hold none
    for (std::size_t i = 0; i < count(); ++i) {
      const Shape& s = shape(i);
      if (s.size() != 3 || s[1] < kFewestQueries || s[1] > kMostQueries || count() > 2) continue;
      if (levels_.are_cells(s[1]) || levels_.are_cells(s[2])) continue;
      HeadSpec spec = spec_of({i, i}, {});
      spec.score_first = 4;
      if (set_classes(spec, s[2] - 4)) specs.push_back(std::move(spec));
    }
    return specs;
  }

  // boxes [N, k, 4], scores and classes [N, k]; perhaps their number [N, 1] or [N]. Scores come before classes by name,
  // else by place; or they stand behind the boxes, [N, k, 5].
  Specs boxes_scores_classes() const {
    for (std::size_t b = 0; b < count(); ++b) {
      const Shape& boxes = shape(b);
      if ((boxes.size() != 2 && boxes.size() != 3) || (boxes.back() != 4 && boxes.back() != 5)) continue;
      const std::size_t rank = boxes.size() - 1;
      std::vector<std::size_t> lists, numbers;
      for (std::size_t i = 0; i < count(); ++i) {
        if (i == b) continue;
        const Shape& s = shape(i);
        const bool list = s.size() == rank && s.back() == boxes[rank - 1] && s.back() != 1;
        const bool number = rank == 2 && (s.size() == 1 || (s.size() == 2 && s[1] == 1));
        if (list) lists.push_back(i);
        if (number) numbers.push_back(i);
      }
      const bool scored = boxes.back() == 5;
      if (lists.size() != (scored ? 1 : 2) || numbers.size() > 1) continue;
      if (scored) lists.insert(lists.begin(), b);
      if (!scored && (is_class_list(lists[0]) || (rank == 1 && !is_class_list(lists[1]))))
        std::swap(lists[0], lists[1]);
      HeadSpec spec = spec_of({b, lists[0], lists[1]}, {});
      spec.score_first = scored ? 4 : 0;
      spec.outputs.insert(spec.outputs.end(), numbers.begin(), numbers.end());
      return {spec};
    }
    return {};
  }

  bool is_class_list(std::size_t i) const {
    const std::string& name = evidence_.outputs[i].name;
    return name.find("label") != std::string::npos || name.find("class") != std::string::npos;
  }

  Specs final_rows(std::int64_t columns) const {
    const std::size_t batched = columns == 6 ? 3 : 2;
    for (std::size_t i = 0; i < count(); ++i) {
      const Shape& s = shape(i);
      const bool fits = s.size() == batched || (columns == 6 && s.size() == 2);
      const bool all_cells = s.size() == 3 && levels_.are_cells(s[1]);  // which have not been suppressed
      if (fits && !all_cells && s.back() == columns) return {spec_of({i}, {})};
    }
    return {};
  }

  const HeadEvidence& evidence_;
  const Levels levels_;
};

}  // namespace

std::span<const HeadKind> known_heads() {
  static constexpr HeadKind kHeads[] = {HeadKind::kYolov5,       HeadKind::kYolov8,      HeadKind::kYolox,
                                        HeadKind::kYoloxDecoded, HeadKind::kYolov6,      HeadKind::kRows,
                                        HeadKind::kNanodet,      HeadKind::kNanodetPlus, HeadKind::kYolov5Raw,
                                        HeadKind::kYolov8Raw,    HeadKind::kBoxesScores, HeadKind::kEndToEnd,
                                        HeadKind::kNmsRows,      HeadKind::kNmsOutputs,  HeadKind::kDetr};
  return kHeads;
}

std::vector<CandidateHead> candidates_by_shape(const HeadEvidence& evidence, HeadKind wanted) {
  const Search search(evidence);
  std::vector<CandidateHead> candidates, transposed;
  for (const HeadKind kind : known_heads()) {
    if (wanted != HeadKind::kAuto && wanted != kind) continue;
    for (HeadSpec& spec : search.of(kind)) {
      spec.kind = kind;
      spec.logits = kind == HeadKind::kYolov5Raw || kind == HeadKind::kYolov8Raw;
      spec.corners = kind == HeadKind::kBoxesScores;
      spec.normalized = kind == HeadKind::kDetr;
      // More exports of YOLOX have this shape than of YOLOv8 transposed, unless there is no room for its objectness.
      const bool late = kind == HeadKind::kYolov8 && !spec.channels_first && wanted == HeadKind::kAuto &&
                        evidence.outputs[spec.outputs[0]].shape[2] > 5;
      (late ? transposed : candidates).push_back({std::move(spec), "", "", true});
    }
  }
  std::ranges::move(transposed, std::back_inserter(candidates));
  return candidates;
}

}  // namespace saker
