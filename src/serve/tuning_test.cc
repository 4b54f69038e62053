// Which shapes are measured, which is chosen, what the cache keeps, and a measurement from end to end.
#include "serve/tuning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "serve/tuning_cache.h"
#include "support/quadrant_model.h"
#include "support/temp_folder.h"

namespace saker::serve {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using test_support::QuadrantModel;

constexpr const char* kSigns = "models/signs.onnx";

TunedShape row(WorkShape shape, double pictures_per_s, double p50_ms, double p99_ms) {
  return {shape, pictures_per_s, p50_ms, p99_ms, 3};
}

TuningTable example() {
  TuningTable table;
  table.rows = {row({4, 1, 1}, 100, 40, 50), row({1, 4, 1}, 60, 15, 20), row({4, 1, 8}, 130, 250, 300),
                row({2, 2, 2}, 90, 35, 45)};
  return table;
}

bool contains(const std::vector<WorkShape>& shapes, const WorkShape& shape) {
  return std::ranges::find(shapes, shape) != shapes.end();
}

TEST(TuningChoice, ThroughputAndLatency) {
  const TuningTable table = example();
  EXPECT_EQ(choose(table, TuningMode::kThroughput).row, 2U);
  EXPECT_EQ(choose(table, TuningMode::kLatency).row, 1U);
  EXPECT_TRUE(choose(table, TuningMode::kThroughput).within_budget);
}

TEST(TuningChoice, ABudgetCountsTheBatchAhead) {
  const TuningTable table = example();
  EXPECT_DOUBLE_EQ(request_p99_ms(table.rows[0]), 100);
  EXPECT_EQ(choose(table, TuningMode::kThroughput, 600).row, 2U);
  EXPECT_EQ(choose(table, TuningMode::kThroughput, 599.9).row, 0U);
  EXPECT_EQ(choose(table, TuningMode::kThroughput, 100).row, 0U);
  EXPECT_EQ(choose(table, TuningMode::kThroughput, 95).row, 3U);
  EXPECT_EQ(choose(table, TuningMode::kLatency, 95).row, 3U);
  EXPECT_TRUE(choose(table, TuningMode::kThroughput, 40).within_budget);
  const TuningChoice closest = choose(table, TuningMode::kThroughput, 39);
  EXPECT_EQ(closest.row, 1U);
  EXPECT_FALSE(closest.within_budget);
}

TEST(TuningChoice, WhatDiffersByNoiseIsDecidedByTheOtherFigure) {
  TuningTable table;
  table.rows = {row({2, 1, 8}, 101, 160, 170), row({2, 1, 1}, 100, 20, 22), row({1, 2, 1}, 98, 10, 12)};
  EXPECT_EQ(choose(table, TuningMode::kThroughput).row, 1U);
  table.rows[1].pictures_per_s = 98.9;  // 101 is more than 2 % above it
  EXPECT_EQ(choose(table, TuningMode::kThroughput).row, 0U);
}

TEST(TuningChoice, AmongWhatIsLeftOpen) {
  const auto shapes = [](const TuningTable& table) {
    std::vector<WorkShape> all;
    for (const TunedShape& each : table.rows) all.push_back(each.shape);
    return all;
  };
  EXPECT_EQ(only(example(), {0, 0, 0}, 64).rows.size(), 4U);
  EXPECT_EQ(shapes(only(example(), {4, 0, 0}, 64)), (std::vector<WorkShape>{{4, 1, 1}, {4, 1, 8}}));
  EXPECT_EQ(shapes(only(example(), {4, 0, 0}, 4)), (std::vector<WorkShape>{{4, 1, 1}}));
  EXPECT_EQ(shapes(only(example(), {0, 0, 2}, 4)), (std::vector<WorkShape>{{2, 2, 2}}));
  EXPECT_TRUE(only(example(), {0, 3, 0}, 64).rows.empty());
  TuningTable fixed;
  fixed.fixed_batch = true;
  fixed.rows = {row({4, 1, 1}, 100, 40, 50)};
  EXPECT_EQ(only(fixed, {0, 0, 8}, 64).rows.size(), 1U);
}

TEST(TuningShapes, FillTheCpusAndSomeBeside) {
  const auto two = shapes_to_measure(2, {0, 0, 0});
  EXPECT_EQ(two.size(), 12U);
  for (const int batch : {1, 2, 4, 8}) {
    EXPECT_TRUE(contains(two, {2, 1, batch}));
    EXPECT_TRUE(contains(two, {1, 2, batch}));
    EXPECT_TRUE(contains(two, {3, 1, batch}));
  }
  EXPECT_EQ(two[0].batch, 1);
  EXPECT_EQ(two[2].batch, 1) << "single pictures come first, in case that the time is short";
  const auto six = shapes_to_measure(6, {0, 0, 0});
  EXPECT_TRUE(contains(six, {1, 6, 1}));
  EXPECT_TRUE(contains(six, {1, 4, 1}));
  EXPECT_TRUE(contains(six, {3, 2, 4}));
  EXPECT_TRUE(contains(six, {6, 1, 8}));
  for (const int cpus : {1, 2, 3, 8, 12, 64}) {
    for (const WorkShape& shape : shapes_to_measure(cpus, {0, 0, 0})) {
      EXPECT_TRUE(shape.streams * shape.threads <= cpus || shape.threads == 1) << cpus;
    }
  }
}

TEST(TuningShapes, TakeWhatIsGiven) {
  EXPECT_EQ(shapes_to_measure(4, {3, 5, 7}), (std::vector<WorkShape>{{3, 5, 7}}));
  for (const WorkShape& shape : shapes_to_measure(8, {2, 0, 0})) EXPECT_EQ(shape.streams, 2);
  for (const WorkShape& shape : shapes_to_measure(8, {0, 3, 0})) EXPECT_EQ(shape.threads, 3);
  EXPECT_EQ(shapes_to_measure(8, {0, 3, 0}).size(), 4U);
  EXPECT_FALSE(shapes_to_measure(1, {5, 0, 0}).empty()) << "more streams than CPUs, where somebody wants that";
}

TEST(TuningCache, KeepsATable) {
  const TempFolder folder;
  const TuningCache cache(folder.path("cache"), "a key");
  EXPECT_FALSE(cache.read());
  TuningTable table = example();
  table.fixed_batch = true;
  ASSERT_TRUE(cache.write(table).ok());
  const auto read = cache.read();
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->from_cache);
  EXPECT_TRUE(read->fixed_batch);
  ASSERT_EQ(read->rows.size(), table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    EXPECT_EQ(read->rows[i].shape, table.rows[i].shape);
    EXPECT_EQ(read->rows[i].pictures_per_s, table.rows[i].pictures_per_s);
    EXPECT_EQ(read->rows[i].p50_ms, table.rows[i].p50_ms);
    EXPECT_EQ(read->rows[i].p99_ms, table.rows[i].p99_ms);
    EXPECT_EQ(read->rows[i].rounds, 3);
  }
  EXPECT_FALSE(TuningCache(folder.path("cache"), "another key").read());
  fs::copy_file(cache.path(), TuningCache(folder.path("cache"), "another key").path());
  EXPECT_FALSE(TuningCache(folder.path("cache"), "another key").read()) << "the key in the file counts";
}

