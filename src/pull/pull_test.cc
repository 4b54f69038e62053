#include <gtest/gtest.h>

#include "pull/catalog.h"
#include "pull/download.h"
#include "pull/lock_file.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

constexpr const char* kHash = "4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3";

TEST(Pull, NamesFindTheOnnxFileFirst) {
  ASSERT_NE(find_weights("yolov5n"), nullptr);
  EXPECT_EQ(find_weights("yolov5n")->file, "yolov5n.onnx");
  EXPECT_EQ(find_weights("yolov5n.pt")->file, "yolov5n.pt");
  EXPECT_EQ(find_weights("yolo"), nullptr);
}

TEST(Pull, AddressesAreCheckedAndEncoded) {
  EXPECT_EQ(check_url("https://example.org/a b").value(), "https://example.org/a%20b");
  EXPECT_EQ(check_url("file:///a#b").value(), "file:///a%23b");
  EXPECT_FALSE(check_url("http://example.org/a").ok());
  EXPECT_EQ(on_mirror("https://example.org/x/y.onnx", "file:///mnt/"), "file:///mnt/x/y.onnx");
}

TEST(Pull, ALockFileKeepsTheLastHashOfEachName) {
  const test::TempFolder folder;
  const std::string path = folder.path("saker-pull.lock");
  auto lock = LockFile::read(path);
  ASSERT_TRUE(lock.ok());
  ASSERT_TRUE(lock->record({std::string(64, '0'), "a.onnx", "https://example.org/a.onnx"}).ok());
  ASSERT_TRUE(lock->record({kHash, "a.onnx", "https://example.org/a.onnx"}).ok());
  const auto again = LockFile::read(path);
  ASSERT_TRUE(again.ok());
  ASSERT_NE(again->find("a.onnx"), nullptr);
  EXPECT_EQ(again->find("a.onnx")->sha256, kHash);
  EXPECT_EQ(again->find("b.onnx"), nullptr);
}

TEST(Pull, ALockFileThatIsNoneIsRefusedWithTheLine) {
  const test::TempFolder folder;
  const auto lock = LockFile::read(folder.write("saker-pull.lock", "# comment\nnot a hash\n"));
  ASSERT_FALSE(lock.ok());
  EXPECT_NE(lock.error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace saker
