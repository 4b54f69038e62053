#include <fmt/format.h>

#include <algorithm>

#include "losses/distillation.h"
#include "nets/heads.h"
#include "train/modifiers/distillation.h"

namespace saker::train {
namespace {

losses::HeadLayout layout_of(const nets::Network& network) {
  const nets::Module& head = network.layers.back().module;
  switch (nets::head_family(head)) {
    case nets::HeadFamily::kAnchors: {
      const Tensor* anchors = head.weight("anchors");
      return losses::layout_of_anchors(network.classes, anchors == nullptr ? 0 : anchors->shape().at(1));
    }
    case nets::HeadFamily::kYolox:
      return losses::layout_of_yolox(network.classes);
    default:
      return losses::layout_of_distances(network.classes, head.integer("reg_max", 16));
  }
}

bool same_sizes(const losses::MapView& a, const losses::MapView& b) {
  return a.batch == b.batch && a.channels == b.channels && a.height == b.height && a.width == b.width;
}

class OutputDistillation final : public Distillation {
 public:
  OutputDistillation(const recipe::Modifier& modifier, Teaching teaching)
      : Distillation(modifier, std::move(teaching)),
        how_(std::get<recipe::OutputDistillation>(modifier.action)),
        layout_(layout_of(student())) {}

  Status check(const Weights& /*weights*/) const override {
    const auto family = [](const nets::Network& network) { return nets::head_family(network.layers.back().module); };
    if (family(teacher()) != family(student())) {
      return recipe::error_at(
          modifier(), {},
          fmt::format("the teacher has a head of {}, the network one of {}", teacher().family, student().family));
    }
    if (teacher().classes == student().classes) return {};
    return recipe::error_at(
        modifier(), {},
        fmt::format("the teacher finds {} classes, the network is to find {}", teacher().classes, student().classes));
  }

 private:
  Result<double> learn(const TrainParts& /*parts*/, std::span<const losses::MapView> maps,
                       std::span<const losses::MapView> wanted, Teacher& /*teacher*/) override {
    if (!std::ranges::equal(maps, wanted, same_sizes))
      return recipe::error_at(modifier(), {},
                              "the teacher's maps have other sizes than the network's: it has other "
                              "strides, lengths or anchors");
    const double share = how_.hardness * batch_factor(maps[0].batch);
    return share * losses::distill(maps, wanted, layout_, {how_.temperature, 1 - how_.hardness, share});
  }

  recipe::OutputDistillation how_;
  losses::HeadLayout layout_;
};

}  // namespace

std::unique_ptr<TrainModifier> make_output_distillation(const recipe::Modifier& modifier, const Teaching& teaching) {
  if (teaching.by == Teaching::By::kNobody) return make_no_distillation(modifier);
  return std::make_unique<OutputDistillation>(modifier, teaching);
}

}  // namespace saker::train
