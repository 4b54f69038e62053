// Runs of three trainings (testdata/README.md) found, summed up and put side by side.
#include "runs/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "support/html.h"
#include "support/temp_folder.h"

namespace saker::runs {
namespace {

const std::string kData = "src/runs/testdata";

std::vector<TrainingRun> found(const std::vector<std::string>& paths) {
  auto runs = find_runs(paths);
  EXPECT_TRUE(runs.ok()) << (runs.ok() ? "" : runs.error().message);
  return runs.ok() ? std::move(*runs) : std::vector<TrainingRun>();
}

TEST(FindRuns, AFolderAFolderOfRunsOrTheFile) {
  const std::vector<TrainingRun> runs =
      found({kData + "/ultralytics", kData + "/yolov5/exp", kData + "/yolov5/exp/results.csv"});
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[0].name, "adamw");
  EXPECT_EQ(runs[1].name, "sgd");
  EXPECT_EQ(runs[2].name, kData + "/yolov5/exp");  // another is called exp
  EXPECT_EQ(runs[0].args.size(), 114U);
  EXPECT_EQ(runs[3].args.front(), Args::value_type("weights", ""));
  const test::TempFolder folder;
  std::filesystem::copy(kData + "/yolov5/exp", folder.path());
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_EQ(found({"."})[0].name, std::filesystem::path(folder.path()).filename());
  EXPECT_EQ(found({"results.csv"})[0].folder, ".");
  std::filesystem::current_path(before);
}

TEST(FindRuns, SaysWhatIsMissing) {
  const test::TempFolder folder;
  folder.write("file.txt", "x");
  folder.write("broken/results.csv", "epoch\nx\n");
  const auto message = [&](const std::string& name) {
    const auto runs = find_runs({folder.path(name)});
    EXPECT_FALSE(runs.ok());
    return runs.ok() ? "" : runs.error().message;
  };
  std::filesystem::create_directory(folder.path("empty"));
  EXPECT_NE(message("nowhere").find("no such file or folder"), std::string::npos);
  EXPECT_NE(message("empty").find("no results.csv in it or in the folders in it"), std::string::npos);
  EXPECT_NE(message("file.txt").find("neither a folder nor a results.csv"), std::string::npos);
  EXPECT_NE(message("").find("broken/results.csv:2"), std::string::npos);
  folder.write("broken/results.csv", "epoch\n1\n");
  folder.write("broken/args.yaml", "a: [1");
  EXPECT_NE(message("broken").find("broken/args.yaml: yaml-cpp: error at line"), std::string::npos);
  folder.write("broken/args.yaml", "- a\n");
  EXPECT_NE(message("broken").find("not a map"), std::string::npos);
}

TEST(FindRuns, IsBounded) {
  const test::TempFolder folder;
  std::string text = "epoch";
  for (int i = 1; i < 4000; ++i) text += ",a";
  text += "\n";
  for (int row = 0; row < 1000; ++row) text += std::string(3999, ',') + "\n";
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) folder.write(std::string(name) + "/results.csv", text);
  const auto runs = find_runs({folder.path()});
  ASSERT_FALSE(runs.ok());
  EXPECT_EQ(runs.error().code, ErrorCode::kLimit);
  EXPECT_NE(runs.error().message.find("/f: together"), std::string::npos) << runs.error().message;
}

TEST(ReadArgs, MapsInMapsAndAliases) {
  const test::TempFolder folder;
  const auto args = read_args(folder.write(
      "a.yaml", "x: &x [1, two, [3]]\nhyp: {lr0: 0.1, deep: {y: 1}}\nagain: *x\nnone: null\n? [k]\n: 1\n"));
  ASSERT_TRUE(args.ok()) << args.error().message;
  EXPECT_EQ(
      *args,
      (Args{{"x", "[1, two, ...]"}, {"lr0", "0.1"}, {"deep", "{...}"}, {"again", "[1, two, ...]"}, {"none", "null"}}));
}

