// Attention, recurrent layers, Unique, n-grams and ScatterElements: what ONNX's data does not have, and what is
// refused.
#include <cmath>
#include <limits>

#include "graph/ops/convert.h"
#include "support/op_testing.h"

namespace saker::ops {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Attention, HeadsThatShareKeys) {
  // One key: its value is the result, whatever the query.
  const Tensor q = floats({1, 2, 1, 1}, {1, 5}), k = floats({1, 1, 1, 1}, {3}), v = floats({1, 1, 1, 2}, {7, 8});
  expect_floats(run_one({Op::kAttention, {&q, &k, &v}, AttentionAttrs{}}), {1, 2, 1, 2}, {7, 8, 7, 8});
  const Tensor three = floats({1, 3, 1, 1}, {1, 5, 6}), keys = floats({1, 2, 1, 1}, {3, 3});
  const Tensor values = floats({1, 2, 1, 1}, {7, 8});
  EXPECT_TRUE(mentions(error_of({Op::kAttention, {&three, &keys, &values}, AttentionAttrs{}}), "fit together"));
  const Tensor flat = floats({1, 1, 3}, {1, 2, 3});
  EXPECT_TRUE(mentions(error_of({Op::kAttention, {&flat, &flat, &flat}, AttentionAttrs{2, 1, {}}}), "2 heads"));
  EXPECT_TRUE(mentions(error_of({Op::kAttention, {&flat, &flat, &flat}, AttentionAttrs{}}), "0 heads"));
  EXPECT_TRUE(mentions(error_of({Op::kAttention, {&q, &k, &v, nullptr, &k}, AttentionAttrs{}}), "past"));
  const Tensor mask = floats({3}, {0, 0, 0});
  EXPECT_TRUE(mentions(error_of({Op::kAttention, {&q, &k, &v, &mask}, AttentionAttrs{}}), "mask"));
}

TEST(Attention, CausalLooksAtWhatCameBefore) {
  const Tensor q = floats({1, 1, 2, 1}, {1, 1}), k = floats({1, 1, 2, 1}, {0, 0}), v = floats({1, 1, 2, 1}, {2, 4});
  AttentionAttrs causal;
  causal.causal = true;
  expect_floats(run_one({Op::kAttention, {&q, &k, &v}, causal}), {1, 1, 2, 1}, {2, 3});
  const Tensor past = floats({1, 1, 1, 1}, {0}), older = floats({1, 1, 1, 1}, {6});
  expect_floats(run_one({Op::kAttention, {&q, &k, &v, nullptr, &past, &older}, causal}), {1, 1, 2, 1}, {4, 4});
}

TEST(Attention, WhatIsAllHiddenIsZero) {
  const Tensor q = floats({1, 1, 2, 1}, {1, 1}), k = floats({1, 1, 2, 1}, {0, 0}), v = floats({1, 1, 2, 1}, {2, 4});
  Tensor mask = Tensor::make(DType::kBool, {2, 2}).value();
  std::fill_n(static_cast<std::uint8_t*>(mask.raw()), 4, std::uint8_t{0});
  static_cast<std::uint8_t*>(mask.raw())[1] = 1;
  expect_floats(run_one({Op::kAttention, {&q, &k, &v, &mask}, AttentionAttrs{}}), {1, 1, 2, 1}, {4, 0});
}

TEST(RotaryEmbedding, Refusals) {
  const Tensor x = floats({1, 1, 1, 3}, {1, 2, 3}), table = floats({2, 1}, {1, 0}), far = ints({2});
  const Tensor position = far.reshaped({1, 1});
  const RotaryEmbeddingAttrs two{0, 2};
  EXPECT_TRUE(mentions(error_of({Op::kRotaryEmbedding, {&x, &table, &table, &position}, two}), "position 2"));
  EXPECT_TRUE(mentions(error_of({Op::kRotaryEmbedding, {&x, &table, &table, &position}, RotaryEmbeddingAttrs{}}),
                       "3 of 3 values"));
  EXPECT_TRUE(mentions(error_of({Op::kRotaryEmbedding, {&x, &table, &table}, two}), "tables"));
}

RecurrentAttrs sums() {
  return {Direction::kForward, {{Gate::kAffine, 1, 0}}};
}

