// Annotation files and pictures that the tests of this folder make for themselves.
#pragma once

#include <gtest/gtest.h>
#include <saker/image.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace saker::test {

// An annotation of picture 7 with category 3.
inline constexpr const char* kBox = R"({"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]})";

// A folder that is removed with what is in it.
class DataFolder {
 public:
  DataFolder() {
    std::string name = (std::filesystem::path(testing::TempDir()) / "saker_data_XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
    EXPECT_FALSE(path_.empty());
  }
  ~DataFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }

  // Both make the folders that `name` has, and return the path.
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path(name);
  }
  std::string write_picture(const std::string& name, int width, int height) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    Image image{width, height, {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    EXPECT_TRUE(write_image(path(name), image.view()).ok());
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace saker::test
