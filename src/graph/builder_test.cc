// Networks written with the builder: names, shapes, and errors that stay until they are asked for.
#include "graph/builder.h"

#include <gtest/gtest.h>

#include "graph/activation_of.h"
#include "graph/op_def.h"

namespace saker {
namespace {

ValueId filled(NetworkBuilder& b, Shape shape) {
  return b.floats(shape, std::vector<float>(static_cast<std::size_t>(element_count(shape).value()), 0.5F));
}

TEST(NetworkBuilder, ANetworkAsAnImporterWritesIt) {
  NetworkBuilder b;
  const ValueId x = b.named("images").input({1, 3, 8, 6});
  const ValueId weights = b.named("model.0.conv.weight").constant(Tensor::make(DType::kFloat32, {4, 3, 3, 3}).value());
  ValueId y = b.named("model.0.conv").conv(x, weights, kNoValue, {.stride = 2});
  EXPECT_EQ(b.shape(y), (Shape{1, 4, 4, 3}));
  y = b.batch_norm(y, {filled(b, {4}), filled(b, {4}), filled(b, {4}), filled(b, {4}), 1e-3F});
  y = b.named("model.0.act").activation(y, {ActivationKind::kSilu});
  const auto parts = b.split(y, {1, 3});
  y = b.concat({b.max_pool(b.slice(parts[1], 1, 0, 2), 3), parts[0]});
  y = b.reshape(b.upsample(y), {1, 3, -1});
  y = b.named("model.1").transpose(y, {0, 2, 1});
  b.named("boxes").output(y);
  const auto graph = b.finish();
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  EXPECT_EQ(graph->value(graph->inputs[0]).name, "images");
  EXPECT_EQ(graph->nodes.front().name, "model.0.conv");
  EXPECT_EQ(graph->nodes.back().name, "model.1");
  EXPECT_EQ(graph->value(graph->outputs[0]).name, "boxes");
  EXPECT_EQ(*graph->value(graph->outputs[0]).shape, (Shape{1, 48, 3}));
  EXPECT_EQ(graph->declared_inputs[0][3].size, 6);
}

TEST(NetworkBuilder, ActivationsAreReadBackAsTheyWereWritten) {
  for (const Activation& wanted : {Activation{ActivationKind::kRelu}, Activation{ActivationKind::kLeakyRelu, 0.1F},
                                   Activation{ActivationKind::kClip, 0, 6}, Activation{ActivationKind::kSigmoid},
                                   Activation{ActivationKind::kSilu}, Activation{ActivationKind::kHardSwish},
                                   Activation{ActivationKind::kHardSigmoid, 0.2F, 0.5F}}) {
    NetworkBuilder b;
    const ValueId x = b.input({2});
    b.output(b.named("act").activation(x, wanted));
    const auto graph = b.finish();
    ASSERT_TRUE(graph.ok());
    EXPECT_EQ(activation_of(*graph, graph->nodes[0]), wanted);
    EXPECT_EQ(graph->nodes[0].name, "act");
  }
  NetworkBuilder b;
  const ValueId x = b.input({2});
  EXPECT_EQ(b.activation(x, {}), x);
}

TEST(NetworkBuilder, TheFirstErrorStays) {
  NetworkBuilder b;
  const ValueId x = b.input({1, 3, 8, 8});
  const ValueId weights = filled(b, {4, 5, 1, 1});
  const ValueId wrong = b.named("head").conv(x, weights, kNoValue, {});
  EXPECT_EQ(wrong, kNoValue);
  EXPECT_EQ(b.shape(wrong), Shape{});
  EXPECT_EQ(b.concat({wrong, x}), kNoValue);
  EXPECT_EQ(b.split(x, {1, 1, 1}), std::vector<ValueId>(3, kNoValue));
  b.output(wrong);
  EXPECT_FALSE(b.status().ok());
  const auto graph = b.finish();
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.error().message.find("'head'"), std::string::npos) << graph.error().message;
}

TEST(NetworkBuilder, WhatCannotBe) {
  using Write = void (*)(NetworkBuilder&);
  const Write writes[] = {
      [](NetworkBuilder& b) {
        b.input({1, -1, 4});
      },
      [](NetworkBuilder& b) {
        b.floats({3}, {1, 2});
      },
      [](NetworkBuilder& b) { b.add(Op::kRelu, {99}); },
      [](NetworkBuilder& b) { b.add(Op::kRelu, {kNoValue}); },
      [](NetworkBuilder& b) {
        b.conv(b.input({1, 3, 4, 4}), b.floats({2}, {1, 2}), kNoValue, {});
      },
      [](NetworkBuilder& b) { b.output(5); },
  };
  for (std::size_t i = 0; i < std::size(writes); ++i) {
    NetworkBuilder b;
    writes[i](b);
    EXPECT_FALSE(b.finish().ok()) << i;
    EXPECT_TRUE(b.finish().ok()) << "empty again";
  }
}

}  // namespace
}  // namespace saker
