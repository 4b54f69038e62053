// What flows where: modules whose convolutions multiply by known numbers, so that each path shows in the result.
#include "nets/flow.h"

#include <gtest/gtest.h>

#include "nets/graph_builder.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/test_graphs.h"

namespace saker::nets {
namespace {

Module named(std::string name, std::string type, std::vector<Module> children = {}) {
  Module module;
  module.name = std::move(name);
  module.type = std::move(type);
  module.class_path = "nets." + module.type;
  module.children = std::move(children);
  return module;
}

// A convolution of 1x1 whose output `o` is the sum of weights[o][i] times input i.
Module conv(const std::string& name, const std::vector<std::vector<float>>& weights) {
  Module module = named(name, "Conv2d");
  std::vector<float> flat;
  for (const auto& row : weights) flat.insert(flat.end(), row.begin(), row.end());
  const auto inputs = static_cast<std::int64_t>(weights[0].size());
  module.weights["weight"] = make_tensor({static_cast<std::int64_t>(weights.size()), inputs, 1, 1}, flat);
  return module;
}

// One channel times a number.
Module times(const std::string& name, float factor) {
  return conv(name, {{factor}});
}

Module with(Module module, const std::string& attribute, Attribute value) {
  module.attributes[attribute] = std::move(value);
  return module;
}

// Numbers 1, 2, ... of a picture through the module.
std::vector<float> flow(const Module& module, Shape picture) {
  GraphBuilder b;
  const Var x = b.picture(picture[1]);
  const Var y = run(b, module, x);
  b.graph().output(y);
  Result<Graph> graph = b.finish();
  EXPECT_TRUE(graph.ok()) << graph.error().message;
  if (!graph.ok()) return {};
  EXPECT_TRUE(bind_input_shapes(*graph, std::vector<Shape>{picture}).ok());
  EXPECT_TRUE(infer_and_fold(*graph).ok());
  std::vector<float> numbers(static_cast<std::size_t>(element_count(picture).value()));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i + 1);
  const std::vector<Tensor> outputs = evaluate_graph(*graph, {make_tensor(picture, numbers)});
  return {outputs[0].data<float>(), outputs[0].data<float>() + outputs[0].elements()};
}

std::string error_of(const Module& module) {
  GraphBuilder b;
  run(b, module, b.picture(1));
  return b.status().ok() ? "" : b.status().error().message;
}

TEST(Flow, Csp3JoinsWhatItsBlocksMadeAndWhatWentAround) {
  const Module c3 = named(
      "", "C3", {times("cv1", 2), times("cv2", 5), conv("cv3", {{1, 10}}), named("m", "Sequential", {times("0", 3)})});
  EXPECT_EQ(flow(c3, {1, 1, 1, 1}), (std::vector<float>{2 * 3 + 10 * 5}));
}

TEST(Flow, Csp2KeepsEveryBlock) {
  const Module c2f = named("", "C2f",
                           {conv("cv1", {{2}, {3}}), conv("cv2", {{1, 10, 100, 1000}}),
                            named("m", "ModuleList", {times("0", 5), times("1", 7)})});
  EXPECT_EQ(flow(c2f, {1, 1, 1, 1}), (std::vector<float>{2 + 10 * 3 + 100 * 15 + 1000 * 105}));
}

TEST(Flow, BottleneckAddsOnlyWhereItSays) {
  const Module plain = named("", "Bottleneck", {times("cv1", 2), times("cv2", 3)});
  EXPECT_EQ(flow(plain, {1, 1, 1, 1}), std::vector<float>{6});
  EXPECT_EQ(flow(with(plain, "add", true), {1, 1, 1, 1}), std::vector<float>{7});
  const Module yolox = named("", "Bottleneck", {times("conv1", 2), times("conv2", 3)});
  EXPECT_EQ(flow(with(yolox, "use_add", true), {1, 1, 1, 1}), std::vector<float>{7});
}

TEST(Flow, ElanAndItsHalves) {
  const Module elan =
      named("", "RepNCSPELAN4",
            {conv("cv1", {{2}, {3}}), times("cv2", 5), times("cv3", 7), conv("cv4", {{1, 10, 100, 1000}})});
  EXPECT_EQ(flow(elan, {1, 1, 1, 1}), (std::vector<float>{2 + 30 + 1500 + 105000}));
}

TEST(Flow, FocusTakesLeftColumnsFirst) {
  const Module focus = named("", "Focus", {conv("conv", {{1, 10, 100, 1000}})});
  // 1 2 / 3 4: top left 1, bottom left 3, top right 2, bottom right 4.
  EXPECT_EQ(flow(focus, {1, 1, 2, 2}), (std::vector<float>{1 + 30 + 200 + 4000}));
}

TEST(Flow, RepConvSumsItsBranches) {
  const Module rep = named("", "RepConv", {times("conv1", 2), times("conv2", 3)});
  EXPECT_EQ(flow(rep, {1, 1, 1, 1}), std::vector<float>{5});
  EXPECT_EQ(flow(named("", "RepConv", {times("conv", 9)}), {1, 1, 1, 1}), std::vector<float>{9});
}

TEST(Flow, PoolsGrowFromTheOneBefore) {
  Module pool = named("m", "MaxPool2d");
  pool.attributes = {{"kernel_size", std::int64_t{3}}, {"stride", std::int64_t{1}}, {"padding", std::int64_t{1}}};
  const Module sppf = named("", "SPPF", {times("cv1", 1), conv("cv2", {{1, 10, 100, 1000}}), pool});
  // A row of 1 2 3 4 5: the maximum reaches one further each time.
  EXPECT_EQ(flow(sppf, {1, 1, 1, 5}), (std::vector<float>{1 + 20 + 300 + 4000, 2 + 30 + 400 + 5000, 3 + 40 + 5500,
                                                          4 + 50 + 5500, 5 + 50 + 5500}));
}

TEST(Flow, AttentionOfOneCellIsItsValue) {
  // One cell attends to itself alone: proj(v + pe(v)).
  Module attention = named("", "Attention", {conv("qkv", {{2}, {3}, {5}}), times("proj", 7), times("pe", 11)});
  attention.attributes = {{"num_heads", std::int64_t{1}}, {"key_dim", std::int64_t{1}}, {"head_dim", std::int64_t{1}}};
  EXPECT_EQ(flow(attention, {1, 1, 1, 1}), std::vector<float>{7 * (5 + 55)});
  const Module block = named("", "PSABlock", {attention, times("ffn", 13)});
  Module inner = block;
  inner.children[0].name = "attn";
  EXPECT_EQ(flow(inner, {1, 1, 1, 1}), std::vector<float>{421 + 421 * 13});
}

TEST(Flow, AreasAttendApart) {
  // Keys and queries of zero: every cell gets the mean of its area's values.
  Module area = named("", "AAttn", {conv("qkv", {{0}, {0}, {1}}), times("proj", 1), times("pe", 0)});
  area.attributes = {{"num_heads", std::int64_t{1}}, {"head_dim", std::int64_t{1}}, {"area", std::int64_t{2}}};
  EXPECT_EQ(flow(area, {1, 1, 2, 2}), (std::vector<float>{1.5F, 1.5F, 3.5F, 3.5F}));
}

TEST(Flow, PartsArePickedByNumber) {
  GraphBuilder b;
  const std::vector<Var> picture = {b.picture(1)};
  const Module linear =
      with(named("0", "CBLinear", {conv("conv", {{2}, {3}})}), "c2s", std::vector<std::int64_t>{1, 1});
  const std::vector<std::vector<Var>> first = {picture};
  const std::vector<std::vector<Var>> inputs = {run_layer(b, linear, first), picture};
  const Module fuse = with(named("1", "CBFuse"), "idx", std::vector<std::int64_t>{1});
  const std::vector<Var> fused = run_layer(b, fuse, inputs);
  b.graph().output(fused[0]);
  Result<Graph> graph = b.finish();
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  ASSERT_TRUE(bind_input_shapes(*graph, std::vector<Shape>{{1, 1, 1, 1}}).ok());
  ASSERT_TRUE(infer_and_fold(*graph).ok());
  EXPECT_EQ(evaluate_graph(*graph, {make_tensor({1, 1, 1, 1}, {1})})[0].data<float>()[0], 4);
}

TEST(Flow, SaysWhatItDoesNotKnow) {
  Module swin = named("2", "SwinBlock");
  swin.path = "model.2";
  const std::string unknown = error_of(named("", "Sequential", {swin}));
  EXPECT_NE(unknown.find("model.2 (SwinBlock)"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("nets.SwinBlock"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("C2f, C2fCIB"), std::string::npos) << unknown;
  EXPECT_NE(error_of(named("", "C3", {times("cv1", 1)})).find("no part 'm'"), std::string::npos);
  EXPECT_NE(error_of(named("", "Conv2d")).find("no weight 'weight'"), std::string::npos);
  EXPECT_NE(error_of(named("", "Upsample")).find("nearest"), std::string::npos);
  EXPECT_NE(error_of(with(times("", 1), "padding", std::string("same"))).find("'same'"), std::string::npos);
}

}  // namespace
}  // namespace saker::nets
