#include "anchors.h"

#include <fmt/format.h>

#include <algorithm>

#include "losses/autoanchor.h"
#include "nets/heads.h"

namespace saker::train_cli {

Status fit_anchors_of(nets::Network& network, const Dataset& dataset, const train::TrainOptions& options,
                      std::vector<std::string>& notes) {
  nets::Module& head = network.layers.back().module;
  if (nets::head_family(head) != nets::HeadFamily::kAnchors) return {};
  std::vector<losses::BoxSize> boxes;
  for (const Annotation& box : dataset.annotations) {
    const Picture& picture = dataset.pictures[static_cast<std::size_t>(box.picture)];
    const int longest = std::max(picture.width, picture.height);
    if (longest <= 0 || box.crowd) continue;
    const double scale = static_cast<double>(options.size) / longest;
    boxes.push_back({static_cast<float>(box.w * scale), static_cast<float>(box.h * scale)});
  }
  Tensor& stored = head.weights.at("anchors");
  auto* cells = stored.data<float>();
  const auto count = static_cast<std::size_t>(stored.elements());
  const std::size_t of_level = count / network.strides.size();
  const losses::AutoAnchor fitted =
      losses::fit_anchors(boxes, nets::anchors_in_pixels(network), options.anchor_t, options.seed);
  if (!fitted.changed) return {};
  for (std::size_t i = 0; i < count; ++i)
    cells[i] = fitted.anchors[i] / static_cast<float>(network.strides[i / of_level]);
  notes.push_back(fmt::format("other anchors: {:.1f} % of the boxes have one that fits instead of {:.1f} %",
                              100 * fitted.recall, 100 * fitted.before));
  return {};
}

}  // namespace saker::train_cli
