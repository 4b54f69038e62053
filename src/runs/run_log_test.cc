// results.csv as it grows: whole rows whenever the run is cut short, and what resuming makes of them.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/files.h"
#include "runs/run_folder.h"
#include "support/temp_folder.h"

namespace saker::runs {
namespace {

constexpr const char* kHeader =
    "epoch,time,train/box_loss,train/cls_loss,train/dfl_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),"
    "metrics/mAP50-95(B),val/box_loss,val/cls_loss,val/dfl_loss,lr/pg0,lr/pg1,lr/pg2\n";

EpochRow row_of(std::int64_t epoch) {
  EpochRow row;
  row.epoch = epoch;
  row.seconds = 1.5 * static_cast<double>(epoch);
  row.train_losses = {{"box_loss", 1.0 / 3}, {"cls_loss", 2}, {"dfl_loss", 12345678}};
  row.val_losses = {{"box_loss", 0.5}, {"cls_loss", std::nan("")}, {"dfl_loss", 1e-9}};
  row.precision = 0.25;
  row.map50_95 = 0.125;
  row.learning_rates = {0.01, 0.01, 0.1};
  return row;
}

std::string line_of(std::int64_t epoch, const char* seconds) {
  return std::to_string(epoch) + "," + seconds + ",0.333333,2,1.23457e+07,0.25,0,0,0.125,0.5,nan,1e-09,0.01,0.01,0.1\n";
}

std::string text_of(const std::string& path) {
  const auto bytes = read_file(path, std::size_t{1} << 20);
  return bytes.ok() ? std::string(reinterpret_cast<const char*>(bytes->data.get()), bytes->size)
                    : bytes.error().message;
}

RunLog open(const test::TempFolder& folder, std::int64_t resume_after) {
  auto log = RunLog::open(folder.path(), resume_after);
  EXPECT_TRUE(log.ok()) << (log.ok() ? "" : log.error().message);
  return std::move(*log);
}

TEST(RunLog, UltralyticsColumnsRowByRow) {
  const test::TempFolder folder;
  RunLog log = open(folder, 0);
  EXPECT_FALSE(std::filesystem::exists(folder.path("results.csv")));
  ASSERT_TRUE(log.add(row_of(1)).ok());
  EXPECT_EQ(text_of(folder.path("results.csv")), kHeader + line_of(1, "1.5"));
  ASSERT_TRUE(log.add(row_of(2)).ok());
  EXPECT_EQ(text_of(folder.path("results.csv")), kHeader + line_of(1, "1.5") + line_of(2, "3"));
}

TEST(RunLog, ResumingDropsLaterAndUnfinishedRows) {
  const test::TempFolder folder;
  folder.write("results.csv", kHeader + line_of(1, "1.5") + line_of(2, "3") + line_of(3, "4.5") + "4,6,0.33");
  {
    RunLog log = open(folder, 2);
    EXPECT_EQ(text_of(folder.path("results.csv")), kHeader + line_of(1, "1.5") + line_of(2, "3"));
    ASSERT_TRUE(log.add(row_of(3)).ok());
  }
  EXPECT_EQ(text_of(folder.path("results.csv")), kHeader + line_of(1, "1.5") + line_of(2, "3") + line_of(3, "4.5"));
  EXPECT_EQ(folder.names().size(), 2U);  // and the events
}

TEST(RunLog, AnUnfinishedHeaderIsBegunAgain) {
  const test::TempFolder folder;
  folder.write("results.csv", std::string(kHeader).substr(0, 30));
  RunLog log = open(folder, 5);
  ASSERT_TRUE(log.add(row_of(6)).ok());
  EXPECT_EQ(text_of(folder.path("results.csv")), kHeader + line_of(6, "9"));
}

TEST(RunLog, BeginsAnewWithoutResuming) {
  const test::TempFolder folder;
  folder.write("results.csv", "something else\n1\n");
  RunLog log = open(folder, 0);
  ASSERT_TRUE(log.add(row_of(1)).ok());
  EXPECT_EQ(text_of(folder.path("results.csv")), kHeader + line_of(1, "1.5"));
}

TEST(RunLog, OtherColumnsAreRefused) {
  const test::TempFolder folder;
  folder.write("results.csv", "epoch,time,train/iou_loss\n1,2,3\n");
  RunLog log = open(folder, 1);
  const Status status = log.add(row_of(2));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(text_of(folder.path("results.csv")), "epoch,time,train/iou_loss\n1,2,3\n");
}

TEST(RunLog, AFolderThatIsNotThere) {
  const test::TempFolder folder;
  const auto log = RunLog::open(folder.path("nowhere"), 0);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace saker::runs
