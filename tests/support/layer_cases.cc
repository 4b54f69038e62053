// Operator cases of graph/layer_attributes.h (case_tensors.h).
#include "support/case_tensors.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

using namespace operator_cases_detail;
using Cases = std::vector<OperatorCase>;

void add_normalizations(Cases& cases) {
  const Tensor x = floats({2, 4, 1 << 12}), channels = floats({4});
  NormalizationAttrs attrs;
  cases.push_back({Op::kLayerNormalization, {x, floats({1 << 12}), floats({1 << 12})}, attrs, 3});
  cases.push_back({Op::kRMSNormalization, {x, floats({1 << 12})}, attrs});
  cases.push_back({Op::kInstanceNormalization, {x, channels, channels}, attrs});
  attrs.groups = 2;
  cases.push_back({Op::kGroupNormalization, {x, channels, channels}, attrs});
  cases.push_back({Op::kGroupNormalization, {x, floats({2}), floats({2})}, attrs});
  cases.push_back({Op::kMeanVarianceNormalization, {x}, AxesAttrs{{0, 2}}});
  cases.push_back({Op::kLpNormalization, {x}, LpAttrs{1, 1}});
  cases.push_back({Op::kGlobalLpPool, {x}, LpAttrs{3}});
  LpPoolAttrs pool;
  pool.window.kernel = {3};
  cases.push_back({Op::kLpPool, {x}, pool});
  LrnAttrs lrn;
  lrn.size = 3;
  cases.push_back({Op::kLRN, {x}, lrn});
}

void add_sampling(Cases& cases) {
  const Tensor x = floats({1, 2, 64, 256});
  cases.push_back({Op::kAffineGrid, {floats({2, 2, 3}), make_ints({2, 1, 64, 64})}, AffineGridAttrs{}});
  for (const auto mode : {GridSampleMode::kLinear, GridSampleMode::kNearest, GridSampleMode::kCubic})
    cases.push_back({Op::kGridSample,
                     {x, numbers(DType::kFloat32, {1, 64, 64, 2}, 0.5)},
                     GridSampleAttrs{mode, GridSamplePadding::kReflection, false},
                     1,
                     2});
  cases.push_back(
      {Op::kRoiAlign, {x, floats({1 << 12, 4}), zeros(DType::kInt64, {1 << 12})}, RoiAlignAttrs{2, 2, 2}, 1, 2});
  cases.push_back({Op::kMaxRoiPool, {x, zeros(DType::kFloat32, {1 << 12, 5})}, MaxRoiPoolAttrs{2, 2}, 1, 2});
  DeformConvAttrs deform;
  deform.window.pads = {1, 1, 1, 1};
  cases.push_back({Op::kDeformConv,
                   {x, floats({2, 2, 3, 3}), floats({1, 18, 64, 256}), floats({2}), floats({1, 9, 64, 256})},
                   deform,
                   1,
                   2});
  deform = {};
  cases.push_back(
      {Op::kDeformConv, {floats({1, 1 << 12, 2, 2}), floats({1, 1 << 12, 2, 2}), floats({1, 8, 1, 1})}, deform, 1, 2});
  cases.push_back({Op::kCol2Im,
                   {floats({1, 4, kRow / 2}), make_ints({2, kRow}), make_ints({2, 2})},
                   WindowAttrs{{}, {2, 2}, {}, {}}});
  cases.push_back({Op::kMaxUnpool,
                   {floats({1, 1, kRow}), zeros(DType::kInt64, {1, 1, kRow})},
                   WindowAttrs{{2}, {2}, {}, {}},
                   1,
                   2});
  cases.push_back({Op::kCenterCropPad, {floats({4, kRow}), make_ints({8, kRow / 2})}, AxesAttrs{}});
}

