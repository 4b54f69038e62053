// What names, operators and values say about a candidate.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "detect/heads/evidence.h"
#include "detect/labels.h"

namespace saker {
namespace {

// ---- operators ----

enum class Makers : std::uint8_t { kUnknown, kConvolution, kProbability, kBoth, kOther };

Makers makers_of(const HeadEvidence& evidence, const HeadSpec& spec) {
  bool convolution = false, probability = false, known = false;
  for (const std::size_t output : spec.outputs) {
    for (const std::string& maker : evidence.outputs[output].makers) {
      known = true;
      convolution = convolution || maker == "Conv" || maker == "ConvInt8";
      probability = probability || maker == "Sigmoid" || maker == "Softmax" || maker == "HardSigmoid";
    }
  }
  if (!known) return Makers::kUnknown;
  if (convolution) return probability ? Makers::kBoth : Makers::kConvolution;
  return probability ? Makers::kProbability : Makers::kOther;
}

// The best of many, as heads without suppression take them.
bool selects_rows(const HeadEvidence& evidence, const HeadSpec& spec) {
  constexpr std::array kSelect = {"TopK", "GatherElements", "GatherND", "NonMaxSuppression"};
  const auto& makers = evidence.outputs[spec.outputs[0]].makers;
  return std::ranges::any_of(kSelect, [&](const char* name) { return makers.contains(name); });
}

// By the names that its exporter gives.
bool is_rf_detr(const HeadEvidence& evidence, const HeadSpec& spec) {
  return evidence.outputs[spec.outputs[0]].name == "dets" && evidence.outputs[spec.outputs[1]].name == "labels";
}

bool boxes_are_decoded(HeadKind kind) {
  switch (kind) {
    case HeadKind::kYolov5:
    case HeadKind::kYolov8:
    case HeadKind::kYoloxDecoded:
    case HeadKind::kYolov6:
    case HeadKind::kRows:
    case HeadKind::kBoxesScores:
      return true;
    default:
      return false;
  }
}

// ---- values ----

struct Range {
  float low = std::numeric_limits<float>::infinity(), high = -std::numeric_limits<float>::infinity();
  bool whole = true, ones = true, finite = true;

  void add(float value) {
    low = std::min(low, value);
    high = std::max(high, value);
    whole = whole && value == std::floor(value);
    ones = ones && value == 1;
    finite = finite && std::isfinite(value);
  }
  bool within(float least, float most) const { return low >= least && high <= most; }
};

// An output of the run as places x channels of its first picture; two axes have no picture.
class Table {
 public:
  Table(const ProbedOutput& output, std::size_t channel_axis) : values_(output.values) {
    const Shape& s = output.shape;
    for (std::size_t axis = s.size(); axis-- > channel_axis + 1;) inner_ *= s[axis];
    channels_ = s[channel_axis];
    for (std::size_t axis = s.size() > 2 ? 1 : 0; axis < channel_axis; ++axis) outer_ *= s[axis];
  }

  std::int64_t places() const { return values_.empty() ? 0 : outer_ * inner_; }
  float at(std::int64_t place, std::int64_t channel) const {
    return values_[static_cast<std::size_t>(((place / inner_) * channels_ + channel) * inner_ + place % inner_)];
  }
  Range range(std::int64_t first, std::int64_t count) const {
    Range range;
    for (std::int64_t place = 0; place < places(); ++place) {
      for (std::int64_t channel = first; channel < first + count; ++channel) range.add(at(place, channel));
    }
    return range;
  }
  // Whether the second corner is never before the first.
  bool are_corners() const {
    for (std::int64_t place = 0; place < places(); ++place) {
      if (at(place, 2) < at(place, 0) || at(place, 3) < at(place, 1)) return false;
    }
    return true;
  }

 private:
  const std::vector<float>& values_;
  std::int64_t outer_ = 1, channels_ = 1, inner_ = 1;
};

constexpr float kSlack = 1e-3F;  // of probabilities in half precision
constexpr float kBeyond = 1.5F;  // how far fractions may reach over the picture's edge

bool are_probabilities(const Range& range) {
  return range.within(-kSlack, 1 + kSlack);
}

std::string not_probabilities(const Range& range) {
  return fmt::format("its scores would go from {:.3g} to {:.3g}, which are no probabilities", range.low, range.high);
}

class ValueJudge {
 public:
  ValueJudge(const HeadEvidence& evidence, const ProbedOutputs& outputs, CandidateHead& candidate)
      : evidence_(evidence), outputs_(outputs), candidate_(candidate), spec_(candidate.spec) {}

