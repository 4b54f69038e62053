// The numbers of random sets: as pycocotools recorded them, and as one way of summing up agrees with another.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "eval/coco_curve.h"
#include "eval/coco_eval.h"
#include "support/coco_scene.h"

namespace saker {
namespace {

CocoEvaluation evaluate(const Scene& scene, int threads = 1) {
  return CocoEvaluation::match(scene.truth, scene.found, threads);
}

Scene scene_of(const nlohmann::json& set) {
  Scene scene(0, 0);
  std::map<std::int64_t, std::int32_t> picture, category;
  for (const std::int64_t id : set["pictures"]) {
    picture[id] = static_cast<std::int32_t>(picture.size());
    scene.truth.pictures.push_back({.id = id, .file = {}});
  }
  for (const std::int64_t id : set["categories"]) {
    category[id] = static_cast<std::int32_t>(category.size());
    scene.truth.categories.push_back({.id = id, .name = {}, .supercategory = {}});
  }
  for (const auto& t : set["truths"]) {
    Annotation& a = scene.object(t[3], t[4], t[5], t[6]);
    a.id = t[0];
    a.picture = picture.at(t[1]);
    a.category = category.at(t[2]);
    a.area = t[7];
    a.crowd = t[8].get<int>() != 0;
  }
  for (const auto& f : set["found"]) {
    ScoredBox& box = scene.box(f[2], f[3], f[4], f[5], f[6]);
    box.picture = picture.at(f[0]);
    box.category = category.at(f[1]);
  }
  return scene;
}

// To the last bit: the order of every addition is the reference's.
TEST(CocoSums, EqualsPycocotools) {
  std::ifstream file("src/eval/testdata/coco_recorded.json");
  const nlohmann::json sets = nlohmann::json::parse(file);
  ASSERT_GE(sets.size(), 10U);
  for (const auto& set : sets) {
    SCOPED_TRACE("set " + set["seed"].dump());
    const CocoEvaluation ours = evaluate(scene_of(set), 2);
    EXPECT_EQ(nlohmann::json(ours.numbers().list()), set["numbers"]);
    const std::vector<CocoNumbers> rows = ours.per_category();
    ASSERT_EQ(rows.size(), set["by_category"].size());
    for (std::size_t c = 0; c < rows.size(); ++c) EXPECT_EQ(nlohmann::json(rows[c].list()), set["by_category"][c]);
  }
}

TEST(CocoSums, DoNotDependOnThreads) {
  const Scene scene = random_scene(1, 50, 5, 600);
  const CocoEvaluation one = evaluate(scene, 1);
  for (const int threads : {0, 2, 5}) {
    const CocoEvaluation many = evaluate(scene, threads);
    EXPECT_EQ(many.numbers().list(), one.numbers().list());
    EXPECT_EQ(many.per_picture_ap(), one.per_picture_ap());
  }
}

// The scene with copies of its pictures, those of one picture with ids that follow one another.
Scene copied(const Scene& scene, const std::vector<std::int32_t>& times) {
  Scene copies(0, 0);
  copies.truth.categories = scene.truth.categories;
  std::vector<std::vector<std::int32_t>> places(times.size());
  for (std::size_t p = 0; p < times.size(); ++p) {
    for (std::int32_t copy = 0; copy < times[p]; ++copy) {
      places[p].push_back(static_cast<std::int32_t>(copies.truth.pictures.size()));
      copies.truth.pictures.push_back({.id = scene.truth.pictures[p].id * 100 + copy, .file = {}});
    }
  }
  const auto copy_boxes = [&](const auto& from, auto& to) {
    for (auto box : from) {
      for (const std::int32_t place : places[static_cast<std::size_t>(box.picture)]) {
        box.picture = place;
        to.push_back(box);
      }
    }
  };
  copy_boxes(scene.truth.annotations, copies.truth.annotations);
  copy_boxes(scene.found, copies.found);
  return copies;
}

TEST(CocoSums, WeightsAreCopiesOfPictures) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const Scene scene = random_scene(seed, 12, 3, 40);
    PortableRandom random(seed);
    std::vector<std::int32_t> times(scene.truth.pictures.size());
    for (std::int32_t& t : times) t = static_cast<std::int32_t>(random.below(4));
    EXPECT_EQ(evaluate(scene).numbers(times).list(), evaluate(copied(scene, times)).numbers().list());
    EXPECT_EQ(evaluate(scene).numbers(std::vector<std::int32_t>(12, 1)).list(), evaluate(scene).numbers().list());
  }
}

TEST(CocoSums, NoPictureIsNothingToMeasure) {
  const Scene scene = random_scene(1, 4, 2, 20);
  for (const double number : evaluate(scene).numbers(std::vector<std::int32_t>(4, 0)).list()) EXPECT_EQ(number, -1);
}