TEST(TuningCache, WhatIsBrokenIsNoTable) {
  const TempFolder folder;
  const TuningCache cache(folder.path("cache"), "a key");
  ASSERT_TRUE(cache.write(example()).ok());
  const auto bytes = read_file(cache.path(), 1 << 20);
  ASSERT_TRUE(bytes.ok());
  const std::string whole(reinterpret_cast<const char*>(bytes->data.get()), bytes->size);
  const auto reads = [&](const std::string& text) {
    EXPECT_TRUE(write_file(cache.path(), text).ok());
    return cache.read().has_value();
  };
  ASSERT_TRUE(reads(whole));
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) EXPECT_FALSE(reads(whole.substr(0, length)));
  const auto with = [&](const std::string& was, const std::string& becomes) {
    std::string text = whole;
    const std::size_t at = text.find(was);
    EXPECT_NE(at, std::string::npos) << was;
    return at == std::string::npos ? text : text.replace(at, was.size(), becomes);
  };
  EXPECT_FALSE(reads(with("\"streams\": 4", "\"streams\": 0")));
  EXPECT_FALSE(reads(with("\"streams\": 4", "\"streams\": 4.5")));
  EXPECT_FALSE(reads(with("\"streams\": 4", "\"streams\": 99999999999999999999999")));
  EXPECT_FALSE(reads(with("\"p50_ms\": 40.0", "\"p50_ms\": -40.0")));
  EXPECT_FALSE(reads(with("\"p50_ms\": 40.0", "\"p50_ms\": 1e999")));
  EXPECT_FALSE(reads(with("\"p50_ms\": 40.0", "\"p50_ms\": \"40\"")));
  EXPECT_FALSE(reads(with("\"format\": 1", "\"format\": 2")));
  EXPECT_FALSE(reads(R"({"format": 1, "key": "a key", "rows": []})"));
  EXPECT_FALSE(reads(R"({"format": 1, "key": "a key", "rows": [1, 2]})"));
  EXPECT_FALSE(reads("[]"));
  EXPECT_FALSE(reads(std::string(1 << 16, '[')));
}