void add_sequences(Cases& cases) {
  const Tensor heads = floats({1, 2, 8, 1 << 10}), queries = floats({1, 2, 8, 16});
  cases.push_back(
      {Op::kAttention,
       {queries, floats({1, 2, 1 << 12, 16}), floats({1, 2, 1 << 12, 4}), numbers(DType::kInt32, {8, 1 << 12})},
       AttentionAttrs{},
       4,
       3});
  cases.push_back({Op::kAttention,
                   {floats({1, 64, 64}), floats({1, 64, 64}), floats({1, 64, 64}), Tensor(), floats({1, 2, 64, 32}),
                    floats({1, 2, 64, 32})},
                   AttentionAttrs{2, 2, {}},
                   1,
                   3});
  cases.push_back({Op::kRotaryEmbedding,
                   {heads, floats({8, 1 << 9}), floats({8, 1 << 9}), zeros(DType::kInt64, {1, 8})},
                   RotaryEmbeddingAttrs{}});
  for (const auto& [op, gates, activations] :
       {std::tuple{Op::kRNN, 1, 1}, std::tuple{Op::kGRU, 3, 2}, std::tuple{Op::kLSTM, 4, 3}}) {
    constexpr std::int64_t kHidden = 256;
    RecurrentAttrs attrs;
    attrs.activations.assign(static_cast<std::size_t>(activations), {Gate::kSigmoid});
    cases.push_back({op,
                     {floats({4, 2, 16}), floats({1, gates * kHidden, 16}), floats({1, gates * kHidden, kHidden})},
                     attrs,
                     op == Op::kLSTM ? 3U : 2U});
  }
  cases.push_back({Op::kReverseSequence, {floats({4, 2, kRow / 4}), make_ints({4, 2})}, ReverseSequenceAttrs{}});
  for (const ScatterReduction reduction : {ScatterReduction::kNone, ScatterReduction::kMax})
    cases.push_back({Op::kScatterElements,
                     {floats({2, kRow}), zeros(DType::kInt32, {2, kRow}), floats({2, kRow})},
                     ScatterElementsAttrs{1, reduction},
                     1,
                     3});
  cases.push_back({Op::kUnique, {numbers(DType::kInt64, {kRow})}, UniqueAttrs{}, 4});
  Tensor different = make_tensor({kRow}, std::vector<float>(kRow));
  for (std::int64_t i = 0; i < kRow; ++i) different.data<float>()[i] = static_cast<float>(i);
  cases.push_back({Op::kUnique, {different}, UniqueAttrs{0, false}, 4});
  TfIdfVectorizerAttrs grams;
  grams.counts = {0};
  grams.pool = {1, 2};
  grams.indexes = {0, kRow};
  cases.push_back({Op::kTfIdfVectorizer, {numbers(DType::kInt64, {4, 64})}, grams});
}

void add_signals(Cases& cases) {
  const Tensor size = make_ints({kRow});
  for (const Op op : {Op::kBlackmanWindow, Op::kHammingWindow, Op::kHannWindow})
    cases.push_back({op, {size}, SignalWindowAttrs{}, 1, 0});
  cases.push_back({Op::kMelWeightMatrix,
                   {make_ints({8}), make_ints({1 << 12}), make_ints({1 << 13}), scalar(DType::kFloat32, 20),
                    scalar(DType::kFloat32, 4000)},
                   SignalWindowAttrs{},
                   1,
                   0});
  cases.push_back({Op::kDFT, {floats({1, 1 << 11, 1})}, DftAttrs{}});
  cases.push_back({Op::kDFT, {floats({4, 2}), make_ints({1 << 12})}, DftAttrs{true}});
  cases.push_back({Op::kSTFT, {floats({1, 1 << 12, 1}), make_ints({1 << 10}), floats({1 << 11})}, StftAttrs{}});
  cases.push_back({Op::kEinsum, {floats({64, 64}), floats({64, 64})}, EinsumAttrs{"ij,jk->ik"}, 1, 2});
  cases.push_back({Op::kDet, {floats({128, 128})}});
}

}  // namespace

void add_layer_cases(Cases& cases) {
  add_normalizations(cases);
  add_sampling(cases);
  add_sequences(cases);
  add_signals(cases);
}

}  // namespace saker
