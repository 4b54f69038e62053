// results.csv of the frameworks (testdata/README.md), and files that are none.
#include "runs/results.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/temp_folder.h"

namespace saker::runs {
namespace {

Error error_of(const std::string& text) {
  const test::TempFolder folder;
  const auto results = read_results(folder.write("results.csv", text));
  EXPECT_FALSE(results.ok());
  return results.ok() ? Error{} : results.error();
}

TEST(Results, OfUltralytics) {
  const auto results = read_results("src/runs/testdata/ultralytics/adamw/results.csv");
  ASSERT_TRUE(results.ok()) << results.error().message;
  ASSERT_EQ(results->columns.size(), 15U);
  ASSERT_EQ(results->rows.size(), 40U);
  EXPECT_EQ(results->rows[38][*find_metric(*results, Metric::kMap50_95)], 0.47967);
  EXPECT_EQ(results->rows[39][*find_metric(*results, Metric::kRecall)], 0.8);
  EXPECT_EQ(results->rows[39][*find_column(*results, "time")], 16.6602);
  EXPECT_EQ(columns_of(*results, "train/").size(), 3U);
  const double bias_rate = results->rows[0][*find_column(*results, "lr/pg2")];
  EXPECT_LT(learning_rate(*results, results->rows[0]), bias_rate);
  EXPECT_FALSE(find_column(*results, "nothing"));
}

TEST(Results, OfYolov5) {
  const auto results = read_results("src/runs/testdata/yolov5/exp/results.csv");
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(results->columns[1], "train/box_loss");
  ASSERT_EQ(results->rows.size(), 12U);
  EXPECT_EQ(results->rows[0][0], 0);
  EXPECT_EQ(results->rows[11][*find_metric(*results, Metric::kMap50_95)], 0.00036841);
  EXPECT_EQ(results->rows[11][*find_metric(*results, Metric::kMap50)], 0.0018734);
  EXPECT_EQ(learning_rate(*results, results->rows[0]), 0.0003);
}

TEST(Results, WhatIsNotANumberIsNone) {
  const test::TempFolder folder;
  const auto results =
      read_results(folder.write("r.csv", "\xEF\xBB\xBF  epoch , a,b,c,d\r\n1,nan,-inf,,1e3\r\n\r\n2,1,2,3,4"));
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(results->columns[0], "epoch");
  ASSERT_EQ(results->rows.size(), 2U);
  for (const std::size_t c : {1, 2, 3}) EXPECT_TRUE(std::isnan(results->rows[0][c])) << c;
  EXPECT_EQ(results->rows[0][4], 1000);
  EXPECT_EQ(results->rows[1][4], 4);
}

TEST(Results, AnUnfinishedLastLineIsLeftOut) {
  const test::TempFolder folder;
  const auto results = read_results(folder.write("r.csv", "epoch,a,b\n1,2,3\n2,4."));
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(results->rows.size(), 1U);
  const auto none = read_results(folder.write("r.csv", "epoch,a,b\n"));
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->rows.empty());
}

TEST(Results, ErrorsNameFileAndLine) {
  EXPECT_NE(error_of("epoch,a\n1,2\n2,x\n").message.find("results.csv:3: 'x' in the column a is not a number"),
            std::string::npos);
  EXPECT_NE(error_of("epoch,a\n1,2\n2\n3,4\n").message.find("results.csv:3: 1 fields, but the first line names 2"),
            std::string::npos);
  EXPECT_NE(error_of("a,b\n1,2\n").message.find("results.csv:1: there is no column `epoch`"), std::string::npos);
  EXPECT_NE(error_of("").message.find("results.csv:1: the file is empty"), std::string::npos);
  EXPECT_NE(error_of("epoch\n\x1b[31m\n").message.find("\\x1b[31m"), std::string::npos);
  const auto missing = read_results("nowhere/results.csv");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST(Results, IsBounded) {
  EXPECT_EQ(error_of(std::string(std::size_t{9} << 20, 'x')).code, ErrorCode::kLimit);
  std::string columns = "epoch", rows = "epoch\n";
  for (int i = 0; i < 5000; ++i) columns += ",x";
  for (int i = 0; i < 100'001; ++i) rows += "1\n";
  EXPECT_EQ(error_of(columns + "\n").code, ErrorCode::kLimit);
  EXPECT_EQ(error_of(rows).code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace saker::runs
