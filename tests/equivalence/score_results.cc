// Scores a COCO results file, for coco_eval.py.
//   score_results ANNOTATIONS.json RESULTS.json [THREADS [REPEATS]]
// Prints one JSON line: the twelve numbers, those of each category by its id, and the shortest time that
// matching and summing up took.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "eval/coco_eval.h"

namespace {

template <typename T>
T value_or_die(saker::Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: score_results ANNOTATIONS.json RESULTS.json [THREADS [REPEATS]]\n");
    return 2;
  }
  const int threads = argc > 3 ? std::atoi(argv[3]) : 0, repeats = argc > 4 ? std::atoi(argv[4]) : 1;
  const saker::Dataset truth = value_or_die(saker::read_dataset(argv[1]));
  const std::vector<saker::ScoredBox> found = value_or_die(saker::read_coco_results(argv[2], truth)).boxes;

  saker::CocoNumbers numbers;
  double ms = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repeats; ++i) {
    const saker::Stopwatch watch;
    numbers = saker::CocoEvaluation::match(truth, found, threads).numbers();
    ms = std::min(ms, watch.ms());
  }
  const std::vector<saker::CocoNumbers> rows = saker::CocoEvaluation::match(truth, found, threads).per_category();
  nlohmann::json by_category;
  for (std::size_t c = 0; c < rows.size(); ++c) by_category[std::to_string(truth.categories[c].id)] = rows[c].list();
  std::printf("%s\n",
              nlohmann::json{{"numbers", numbers.list()}, {"by_category", by_category}, {"ms", ms}}.dump().c_str());
}
