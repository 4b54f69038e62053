// Which results are compared, what JSON they become, and how tables are set.
#include <gtest/gtest.h>

#include <cmath>

#include "measure/bench_report.h"

namespace saker {
namespace {

Measured result(const std::string& model, const std::string& engine, int threads, double ms, int batch = 1) {
  Measured measured;
  measured.configuration.model = model;
  measured.configuration.backend = engine;
  measured.configuration.threads = threads;
  measured.configuration.batch = batch;
  measured.loaded_ok = true;
  measured.loaded.backend = engine;
  measured.loaded.threads = threads;
  measured.loaded.streams = 1;
  measured.loaded.batch = batch;
  for (int k = 0; k < 5; ++k) measured.rounds.push_back({{ms + 0.01 * k, ms}, 2 * ms, 0, 0, 0});
  return measured;
}

Measured failed(const std::string& model, const std::string& engine) {
  Measured measured;
  measured.configuration.model = model;
  measured.configuration.backend = engine;
  measured.error = {ErrorCode::kNotFound, "not installed"};
  return measured;
}

std::vector<std::pair<std::size_t, std::size_t>> pairs(const std::vector<ResultRatio>& ratios) {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (const ResultRatio& each : ratios) all.emplace_back(each.own, each.reference);
  return all;
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

TEST(BenchReport, EnginesAreComparedWithSakerUnderTheSameConditions) {
  const std::vector<Measured> results = {result("m", "onnxruntime", 1, 20), result("m", "saker", 1, 10),
                                         result("m", "onnxruntime", 2, 12), result("m", "saker", 2, 6),
                                         failed("m", "openvino"),           result("n", "onnxruntime", 1, 5)};
  const auto ratios = ratios_by_engine(results);
  EXPECT_EQ(pairs(ratios), (Pairs{{0, 1}, {2, 3}, {3, 1}}));
  EXPECT_NEAR(ratios[0].comparison.ratio.ratio, 0.5, 0.01);
  EXPECT_EQ(ratios[0].comparison.ratio.verdict, SpeedVerdict::kSlower);
  EXPECT_EQ(ratios[2].comparison.ratio.verdict, SpeedVerdict::kFaster);
}

TEST(BenchReport, WithoutSakerTheFirstThatWorksIsTheReference) {
  const std::vector<Measured> results = {failed("m", "openvino"), result("m", "onnxruntime", 1, 20),
                                         result("m", "torchscript", 1, 40)};
  EXPECT_EQ(pairs(ratios_by_engine(results)), (Pairs{{2, 1}}));
  EXPECT_EQ(pairs(ratios_to_first(results)), (Pairs{{2, 1}}));
  EXPECT_TRUE(ratios_to_first({failed("m", "a"), failed("m", "b")}).empty());
  EXPECT_TRUE(ratios_by_engine({}).empty());
}

// The same engine twice shows what the noise is.
TEST(BenchReport, TheSameTwiceIsCompared) {
  const auto ratios = ratios_by_engine({result("m", "saker", 1, 10), result("m", "saker", 1, 10)});
  ASSERT_EQ(pairs(ratios), (Pairs{{1, 0}}));
  EXPECT_EQ(ratios[0].comparison.ratio.verdict, SpeedVerdict::kNoDifference);
}

TEST(BenchReport, JsonHasTheAgreedKeysFirst) {
  BenchReport report;
  report.machine = {{"cpu", "x"}};
  report.versions = {{"saker", "1.0"}};
  report.results = {result("m", "saker", 2, 10), failed("m", "openvino"), result("m", "onnxruntime", 2, 20)};
  report.ratios = ratios_by_engine(report.results);
  const Json json = bench_json(report);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json["results"][0].items()) keys.push_back(key);
  const std::vector<std::string> agreed = {
      "backend", "model",  "precision", "threads", "streams", "batch",         "mean_ms",       "p50_ms",     "p90_ms",
      "p99_ms",  "min_ms", "max_ms",    "fps",     "load_ms", "rss_before_mb", "rss_loaded_mb", "rss_warm_mb"};
  ASSERT_GE(keys.size(), agreed.size());
  EXPECT_EQ(std::vector<std::string>(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(agreed.size())), agreed);
  EXPECT_EQ(json["results"][0]["precision"], "f32");
  EXPECT_EQ(json["results"][0]["version"], "1.0");
  EXPECT_EQ(json["results"][0]["round_ms"].size(), 5U);
  EXPECT_EQ(json["results"][0]["error"], nullptr);
  EXPECT_EQ(json["results"][1]["p50_ms"], nullptr);
  EXPECT_EQ(json["results"][1]["load_ms"], nullptr);
  EXPECT_EQ(json["results"][1]["error"], "not installed");
  ASSERT_EQ(json["ratios"].size(), 1U);
  EXPECT_EQ(json["ratios"][0]["backend"], "onnxruntime");
  EXPECT_EQ(json["ratios"][0]["reference"]["backend"], "saker");
  EXPECT_EQ(json["ratios"][0]["verdict"], "slower");
  EXPECT_EQ(json["ratios"][0]["rounds"], 5);
}

TEST(BenchReport, NamesSayWhatDiffers) {
  const std::vector<Measured> alike = {result("dir/m.onnx", "saker", 1, 1)};
  EXPECT_EQ(result_name(alike, 0), "saker, 1 thread");
  const std::vector<Measured> mixed = {result("dir/m.onnx", "saker", 2, 1), result("n.onnx", "saker", 2, 1, 4)};
  EXPECT_EQ(result_name(mixed, 0), "m.onnx, saker, 2 threads");
  EXPECT_EQ(result_name(mixed, 1), "n.onnx, saker, 2 threads, batch 4");
  const std::vector<Measured> folders = {result("a/m.onnx", "saker", 2, 1), result("b/m.onnx", "saker", 2, 1)};
  EXPECT_EQ(result_name(folders, 1), "b/m.onnx, saker, 2 threads");
}

TEST(BenchReport, TheTitleNamesEveryModelOnce) {
  BenchReport report;
  report.machine = machine_json();
  report.results = {result("an.onnx", "saker", 1, 1), result("n.onnx", "saker", 1, 1), result("n.onnx", "saker", 2, 1)};
  EXPECT_EQ(bench_document(report, false).title, "an.onnx, n.onnx: the model alone");
}

}  // namespace
}  // namespace saker
