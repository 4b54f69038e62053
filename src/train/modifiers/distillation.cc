#include "train/modifiers/distillation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "nets/heads.h"

namespace saker::train {
namespace {

constexpr const char* kNumbers = "teacher";

bool all_frozen(const std::string& /*name*/) {
  return true;
}

class NoDistillation final : public TrainModifier {
 public:
  explicit NoDistillation(const recipe::Modifier& modifier) : modifier_(modifier) {}
  std::vector<std::string> notes(const Weights& /*weights*/) const override {
    return {fmt::format("{}, line {}: {} does nothing: no teacher is named", modifier_.file, modifier_.line,
                        modifier_.type)};
  }

 private:
  recipe::Modifier modifier_;
};

}  // namespace

Teacher::Teacher(const nets::Network& network)
    : network_(network), weights_(network_, all_frozen), numbers_(weights_.size()) {
  weights_.read(numbers_);
}

void Teacher::take(const Weights& weights, std::span<const float> numbers) {
  for (const WeightSlot& own : weights_.slots()) {
    const auto from = std::ranges::find(weights.slots(), own.name, &WeightSlot::name);
    if (from == weights.slots().end() || from->count != own.count) continue;
    std::copy_n(numbers.data() + from->offset, own.count, numbers_.data() + own.offset);
  }
}

Status Teacher::start(const TrainParts& parts) {
  SAKER_ASSIGN(net_, (*parts.make_net)(network_, weights_, numbers_, {}, parts.net_options));
  return {};
}

double Distillation::batch_factor(std::int64_t batch) const {
  const bool yolox = nets::head_family(student().layers.back().module) == nets::HeadFamily::kYolox;
  return yolox ? 1 : static_cast<double>(batch);
}

Status Distillation::begin(const TrainParts& parts, double /*epoch*/) {
  return teaching_.teacher != nullptr || saved_.elements() > 0 ? start(parts) : Status();
}

Status Distillation::before_batch(const TrainParts& parts, double epoch) {
  active_ = modifier_.is_active(epoch);
  return active_ && teacher_ == nullptr ? start(parts) : Status();
}

Status Distillation::start(const TrainParts& parts) {
  teacher_ = std::make_unique<Teacher>(teacher());
  if (saved_.elements() > 0) {
    if (static_cast<std::size_t>(saved_.elements()) != teacher_->numbers().size())
      return recipe::error_at(modifier_, {}, "the run to go on with had a teacher of another size");
    std::copy_n(saved_.data<float>(), saved_.elements(), teacher_->numbers().data());
  } else if (teaching_.teacher == nullptr) {
    teacher_->take(parts.weights, parts.numbers);
  }
  SAKER_TRY(teacher_->start(parts));
  return meet(parts, *teacher_);
}

Result<double> Distillation::after_losses(const TrainParts& parts, const Tensor& pixels,
                                          std::span<const losses::MapView> maps) {
  if (!active_) return 0.0;
  const auto wanted = teacher_->net().forward(pixels, false);
  if (!wanted.ok()) return wanted.error().with_context("the teacher");
  return learn(parts, maps, *wanted, *teacher_);
}

ModifierState Distillation::state() const {
  if (teacher_ == nullptr || teaching_.teacher != nullptr) return {};
  const std::span<const float> numbers = teacher_->numbers();
  auto tensor = Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(numbers.size())});
  if (!tensor.ok()) return {};
  std::ranges::copy(numbers, tensor->data<float>());
  ModifierState state;
  state.emplace(kNumbers, std::move(*tensor));
  return state;
}

Status Distillation::restore(const Weights& /*weights*/, const ModifierState& saved) {
  const auto found = saved.find(kNumbers);
  if (found == saved.end()) return {};
  if (found->second.dtype() != DType::kFloat32)
    return recipe::error_at(modifier_, {}, "the run to go on with had a teacher of other numbers");
  saved_ = found->second;
  return {};
}

Status Distillation::apply_at_once(const Weights& /*weights*/, std::span<float> /*numbers*/) {
  return Error{ErrorCode::kUnsupported, fmt::format("{} needs a training", modifier_.type)};
}

std::unique_ptr<TrainModifier> make_no_distillation(const recipe::Modifier& modifier) {
  return std::make_unique<NoDistillation>(modifier);
}

}  // namespace saker::train