TEST(Recurrent, DirectionsLengthsAndTheBatchFirst) {
  // H = x + H before: running sums.
  const Tensor x = floats({3, 2, 1}, {1, 10, 2, 20, 3, 30}), one = floats({1, 1, 1}, {1}),
               two = floats({2, 1, 1}, {1, 1});
  const Tensor lengths = tensor<std::int32_t>({2}, {3, 2}), too_long = tensor<std::int32_t>({2}, {3, 4});
  RecurrentAttrs attrs = sums();
  const auto forward = run({Op::kRNN, {&x, &one, &one, nullptr, &lengths}, attrs, 2});
  ASSERT_TRUE(forward.ok()) << forward.error().message;
  expect_floats((*forward)[0], {3, 1, 2, 1}, {1, 10, 3, 30, 6, 0});
  expect_floats((*forward)[1], {1, 2, 1}, {6, 30});
  EXPECT_TRUE(mentions(error_of({Op::kRNN, {&x, &one, &one, nullptr, &too_long}, attrs}), "of 3 steps"));
  attrs.direction = Direction::kReverse;
  expect_floats(run_one({Op::kRNN, {&x, &one, &one, nullptr, &lengths}, attrs}), {3, 1, 2, 1}, {6, 30, 5, 20, 3, 0});
  attrs.direction = Direction::kBidirectional;
  attrs.activations.push_back({Gate::kAffine, 2, 0});
  attrs.batch_first = true;
  const Tensor rows = floats({1, 2, 1}, {1, 2});
  const auto both = run({Op::kRNN, {&rows, &two, &two}, attrs, 2});
  ASSERT_TRUE(both.ok()) << both.error().message;
  expect_floats((*both)[0], {1, 2, 2, 1}, {1, 10, 3, 4});
  expect_floats((*both)[1], {1, 2, 1}, {3, 10});
}

TEST(Recurrent, ActivationsAndClip) {
  const Tensor x = floats({1, 1, 1}, {-2}), one = floats({1, 1, 1}, {1});
  const auto of = [&](GateActivation gate, float clip = 0) {
    RecurrentAttrs attrs{Direction::kForward, {gate}};
    attrs.clip = clip;
    return run_one({Op::kRNN, {&x, &one, &one}, attrs}).data<float>()[0];
  };
  EXPECT_FLOAT_EQ(of({Gate::kElu, 2}), 2 * std::expm1(-2.0F));
  EXPECT_FLOAT_EQ(of({Gate::kHardSigmoid, 0.1F, 0.5F}), 0.3F);
  EXPECT_FLOAT_EQ(of({Gate::kLeakyRelu, 0.1F}), -0.2F);
  EXPECT_FLOAT_EQ(of({Gate::kRelu}), 0);
  EXPECT_FLOAT_EQ(of({Gate::kScaledTanh, 2, 0.5F}), 2 * std::tanh(-1.0F));
  EXPECT_FLOAT_EQ(of({Gate::kSigmoid}), 1 / (1 + std::exp(2.0F)));
  EXPECT_FLOAT_EQ(of({Gate::kSoftplus}), std::log1p(std::exp(-2.0F)));
  EXPECT_FLOAT_EQ(of({Gate::kSoftsign}), -2.0F / 3);
  EXPECT_FLOAT_EQ(of({Gate::kTanh}), std::tanh(-2.0F));
  EXPECT_FLOAT_EQ(of({Gate::kThresholdedRelu, -3}), -2);
  EXPECT_FLOAT_EQ(of({Gate::kAffine, 3, 1}, 0.5F), -0.5F);
}

TEST(Recurrent, Refusals) {
  const Tensor x = floats({1, 1, 1}, {-2}), one = floats({1, 1, 1}, {1}), flat = floats({1}, {1});
  RecurrentAttrs attrs = sums();
  EXPECT_TRUE(mentions(error_of({Op::kGRU, {&x, &one, &one}, attrs}), "2 are needed"));
  EXPECT_TRUE(mentions(error_of({Op::kRNN, {&flat, &one, &one}, attrs}), "rank 3"));
  EXPECT_TRUE(mentions(error_of({Op::kRNN, {&x, &one, &one, &one}, attrs}), "input 3"));
  attrs.hidden_size = 2;
  EXPECT_TRUE(mentions(error_of({Op::kRNN, {&x, &one, &one}, attrs}), "hidden_size is 2"));
}

TEST(Unique, NotANumberIsOneValue) {
  const Tensor x = floats({6}, {3, kNan, -0.0F, 0, kNan, 3});
  const auto sorted = run({Op::kUnique, {&x}, UniqueAttrs{}, 4});
  ASSERT_TRUE(sorted.ok()) << sorted.error().message;
  EXPECT_EQ((*sorted)[0].shape(), Shape{3});
  EXPECT_EQ(values((*sorted)[0])[0], 0);
  EXPECT_TRUE(std::isnan(values((*sorted)[0])[2]));
  EXPECT_EQ(values<std::int64_t>((*sorted)[1]), (Shape{2, 0, 1}));
  EXPECT_EQ(values<std::int64_t>((*sorted)[2]), (Shape{1, 2, 0, 0, 2, 1}));
  EXPECT_EQ(values<std::int64_t>((*sorted)[3]), (Shape{2, 2, 2}));
  const auto as_met = run({Op::kUnique, {&x}, UniqueAttrs{{}, false}, 2});
  ASSERT_TRUE(as_met.ok());
  EXPECT_EQ(values<std::int64_t>((*as_met)[1]), (Shape{0, 1, 2}));
}

