#include "quantize/guard_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/statistics.h"
#include "base/try.h"
#include "data/random.h"
#include "detect/nms.h"
#include "guard/picture_check.h"
#include "guard/preprocess_check.h"

namespace saker::cli {
namespace {

// ln of the root mean square of the first layer's weights on channel 0, over that on channel 2: of detectors for RGB
// above 0.3, for BGR below -0.3, as blue says least. 0: no first layer over three colours.
double colour_weight_of(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConv) continue;
    const auto& w = graph.value(node.inputs[1]).constant;
    if (!w || w->dtype() != DType::kFloat32 || w->shape().size() != 4 || w->shape()[1] % 3 != 0 || w->shape()[1] > 12)
      return 0;
    double squares[3] = {0, 0, 0};
    const std::int64_t channels = w->shape()[1], taps = w->shape()[2] * w->shape()[3];
    for (std::int64_t i = 0; i < w->elements(); ++i) {
      const double value = static_cast<double>(w->data<float>()[i]);
      squares[i / taps % channels % 3] += value * value;
    }
    return squares[0] > 0 && squares[2] > 0 ? std::log(squares[0] / squares[2]) / 2 : 0;
  }
  return 0;
}

Candidate candidate(const Detection& box) {
  return {box.x1, box.y1, box.x2, box.y2, box.score, box.class_id};
}

// Greedily, best score first.
std::size_t count_matches(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  std::vector<bool> taken(b.size(), false);
  std::size_t matched = 0;
  for (const Detection& own : a) {
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (taken[i] || b[i].class_id != own.class_id || !(box_iou(candidate(own), candidate(b[i])) >= 0.5F)) continue;
      taken[i] = true;
      ++matched;
      break;
    }
  }
  return matched;
}

// What a model finds tells little of how pictures were made to fit; the family tells.
Result<Findings> check_fit(const DetectorFlags& flags) {
  if (!flags.letterbox && !flags.stretch) return Findings();
  DetectorFlags usual = flags;
  usual.letterbox = usual.stretch = false;
  usual.quiet = true;
  SAKER_ASSIGN(const Detector detector, make_detector(usual));
  const bool stretches = detector.preprocess().fit == Fit::kStretch;
  if (stretches == flags.stretch) return Findings();
  return Findings{{stretches ? "letterboxed" : "stretched", false,
                   fmt::format("models of this kind ({}) are trained on pictures that {}", head_name(detector.head()),
                               stretches ? "fill the whole input" : "keep their proportions"),
                   fmt::format("leave --{} out", stretches ? "letterbox" : "stretch")}};
}

// The pictures, and what the model finds in them under one reading and others.
Result<Findings> check_content(const DetectorFlags& flags, const Graph& graph, const CalibrationPictures& pictures) {
  PictureSet set{pictures.traits, pictures.unreadable.size(), 0};
  Findings findings = check_pictures(set);
  const auto refuses = [](const Finding& f) { return f.refuses; };
  const bool only_drawn =
      std::ranges::all_of(findings, [&](const Finding& f) { return !f.refuses || f.name == "drawn pictures"; });
  if (!only_drawn) return findings;

  DetectorFlags lenient = flags;
  lenient.conf = 0.05F;
  lenient.iou = 0.5F;
  lenient.max_det = 100;
  lenient.quiet = true;
  SAKER_ASSIGN(const Detector detector, make_detector(lenient));
  std::vector<std::size_t> order(pictures.paths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  PortableRandom(1).shuffle(order);
  const ImageReadOptions read = read_options(flags, detector);
  const auto picture = [&](std::size_t i) { return read_image(pictures.paths[order[i]], read); };
  SAKER_ASSIGN(PreprocessCheck check,
               check_preprocess(detector, colour_weight_of(graph), pictures.paths.size(), picture));
  if (std::ranges::any_of(findings, refuses)) {  // drawn: unless the model knows such pictures
    set.certain = check.certain;
    findings = check_pictures(set);
  }
  findings.insert(findings.end(), check.findings.begin(), check.findings.end());
  return findings;
}

}  // namespace

Result<Findings> guard(const DetectorFlags& flags, const Graph& graph, const CalibrationPictures& pictures) {
  SAKER_ASSIGN(Findings findings, check_content(flags, graph, pictures));
  SAKER_ASSIGN(const Findings fit, check_fit(flags));
  findings.insert(findings.end(), fit.begin(), fit.end());
  return findings;
}

Result<Agreement> compare(Detector& full, Detector& int8, const CalibrationPictures& pictures, std::size_t count,
                          const ImageReadOptions& read) {
  Agreement result;
  std::vector<double> float_ms, int8_ms;
  for (std::size_t i = 0; i < std::min(count, pictures.paths.size()); ++i) {
    SAKER_ASSIGN(const Image image, read_image(pictures.paths[i], read));
    SAKER_ASSIGN(const Detections a, full.detect(image.view()));
    SAKER_ASSIGN(const Detections b, int8.detect(image.view()));
    ++result.pictures;
    result.float_boxes += a.boxes.size();
    result.int8_boxes += b.boxes.size();
    result.matched += count_matches(a.boxes, b.boxes);
    float_ms.push_back(a.ms.infer);
    int8_ms.push_back(b.ms.infer);
  }
  if (result.pictures == 0) return result;
  result.float_ms = median(std::move(float_ms));
  result.int8_ms = median(std::move(int8_ms));
  return result;
}

}  // namespace saker::cli
