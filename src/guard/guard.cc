#include "guard/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "base/try.h"
#include "detect/heads/head.h"
#include "guard/picture_check.h"
#include "guard/preprocess_check.h"
#include "guard/provenance.h"

namespace saker {
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

// What a model finds tells little of how pictures were made to fit; the family tells.
Findings check_fit(const Detector& detector) {
  Preprocess usual = detector.preprocess();
  usual.fit = default_preprocess(detector.head()).fit;
  const bool stretches = usual.fit == Fit::kStretch;
  if (stretches == (detector.preprocess().fit == Fit::kStretch)) return {};
  return {{stretches ? "letterboxed" : "stretched", false,
           fmt::format("models of this kind ({}) are trained on pictures that {}", head_name(detector.head()),
                       stretches ? "fill the whole input" : "keep their proportions"),
           "", usual}};
}

// The pictures, and what the model finds in them under one reading and others.
Result<Findings> check_content(const Detector& detector, const Graph& graph, const CalibrationPictures& pictures,
                               const ImageReadOptions& read) {
  PictureSet set{pictures.traits, pictures.unreadable.size(), 0};
  Findings findings = check_pictures(set);
  const auto refuses = [](const Finding& f) { return f.refuses; };
  const bool only_drawn =
      std::ranges::all_of(findings, [&](const Finding& f) { return !f.refuses || f.name == "drawn pictures"; });
  if (!only_drawn) return findings;

  std::vector<std::size_t> order(pictures.paths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  PortableRandom(1).shuffle(order);
  const auto picture = [&](std::size_t i) { return read_image(pictures.paths[order[i]], read); };
  SAKER_ASSIGN(PreprocessCheck check,
               check_preprocess(detector, colour_weight_of(graph), pictures.paths.size(), picture));
  heed_provenance(graph.metadata, detector.preprocess(), default_preprocess(detector.head()), check.findings);
  if (std::ranges::any_of(findings, refuses)) {  // drawn: unless the model knows such pictures
    set.certain = check.certain;
    findings = check_pictures(set);
  }
  findings.insert(findings.end(), check.findings.begin(), check.findings.end());
  return findings;
}

}  // namespace

Result<Findings> guard(const Detector& detector, const Graph& graph, const CalibrationPictures& pictures,
                       const ImageReadOptions& read) {
  SAKER_ASSIGN(Findings findings, check_content(detector, graph, pictures, read));
  const Findings fit = check_fit(detector);
  findings.insert(findings.end(), fit.begin(), fit.end());
  return findings;
}

}  // namespace saker