  void judge() {
    switch (spec_.kind) {
      case HeadKind::kYolov5:
        return decoded_table(false, 4, spec_.classes + 1);
      case HeadKind::kYolov8:
        return decoded_table(spec_.channels_first, 4, spec_.classes);
      case HeadKind::kYolox:
        return yolox();
      case HeadKind::kYoloxDecoded:
      case HeadKind::kYolov6:
        return decoded_objectness();
      case HeadKind::kRows:
        return spec_.outputs.size() > 1 ? rows_apart() : rows();
      case HeadKind::kEndToEnd:
        return final_rows();
      case HeadKind::kNanodetPlus:
        return probabilities(table(0, 2).range(0, spec_.classes));
      case HeadKind::kYolov5Raw:
        return raw_maps();
      case HeadKind::kYolov8Raw:
        return raw_classes();
      case HeadKind::kBoxesScores:
      case HeadKind::kDetr:
        return boxes_and_scores();
      default:
        return;  // their values tell nothing that the shapes do not
    }
  }

 private:
  void against(std::string why) {
    if (candidate_.against.empty()) candidate_.against = std::move(why);
  }
  void agrees(std::string why) { candidate_.agrees += (candidate_.agrees.empty() ? "" : "; ") + std::move(why); }

  Table table(std::size_t output, std::size_t channel_axis) const {
    return {outputs_[spec_.outputs[output]], channel_axis};
  }
  // Boxes in pixels reach far into the picture, offsets and fractions do not.
  float far() const { return static_cast<float>(std::min(spec_.input_height, spec_.input_width)) / 4; }

  void probabilities(const Range& range) {
    if (!are_probabilities(range)) return against(not_probabilities(range));
    agrees("scores are between 0 and 1");
  }

  // Fractions, as TensorFlow's exports have them, where the operators say that boxes are decoded.
  bool are_fractions(const Range& boxes) const {
    const Makers makers = makers_of(evidence_, spec_);
    const bool has_fractions = spec_.kind == HeadKind::kYolov5 || spec_.kind == HeadKind::kYolov8;
    return has_fractions && makers != Makers::kUnknown && boxes.within(-kBeyond, kBeyond);
  }

  void decoded(const Table& values) {
    const Range boxes = values.range(0, 4);
    spec_.normalized = are_fractions(boxes);
    if (!spec_.normalized && boxes.high < far())
      return against(fmt::format("its boxes would reach no further than {:.3g}", boxes.high));
    if (values.range(2, 2).low < 0) return against("its boxes would have sides below zero");
    spec_.corners = spec_.kind != HeadKind::kRows && values.are_corners();
    if (spec_.corners) agrees("boxes are corners");
    if (spec_.normalized) agrees("boxes are fractions of the input");
  }

  // A last column of whole numbers beside one that has others is a class.
  bool has_class_column(const Table& values, std::int64_t channels) const {
    return channels == 6 && values.range(5, 1).whole && !values.range(4, 1).whole;
  }

  void decoded_table(bool channels_first, std::int64_t first, std::int64_t count) {
    const Table values = table(0, channels_first ? 1 : 2);
    decoded(values);
    probabilities(values.range(first, count));
    if (!channels_first && has_class_column(values, first + count + spec_.extra_channels))
      against("its last channel holds whole numbers only, which are classes");
    if (spec_.kind == HeadKind::kYolov8 && values.range(first, 1).ones)
      against("the score of its first class would be 1 everywhere");
  }

  void decoded_objectness() {
    decoded_table(false, 4, spec_.classes + 1);
    const bool ones = table(0, 2).range(4, 1).ones;
    if (ones && spec_.kind == HeadKind::kYoloxDecoded) against("its objectness would be 1 everywhere");
    if (!ones && spec_.kind == HeadKind::kYolov6) against("its objectness is not 1 everywhere");
    if (ones && spec_.kind == HeadKind::kYolov6) agrees("objectness is 1 everywhere");
  }

