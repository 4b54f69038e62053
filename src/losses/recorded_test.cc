// Losses, assignments and gradients equal what Ultralytics 8.4.190, YOLOv5 7.0.14 and YOLOX's main branch give for the
// cases of testdata/ (recorded by tests/equivalence/record_losses.py). Tolerance: 1e-4 of the value; for gradients and
// their sums besides, 1e-6 of the map's largest and of its absolute sum, which float32 cannot tell from zero.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/thread_pool.h"
#include "losses/assign_aligned.h"
#include "losses/assign_anchors.h"
#include "losses/assign_simota.h"
#include "losses/bce.h"
#include "losses/maps.h"
#include "losses/recorded_cases.h"

namespace saker::losses {
namespace {

using nlohmann::json;

json recorded(const std::string& family) {
  std::ifstream file("src/losses/testdata/" + family + ".json");
  return json::parse(file);
}

CaseShape shape_of(const json& set, Family family) {
  return {family,
          set["seed"],
          set["width"],
          set["height"],
          set["classes"],
          set["batch"],
          set.value("slope", 0.0),
          set.value("spread", 1.0),
          set.value("grow", 0.0)};
}

std::vector<Target> targets_of(const json& set) {
  std::vector<Target> targets;
  for (const json& row : set["targets"]) targets.push_back({row[0], row[1], row[2], row[3], row[4], row[5]});
  return targets;
}

void expect_near(double got, double expected, double floor) {
  EXPECT_NEAR(got, expected, 1e-4 * std::fabs(expected) + floor);
}

void expect_equal_losses(Loss& loss, std::vector<TestMap>& maps, const json& set) {
  ThreadPool pool(2);
  const std::vector<MapView> views = views_of(maps);
  const Losses losses = loss.compute(views, targets_of(set), {set["width"], set["height"]}, pool);
  expect_near(losses.total, set["total"], 0);
  ASSERT_EQ(losses.items.size(), set["items"].size());
  for (std::size_t i = 0; i < losses.items.size(); ++i) {
    SCOPED_TRACE(losses.items[i].name);
    expect_near(losses.items[i].value, set["items"][i], 1e-14);
  }
  for (std::size_t m = 0; m < maps.size(); ++m) {
    SCOPED_TRACE("map " + std::to_string(m));
    const json& expected = set["gradients"][m];
    double sum = 0, absolute = 0;
    for (std::int64_t i = 0; i < maps[m].size(); ++i) {
      const double gradient = static_cast<double>(maps[m].gradient(i));
      sum += gradient;
      absolute += std::fabs(gradient);
    }
    expect_near(absolute, expected["abs"], 1e-14);
    expect_near(sum, expected["sum"], 1e-6 * expected["abs"].get<double>());
    for (const json& sample : expected["samples"]) {
      const double got = static_cast<double>(maps[m].gradient(sample[0]));
      expect_near(got, sample[1], 1e-6 * expected["max"].get<double>());
    }
  }
}

TEST(RecordedLosses, DistancesEqualUltralytics) {
  const json sets = recorded("distances");
  ASSERT_EQ(sets.size(), 20U);
  for (const json& set : sets) {
    SCOPED_TRACE("case " + set["seed"].dump());
    const CaseShape shape = shape_of(set, Family::kDistances);
    std::vector<TestMap> maps = case_maps(shape, Order::kChannelsLast);
    const auto loss = make_loss(DistanceLossOptions{.classes = shape.classes});
    expect_equal_losses(*loss, maps, set);

    std::vector<DistanceLevel> levels;
    std::int64_t cells = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      levels.push_back({maps[2 * i].view(), maps[2 * i + 1].view(), static_cast<float>(8 << i), cells});
      cells += levels[i].boxes.height * levels[i].boxes.width;
    }
    const std::vector<Target> targets = targets_of(set);
    const auto mine = targets_by_picture(targets, shape.batch);
    AlignedAssigner assigner(chosen_kernel());
    std::size_t row = 0;
    for (std::int64_t picture = 0; picture < shape.batch; ++picture) {
      for (const AlignedPositive& p :
           assigner.assign(levels, picture, targets, mine[static_cast<std::size_t>(picture)])) {
        ASSERT_LT(row, set["positives"].size());
        const json& expected = set["positives"][row++];
        EXPECT_EQ((json{picture, p.cell, p.target}), (json{expected[0], expected[1], expected[2]}));
        expect_near(static_cast<double>(p.weight), expected[3], 0);
      }
    }
    EXPECT_EQ(row, set["positives"].size());
  }
}

TEST(RecordedLosses, AnchorsEqualYolov5) {
  const json sets = recorded("anchors");
  ASSERT_EQ(sets.size(), 20U);
  for (const json& set : sets) {
    SCOPED_TRACE("case " + set["seed"].dump());
    const CaseShape shape = shape_of(set, Family::kAnchors);
    std::vector<TestMap> maps = case_maps(shape, Order::kChannelsLast);
    AnchorLossOptions options{.classes = shape.classes, .anchors = kTestAnchors};
    options.image_size = static_cast<double>(std::max(shape.width, shape.height));
    options.anchor_t = set.value("anchor_t", options.anchor_t);
    options.cls_pw = set.value("cls_pw", options.cls_pw);
    options.obj_pw = set.value("obj_pw", options.obj_pw);
    options.fl_gamma = set.value("fl_gamma", options.fl_gamma);
    options.label_smoothing = set.value("label_smoothing", options.label_smoothing);
    expect_equal_losses(*make_loss(options), maps, set);

    const std::vector<Target> targets = targets_of(set);
    for (std::size_t i = 0; i < 3; ++i) {
      const AnchorGrid grid{shape.height / (8 << i), shape.width / (8 << i), static_cast<float>(8 << i),
                            std::span(kTestAnchors).subspan(6 * i, 6)};
      json matches = json::array();
      for (const AnchorMatch& match : match_anchors(targets, grid, options.anchor_t)) {
        const std::int32_t picture = targets[static_cast<std::size_t>(match.target)].picture;
        matches.push_back({picture, match.anchor, match.y, match.x});
      }
      EXPECT_EQ(matches, set["matches"][i]) << "level " << i;
    }
  }
}

TEST(RecordedLosses, YoloxEqualsItsMainBranch) {
  const json sets = recorded("yolox");
  ASSERT_EQ(sets.size(), 20U);
  for (const json& set : sets) {
    SCOPED_TRACE("case " + set["seed"].dump());
    const CaseShape shape = shape_of(set, Family::kYolox);
    std::vector<TestMap> maps = case_maps(shape, Order::kChannelsLast);
    const auto loss = make_loss(YoloxLossOptions{.classes = shape.classes, .l1 = set["l1"]});
    expect_equal_losses(*loss, maps, set);

    std::vector<YoloxLevel> levels;
    std::int64_t cells = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      levels.push_back(
          {maps[3 * i].view(), maps[3 * i + 1].view(), maps[3 * i + 2].view(), static_cast<float>(8 << i), cells});
      cells += levels[i].boxes.height * levels[i].boxes.width;
    }
    const std::vector<Target> targets = targets_of(set);
    const auto mine = targets_by_picture(targets, shape.batch);
    SimotaAssigner assigner;
    std::size_t row = 0;
    for (std::int64_t picture = 0; picture < shape.batch; ++picture) {
      for (const SimotaPositive& p :
           assigner.assign(levels, picture, targets, mine[static_cast<std::size_t>(picture)])) {
        ASSERT_LT(row, set["positives"].size());
        const json& expected = set["positives"][row++];
        EXPECT_EQ((json{picture, p.cell, p.target}), (json{expected[0], expected[1], expected[2]}));
        expect_near(static_cast<double>(p.overlap), expected[3], 1e-9);
      }
    }
    EXPECT_EQ(row, set["positives"].size());
  }
}

}  // namespace
}  // namespace saker::losses