TEST(CocoSums, ApOfAPictureIsThatOfASetWithItAlone) {
  const Scene scene = random_scene(3, 15, 4, 60);
  const std::vector<double> aps = evaluate(scene).per_picture_ap();
  ASSERT_EQ(aps.size(), 15U);
  for (std::size_t p = 0; p < aps.size(); ++p) {
    std::vector<std::int32_t> alone(aps.size(), 0);
    alone[p] = 1;
    EXPECT_NEAR(aps[p], evaluate(scene).numbers(alone).ap, 1e-14) << p;
  }
}

TEST(CocoSums, CategoriesAreThoseOfASetWithOneAlone) {
  const Scene scene = random_scene(4, 15, 4, 60);
  const CocoEvaluation whole = evaluate(scene);
  const std::vector<CocoNumbers> rows = whole.per_category();
  double sum = 0;
  for (std::int32_t c = 0; c < 4; ++c) {
    const auto category = static_cast<std::size_t>(c);
    Scene alone = scene;
    std::erase_if(alone.truth.annotations, [&](const Annotation& a) { return a.category != c; });
    std::erase_if(alone.found, [&](const ScoredBox& b) { return b.category != c; });
    EXPECT_EQ(rows[category].list(), evaluate(alone).numbers().list());
    sum += rows[category].ap;
    const std::vector<double> at50 = whole.precision_curve(c, 0), at75 = whole.precision_curve(c, 5);
    EXPECT_NEAR(std::accumulate(at50.begin(), at50.end(), 0.) / kCocoRecalls, rows[category].ap50, 1e-14);
    EXPECT_NEAR(std::accumulate(at75.begin(), at75.end(), 0.) / kCocoRecalls, rows[category].ap75, 1e-14);
  }
  EXPECT_NEAR(whole.numbers().ap, sum / 4, 1e-14);
}

TEST(CocoSums, OnlyTheOrderOfScoresMatters) {
  Scene scene = random_scene(5, 15, 4, 60);
  const std::array<double, 12> before = evaluate(scene).numbers().list();
  for (ScoredBox& b : scene.found) b.score = 3 * b.score * b.score - 5;
  EXPECT_EQ(evaluate(scene).numbers().list(), before);
}

TEST(CocoSums, OrderOfListsDoesNotMatterWithoutTies) {
  Scene scene = random_scene(6, 15, 4, 60);
  PortableRandom random(6);
  const auto move = [&](auto& box) {  // off the grid: no two overlaps are equal
    box.x += random.between(0, 1);
    box.w += random.between(0, 1);
  };
  for (Annotation& a : scene.truth.annotations) move(a);
  for (ScoredBox& b : scene.found) {
    move(b);
    b.score = random.between(0, 1);
  }
  const std::array<double, 12> before = evaluate(scene).numbers().list();
  random.shuffle(scene.truth.annotations);
  random.shuffle(scene.found);
  EXPECT_EQ(evaluate(scene).numbers().list(), before);
}

// numpy.searchsorted(hits / objects, numpy.linspace(0, 1, 101)): .07 * 100 is more than 7, and 7 / 100 is enough.
TEST(CocoSums, RecallIsReachedWhereTheDivisionSaysSo) {
  for (const int objects : {1, 3, 7, 20, 100, 113}) {
    for (int hits = 0; hits <= objects; ++hits) {
      Scene scene(objects, 1);
      for (std::int32_t p = 0; p < objects; ++p) {
        scene.object(0, 0, 10, 10).picture = p;
        if (p < hits) scene.box(0, 0, 10, 10, .5).picture = p;
      }
      const std::vector<double> curve = evaluate(scene).precision_curve(0, 0);
      for (int r = 0; r < kCocoRecalls; ++r) {
        const bool reached = hits > 0 && static_cast<double>(hits) / objects >= r * .01;
        EXPECT_EQ(curve[static_cast<std::size_t>(r)] > 0, reached) << hits << " of " << objects << ", recall " << r;
      }
    }
  }
}

TEST(CocoSums, AddsAsNumpyDoes) {
  const auto harmonic = [](std::size_t n) {
    std::vector<double> v(n);
    for (std::size_t i = 0; i < n; ++i) v[i] = 1 / static_cast<double>(i + 1);
    return v;
  };
  // numpy 2.4: numpy.sum(1 / numpy.arange(1, n + 1))
  EXPECT_EQ(numpy_sum({}), 0);
  EXPECT_EQ(numpy_sum(harmonic(7)), 2.5928571428571425);
  EXPECT_EQ(numpy_sum(harmonic(100)), 5.187377517639621);
  EXPECT_EQ(numpy_sum(harmonic(131)), 5.456224926052236);
  EXPECT_EQ(numpy_sum(harmonic(1010)), 7.495416242550459);
  EXPECT_EQ(numpy_sum(harmonic(9999)), 9.78750603604438);
}

}  // namespace
}  // namespace saker