  void yolox() {
    const Table values = table(0, 2);
    const Range boxes = values.range(0, 4), scores = values.range(4, spec_.classes + 1);
    if (std::max(boxes.high, -boxes.low) > far())
      return against(fmt::format("its offsets would go from {:.3g} to {:.3g}", boxes.low, boxes.high));
    if (has_class_column(values, spec_.classes + 5))
      return against("its last channel holds whole numbers only, which are classes");
    spec_.logits = !are_probabilities(scores);
    agrees(spec_.logits ? "scores are logits" : "scores are between 0 and 1");
  }

  void rows() {
    const Table values = table(0, 2);
    if (!values.are_corners()) return against("its corners would be in the wrong order");
    decoded(values);
    probabilities(values.range(4, 1));
    if (!has_class_column(values, 6)) against("its last channel does not hold classes, which are whole numbers");
  }

  // The class of each row in an output of its own.
  void rows_apart() {
    const Table boxes = table(0, outputs_[spec_.outputs[0]].shape.size() - 1);
    if (!boxes.are_corners()) return against("its corners would be in the wrong order");
    decoded(boxes);
    Range scores;
    for (const float value : outputs_[spec_.outputs[1]].values) scores.add(value);
    if (spec_.outputs[0] != spec_.outputs[1]) probabilities(scores);
  }

  void final_rows() {
    const Table values = table(0, outputs_[spec_.outputs[0]].shape.size() - 1);
    if (values.places() == 0) return;
    const Range first = values.range(0, 1), second = values.range(1, 1), last = values.range(5, 1);
    spec_.class_first = first.whole && first.low >= -1 && are_probabilities(second) && !last.whole;
    if (spec_.class_first) return agrees("the class stands first");
    if (!last.whole) against("its last channel does not hold classes, which are whole numbers");
  }

  void raw_maps() {
    Range range;
    for (const std::size_t output : spec_.outputs) {
      for (const float value : outputs_[output].values) range.add(value);
    }
    settle_scores(range);
  }

  void raw_classes() {
    Range range;
    for (std::size_t i = 0; i < spec_.outputs.size(); i += 2) {
      const std::size_t last = outputs_[spec_.outputs[i]].shape.size() - 1;
      const Range level = table(i, spec_.channels_first ? 1 : last).range(spec_.score_first, spec_.classes);
      range.add(level.low);
      range.add(level.high);
    }
    settle_scores(range);
  }

  void settle_scores(const Range& range) {
    spec_.logits = !are_probabilities(range);
    agrees(spec_.logits ? "scores are logits" : "scores are between 0 and 1");
  }

  void boxes_and_scores() {
    const Table boxes = table(0, spec_.boxes_first ? 1 : 2), scores = table(1, spec_.channels_first ? 1 : 2);
    const Range values = boxes.range(0, 4);
    const bool fractions = values.within(-kBeyond, kBeyond);
    if (spec_.kind == HeadKind::kDetr && !fractions)
      return against(fmt::format("its boxes go from {:.3g} to {:.3g}, and are no fractions", values.low, values.high));
    if (spec_.kind == HeadKind::kBoxesScores && !fractions && values.high < far())
      return against(fmt::format("its boxes would reach no further than {:.3g}", values.high));
    spec_.normalized = fractions;
    spec_.corners = spec_.kind == HeadKind::kBoxesScores && boxes.are_corners();
    agrees(fmt::format("boxes are {} in {}", spec_.corners ? "corners" : "centre and size",
                       spec_.normalized ? "fractions of the input" : "pixels"));
    settle_scores(scores.range(spec_.score_first, spec_.classes));
    if (spec_.kind == HeadKind::kDetr && spec_.logits && spec_.score_first == 0) find_no_object(scores);
  }

  // A picture of noise has no objects, and a class that says so is the likeliest of most queries.
  void find_no_object(const Table& scores) {
    if (spec_.classes < 2) return;
    std::int64_t nothing = 0;
    for (std::int64_t place = 0; place < scores.places(); ++place) {
      const float last = scores.at(place, spec_.classes - 1);
      bool highest = last > 0;
      for (std::int64_t c = 0; c < spec_.classes - 1 && highest; ++c) highest = last > scores.at(place, c);
      nothing += highest ? 1 : 0;
    }
    if (2 * nothing <= scores.places()) return;
    spec_.no_object = spec_.imagenet = true;
    --spec_.classes;
    agrees("the last class is \"no object\"");
  }

