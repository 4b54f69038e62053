// Names of run folders, and args.yaml.
#include "runs/run_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "runs/compare.h"
#include "support/temp_folder.h"

namespace saker::runs {
namespace {

TEST(RunFolder, CountsWhatIsThere) {
  const test::TempFolder folder;
  const std::string project = folder.path("runs/train");
  const auto name = [&](bool exist_ok) {
    const auto made = make_run_folder(project, "exp", exist_ok);
    EXPECT_TRUE(made.ok());
    return made.ok() ? *made : made.error().message;
  };
  EXPECT_EQ(name(false), project + "/exp");
  EXPECT_EQ(name(false), project + "/exp2");
  EXPECT_EQ(name(true), project + "/exp");
  EXPECT_EQ(name(false), project + "/exp3");
  folder.write("runs/train/exp4", "a file");
  EXPECT_EQ(name(false), project + "/exp5");
  EXPECT_TRUE(std::filesystem::is_directory(project + "/exp5"));
}

TEST(RunFolder, SaysWhyItCannotBeMade) {
  const test::TempFolder folder;
  folder.write("file", "x");
  for (const bool exist_ok : {false, true}) {
    const auto below = make_run_folder(folder.path("file"), "exp", exist_ok);
    ASSERT_FALSE(below.ok());
    EXPECT_EQ(below.error().code, ErrorCode::kIo);
    EXPECT_NE(below.error().message.find("file/exp"), std::string::npos) << below.error().message;
  }
  const auto taken = make_run_folder(folder.path(), "file", true);
  ASSERT_FALSE(taken.ok());
  EXPECT_NE(taken.error().message.find("a file of that name exists"), std::string::npos);
  EXPECT_FALSE(make_run_folder(folder.path(), "", false).ok());
}

TEST(Args, OnlyWhatYamlWouldReadOtherwiseIsQuoted) {
  for (const char* plain : {"0.01", "true", "null", "yolov8n.yaml", "[0, 1]", "a b", "it's", "''", "\"x: y\"", "-1",
                            "C:\\data\\x.yaml", "a:b"}) {
    EXPECT_EQ(yaml_value(plain), plain);
  }
  EXPECT_EQ(yaml_value(""), "\"\"");
  EXPECT_EQ(yaml_value("a: b"), "\"a: b\"");
  EXPECT_EQ(yaml_value("a #1"), "\"a #1\"");
  EXPECT_EQ(yaml_value("*.jpg"), "\"*.jpg\"");
  EXPECT_EQ(yaml_value(" x"), "\" x\"");
  EXPECT_EQ(yaml_value("a\nb: c"), "\"a\\nb: c\"");
  EXPECT_EQ(yaml_value("- a"), "\"- a\"");
  EXPECT_EQ(yaml_value("{a: b}"), "\"{a: b}\"");
  EXPECT_EQ(yaml_value("\x01\xff"), "\"\\u0001\xEF\xBF\xBD\"");
}

TEST(Args, AreReadAsTheyWereWritten) {
  const test::TempFolder folder;
  const Args args = {{"model", "a: b #c.pt"}, {"epochs", "3"},          {"device", ""},
                     {"name", "it's\n\"x\""}, {"classes", "[0, 1, x]"}, {"time", "null"}};
  ASSERT_TRUE(write_args(folder.path(), args).ok());
  const auto read = read_args(folder.path("args.yaml"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, args);
  EXPECT_FALSE(write_args(folder.path("nowhere"), args).ok());
}

}  // namespace
}  // namespace saker::runs
