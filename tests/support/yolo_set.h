// A set of true and found boxes from JSON: {"rules": "latest" or "classic", "categories": N, "pictures": N,
// "truth": [[picture, category, x, y, w, h, crowd], ...], "found": [[picture, category, x, y, w, h, score], ...]}.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eval/yolo_metrics.h"

namespace saker::test {

struct YoloSet {
  Dataset truth;
  std::vector<ScoredBox> found;
  YoloRules rules = YoloRules::kLatest;
};

// Throws what nlohmann::json throws.
inline YoloSet yolo_set(const nlohmann::json& json) {
  YoloSet set;
  if (json.at("rules") == "classic") set.rules = YoloRules::kClassic;
  for (int i = 0; i < json.at("categories").get<int>(); ++i) {
    set.truth.categories.push_back({i, "category " + std::to_string(i), ""});
  }
  for (int i = 0; i < json.at("pictures").get<int>(); ++i) set.truth.pictures.push_back({i, "", 0, 0});
  for (const auto& box : json.at("truth")) {
    Annotation truth;
    truth.id = static_cast<std::int64_t>(set.truth.annotations.size()) + 1;
    truth.picture = box.at(0);
    truth.category = box.at(1);
    truth.x = box.at(2);
    truth.y = box.at(3);
    truth.w = box.at(4);
    truth.h = box.at(5);
    truth.area = truth.w * truth.h;
    truth.crowd = box.at(6) != 0;
    set.truth.annotations.push_back(truth);
  }
  for (const auto& box : json.at("found")) {
    set.found.push_back({box.at(0), box.at(1), box.at(2), box.at(3), box.at(4), box.at(5), box.at(6)});
  }
  return set;
}

}  // namespace saker::test
