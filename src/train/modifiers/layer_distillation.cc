#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "base/try.h"
#include "losses/distillation.h"
#include "train/modifiers/distillation.h"

namespace saker::train {
namespace {

void list_convolutions(const nets::Module& module, std::vector<std::string>& paths) {
  if (module.type == "Conv2d" && !module.path.ends_with("dfl.conv")) paths.push_back(module.path);
  for (const nets::Module& child : module.children) list_convolutions(child, paths);
}

std::vector<std::string> convolutions_of(const nets::Network& network) {
  std::vector<std::string> paths;
  for (const nets::Layer& layer : network.layers) list_convolutions(layer.module, paths);
  return paths;
}

class LayerDistillation final : public Distillation {
 public:
  // Without names all convolutions; with one list, the same names in both.
  LayerDistillation(const recipe::Modifier& modifier, Teaching teaching)
      : Distillation(modifier, std::move(teaching)), how_(std::get<recipe::LayerDistillation>(modifier.action)) {
    own_ = how_.student_layers.empty() ? how_.teacher_layers : how_.student_layers;
    others_ = how_.teacher_layers.empty() ? own_ : how_.teacher_layers;
    if (!own_.empty()) return;
    own_ = convolutions_of(student());
    others_ = convolutions_of(teacher());
  }

  Status check(const Weights& /*weights*/) const override {
    if (how_.project_features)
      return recipe::error_at(modifier(), "project_features", "saker has none: layers are compared as they are");
    if (own_.size() != others_.size()) {
      return recipe::error_at(modifier(), "student_layer_names",
                              fmt::format("there are {} layers of the network and {} of the teacher; with "
                                          "teacher_layer_names they have to be pairs",
                                          own_.size(), others_.size()));
    }
    SAKER_TRY(look_for("student_layer_names", own_, student()));
    return look_for("teacher_layer_names", others_, teacher());
  }

 private:
  Status look_for(const char* field, const std::vector<std::string>& paths, const nets::Network& network) const {
    for (const std::string& path : paths) {
      if (nets::find_module(network, path) == nullptr)
        return recipe::error_at(modifier(), field, fmt::format("there is no layer '{}'", printable_name(path)));
    }
    return {};
  }

  Status meet(const TrainParts& parts, Teacher& teacher) override {
    SAKER_ASSIGN(first_, parts.net.watch(own_));
    SAKER_ASSIGN(const std::size_t first, teacher.net().watch(others_));
    SAKER_CHECK(first == 0);
    return {};
  }

  Result<double> learn(const TrainParts& parts, std::span<const losses::MapView> /*maps*/,
                       std::span<const losses::MapView> /*wanted*/, Teacher& teacher) override {
    const std::vector<losses::MapView> mine = parts.net.watched(), theirs = teacher.net().watched();
    double sum = 0;
    for (std::size_t i = 0; i < own_.size(); ++i) {
      const losses::MapView &a = mine.at(first_ + i), &b = theirs.at(i);
      if (a.channels != b.channels || a.height != b.height || a.width != b.width) {
        return recipe::error_at(
            modifier(), "student_layer_names",
            fmt::format("{} gives maps of {}x{}x{} and its teacher of {}x{}x{}", printable_name(own_[i]), a.channels,
                        a.height, a.width, b.channels, b.height, b.width));
      }
      const double gain = how_.gain * batch_factor(a.batch);
      sum += gain * losses::distill_layer(a, b, how_.normalize, gain);
    }
    return sum;
  }

  recipe::LayerDistillation how_;
  std::vector<std::string> own_, others_;
  std::size_t first_ = 0;
};

}  // namespace

std::unique_ptr<TrainModifier> make_layer_distillation(const recipe::Modifier& modifier, const Teaching& teaching) {
  if (teaching.by == Teaching::By::kNobody) return make_no_distillation(modifier);
  return std::make_unique<LayerDistillation>(modifier, teaching);
}

}  // namespace saker::train
