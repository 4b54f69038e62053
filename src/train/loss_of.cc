#include "train/loss_of.h"

#include "nets/heads.h"

namespace saker::train {
namespace {

losses::AnchorLossOptions anchor_options(const nets::Network& network, const TrainOptions& options) {
  losses::AnchorLossOptions loss;
  loss.classes = network.classes;
  loss.strides = network.strides;
  loss.anchors = nets::anchors_in_pixels(network);
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
