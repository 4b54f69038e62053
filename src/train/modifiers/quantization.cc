// QuantizationModifier: from its epoch on the network learns as if its values and weights were stored in 8 bits
// (train/fake_quantization.h).
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.h"
#include "base/try.h"
#include "train/fake_quantization.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

// A convolution of the network, with what recipes call it by.
struct NamedConv {
  const nets::Module* conv = nullptr;
  std::vector<std::string> paths, types;  // its own and those of the modules around it
};

void collect(const nets::Module& module, NamedConv around, std::vector<NamedConv>& convs) {
  around.paths.push_back(module.path);
  around.types.push_back(module.type);
  if (module.type == "Conv2d") {
    around.conv = &module;
    convs.push_back(std::move(around));
    return;
  }
  for (const nets::Module& child : module.children) collect(child, around, convs);
}

std::vector<NamedConv> convs_of(const nets::Network& network) {
  std::vector<NamedConv> convs;
  for (const nets::Layer& layer : network.layers) collect(layer.module, {}, convs);
  return convs;
}

// "SiLU", "Concat": classes that have no weights are no mistake.
bool is_class(const std::string& entry) {
  return !entry.empty() && std::isupper(static_cast<unsigned char>(entry[0])) != 0 &&
         entry.find('.') == std::string::npos;
}

bool has_module(const nets::Module& module, const NameMatcher& match) {
  return match(module.path) ||
         std::ranges::any_of(module.children, [&](const nets::Module& child) { return has_module(child, match); });
}

class QuantizationAware final : public TrainModifier {
 public:
  explicit QuantizationAware(recipe::Modifier modifier)
      : modifier_(std::move(modifier)), action_(std::get<recipe::Quantization>(modifier_.action)) {}

  Status check(const Weights&) const override {
    for (const auto& [field, bits] :
         {std::pair("weight_bits", action_.weight_bits), std::pair("activation_bits", action_.activation_bits)}) {
      if (bits != 8) return recipe::error_at(modifier_, field, fmt::format("{} bits: saker computes in 8", bits));
    }
    return {};
  }

  // Only what a run that goes on has had before may be there.
  Status begin(const TrainParts& parts, double) override {
    if (parts.network.observed && !restored_)
      return recipe::error_at(modifier_, "",
                              "the network was trained for 8 bits already; take the one from before that");
    SAKER_TRY(choose_float(parts.network));
    ObservedRanges scratch = ranges_wanted();
    const auto tried = FakeQuantization::create(parts.network, scratch, keep_float());
    return tried.ok() ? Status() : recipe::error_at(modifier_, "", tried.error().message);
  }

  Status before_batch(const TrainParts& parts, double epoch) override {
    if (epoch < modifier_.start_epoch) return {};
    if (!fake_) SAKER_TRY(start(parts));
    const auto reached = [&](double at) { return at >= 0 && epoch >= at; };
    fake_->observing = !reached(action_.disable_observer_epoch);
    fake_->norms_frozen = reached(action_.freeze_bn_epoch);
    return {};
  }

  // No average any more: weights and ranges belong together.
  Status after_step(const TrainParts& parts) override {
    if (fake_) std::ranges::copy(parts.numbers, parts.average.begin());
    return {};
  }

  bool is_settled(double epoch) const override { return epoch > std::max(modifier_.start_epoch, 0.0); }

  Status restore(const Weights&, const ModifierState&) override {
    restored_ = true;
    return {};
  }

  Status apply_at_once(const Weights&, std::span<float>) override {
    const Error error =
        recipe::error_at(modifier_, "", "8 bits at once need pictures, not a recipe: quantize the model");
    return Error{ErrorCode::kUnsupported, error.message};
  }

 private:
  ObservedRanges ranges_wanted() const {
    ObservedRanges wanted;
    if (action_.per_tensor)
      wanted.scales = action_.quantize_conv_activations ? StoredScales::kEverywhere : StoredScales::kTensor;
    wanted.symmetric = action_.symmetric_activations;
    return wanted;
  }

  std::function<bool(const nets::Module&)> keep_float() const {
    return [this](const nets::Module& conv) { return std::ranges::find(float_, &conv) != float_.end(); };
  }

  // Which of the convolutions an entry of a list names: none, where it names a module without any. SparseML's recipes
  // list all of YOLOv5's, Upsample and Concat among them.
  Result<std::vector<bool>> named(const nets::Network& network, const std::vector<NamedConv>& convs, const char* field,
                                  const std::string& entry) const {
    const auto match = name_matcher(entry);
    if (!match) return recipe::error_at(modifier_, field, match.error().message);
    std::vector<bool> result;
    for (const NamedConv& conv : convs)
      result.push_back(std::ranges::any_of(conv.paths, *match) ||
                       std::ranges::find(conv.types, entry) != conv.types.end());
    const auto has_it = [&](const nets::Layer& layer) { return has_module(layer.module, *match); };
    if (std::ranges::find(result, true) == result.end() && !is_class(entry) &&
        std::ranges::none_of(network.layers, has_it))
      return recipe::error_at(modifier_, field,
                              fmt::format("{} matches no module, as {} is one", printable_name(entry),
                                          convs.empty() ? "" : convs[0].conv->path));
    return result;
  }

  Status choose_float(const nets::Network& network) {
    const std::vector<NamedConv> convs = convs_of(network);
    std::vector<bool> wanted(convs.size(), action_.submodules.empty());
    for (const std::string& entry : action_.submodules) {
      SAKER_ASSIGN(const std::vector<bool> own, named(network, convs, "submodules", entry));
      for (std::size_t i = 0; i < own.size(); ++i) wanted[i] = wanted[i] || own[i];
    }
    for (const std::string& entry : action_.ignore) {
      SAKER_ASSIGN(const std::vector<bool> own, named(network, convs, "ignore", entry));
      for (std::size_t i = 0; i < own.size(); ++i) wanted[i] = wanted[i] && !own[i];
    }
    float_.clear();
    for (std::size_t i = 0; i < convs.size(); ++i) {
      if (!wanted[i]) float_.push_back(convs[i].conv);
    }
    return {};
  }

  // From the averaged weights, which are the better ones, where it begins; a run that goes on has its ranges.
  Status start(const TrainParts& parts) {
    if (!parts.network.observed) {
      parts.network.observed = ranges_wanted();
      std::ranges::copy(parts.average, parts.numbers.begin());
    }
    SAKER_ASSIGN(fake_, FakeQuantization::create(parts.network, *parts.network.observed, keep_float()));
    return parts.net.quantize(&*fake_);
  }

  recipe::Modifier modifier_;
  const recipe::Quantization& action_;
  std::vector<const nets::Module*> float_;
  std::optional<FakeQuantization> fake_;
  bool restored_ = false;
};

}  // namespace

std::unique_ptr<TrainModifier> make_quantization(const recipe::Modifier& modifier) {
  return std::make_unique<QuantizationAware>(modifier);
}

}  // namespace saker::train
