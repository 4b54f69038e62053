#include "train/loss_of.h"

#include <algorithm>

#include "nets/heads.h"

namespace saker::train {
namespace {

std::vector<float> anchors_in_pixels(const nets::Network& network) {
  const Tensor* stored = network.layers.back().module.weight("anchors");
  if (stored == nullptr) return {};
  std::vector<float> anchors = nets::numbers_of(*stored);
  const std::size_t of_level = anchors.size() / std::max<std::size_t>(network.strides.size(), 1);
  for (std::size_t i = 0; i < anchors.size() && of_level > 0; ++i)
    anchors[i] *= static_cast<float>(network.strides[i / of_level]);
  return anchors;
}

losses::AnchorLossOptions anchor_options(const nets::Network& network, const TrainOptions& options) {
  losses::AnchorLossOptions loss;
  loss.classes = network.classes;
  loss.strides = network.strides;
  loss.anchors = anchors_in_pixels(network);
  loss.box = options.box;
  loss.cls = options.cls;
  loss.obj = options.obj;
  loss.cls_pw = options.cls_pw;
  loss.obj_pw = options.obj_pw;
  loss.anchor_t = options.anchor_t;
  loss.fl_gamma = options.fl_gamma;
  loss.label_smoothing = options.label_smoothing;
  return loss;
}

}  // namespace

std::unique_ptr<losses::Loss> make_loss(const nets::Network& network, const TrainOptions& options, bool plain) {
  const nets::Module& head = network.layers.back().module;
  switch (nets::head_family(head)) {
    case nets::HeadFamily::kAnchors:
      return losses::make_loss(anchor_options(network, options));
    case nets::HeadFamily::kYolox:
      return losses::make_loss(losses::YoloxLossOptions{network.classes, network.strides, plain});
    default: {
      losses::DistanceLossOptions loss;
      loss.classes = network.classes;
      loss.reg_max = head.integer("reg_max", 16);
      loss.strides = network.strides;
      loss.box = options.box;
      loss.cls = options.cls;
      loss.dfl = options.dfl;
      return losses::make_loss(loss);
    }
  }
}

}  // namespace saker::train
