// NonMaxSuppression and NonZero against rows worked out by hand.
#include "support/ir_testing.h"

namespace saker::openvino_ir {
namespace {

using Floats = std::vector<float>;

// Boxes (y1, x1, y2, x2): the second lies nearly on the first, the third and fourth apart. Scores of two classes.
const Floats kBoxes = {0, 0, 10, 10, 0, 1, 10, 11, 20, 20, 30, 30, 40, 40, 50, 50};
const Floats kScores = {0.5F, 0.6F, 0.7F, 0.01F, 0.9F, 0.1F, 0.02F, 0.8F};

struct Options {
  std::string attributes = "sort_result_descending=\"false\" output_type=\"i64\"";
  std::string opset = "opset9";
  float sigma = 0;
  bool thresholds = true;
  int output = 0;
};

IrWriter nms(const Options& options) {
  IrWriter ir;
  std::vector<Ref> inputs = {ir.parameter({1, 4, 4}), ir.parameter({1, 2, 4}), ir.constant<std::int32_t>({}, {3})};
  if (options.thresholds) {
    for (const float threshold : {0.5F, 0.05F, options.sigma}) inputs.push_back(ir.constant<float>({}, {threshold}));
  }
  const Ref layer =
      ir.layer("NonMaxSuppression", inputs, {{-1, 3}, {-1, 3}, {1}}, options.attributes, "I64", options.opset);
  ir.result({layer.layer, options.output});
  return ir;
}

Floats rows(const Options& options) {
  return run(nms(options), {kBoxes, kScores});
}

TEST(IrNonMaxSuppression, RowsOfBatchClassBox) {
  EXPECT_EQ(rows({}), (Floats{0, 0, 2, 0, 0, 1, 0, 1, 0, 0, 1, 3}));
  EXPECT_EQ(rows({.opset = "opset5"}), rows({}));
}

TEST(IrNonMaxSuppression, TheBestFirstWhereItSorts) {
  EXPECT_EQ(rows({.attributes = ""}), (Floats{0, 1, 0, 0, 1, 3, 0, 0, 2, 0, 0, 1}));
}

TEST(IrNonMaxSuppression, ScoresAndCount) {
  EXPECT_EQ(rows({.attributes = "", .output = 1}), (Floats{0, 1, 0.9F, 0, 1, 0.8F, 0, 0, 0.7F, 0, 0, 0.6F}));
  EXPECT_EQ(rows({.attributes = "output_type=\"i32\"", .output = 2}), (Floats{4}));
}

TEST(IrNonMaxSuppression, CentreAndSize) {
  const Options options{.attributes = "box_encoding=\"center\" sort_result_descending=\"false\""};
  const Floats boxes = {5, 5, 10, 10, 6, 5, 10, 10, 25, 25, 10, 10, 45, 45, 10, 10};
  EXPECT_EQ(run(nms(options), {boxes, kScores}), rows({}));
}

// Thresholds that are not given are 0: boxes that overlap at all go, scores of 0 too.
TEST(IrNonMaxSuppression, ThresholdsAreZeroByThemselves) {
  const Floats scores = {0.5F, 0.6F, 0, 0, 0, 0, 0, 0.1F};
  EXPECT_EQ(run(nms({.thresholds = false}), {kBoxes, scores}), (Floats{0, 0, 1, 0, 1, 3}));
}

TEST(IrNonMaxSuppression, NothingFound) {
  for (const int output : {0, 1})
    EXPECT_EQ(run(nms({.attributes = "", .output = output}), {kBoxes, Floats(8, 0)}), Floats());
  EXPECT_EQ(run(nms({.attributes = "", .output = 2}), {kBoxes, Floats(8, 0)}), Floats{0});
}

TEST(IrNonMaxSuppression, Refused) {
  EXPECT_TRUE(mentions(error_of(nms({.opset = "opset3"})), "NonMaxSuppression of opset3"));
  EXPECT_TRUE(mentions(error_of(nms({.sigma = 0.5F})), "soft_nms_sigma 0.5"));
  EXPECT_TRUE(mentions(error_of(nms({.attributes = "box_encoding=\"x\""})), "box_encoding 'x'"));
}

TEST(IrNonZero, Places) {
  IrWriter ir;
  ir.result(ir.layer("NonZero", {ir.parameter({2, 2})}, {{2, -1}}, "output_type=\"i64\"", "I64", "opset3"));
  EXPECT_EQ(run(ir, {{0, 3, 4, 0}}), (Floats{0, 1, 1, 0}));
}

}  // namespace
}  // namespace saker::openvino_ir
