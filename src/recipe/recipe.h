// A recipe: what happens to a network's weights when, as SparseML writes it down (YAML, or the front matter of a
// Markdown file). Fields and defaults are SparseML's; what is read stands in docs/how-to/recipes.md.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/sparse_pattern.h"

namespace saker::recipe {

// How sparsity grows from its first to its last value.
enum class Curve : std::uint8_t { kLinear, kCubic, kInverseCubic };

struct EpochRange {};

// Groups of weights are numbered as YOLOv5 did when the recipes were written: 0 factors of normalizations, 1 weights of
// convolutions, 2 biases; none: all.
struct SetLearningRate {
  double learning_rate = 0;
  std::vector<int> groups;
};

struct LearningRateFunction {
  enum class Kind : std::uint8_t {
    kLinear,
    kCosine,
    kCyclicLinear,  // anew every `cycle_epochs`
    kExponential,   // init_lr * gamma^epochs
    kStep,          // init_lr * gamma^(epochs / cycle_epochs), whole ones
    kMultistep,     // init_lr * gamma^(milestones passed)
  };
  Kind kind = Kind::kLinear;
  double init_lr = 0, final_lr = 0, cycle_epochs = 1, gamma = 0.1;
  std::vector<double> milestones;  // epochs, counted from the start of the training
  std::vector<int> groups;
};

struct SetWeightDecay {
  double weight_decay = 0;
};

// Of all modifiers with `params`: names of weights ("model.4.cv1.conv.weight"), "re:" and an expression that matches
// from a name's beginning, __ALL__, __ALL_PRUNABLE__ (weights of convolutions).
struct TrainableParams {
  std::vector<std::string> params;
  bool trainable = true, strict = true;  // strict: each of the params has to match a weight
};

struct SetParam {
  std::vector<std::string> params;
  std::vector<double> values;  // one, or as many as the weight has numbers
  bool strict = true;
};

// GMPruning, MagnitudePruning, GlobalMagnitudePruning.
struct Pruning {
  struct Tier {
    double final_sparsity = 0;
    std::vector<std::string> params;
  };
  static constexpr double kFromParam = -1;  // __FROM_PARAM__: what a weight has already
  std::vector<Tier> tiers;
  double init_sparsity = 0.05, update_frequency = 1;
  bool leave_enabled = true, global = false;
  Curve curve = Curve::kCubic;
  SparsePattern pattern = SparsePattern::kUnstructured;
};

// Zeros that are there stay zero.
struct ConstantPruning {
  std::vector<std::string> params;
};

// Dense and sparse by turns (Peste et al. 2021), sparse at the end.
struct AcdcPruning {
  std::vector<std::string> params;
  double compression_sparsity = 0.9, update_frequency = 5;
  bool global = true, momentum_buffer_reset = true, leave_enabled = true;
  SparsePattern pattern = SparsePattern::kUnstructured;
};

struct Quantization {
  std::vector<std::string> submodules, ignore;               // empty submodules: all
  double disable_observer_epoch = -1, freeze_bn_epoch = -1;  // -1: never
  bool per_tensor = false, symmetric_activations = false, quantize_conv_activations = true;
  int weight_bits = 8, activation_bits = 8;
};

struct LayerDistillation {
  double gain = 1.5;
  bool normalize = true, project_features = false;
  std::vector<std::string> student_layers, teacher_layers;  // empty teacher_layers: the student's
};

struct OutputDistillation {
  double hardness = 0.5, temperature = 2;
};

using Action =
    std::variant<EpochRange, SetLearningRate, LearningRateFunction, SetWeightDecay, TrainableParams, SetParam, Pruning,
                 ConstantPruning, AcdcPruning, Quantization, LayerDistillation, OutputDistillation>;

struct Modifier {
  std::string type;  // as it is written: "GMPruningModifier"
  std::string file;
  int line = 0;
  std::map<std::string, int, std::less<>> lines;  // of its fields
  double start_epoch = -1, end_epoch = -1;        // fractions count; -1: from the beginning, to the end
  Action action;

  bool is_active(double epoch) const { return epoch >= start_epoch && (end_epoch < 0 || epoch < end_epoch); }
};

// kInvalid: "FILE, line N: GMPruningModifier, params: WHAT"; the line of the field, else of the modifier.
Error error_at(const Modifier& modifier, std::string_view field, std::string_view what);

struct Recipe {
  std::string file, text;  // text: as it was read; checkpoints keep it
  std::vector<Modifier> modifiers;
  double epochs = 0;               // the last end of all; 0: none has one
  std::vector<std::string> notes;  // of fields that change nothing here
};

using Arguments = std::map<std::string, std::string>;  // a variable, and its value as YAML or JSON writes it

// `arguments` stand in for the recipe's variables. Errors: kInvalid with file, line and field, and what is known
// instead; those of reading files; kLimit.
Result<Recipe> read_recipe(const std::string& path, const Arguments& arguments);
Result<Recipe> parse_recipe(const std::string& text, const std::string& name, const Arguments& arguments);

// Of a JSON object ('{"num_epochs": 150}'), or of a file with one or with a YAML map.
Result<Arguments> read_arguments(const std::string& json_or_path);

}  // namespace saker::recipe
