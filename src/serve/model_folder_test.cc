// What lies in a repository's folder, and what must not be taken for a model.
#include "serve/model_folder.h"

#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace saker::serve {
namespace {
namespace fs = std::filesystem;

class ModelFolderTest : public ::testing::Test {
 protected:
  fs::path make(const std::string& path, const std::string& text = "x") const {
    return folder_.write("models/" + path, text);
  }
  fs::path root() const { return fs::path(folder_.path("models")); }

  test::TempFolder folder_;
};

TEST(ModelName, PlainWordsOnly) {
  for (const char* name : {"a", "yolov8n.int8", "A-b_c.1", "0"}) EXPECT_TRUE(is_model_name(name)) << name;
  for (const std::string name : {"", ".", "..", "../a", "a/b", ".hidden", "-a", "a b", "a\n", "ä", "a\\b"})
    EXPECT_FALSE(is_model_name(name)) << name;
  EXPECT_FALSE(is_model_name(std::string(129, 'a')));
  EXPECT_FALSE(is_model_name(std::string_view("a\0b", 3)));
}

TEST_F(ModelFolderTest, NamesAndVersions) {
  make("signs/1/model.onnx");
  make("signs/12/model.onnx");
  make("signs/notes/readme.md");
  for (const char* other : {"signs/0/model.onnx", "signs/01/model.onnx", "signs/-1/m.onnx", "signs/1a/m.onnx",
                            "signs/99999999999999999999/m.onnx"})
    make(other);
  make("signs/7", "a file");
  make("b d/1/model.onnx");
  make(".hidden/1/model.onnx");
  make("loose.onnx");
  const auto names = names_in(root());
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(names->models, std::vector<std::string>{"signs"});
  ASSERT_EQ(names->skipped.size(), 1U);
  EXPECT_NE(names->skipped[0].find("b d"), std::string::npos);
  const auto versions = versions_in(root(), root() / "signs");
  ASSERT_TRUE(versions.ok());
  EXPECT_EQ(versions->size(), 2U);
  EXPECT_TRUE(versions->contains(1) && versions->contains(12));
  EXPECT_EQ(versions_in(root(), root() / "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(versions_in(root(), root() / "..").error().code, ErrorCode::kInvalid);
  EXPECT_EQ(names_in(root() / "none").error().code, ErrorCode::kNotFound);
}

TEST_F(ModelFolderTest, TheModelOfAVersion) {
  const fs::path one = make("a/1/yolo.onnx");
  EXPECT_EQ(*model_in(root(), one.parent_path()), one.string());
  const fs::path named = make("a/1/model.onnx");
  EXPECT_EQ(*model_in(root(), one.parent_path()), named.string());
  make("a/1/model.xml");
  EXPECT_EQ(model_in(root(), one.parent_path()).error().code, ErrorCode::kInvalid);
  const fs::path none = make("a/2/model.txt");
  EXPECT_EQ(model_in(root(), none.parent_path()).error().code, ErrorCode::kNotFound);
}

TEST_F(ModelFolderTest, LinksMayNotLeadOut) {
  const fs::path outside = folder_.write("outside.onnx", "x");
  const fs::path inside = make("store/model.onnx");
  fs::create_directories(root() / "a" / "1");
  fs::create_symlink(outside, root() / "a" / "1" / "model.onnx");
  EXPECT_EQ(model_in(root(), root() / "a" / "1").error().code, ErrorCode::kInvalid);
  fs::create_directory_symlink(fs::path(folder_.path()), root() / "b");
  EXPECT_EQ(versions_in(root(), root() / "b").error().code, ErrorCode::kInvalid);
  const auto names = names_in(root());
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(names->skipped.size(), 1U);
  // As volumes of Kubernetes are laid out.
  fs::create_directory_symlink(root() / "store", root() / "a" / "2");
  EXPECT_TRUE(versions_in(root(), root() / "a").ok());
  EXPECT_TRUE(model_in(root(), root() / "a" / "2").ok());
  fs::create_symlink(folder_.write("config.yaml", "conf: 0.1\n"), root() / "a" / "config.yaml");
  EXPECT_FALSE(config_in(root(), root() / "a").ok());
  EXPECT_EQ(*config_in(root(), root() / "store"), "");
}

TEST_F(ModelFolderTest, StampsTellChanges) {
  const fs::path file = make("a/1/model.xml", "one");
  const std::string folder = stamp_of(root() / "a"), plain = stamp_of(file);
  EXPECT_EQ(stamp_of(root() / "a"), folder);
  make("a/1/model.bin", "weights");  // beside it
  EXPECT_NE(stamp_of(root() / "a"), folder);
  EXPECT_NE(stamp_of(file), plain);
  const std::string before = stamp_of(root() / "a");
  make("a/1/model.xml", "two");  // the same size
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(5));
  EXPECT_NE(stamp_of(root() / "a"), before);
  EXPECT_EQ(stamp_of(root() / "none"), "");
}

}  // namespace
}  // namespace saker::serve
