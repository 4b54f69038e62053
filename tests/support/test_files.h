// Annotation files and pictures that tests make for themselves.
#pragma once

#include <gtest/gtest.h>
#include <saker/image.h>

#include <filesystem>
#include <string>

#include "support/temp_folder.h"

namespace saker::test {

// An annotation of picture 7 with category 3.
inline constexpr const char* kBox = R"({"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]})";

class DataFolder : public TempFolder {
 public:
  // Black. Makes the folders that `name` has, and returns the path.
  std::string write_picture(const std::string& name, int width, int height) const {
    Image image{width, height, {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    EXPECT_TRUE(write_image(path(name), image.view()).ok());
    return path(name);
  }
};

}  // namespace saker::test
