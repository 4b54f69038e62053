#include "synth/write.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <set>

#include "base/fnv1a.h"
#include "data/dataset.h"
#include "support/temp_folder.h"

namespace saker::synth {
namespace {

namespace fs = std::filesystem;

SynthOptions small(std::size_t train, std::size_t val) {
  SynthOptions options;
  options.train = train;
  options.val = val;
  options.size = {96, 64};
  options.threads = 2;
  return options;
}

std::size_t count(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Of each theme: all classes are shown, the boxes lie in the picture, and it depends on the seed alone.
TEST(Themes, ShowAllTheirClasses) {
  for (const Theme& theme : themes()) {
    EXPECT_EQ(find_theme(theme.name), &theme);
    std::set<int> seen;
    std::size_t boxes = 0;
    constexpr std::uint64_t kPictures = 150;
    for (std::uint64_t seed = 1; seed <= kPictures; ++seed) {
      const LabelledPicture picture = draw_picture(theme, {160, 120}, seed);
      ASSERT_EQ(picture.image.pixels.size(), 160U * 120 * 3);
      for (const TrueBox& box : picture.boxes) {
        seen.insert(box.category);
        EXPECT_TRUE(0 <= box.x1 && box.x1 < box.x2 && box.x2 <= 160) << theme.name << " " << seed;
        EXPECT_TRUE(0 <= box.y1 && box.y1 < box.y2 && box.y2 <= 120) << theme.name << " " << seed;
        EXPECT_GE(std::min(box.x2 - box.x1, box.y2 - box.y1), theme.smallest * 120);
      }
      boxes += picture.boxes.size();
    }
    EXPECT_EQ(seen.size(), theme.classes.size()) << theme.name;
    EXPECT_GT(boxes, kPictures) << theme.name;
    EXPECT_EQ(draw_picture(theme, {160, 120}, 5).image.pixels, draw_picture(theme, {160, 120}, 5).image.pixels);
    EXPECT_NE(draw_picture(theme, {160, 120}, 5).image.pixels, draw_picture(theme, {160, 120}, 6).image.pixels);
  }
  EXPECT_EQ(find_theme("cats"), nullptr);
}

// The drawing of each theme, as a number: the same with every compiler and on every machine. The model that comes with
// the source was trained on signs (a change asks for a new one), the kept results of bench/stories/ on all three.
TEST(Themes, DrawWhatTheyDrew) {
  const std::pair<const char*, std::uint64_t> drawings[] = {
      {"signs", 10348309664492875058ULL}, {"fashion", 18340396794257220263ULL}, {"plates", 15825229563603743667ULL}};
  for (const auto& [name, expected] : drawings) {
    Fnv1a hash;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
      hash.add(draw_picture(*find_theme(name), {160, 120}, seed).image.pixels);
    EXPECT_EQ(hash.value(), expected) << name;
  }
}

TEST(WriteSynthetic, YoloFolderIsReadBack) {
  const test::TempFolder folder;
  const std::string out = folder.path("a/signs");
  const auto written = write_synthetic(kSigns, small(12, 5), out);
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->pictures, 17U);
  std::size_t boxes = 0;
  for (const auto& [split, pictures] : {std::pair{"train", 12U}, {"val", 5U}}) {
    DatasetOptions reading;
    reading.split = split;
    reading.need_pictures = true;
    const auto dataset = read_dataset(out + "/data.yaml", reading);
    ASSERT_TRUE(dataset.ok()) << dataset.error().message;
    EXPECT_EQ(dataset->pictures.size(), pictures);
    EXPECT_EQ(dataset->categories.size(), kSigns.classes.size());
    boxes += dataset->annotations.size();
  }
  EXPECT_EQ(boxes, written->boxes);
  EXPECT_EQ(count(folder.path("a")), 1U);  // nothing beside it
}

TEST(WriteSynthetic, CocoFilesAreReadBack) {
  const test::TempFolder folder;
  SynthOptions options = small(0, 6);
  options.labels = Labels::kCoco;
  const auto written = write_synthetic(kSigns, options, folder.path("signs"));
  ASSERT_TRUE(written.ok()) << written.error().message;
  DatasetOptions reading;
  reading.need_pictures = true;
  const auto dataset = read_dataset(folder.path("signs/instances_val.json"), reading);
  ASSERT_TRUE(dataset.ok()) << dataset.error().message;
  EXPECT_EQ(dataset->pictures.size(), 6U);
  EXPECT_EQ(dataset->annotations.size(), written->boxes);
  EXPECT_FALSE(fs::exists(folder.path("signs/instances_train.json")));
}

TEST(WriteSynthetic, TheFirstOfManyAreThoseOfFew) {
  const test::TempFolder folder;
  ASSERT_TRUE(write_synthetic(kSigns, small(3, 0), folder.path("few")).ok());
  ASSERT_TRUE(write_synthetic(kSigns, small(5, 2), folder.path("many")).ok());
  for (const char* name : {"signs_train_000000.jpg", "signs_train_000002.jpg"}) {
    const auto a = read_image(folder.path(std::string("few/images/train/") + name));
    const auto b = read_image(folder.path(std::string("many/images/train/") + name));
    ASSERT_TRUE(a.ok() && b.ok());
    EXPECT_EQ(a->pixels, b->pixels);
  }
}

TEST(WriteSynthetic, RefusesAndLeavesNothingBehind) {
  const test::TempFolder folder;
  const auto code = [&](const SynthOptions& options, const std::string& name) {
    const auto written = write_synthetic(kSigns, options, folder.path(name));
    EXPECT_FALSE(written.ok());
    return written.ok() ? ErrorCode::kInternal : written.error().code;
  };
  EXPECT_EQ(code(small(0, 0), "a"), ErrorCode::kInvalid);
  EXPECT_EQ(code(small(kMostPictures, 1), "a"), ErrorCode::kInvalid);
  EXPECT_EQ(code(small(SIZE_MAX, 2), "a"), ErrorCode::kInvalid);
  SynthOptions flat = small(1, 1);
  flat.size = {4000, 10};
  EXPECT_EQ(code(flat, "a"), ErrorCode::kInvalid);
  EXPECT_EQ(count(folder.path()), 0U);
  folder.write("there/notes.txt", "mine");
  EXPECT_EQ(code(small(1, 1), "there"), ErrorCode::kIo);
  folder.write("file", "mine");
  EXPECT_EQ(code(small(1, 1), "file"), ErrorCode::kIo);
  EXPECT_EQ(code(small(1, 1), "file/below"), ErrorCode::kIo);
  EXPECT_EQ(count(folder.path()), 2U);
}

}  // namespace
}  // namespace saker::synth
