// Distillation against the formulas written out in double, and its gradients against differences of its values.
#include "losses/distillation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "losses/recorded_cases.h"

namespace saker::losses {
namespace {

constexpr std::int64_t kClasses = 3;

HeadLayout layout_of(Family family) {
  if (family == Family::kDistances) return layout_of_distances(kClasses, 16);
  return family == Family::kAnchors ? layout_of_anchors(kClasses, 3) : layout_of_yolox(kClasses);
}

std::vector<TestMap> maps_of(Family family, std::uint64_t seed, Order order = Order::kRowMajor) {
  return case_maps({family, seed, 64, 32, kClasses, 2, 0.5, 0.25, 1}, order);
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

// One value of a map in which all is row-major.
double at(const MapView& map, std::int64_t n, std::int64_t c, std::int64_t cell) {
  return map.values[(n * map.channels + c) * map.height * map.width + cell];
}

double binary(double student, double teacher, double t) {
  const double p = logistic(teacher / t), q = logistic(student / t);
  return t * t * (p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q)));
}

double of_softmax(const MapView& s, const MapView& t, std::int64_t n, std::int64_t first, std::int64_t cell,
                  double by) {
  double sum_s = 0, sum_t = 0, sum = 0;
  for (std::int64_t i = 0; i < 16; ++i) {
    sum_s += std::exp(at(s, n, first + i, cell) / by);
    sum_t += std::exp(at(t, n, first + i, cell) / by);
  }
  for (std::int64_t i = 0; i < 16; ++i) {
    const double p = std::exp(at(t, n, first + i, cell) / by) / sum_t,
                 q = std::exp(at(s, n, first + i, cell) / by) / sum_s;
    sum += p * std::log(p / q);
  }
  return by * by * sum;
}

// By the definition in the header, box by box.
double reference(std::span<const MapView> student, std::span<const MapView> teacher, const HeadLayout& layout,
                 double t) {
  double sum = 0, weights = 0;
  for (std::size_t first = 0; first < student.size(); first += layout.maps_of_level) {
    const std::int64_t cells = student[first].height * student[first].width;
    for (std::int64_t n = 0; n < student[first].batch; ++n) {
      for (std::int64_t cell = 0; cell < cells; ++cell) {
        for (const BoxParts& parts : layout.boxes) {
          double sure = 0, value = 0;
          const auto add_binary = [&](const MapPart& part) {
            for (std::int64_t c = part.first; c < part.first + part.count; ++c)
              value += binary(at(student[first + part.map], n, c, cell), at(teacher[first + part.map], n, c, cell), t);
          };
          for (std::int64_t c = 0; c < kClasses; ++c)
            sure = std::max(sure, logistic(at(teacher[first + parts.scores.map], n, parts.scores.first + c, cell)));
          if (parts.objectness.count > 0)
            sure *= logistic(at(teacher[first + parts.objectness.map], n, parts.objectness.first, cell));
          if (sure < 0.01) continue;
          add_binary(parts.scores);
          add_binary(parts.objectness);
          const MapView &s = student[first + parts.box.map], &w = teacher[first + parts.box.map];
          if (layout.box == HeadLayout::Box::kProbabilities) add_binary(parts.box);
          for (std::int64_t c = 0; layout.box == HeadLayout::Box::kNumbers && c < 4; ++c)
            value += std::pow(at(s, n, c, cell) - at(w, n, c, cell), 2);
          for (std::int64_t side = 0; layout.box == HeadLayout::Box::kDistributions && side < 4; ++side)
            value += of_softmax(s, w, n, 16 * side, cell, t);
          sum += sure * value;
          weights += sure;
        }
      }
    }
  }
  return sum / weights;
}

class Distillation : public testing::TestWithParam<Family> {};

TEST_P(Distillation, IsWhatTheFormulasSay) {
  auto student = maps_of(GetParam(), 1), teacher = maps_of(GetParam(), 2);
  const HeadLayout layout = layout_of(GetParam());
  const auto s = views_of(student, true), t = views_of(teacher, false);
  for (const double temperature : {1.0, 2.0, 5.0}) {
    const double expected = reference(s, t, layout, temperature);
    EXPECT_NEAR(distill(s, t, layout, {temperature, 0, 1}), expected, 1e-5 * expected);
  }
}

TEST_P(Distillation, GradientsAreThoseOfItsValue) {
  auto student = maps_of(GetParam(), 1), teacher = maps_of(GetParam(), 2);
  const HeadLayout layout = layout_of(GetParam());
  const auto t = views_of(teacher, false);
  constexpr double kShare = 0.75;
  const auto value = [&] { return distill(views_of(student, true), t, layout, {2, 0, kShare}); };
  value();
  constexpr float kStep = 1.0F / 64;
  for (TestMap& map : student) {
    for (std::int64_t i = 0; i < map.size(); i += 7) {
      const double slope = map.gradient(i);
      const float before = map.value(i);
      map.value(i) = before + kStep;
      const double above = value();
      map.value(i) = before - kStep;
      const double below = value();
      map.value(i) = before;
      value();
      // The third derivative of what is summed is below 1, weights are below 1.
      EXPECT_NEAR(slope, kShare * (above - below) / (2 * kStep), kStep * kStep) << i;
    }
  }
}

TEST_P(Distillation, KeepsAShareOfTheTaskAndAddsTheRest) {
  auto student = maps_of(GetParam(), 1), teacher = maps_of(GetParam(), 2);
  const HeadLayout layout = layout_of(GetParam());
  const auto s = views_of(student, true), t = views_of(teacher, false);
  distill(s, t, layout, {2, 0, 1});
  std::vector<std::vector<float>> alone;
  for (const TestMap& map : student) {
    auto& list = alone.emplace_back();
    for (std::int64_t i = 0; i < map.size(); ++i) list.push_back(map.gradient(i));
  }
  distill(s, t, layout, {2, 0.25, 0.5});
  for (std::size_t m = 0; m < student.size(); ++m) {
    for (std::int64_t i = 0; i < student[m].size(); ++i)
      ASSERT_NEAR(student[m].gradient(i), 0.75F * alone[m][static_cast<std::size_t>(i)], 1e-6);
  }
}

TEST_P(Distillation, LayoutsMakeNoDifferenceAndGapsAreLeft) {
  auto rows = maps_of(GetParam(), 1), gaps = maps_of(GetParam(), 1, Order::kGaps),
       last = maps_of(GetParam(), 2, Order::kChannelsLast), teacher = maps_of(GetParam(), 2);
  const HeadLayout layout = layout_of(GetParam());
  const double value = distill(views_of(rows, true), views_of(teacher, false), layout, {2, 0, 1});
  EXPECT_EQ(distill(views_of(gaps, true), views_of(last, false), layout, {2, 0, 1}), value);
  for (std::size_t m = 0; m < rows.size(); ++m) {
    EXPECT_TRUE(gaps[m].gaps_are_untouched());
    for (std::int64_t i = 0; i < rows[m].size(); ++i) ASSERT_EQ(rows[m].gradient(i), gaps[m].gradient(i));
  }
}

TEST_P(Distillation, NothingToLearnFromItself) {
  auto student = maps_of(GetParam(), 3), teacher = maps_of(GetParam(), 3);
  EXPECT_NEAR(distill(views_of(student, true), views_of(teacher, false), layout_of(GetParam()), {2, 0, 1}), 0, 1e-6);
  for (const TestMap& map : student) {
    for (std::int64_t i = 0; i < map.size(); ++i) ASSERT_NEAR(map.gradient(i), 0, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Distillation, testing::Values(Family::kDistances, Family::kAnchors, Family::kYolox));

// A teacher that sees nothing leaves the task's loss alone but for its share.
TEST(Distillation, ATeacherThatSeesNothing) {
  TestMap boxes(1, 64, 2, 2, Order::kRowMajor, [](std::int64_t) { return 1.0F; });
  TestMap student(1, kClasses, 2, 2, Order::kRowMajor, [](std::int64_t) { return 3.0F; });
  TestMap teacher(1, kClasses, 2, 2, Order::kRowMajor, [](std::int64_t) { return -9.0F; });
  const std::vector<MapView> s = {boxes.view(), student.view()}, t = {boxes.view(false), teacher.view(false)};
  EXPECT_EQ(distill(s, t, layout_of_distances(kClasses, 16), {2, 0.5, 0.5}), 0);
  EXPECT_EQ(student.gradient(0), 0.5F * 12345);
}

TEST(DistillLayer, ValueAndGradients) {
  const auto noise = [](std::uint64_t seed) {
    return
        [seed](std::int64_t i) { return static_cast<float>(recorded_noise(seed, 0, static_cast<std::uint64_t>(i))); };
  };
  TestMap teacher(2, 5, 3, 4, Order::kChannelsLast, noise(2));
  for (const bool normalize : {false, true}) {
    TestMap student(2, 5, 3, 4, Order::kGaps, noise(1));
    double differences = 0, squares = 0;
    for (std::int64_t i = 0; i < student.size(); ++i) {
      differences += std::pow(static_cast<double>(student.value(i)) - teacher.value(i), 2) / 120;
      squares += std::pow(static_cast<double>(teacher.value(i)), 2) / 120;
    }
    const double expected = normalize ? differences / (squares + 1e-6) : differences;
    const auto value = [&] { return distill_layer(student.view(), teacher.view(false), normalize, 1.5); };
    EXPECT_NEAR(value(), expected, 1e-9);
    EXPECT_TRUE(student.gaps_are_untouched());
    for (std::int64_t i = 0; i < student.size(); i += 11) {
      const float before = student.value(i), slope = student.gradient(i);
      student.value(i) = before + 0.5F;  // a parabola: differences are exact
      const double above = value();
      student.value(i) = before - 0.5F;
      const double below = value();
      student.value(i) = before;
      EXPECT_NEAR(slope, 1.5 * (above - below), 1e-6);
    }
  }
}

}  // namespace
}  // namespace saker::losses