TEST(Unique, RowsHalvesAndNothing) {
  const Tensor rows = floats({3, 2}, {2, 1, 0, 5, 2, 1}), empty = floats({0, 2}, {});
  expect_floats(run_one({Op::kUnique, {&rows}, UniqueAttrs{0}}), {2, 2}, {0, 5, 2, 1});
  expect_floats(run_one({Op::kUnique, {&rows}, UniqueAttrs{-1}}), {3, 2}, {1, 2, 5, 0, 1, 2});
  EXPECT_EQ(run_one({Op::kUnique, {&empty}, UniqueAttrs{0}}).shape(), (Shape{0, 2}));
  const Tensor halves = converted(floats({3}, {2, -1, 2}), DType::kFloat16).value();
  EXPECT_EQ(values(converted(run_one({Op::kUnique, {&halves}, UniqueAttrs{}}), DType::kFloat32).value()),
            (std::vector<float>{-1, 2}));
  EXPECT_TRUE(mentions(error_of({Op::kUnique, {&rows}, UniqueAttrs{2}}), "axis 2"));
}

TEST(TfIdfVectorizer, WeightsAndRefusals) {
  const Tensor x = ints({1, 2, 1, 3});
  TfIdfVectorizerAttrs attrs{TermWeighting::kTfIdf, 1, 2, 1, {0, 2}, {2, 0, 1}, {1, 3, 1, 1}, {10, 20, 30}};
  expect_floats(run_one({Op::kTfIdfVectorizer, {&x}, attrs}), {3}, {20, 30, 20});
  attrs.mode = TermWeighting::kIdf;
  expect_floats(run_one({Op::kTfIdfVectorizer, {&x}, attrs}), {3}, {20, 30, 10});
  attrs.max_skip = INT64_MAX;
  EXPECT_EQ(error_of({Op::kTfIdfVectorizer, {&x}, attrs}), "");
  attrs.indexes[0] = -1;
  EXPECT_TRUE(mentions(error_of({Op::kTfIdfVectorizer, {&x}, attrs}), "index -1"));
  attrs.indexes.pop_back();
  EXPECT_TRUE(mentions(error_of({Op::kTfIdfVectorizer, {&x}, attrs}), "2 indexes"));
  attrs.counts = {0, 9};
  EXPECT_TRUE(mentions(error_of({Op::kTfIdfVectorizer, {&x}, attrs}), "of a pool of 4"));
}

TEST(ScatterElements, Reductions) {
  const Tensor data = floats({1, 3}, {1, 2, 3}), updates = floats({1, 3}, {5, 7, kNan});
  const Tensor indices = tensor<std::int32_t>({1, 3}, {0, 0, -1});
  const auto by = [&](ScatterReduction reduction) {
    return run_one({Op::kScatterElements, {&data, &indices, &updates}, ScatterElementsAttrs{-1, reduction}});
  };
  EXPECT_EQ(values(by(ScatterReduction::kNone))[0], 7);
  EXPECT_EQ(values(by(ScatterReduction::kAdd))[0], 13);
  EXPECT_EQ(values(by(ScatterReduction::kMul))[0], 35);
  EXPECT_EQ(values(by(ScatterReduction::kMax))[0], 7);
  EXPECT_EQ(values(by(ScatterReduction::kMin))[0], 1);
  EXPECT_TRUE(std::isnan(values(by(ScatterReduction::kMin))[2]));
  const Tensor outside = ints({3}).reshaped({1, 1}), one = floats({1, 1}, {1}), tall = floats({2, 1}, {1, 1});
  EXPECT_TRUE(mentions(error_of({Op::kScatterElements, {&data, &outside, &one}, ScatterElementsAttrs{1}}), "index 3"));
  EXPECT_TRUE(mentions(error_of({Op::kScatterElements, {&data, &outside, &tall}, ScatterElementsAttrs{1}}), "updates"));
  const Tensor scalar = floats({}, {1}), place = tensor<std::int64_t>({}, {0});
  EXPECT_NE(error_of({Op::kScatterElements, {&scalar, &place, &scalar}, ScatterElementsAttrs{}}), "");
}

}  // namespace
}  // namespace saker::ops
