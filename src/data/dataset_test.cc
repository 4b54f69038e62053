// What kind of dataset a path is.
#include "data/dataset.h"

#include <gtest/gtest.h>

#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

TEST(ReadDataset, OtherPathsAreExplained) {
  const DataFolder folder;
  folder.write("note.txt", "x");
  folder.write("one.xml", "<annotation/>");
  folder.write("empty/readme", "x");
  folder.write("coco/annotations/instances_val.json", "{}");
  folder.write("yolo/coco128.yaml", "x");
  for (const auto& [name, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"note.txt", "not a known kind of annotations; annotations are a COCO .json"},
           {"one.xml", "a single .xml file: name its folder"},
           {"empty", "a folder without annotations"},
           {"coco", "a folder with .json files: name one of them"},
           {"yolo", "a folder with a .yaml file: name the file itself"},
           {"none", "no such file or folder"},
           {"none.json", "no such file or folder"}}) {
    const auto data = read_dataset(folder.path(name));
    ASSERT_FALSE(data.ok()) << name;
    EXPECT_EQ(data.error().message.find(folder.path(name) + ": " + message), 0U) << data.error().message;
  }
}

}  // namespace
}  // namespace saker