  const HeadEvidence& evidence_;
  const ProbedOutputs& outputs_;
  CandidateHead& candidate_;
  HeadSpec& spec_;
};

// Whether the run's outputs have the shapes that the candidate was found by.
bool same_outputs(const HeadEvidence& evidence, const ProbedOutputs& outputs, const HeadSpec& spec) {
  return std::ranges::all_of(spec.outputs, [&](std::size_t i) {
    return i < outputs.size() && outputs[i].shape.size() == evidence.outputs[i].shape.size() &&
           !outputs[i].values.empty();
  });
}

void judge_names(const HeadEvidence& evidence, CandidateHead& candidate) {
  const int classes = candidate.spec.classes;
  if (classes == 0) return;
  if (evidence.names == classes) {
    candidate.agrees = fmt::format("{} names {} classes", evidence.named_by, evidence.names);
  } else if (evidence.names > 0 && !evidence.names_may_differ) {
    candidate.against =
        fmt::format("it would have {} classes, and {} names {}", classes, evidence.named_by, evidence.names);
  } else if (classes == static_cast<int>(coco80_labels().size())) {
    candidate.agrees = "its 80 classes are as many as COCO's";
  }
}

}  // namespace

void judge_by_graph(const HeadEvidence& evidence, CandidateHead& candidate) {
  HeadSpec& spec = candidate.spec;
  judge_names(evidence, candidate);
  const Makers makers = makers_of(evidence, spec);
  const bool raw = makers == Makers::kConvolution || makers == Makers::kBoth;
  const auto against = [&](const char* why) {
    if (candidate.against.empty()) candidate.against = why;
  };
  // Mask coefficients are.
  if (raw && boxes_are_decoded(spec.kind) && spec.extra_channels == 0)
    against("results of convolutions are in the output as they are");
  switch (spec.kind) {
    case HeadKind::kYolov5:
      candidate.settled = !evidence.channels_last;
      break;
    case HeadKind::kYolov8:
      candidate.settled = spec.channels_first && !evidence.channels_last;
      break;
    case HeadKind::kYolox:
      if (evidence.has_exp) against("the graph has an Exp, which decodes boxes");
      spec.logits = makers == Makers::kConvolution;
      candidate.settled = raw;
      if (raw && candidate.agrees.empty()) candidate.agrees = "results of convolutions are in the output as they are";
      break;
    case HeadKind::kYoloxDecoded:
      if (!evidence.has_exp && makers != Makers::kUnknown) against("the graph has no Exp, which decodes its boxes");
      candidate.settled = false;
      break;
    case HeadKind::kYolov8Raw:
      if (spec.outputs.size() == 2 && !raw && makers != Makers::kUnknown)
        against("no results of convolutions are in the outputs as they are");
      [[fallthrough]];
    case HeadKind::kYolov5Raw:
      spec.logits = raw || makers == Makers::kUnknown;
      candidate.settled = makers == Makers::kConvolution || makers == Makers::kProbability;
      break;
    case HeadKind::kDetr:
      if (selects_rows(evidence, spec)) against("its rows have been selected from more");
      spec.imagenet = is_rf_detr(evidence, spec);
      candidate.settled = false;
      break;
    case HeadKind::kEndToEnd:
      candidate.settled = evidence.outputs[spec.outputs[0]].shape.size() == 3;
      break;
    case HeadKind::kYolov6:
    case HeadKind::kRows:
    case HeadKind::kBoxesScores:
    case HeadKind::kNanodetPlus:
      candidate.settled = false;
      break;
    default:
      break;
  }
}

void judge_by_values(const HeadEvidence& evidence, const ProbedOutputs& outputs, CandidateHead& candidate) {
  if (!same_outputs(evidence, outputs, candidate.spec)) return;
  ValueJudge(evidence, outputs, candidate).judge();
  candidate.settled = true;
}

}  // namespace saker
