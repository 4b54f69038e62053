// Scores sets of boxes as the YOLO frameworks do, for yolo_metrics.py.
//   yolo_numbers < SETS > NUMBERS
// A set is a line of JSON (support/yolo_set.h), and so is what is said of it.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "eval/yolo_metrics.h"
#include "support/yolo_set.h"

int main() {
  using nlohmann::json;
  const auto numbers = [](const saker::YoloNumbers& n) {
    return json{n.precision, n.recall, n.f1, n.map50, n.map50_95};
  };
  for (std::string line; std::getline(std::cin, line);) {
    const saker::test::YoloSet set = saker::test::yolo_set(json::parse(line));
    const saker::Stopwatch watch;
    const saker::YoloEvaluation result = saker::evaluate_yolo(set.truth, set.found, 0, set.rules);
    json out = {{"ms", watch.ms()}, {"all", numbers(result.all)}, {"confidence", result.confidence}};
    for (const saker::YoloCategory& c : result.categories) {
      out["categories"].push_back(
          {{"category", c.category},
           {"pictures", c.pictures},
           {"boxes", c.boxes},
           {"numbers", numbers(c.numbers)},
           {"curves", {c.curves.precision, c.curves.recall, c.curves.f1, c.curves.precision_of_recall}}});
    }
    out["confusion"] = saker::confusion_matrix(set.truth, set.found).counts;
    std::printf("%s\n", out.dump().c_str());
  }
}
