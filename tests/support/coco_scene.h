// Sets of boxes for the tests of the COCO numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.h"
#include "base/random.h"

namespace saker {

struct Scene {
  Dataset truth;
  std::vector<ScoredBox> found;

  // Ids 1, 2, ...
  Scene(int pictures, int categories) {
    for (int i = 1; i <= pictures; ++i) truth.pictures.push_back({.id = i, .file = {}});
    for (int i = 1; i <= categories; ++i) truth.categories.push_back({.id = i, .name = {}, .supercategory = {}});
  }

  // Of the first picture and category unless the caller changes that.
  Annotation& object(double x, double y, double w, double h) {
    Annotation a;
    a.id = static_cast<std::int64_t>(truth.annotations.size()) + 1;
    a.x = x, a.y = y, a.w = w, a.h = h, a.area = w * h;
    return truth.annotations.emplace_back(a);
  }
  ScoredBox& box(double x, double y, double w, double h, double score) {
    return found.emplace_back(ScoredBox{.x = x, .y = y, .w = w, .h = h, .score = score});
  }
};

// Boxes on a coarse grid and few scores: many ties of every kind.
inline Scene random_scene(std::uint64_t seed, int pictures, int categories, int boxes) {
  PortableRandom random(seed);
  Scene scene(pictures, categories);
  random.shuffle(scene.truth.pictures);
  random.shuffle(scene.truth.categories);
  const auto place = [&](auto& box) {
    box.picture = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(pictures)));
    box.category = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(categories)));
  };
  const auto grid = [&](std::uint64_t steps) { return 16 * static_cast<double>(random.below(steps)); };
  for (int i = 0; i < boxes; ++i) {
    Annotation& a = scene.object(grid(12), grid(12), grid(8), grid(8));
    place(a);
    a.crowd = random.below(10) == 0;
    for (std::uint64_t n = random.below(3); n > 0; --n) {
      scene.box(a.x + grid(2), a.y, a.w, a.h + grid(2), static_cast<double>(random.below(8)) / 8);
      scene.found.back().picture = a.picture;
      scene.found.back().category = a.category;
    }
    place(scene.box(grid(12), grid(12), grid(8), grid(8), static_cast<double>(random.below(8)) / 8));
  }
  random.shuffle(scene.found);
  return scene;
}

}  // namespace saker
