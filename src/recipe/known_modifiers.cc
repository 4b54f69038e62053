#include "recipe/known_modifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"

namespace saker::recipe {
namespace {

constexpr double kMaxRate = 10, kMostGain = 1e6;

Action read_epoch_range(Fields&) {
  return EpochRange{};
}

Action read_set_rate(Fields& fields) {
  SetLearningRate set;
  set.learning_rate = fields.number("learning_rate", std::nullopt, 0, kMaxRate);
  set.groups = fields.groups();
  fields.ignore({"constant_logging"});
  return set;
}

Action read_rate_function(Fields& fields) {
  using Kind = LearningRateFunction::Kind;
  constexpr std::array kKinds = {Kind::kLinear, Kind::kCosine, Kind::kCyclicLinear, Kind::kMultistep};
  LearningRateFunction function;
  function.kind = kKinds.at(fields.choice("lr_func", std::nullopt, {"linear", "cosine", "cyclic_linear", "multistep"}));
  function.init_lr = fields.number("init_lr", std::nullopt, 0, kMaxRate);
  const bool steps = function.kind == Kind::kMultistep;
  function.final_lr = fields.number("final_lr", steps ? std::optional(0.0) : std::nullopt, 0, kMaxRate);
  function.cycle_epochs = fields.number("cycle_epochs", 1, 0, kMaxEpochs);
  if (function.cycle_epochs == 0) fields.wrong("cycle_epochs", "a cycle takes more than 0 epochs");
  function.gamma = fields.share("gamma", 0.1);
  function.milestones = fields.numbers("milestones");
  if (steps && function.milestones.empty()) fields.wrong("milestones", "multistep needs a list of epochs");
  function.groups = fields.groups();
  fields.ignore({"update_frequency", "constant_logging"});
  return function;
}

// torch.optim.lr_scheduler's, by their names and arguments there.
Action read_rate_class(Fields& fields) {
  using Kind = LearningRateFunction::Kind;
  constexpr std::array kKinds = {Kind::kExponential, Kind::kStep, Kind::kMultistep};
  LearningRateFunction function;
  function.kind = kKinds.at(fields.choice("lr_class", std::nullopt, {"ExponentialLR", "StepLR", "MultiStepLR"}));
  function.init_lr = fields.number("init_lr", std::nullopt, 0, kMaxRate);
  function.gamma = function.kind == Kind::kExponential ? -1 : 0.1;
  for (const Entry& entry : fields.entries("lr_kwargs")) {
    const std::vector<std::string> words = fields.words_of(entry.value, "lr_kwargs");
    std::vector<double> numbers;
    for (const std::string& word : words) {
      const auto number = parse_number(word);
      if (!number) fields.wrong("lr_kwargs", fmt::format("'{}' is no number", printable_name(word, 60)));
      numbers.push_back(number.value_or(0));
    }
    if (entry.key == "gamma" && numbers.size() == 1) {
      function.gamma = numbers[0];
    } else if (entry.key == "step_size" && function.kind == Kind::kStep && numbers.size() == 1) {
      function.cycle_epochs = numbers[0];
    } else if (entry.key == "milestones" && function.kind == Kind::kMultistep) {
      function.milestones = numbers;
    } else {
      fields.wrong("lr_kwargs", fmt::format("{} is not known; there are gamma, StepLR's step_size and MultiStepLR's "
                                            "milestones",
                                            printable_name(entry.key)));
    }
  }
  if (function.gamma <= 0 || function.gamma > 1) fields.wrong("lr_kwargs", "gamma has to lie between 0 and 1");
  if (function.cycle_epochs <= 0) fields.wrong("lr_kwargs", "step_size has to be more than 0");
  if (function.kind == Kind::kMultistep && function.milestones.empty())
    fields.wrong("lr_kwargs", "MultiStepLR needs milestones, a list of epochs");
  fields.ignore({"update_frequency", "constant_logging"});
  return function;
}

Action read_decay(Fields& fields) {
  SetWeightDecay set;
  set.weight_decay = fields.number("weight_decay", std::nullopt, 0, 1);
  fields.ignore({"constant_logging"});
  return set;
}

Action read_trainable(Fields& fields) {
  TrainableParams trainable;
  trainable.params = fields.words("params", true);
  trainable.trainable = fields.truth("trainable", true);
  trainable.strict = fields.truth("params_strict", true);
  return trainable;
}

Action read_set_param(Fields& fields) {
  SetParam set;
  set.params = fields.words("params", true);
  set.values = fields.numbers("val");
  if (set.values.empty()) fields.wrong("val", "it is missing");
  set.strict = fields.truth("params_strict", true);
  return set;
}

// "block4", [1, 4], "2x4", ...; SparseML writes blocks as [outputs, inputs].
SparsePattern read_pattern(Fields& fields) {
  const YAML::Node node = fields.node("mask_type");
  if (!node.IsDefined()) return SparsePattern::kUnstructured;
  std::string name;
  if (node.IsSequence()) {
    for (const std::string& side : fields.words_of(node, "mask_type")) name += (name.empty() ? "" : "x") + side;
  } else if (node.IsScalar()) {
    name = node.Scalar();
  }
  if (name == "block" || name == "1x4") name = "block4";
  const auto pattern = sparse_pattern(name);
  if (pattern && *pattern != SparsePattern::kChannel) return *pattern;
  fields.wrong("mask_type",
               fmt::format("'{}' is not known; there are unstructured, block4 or [1, 4], 2x4 or [2, 4], 4x4 or [4, 4], "
                           "and 2:4",
                           printable_name(name, 60)));
  return SparsePattern::kUnstructured;
}

// Two of four weights are zero, neither more nor fewer.
void check_two_of_four(Fields& fields, SparsePattern pattern, double sparsity, std::string_view field) {
  if (pattern == SparsePattern::kTwoOfFour && sparsity != 0.5)
    fields.wrong(field, fmt::format("2:4 makes a sparsity of 0.5, not {:g}", sparsity));
}

std::vector<Pruning::Tier> read_tiers(Fields& fields) {
  const YAML::Node final = fields.node("final_sparsity");
  if (!final.IsDefined() || !final.IsMap())
    return {{fields.share("final_sparsity", std::nullopt), fields.words("params", true)}};
  std::vector<Pruning::Tier> tiers;
  if (!fields.words("params", false).empty())
    fields.wrong("params", "has to be [] where final_sparsity lists the layers itself");
  for (const Entry& entry : fields.entries("final_sparsity")) {
    const auto sparsity = parse_number(entry.key);
    if (!sparsity || *sparsity < 0 || *sparsity > 1)
      fields.wrong("final_sparsity", fmt::format("'{}' is no number from 0 to 1", printable_name(entry.key, 60)));
    tiers.push_back({sparsity.value_or(0), fields.words_of(entry.value, "final_sparsity")});
  }
  if (tiers.empty()) fields.wrong("final_sparsity", "no sparsity is named");
  return tiers;
}

Action read_pruning(Fields& fields) {
  constexpr std::array kCurves = {Curve::kLinear, Curve::kCubic, Curve::kInverseCubic};
  Pruning pruning;
  const YAML::Node init = fields.node("init_sparsity");
  const bool from_param = init.IsDefined() && init.IsScalar() && init.Scalar() == "__FROM_PARAM__";
  pruning.init_sparsity = from_param ? Pruning::kFromParam : fields.share("init_sparsity", 0.05);
  pruning.tiers = read_tiers(fields);
  pruning.update_frequency = fields.number("update_frequency", 1, -1, kMaxEpochs);  // -1: each batch
  if (pruning.update_frequency < 0 && pruning.update_frequency != -1)
    fields.wrong("update_frequency", "it is a number of epochs, or -1: each batch");
  pruning.leave_enabled = fields.truth("leave_enabled", true);
  pruning.curve = kCurves.at(fields.choice("inter_func", 1, {"linear", "cubic", "inverse_cubic"}));
  pruning.pattern = read_pattern(fields);
  pruning.global = fields.truth("global_sparsity", fields.modifier().type == "GlobalMagnitudePruningModifier");
  for (const Pruning::Tier& tier : pruning.tiers) {
    check_two_of_four(fields, pruning.pattern, tier.final_sparsity, "final_sparsity");
    if (tier.final_sparsity < pruning.init_sparsity)
      fields.wrong("final_sparsity",
                   fmt::format("{:g} is less than init_sparsity, {:g}", tier.final_sparsity, pruning.init_sparsity));
  }
  fields.ignore({"log_types"});
  return pruning;
}

Action read_constant(Fields& fields) {
  ConstantPruning constant;
  constant.params = fields.words("params", true);
  fields.ignore({"update_frequency", "log_types"});
  return constant;
}

Action read_acdc(Fields& fields) {
  AcdcPruning acdc;
  acdc.params = fields.words("params", true);
  acdc.compression_sparsity = fields.share("compression_sparsity", 0.9);
  acdc.update_frequency = fields.number("update_frequency", 5, 0, kMaxEpochs);
  if (acdc.update_frequency == 0) fields.wrong("update_frequency", "a phase takes more than 0 epochs");
  acdc.global = fields.truth("global_sparsity", true);
  acdc.momentum_buffer_reset = fields.truth("momentum_buffer_reset", true);
  acdc.leave_enabled = fields.truth("leave_enabled", true);
  acdc.pattern = read_pattern(fields);
  check_two_of_four(fields, acdc.pattern, acdc.compression_sparsity, "compression_sparsity");
  return acdc;
}

Action read_quantization(Fields& fields) {
  Quantization quantization;
  quantization.submodules = fields.words("submodules", false);
  quantization.ignore = fields.words("ignore", false);
  std::ranges::copy(fields.words("exclude_module_types", false), std::back_inserter(quantization.ignore));
  quantization.disable_observer_epoch = fields.epoch("disable_quantization_observer_epoch", -1);
  quantization.freeze_bn_epoch = fields.epoch("freeze_bn_stats_epoch", -1);
  quantization.per_tensor = fields.truth("per_tensor", false);
  quantization.symmetric_activations = fields.truth("symmetric_activations", false);
  quantization.quantize_conv_activations = fields.truth("quantize_conv_activations", true);
  quantization.weight_bits = fields.whole("weight_bits", 8, 2, 16);
  quantization.activation_bits = fields.whole("activation_bits", 8, 2, 16);
  fields.ignore({"model_fuse_fn_name", "model_fuse_fn_kwargs", "quantize_embeddings", "quantize_linear_activations",
                 "quantize_embedding_activations", "reduce_range", "num_calibration_steps", "exclude_batchnorm",
                 "custom_quantizable_module_types", "activation_qconfig_kwargs", "weight_qconfig_kwargs", "tensorrt",
                 "scheme", "scheme_overrides", "strict"});
  return quantization;
}

Action read_layer_distillation(Fields& fields) {
  LayerDistillation distillation;
  distillation.gain = fields.number("gain", 1.5, 0, kMostGain);
  distillation.normalize = fields.truth("normalize", true);
  distillation.project_features = fields.truth("project_features", false);
  distillation.student_layers = fields.words("student_layer_names", false);
  distillation.teacher_layers = fields.words("teacher_layer_names", false);
  fields.ignore({"epsilon", "update_frequency"});
  return distillation;
}

Action read_output_distillation(Fields& fields) {
  OutputDistillation distillation;
  distillation.hardness = fields.share("hardness", 0.5);
  distillation.temperature = fields.number("temperature", 2, 0.01, 1000);
  fields.ignore({"distill_output_keys", "teacher_input_keys", "update_frequency"});
  return distillation;
}

constexpr auto kModifiers = std::to_array<KnownModifier>({
    {"EpochRangeModifier", End::kMust, 0, read_epoch_range},
    {"SetLearningRateModifier", End::kNone, -1, read_set_rate},
    {"LearningRateFunctionModifier", End::kMust, 0, read_rate_function},
    {"LearningRateModifier", End::kMay, 0, read_rate_class},
    {"SetWeightDecayModifier", End::kNone, -1, read_decay},
    {"TrainableParamsModifier", End::kMay, -1, read_trainable},
    {"SetParamModifier", End::kNone, 0, read_set_param},
    {"GMPruningModifier", End::kMust, 0, read_pruning},
    {"MagnitudePruningModifier", End::kMust, 0, read_pruning},
    {"GlobalMagnitudePruningModifier", End::kMust, 0, read_pruning},
    {"ConstantPruningModifier", End::kMay, -1, read_constant},
    {"ACDCPruningModifier", End::kMust, 0, read_acdc},
    {"QuantizationModifier", End::kNone, -1, read_quantization},
    {"PerLayerDistillationModifier", End::kMay, -1, read_layer_distillation},
    {"DistillationModifier", End::kMay, -1, read_output_distillation},
});

}  // namespace

std::span<const KnownModifier> known_modifiers() {
  return kModifiers;
}

}  // namespace saker::recipe
