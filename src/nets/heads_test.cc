// The maps that training reads: in which order they come, and that they are raw.
#include "nets/heads.h"

#include <gtest/gtest.h>

#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/test_graphs.h"

namespace saker::nets {
namespace {

// One channel times a number.
Module times(const std::string& name, float factor) {
  Module module;
  module.name = name;
  module.type = "Conv2d";
  module.weights["weight"] = make_tensor({1, 1, 1, 1}, {factor});
  return module;
}

// A part with a factor for each level.
Module part(const std::string& name, const std::vector<float>& factors) {
  Module module;
  module.name = name;
  module.type = "ModuleList";
  for (const float factor : factors) module.children.push_back(times(std::to_string(module.children.size()), factor));
  return module;
}

Module head_of(std::vector<Module> parts) {
  Module head;
  head.type = "Detect";
  head.path = "model.24";
  head.children = std::move(parts);
  return head;
}

// The maps for two levels of one cell, 1 and 10.
std::vector<float> maps_of(const Module& head) {
  GraphBuilder b;
  const Var picture = b.picture(1);
  const std::vector<Var> levels = {picture, b.scale(picture, 10)};
  for (const Var map : head_maps(b, head, levels)) b.graph().output(map);
  Result<Graph> graph = b.finish();
  EXPECT_TRUE(graph.ok()) << graph.error().message;
  if (!graph.ok()) return {};
  EXPECT_TRUE(bind_input_shapes(*graph, std::vector<Shape>{{1, 1, 1, 1}}).ok());
  EXPECT_TRUE(infer_and_fold(*graph).ok());
  std::vector<float> numbers;
  for (const Tensor& map : evaluate_graph(*graph, {make_tensor({1, 1, 1, 1}, {1})}))
    numbers.push_back(*map.data<float>());
  return numbers;
}

TEST(HeadMaps, LevelByLevelAndRaw) {
  EXPECT_EQ(maps_of(head_of({part("cv2", {2, 3}), part("cv3", {5, 7})})), (std::vector<float>{2, 5, 30, 70}));
  Module anchors = head_of({part("m", {2, 3})});
  anchors.weights["anchors"] = make_tensor({2, 1, 2}, {1, 1, 1, 1});
  EXPECT_EQ(maps_of(anchors), (std::vector<float>{2, 30}));
  const Module yolox = head_of({part("cls_convs", {2, 3}), part("reg_convs", {5, 7}), part("cls_preds", {11, 13}),
                                part("reg_preds", {17, 19}), part("obj_preds", {23, 29}), part("stems", {31, 37})});
  EXPECT_EQ(maps_of(yolox),
            (std::vector<float>{31 * 5 * 17, 31 * 5 * 23, 31 * 2 * 11, 370 * 7 * 19, 370 * 7 * 29, 370 * 3 * 13}));
}

TEST(HeadMaps, SayWhatIsMissing) {
  const auto error_of = [](const Module& head) {
    GraphBuilder b;
    const std::vector<Var> levels = {b.picture(1)};
    EXPECT_TRUE(head_maps(b, head, levels).empty());
    return b.status().ok() ? "" : b.status().error().message;
  };
  const std::string too_many = error_of(head_of({part("cv2", {2}), part("cv3", {5, 7})}));
  EXPECT_EQ(too_many, "model.24 (Detect): its part 'cv3' does not fit its 1 inputs");
  EXPECT_NE(error_of(head_of({part("cv2", {2})})).find("does not know this head"), std::string::npos);
}

}  // namespace
}  // namespace saker::nets
