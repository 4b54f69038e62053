#include "base/picture_names.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace saker {
namespace {

TEST(PictureNames, TheListIsOfThoseThatCount) {
  EXPECT_EQ(picture_extensions().rfind(".jpg .jpeg ", 0), 0U);
  for (const std::string& extension : split(picture_extensions(), ' ')) {
    EXPECT_TRUE(has_picture_extension("a" + extension)) << extension;
  }
}

}  // namespace
}  // namespace saker