TEST(Summary, OfTheBestEpochAndTheLast) {
  const std::vector<TrainingRun> runs = found({kData + "/ultralytics/adamw", kData + "/yolov5"});
  const RunSummary theirs = summarize(runs[0].results), old = summarize(runs[1].results);
  EXPECT_EQ(theirs.epochs, 40U);
  EXPECT_EQ(theirs.best_epoch, 39);
  EXPECT_EQ(theirs.map50_95, 0.47967);
  EXPECT_EQ(theirs.map50, 0.86911);
  EXPECT_EQ(theirs.seconds, 16.6602);
  ASSERT_EQ(theirs.val_losses.size(), 3U);
  EXPECT_EQ(theirs.val_losses[2], std::pair(std::string("dfl_loss"), 1.25898));
  EXPECT_EQ(old.best_epoch, 10);  // the first of two with the same mAP
  EXPECT_TRUE(std::isnan(old.seconds));
  EXPECT_EQ(old.train_losses[1].first, "obj_loss");
  const RunSummary none = summarize({{"epoch", "a"}, {}});
  EXPECT_EQ(none.epochs, 0U);
  EXPECT_TRUE(std::isnan(none.best_epoch));
  EXPECT_TRUE(std::isnan(summarize({{"epoch", "metrics/mAP50-95(B)"}, {{1, std::nan("")}}}).best_epoch));
}

TEST(DifferingArgs, OnlyThoseThatTwoRunsHave) {
  const std::vector<TrainingRun> runs = found({kData + "/ultralytics", kData + "/yolov5"});
  std::vector<std::string> names;
  for (const DifferingArg& arg : differing_args(std::span(runs).first(2))) names.push_back(arg.name);
  EXPECT_EQ(names, (std::vector<std::string>{"epochs", "optimizer", "plots", "lr0"}));
  bool box = false;
  for (const DifferingArg& arg : differing_args(runs)) {
    EXPECT_NE(arg.name, "noplots");  // YOLOv5's alone
    if (arg.name != "box") continue;
    box = true;
    EXPECT_EQ(arg.values, (std::vector<std::string>{"7.5", "7.5", "0.05"}));
  }
  EXPECT_TRUE(box);
}

TEST(Comparison, TextPageAndJson) {
  const std::vector<TrainingRun> runs = found({kData + "/ultralytics", kData + "/yolov5"});
  const std::string text = as_text(compare_runs(runs, false));
  for (const char* part : {"3 runs", "adamw      40          39    0.4797", "16.7 s", "train/obj_loss", "val/dfl_loss",
                           "Arguments that differ", "AdamW"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const Document page = compare_runs(runs, true);
  std::size_t plots = 0;
  for (const Section& section : page.sections) plots += section.plots.size();
  EXPECT_EQ(plots, 4U + 8U + 1U);  // metrics, losses (obj and dfl are one framework's), the rate
  const auto html = as_html(page);
  ASSERT_TRUE(html.ok());
  EXPECT_LT(html->size(), std::size_t{2} << 20);
  EXPECT_EQ(html->find("src=\"http"), std::string::npos);
  const Json json = comparison_json(runs);
  EXPECT_EQ(json["runs"][0]["mAP50-95"], 0.47967);
  EXPECT_EQ(json["runs"][2]["seconds"], nullptr);
  EXPECT_EQ(json["runs"][1]["args"]["optimizer"], "SGD");
  EXPECT_EQ(json["differing_args"]["lr0"], (std::vector<std::string>{"0.002", "0.01", "0.01"}));
}

TEST(Comparison, NamesOfRunsAreTextOnly) {
  const test::TempFolder folder;
  folder.write("<b>\x1b[31m/results.csv", "epoch,train/<i>_loss\n1,2\n");
  folder.write("<b>\x1b[31m/args.yaml", "lr0: <script>\n");
  folder.write("other/results.csv", "epoch\n");
  folder.write("other/args.yaml", "lr0: 1\n");
  const auto html = as_html(compare_runs(found({folder.path()}), true));
  ASSERT_TRUE(html.ok());
  EXPECT_EQ(test::unbalanced(*html), "");
  for (const char* tag : {"<b>", "<i>", "\x1b"}) EXPECT_EQ(html->find(tag), std::string::npos) << tag;
  EXPECT_NE(html->find("&lt;script&gt;"), std::string::npos);
}

}  // namespace
}  // namespace saker::runs
