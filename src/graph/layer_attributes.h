// Attributes of the operators that detectors seldom have: normalizations, attention, recurrent layers, sampling,
// regions and signals (ops.h has the others).
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/window_attributes.h"

namespace saker {

struct AffineGridAttrs {
  bool align_corners = false;
  bool operator==(const AffineGridAttrs&) const = default;
};

// What the fourth output of Attention holds.
enum class AttentionScores : std::uint8_t { kProducts, kCapped, kMasked, kSoftmax };
struct AttentionAttrs {
  std::int64_t q_heads = 0, kv_heads = 0;  // of inputs of rank 3
  std::optional<float> scale;              // empty: 1 / sqrt(head size)
  float softcap = 0;                       // 0: none
  bool causal = false;
  AttentionScores scores = AttentionScores::kProducts;
  bool operator==(const AttentionAttrs&) const = default;
};

struct AxesAttrs {
  std::vector<std::int64_t> axes;
  bool operator==(const AxesAttrs&) const = default;
};  // CenterCropPad (empty: all), MeanVarianceNormalization

struct DeformConvAttrs {
  WindowAttrs window;
  std::int64_t group = 1, offset_group = 1;
  bool operator==(const DeformConvAttrs&) const = default;
};
struct DftAttrs {
  bool inverse = false, onesided = false;
  bool operator==(const DftAttrs&) const = default;
};  // the axis: input 2
struct EinsumAttrs {
  std::string equation;
  bool operator==(const EinsumAttrs&) const = default;
};
enum class GridSampleMode : std::uint8_t { kLinear, kNearest, kCubic };
enum class GridSamplePadding : std::uint8_t { kZeros, kBorder, kReflection };
struct GridSampleAttrs {
  GridSampleMode mode = GridSampleMode::kLinear;
  GridSamplePadding padding = GridSamplePadding::kZeros;
  bool align_corners = false;
  bool operator==(const GridSampleAttrs&) const = default;
};
struct LpAttrs {
  std::int64_t p = 2, axis = -1;
  bool operator==(const LpAttrs&) const = default;
};  // GlobalLpPool (without the axis), LpNormalization
struct LpPoolAttrs {
  WindowAttrs window;
  std::int64_t p = 2;
  bool ceil_mode = false;
  bool operator==(const LpPoolAttrs&) const = default;
};
struct LrnAttrs {
  float alpha = 1e-4F, beta = 0.75F, bias = 1;
  std::int64_t size = 1;
  bool operator==(const LrnAttrs&) const = default;
};
struct MaxRoiPoolAttrs {
  std::int64_t height = 1, width = 1;
  float spatial_scale = 1;
  bool operator==(const MaxRoiPoolAttrs&) const = default;
};
struct NormalizationAttrs {
  float epsilon = 1e-5F;
  std::int64_t axis = -1;   // LayerNormalization, RMSNormalization: the first of the normalized axes
  std::int64_t groups = 1;  // GroupNormalization
  bool operator==(const NormalizationAttrs&) const = default;
};  // InstanceNormalization too

enum class Direction : std::uint8_t { kForward, kReverse, kBidirectional };
enum class Gate : std::uint8_t {
  kAffine,
  kElu,
  kHardSigmoid,
  kLeakyRelu,
  kRelu,
  kScaledTanh,
  kSigmoid,
  kSoftplus,
  kSoftsign,
  kTanh,
  kThresholdedRelu
};
struct GateActivation {
  Gate kind = Gate::kTanh;
  float alpha = 0, beta = 0;
  bool operator==(const GateActivation&) const = default;
};
struct RecurrentAttrs {
  Direction direction = Direction::kForward;
  std::vector<GateActivation> activations;  // of one direction after the other
  std::int64_t hidden_size = 0;             // 0: as the weights say
  float clip = 0;                           // 0: none
  bool batch_first = false;
  bool linear_before_reset = false;  // GRU
  bool input_forget = false;         // LSTM
  bool operator==(const RecurrentAttrs&) const = default;
};  // GRU, LSTM, RNN

struct ReverseSequenceAttrs {
  std::int64_t batch_axis = 1, time_axis = 0;
  bool operator==(const ReverseSequenceAttrs&) const = default;
};
struct RoiAlignAttrs {
  std::int64_t height = 1, width = 1;
  std::int64_t samples = 0;  // of a cell along each axis; 0: as many as pixels
  float spatial_scale = 1;
  bool half_pixel = true;
  bool maximum = false;  // otherwise the mean
  bool operator==(const RoiAlignAttrs&) const = default;
};
struct RotaryEmbeddingAttrs {
  std::int64_t heads = 0;    // of an input of rank 3
  std::int64_t rotated = 0;  // how many of a head's values; 0: all
  bool interleaved = false;
  bool operator==(const RotaryEmbeddingAttrs&) const = default;
};
enum class ScatterReduction : std::uint8_t { kNone, kAdd, kMul, kMax, kMin };
struct ScatterElementsAttrs {
  std::int64_t axis = 0;
  ScatterReduction reduction = ScatterReduction::kNone;
  bool operator==(const ScatterElementsAttrs&) const = default;
};
struct SignalWindowAttrs {
  DType to = DType::kFloat32;
  bool periodic = true;  // the windows
  bool operator==(const SignalWindowAttrs&) const = default;
};  // BlackmanWindow, HammingWindow, HannWindow, MelWeightMatrix
struct StftAttrs {
  bool onesided = true;
  bool operator==(const StftAttrs&) const = default;
};
enum class TermWeighting : std::uint8_t { kTf, kIdf, kTfIdf };
struct TfIdfVectorizerAttrs {
  TermWeighting mode = TermWeighting::kTf;
  std::int64_t min_length = 1, max_length = 1, max_skip = 0;
  std::vector<std::int64_t> counts;   // where in the pool the n-grams of each length start
  std::vector<std::int64_t> indexes;  // of each n-gram of the pool: its place in a row of the output
  std::vector<std::int64_t> pool;
  std::vector<float> weights;  // of each n-gram; empty: 1
  bool operator==(const TfIdfVectorizerAttrs&) const = default;
};
struct UniqueAttrs {
  std::optional<std::int64_t> axis;  // empty: of all elements
  bool sorted = true;
  bool operator==(const UniqueAttrs&) const = default;
};

}  // namespace saker
