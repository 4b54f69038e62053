// Recipes in the form of the YOLOv5 integration of SparseML 0.12: the same fields, values and structure.
#pragma once

#include <string>

namespace saker::recipe {

// Rates that warm up, as all of them have it.
inline const std::string kTransferRates = R"(
  - !EpochRangeModifier
    start_epoch: 0.0
    end_epoch: *num_epochs

  - !LearningRateFunctionModifier
    start_epoch: *warmup_epochs
    end_epoch: *num_epochs
    lr_func: cosine
    init_lr: *init_lr
    final_lr: *final_lr

  - !LearningRateFunctionModifier
    start_epoch: 0
    end_epoch: *warmup_epochs
    lr_func: linear
    init_lr: *weights_warmup_lr
    final_lr: *init_lr
    param_groups: [0, 1]

  - !LearningRateFunctionModifier
    start_epoch: 0
    end_epoch: *warmup_epochs
    lr_func: linear
    init_lr: *biases_warmup_lr
    final_lr: *init_lr
    param_groups: [2]
)";

// yolov5.transfer_learn_pruned.md
inline const std::string kTransferPruned = R"(---
# General Epoch/LR Hyperparams
num_epochs: &num_epochs 50
init_lr: &init_lr 0.0032
final_lr: &final_lr 0.000384
warmup_epochs: &warmup_epochs 2
weights_warmup_lr: &weights_warmup_lr 0
biases_warmup_lr: &biases_warmup_lr 0.05

# modifiers
training_modifiers:)" + kTransferRates + R"(
pruning_modifiers:
  - !ConstantPruningModifier
    start_epoch: 0.0
    params: __ALL_PRUNABLE__
---

# What this is
)";

// yolov5.transfer_learn_pruned_quantized.md: a comment stands before it.
inline const std::string kTransferPrunedQuantized = R"(<!--
Somebody's licence.
-->

---
num_epochs: &num_epochs 52
init_lr: &init_lr 0.0032
final_lr: &final_lr 0.000384
warmup_epochs: &warmup_epochs 2
weights_warmup_lr: &weights_warmup_lr 0
biases_warmup_lr: &biases_warmup_lr 0.05
quantization_lr: &quantization_lr 0.000002

# Quantization Params
quantization_start_epoch: &quantization_start_epoch 50

training_modifiers:)" + kTransferRates + R"(
  - !SetLearningRateModifier
    start_epoch: *quantization_start_epoch
    learning_rate: *quantization_lr

pruning_modifiers:
  - !ConstantPruningModifier
    start_epoch: 0.0
    params: __ALL_PRUNABLE__

quantization_modifiers:
  - !QuantizationModifier
    start_epoch: *quantization_start_epoch
    submodules: [ 'model.0', 'model.1', 'model.2', 'model.3' ]
---
text
)";

// yolov5s.pruned.md, with fewer layers.
inline const std::string kPruned = R"(---
# General Hyperparams
num_epochs: &num_epochs 240
init_lr: &init_lr 0.01
final_lr: &final_lr 0.002
weights_warmup_lr: &weights_warmup_lr 0
biases_warmup_lr: &biases_warmup_lr 0.1

# Pruning Hyperparams
init_sparsity: &init_sparsity 0.05
pruning_start_epoch: &pruning_start_epoch 4
pruning_end_epoch: &pruning_end_epoch 100
update_frequency: &pruning_update_frequency 1.0
prune_none_target_sparsity: &prune_none_target_sparsity 0.5
prune_high_target_sparsity: &prune_high_target_sparsity 0.8

training_modifiers:
  - !EpochRangeModifier
    start_epoch: 0
    end_epoch: *num_epochs

  - !LearningRateFunctionModifier
    start_epoch: 3
    end_epoch: *num_epochs
    lr_func: cosine
    init_lr: *init_lr
    final_lr: *final_lr

  - !LearningRateFunctionModifier
    start_epoch: 0
    end_epoch: 3
    lr_func: linear
    init_lr: *weights_warmup_lr
    final_lr: *init_lr
    param_groups: [0, 1]

  - !LearningRateFunctionModifier
    start_epoch: 0
    end_epoch: 3
    lr_func: linear
    init_lr: *biases_warmup_lr
    final_lr: *init_lr
    param_groups: [2]

pruning_modifiers:
  - !GMPruningModifier
    params:
      - model.1.conv.weight
      - model.2.conv.weight
    init_sparsity: *init_sparsity
    final_sparsity: *prune_none_target_sparsity
    start_epoch: *pruning_start_epoch
    end_epoch: *pruning_end_epoch
    update_frequency: *pruning_update_frequency

  - !GMPruningModifier
    params:
      - model.3.conv.weight
    init_sparsity: *init_sparsity
    final_sparsity: *prune_high_target_sparsity
    start_epoch: *pruning_start_epoch
    end_epoch: *pruning_end_epoch
    update_frequency: *pruning_update_frequency
---

# What this is
)";

}  // namespace saker::recipe