TEST(TuningCache, TheKeyKnowsTheFileAndTheOptions) {
  const TempFolder folder;
  fs::copy_file(kSigns, folder.path("a.onnx"));
  fs::copy_file(kSigns, folder.path("b.onnx"));
  const auto key = [&](const char* name, const TuneOptions& options, int cpus) {
    const auto model = Model::load(folder.path(name));
    EXPECT_TRUE(model.ok());
    return tuning_key(*model, options, cpus);
  };
  const std::string first = key("a.onnx", {}, 2);
  EXPECT_EQ(first, key("b.onnx", {}, 2)) << "the contents count, not the name";
  EXPECT_NE(first, key("a.onnx", {}, 3));
  TuneOptions options;
  options.session.low_memory = true;
  EXPECT_NE(first, key("a.onnx", options, 2));
  options = {};
  options.fixed.streams = 1;
  EXPECT_NE(first, key("a.onnx", options, 2));
  QuadrantModel other;
  ASSERT_TRUE(write_file(folder.path("a.onnx"), other.onnx()).ok());
  EXPECT_NE(first, key("a.onnx", {}, 2));
}

TEST(Tune, MeasuresOnceAndReadsAfterwards) {
  const TempFolder folder;
  TuneOptions options;
  options.fixed = {2, 1, 2};
  options.seconds = 0.1;
  options.cache = folder.path("cache");
  std::size_t measured = 0;
  options.progress = [&](std::size_t done, std::size_t total, const WorkShape& next) {
    EXPECT_LT(done, total);
    EXPECT_EQ(next.streams, 2);
    ++measured;
  };
  const auto table = tune(kSigns, options);
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_GE(measured, 1U);
  EXPECT_FALSE(table->from_cache);
  ASSERT_EQ(table->rows.size(), 1U);
  EXPECT_EQ(table->rows[0].shape.streams, 2);
  EXPECT_EQ(table->rows[0].shape.threads, 1);
  EXPECT_GT(table->rows[0].pictures_per_s, 0);
  EXPECT_GT(table->rows[0].p50_ms, 0);
  EXPECT_GE(table->rows[0].p99_ms, table->rows[0].p50_ms);
  measured = 0;
  const auto before = tuned_before(kSigns, options);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->rows[0].p50_ms, table->rows[0].p50_ms);
  EXPECT_EQ(before->cpu, table->cpu);
  EXPECT_FALSE(tuned_before("models/signs.int8.onnx", options));
  const auto again = tune(kSigns, options);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(measured, 0U);
  EXPECT_TRUE(again->from_cache);
  EXPECT_EQ(again->rows[0].pictures_per_s, table->rows[0].pictures_per_s);
  EXPECT_EQ(again->cpus, table->cpus);
  options.retune = true;
  ASSERT_TRUE(tune(kSigns, options).ok());
  EXPECT_GE(measured, 1U);
}

TEST(Tune, ModelsThatAreNoDetectorsToo) {
  const TempFolder folder;
  QuadrantModel other;
  other.output_tail = {3, 4};
  ASSERT_TRUE(write_file(folder.path("other.onnx"), other.onnx()).ok());
  TuneOptions options;
  options.fixed = {1, 1, 0};
  options.seconds = 0.1;
  const auto table = tune(folder.path("other.onnx"), options);
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_TRUE(table->fixed_batch);
  ASSERT_EQ(table->rows.size(), 1U);
  EXPECT_EQ(table->rows[0].shape, (WorkShape{1, 1, 1}));
}

TEST(Tune, WithoutAModelThereIsNothingToMeasure) {
  const auto table = tune("nowhere.onnx", {});
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace saker::serve
