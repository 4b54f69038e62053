// Which pictures a calibration set takes, and the folder it becomes.
#include "data/calib.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "data/new_folder.h"
#include "support/test_files.h"

namespace saker {
namespace {

namespace fs = std::filesystem;
using test::DataFolder;

// 60 pictures: cats in all, dogs in every third, an owl in pictures 7 and 30, a crowd of owls in picture 8.
Dataset zoo(const DataFolder& folder) {
  Dataset data;
  data.path = "zoo.json";
  data.folder = folder.path("");
  data.categories = {{10, "cat", ""}, {20, "dog", "pet"}, {30, "owl", ""}};
  for (std::int32_t i = 0; i < 60; ++i) {
    const std::string name = "p" + std::to_string(i) + ".jpg";
    folder.write_picture(name, 64, 48);
    data.pictures.push_back({100 + i, name, 64, 48});
    const auto add = [&](std::int32_t category, bool crowd) {
      const auto id = static_cast<std::int64_t>(data.annotations.size()) + 1;
      data.annotations.push_back({id, i, category, 1, 2, 10, 20, 200, crowd});
    };
    add(0, false);
    if (i % 3 == 0) add(1, false);
    if (i == 7 || i == 30 || i == 8) add(2, i == 8);
  }
  return data;
}

int containing(const Dataset& data, const std::vector<std::int32_t>& pictures, std::int32_t category) {
  return static_cast<int>(std::ranges::count_if(pictures, [&](std::int32_t picture) {
    return std::ranges::any_of(data.annotations, [&](const Annotation& a) {
      return a.picture == picture && a.category == category && !a.crowd;
    });
  }));
}

CalibOptions options(std::vector<std::int32_t> categories, int per_class, std::uint64_t seed) {
  CalibOptions result;
  result.categories = std::move(categories);
  result.per_class = per_class;
  result.seed = seed;
  return result;
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(folder).string());
  }
  std::ranges::sort(names);
  return names;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Calib, EachClassIsInAsManyPicturesAsWanted) {
  const DataFolder folder;
  const Dataset data = zoo(folder);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto choice = choose_pictures(data, options({}, 5, seed));
    ASSERT_TRUE(choice.ok()) << choice.error().message;
    ASSERT_EQ(choice->classes.size(), 3U);
    EXPECT_EQ(choice->classes[0].available, 60);
    EXPECT_EQ(choice->classes[1].available, 20);
    EXPECT_EQ(choice->classes[2].available, 2) << "the crowd does not count";
    EXPECT_EQ(choice->classes[2].chosen, 2) << "all there are";
    EXPECT_TRUE(std::ranges::is_sorted(choice->pictures));
    for (const ClassShare& share : choice->classes) {
      EXPECT_EQ(share.chosen, containing(data, choice->pictures, share.category));
      EXPECT_GE(share.chosen, std::min(5, share.available));
    }
    // Two for the owls, of which one has a dog, four more for the dogs; cats are in all of them.
    EXPECT_EQ(choice->pictures.size(), 6U);
    EXPECT_EQ(choice->classes[1].chosen, 5);
    EXPECT_EQ(choice->missing, 0U);
  }
}

TEST(Calib, SameSeedSamePictures) {
  const DataFolder folder;
  const Dataset data = zoo(folder);
  const auto first = choose_pictures(data, options({0}, 8, 1));
  const auto again = choose_pictures(data, options({0}, 8, 1));
  const auto other = choose_pictures(data, options({0}, 8, 2));
  ASSERT_TRUE(first.ok() && again.ok() && other.ok());
  EXPECT_EQ(first->pictures, again->pictures);
  EXPECT_NE(first->pictures, other->pictures);
  // Fixed numbers: other machines and later versions draw the same.
  EXPECT_EQ(first->pictures, (std::vector<std::int32_t>{0, 13, 19, 30, 40, 42, 45, 59}));
}

TEST(Calib, PicturesThatAreNotThereAreNotDrawn) {
  const DataFolder folder;
  const Dataset data = zoo(folder);
  fs::remove(folder.path("p7.jpg"));
  const auto choice = choose_pictures(data, options({2}, 5, 1));
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  EXPECT_EQ(choice->pictures, std::vector<std::int32_t>{30});
  EXPECT_EQ(choice->missing, 1U);

  Dataset elsewhere = data;
  elsewhere.folder = "/nowhere";
  const auto none = choose_pictures(elsewhere, {});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(none.error().message, "zoo.json: none of its 60 pictures is in /nowhere");
}

TEST(Calib, SubsetKeepsIdsAndTheListedClasses) {
  const DataFolder folder;
  const Dataset data = zoo(folder);
  const Dataset some = subset(data, {7, 9, 30}, {1, 2});
  ASSERT_EQ(some.pictures.size(), 3U);
  EXPECT_EQ(some.pictures[2].id, 130);
  ASSERT_EQ(some.categories.size(), 2U);
  EXPECT_EQ(some.categories[0].id, 20);
  EXPECT_EQ(some.categories[0].supercategory, "pet");
  ASSERT_EQ(some.annotations.size(), 4U);  // owl; dog; dog and owl
  EXPECT_EQ(some.annotations[0].picture, 0);
  EXPECT_EQ(some.annotations[0].category, 1);
  EXPECT_EQ(some.annotations[3].picture, 2);
  EXPECT_EQ(subset(data, {7}, {}).categories.size(), 3U);
}

TEST(Calib, FolderWithLinksAnnotationsAndManifest) {
  const DataFolder folder, out;
  Dataset data = zoo(folder);
  const auto wanted = options({1, 2}, 2, 1);
  const CalibChoice choice = *choose_pictures(data, wanted);
  const std::string path = out.path("deep/set");
  ASSERT_TRUE(write_calib(data, wanted, choice, {path}).ok());

  const auto read = read_dataset(path + "/annotations.json");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->pictures.size(), choice.pictures.size());
  EXPECT_EQ(read->categories.size(), 2U);
  for (const Picture& picture : read->pictures) {
    struct stat info {};
    ASSERT_EQ(::stat(picture_path(*read, picture).c_str(), &info), 0);
    EXPECT_EQ(info.st_nlink, 2U) << "a hard link";
  }
  const auto manifest = nlohmann::json::parse(text_of(path + "/manifest.json"));
  EXPECT_EQ(manifest.at("per_class"), 2);
  EXPECT_EQ(manifest.at("classes").at(1).at("name"), "owl");
  EXPECT_EQ(manifest.at("classes").at(1).at("chosen"), 2);
  EXPECT_EQ(manifest.at("files").size(), choice.pictures.size());

  // Copies share nothing.
  const std::string copies = out.path("copies");
  ASSERT_TRUE(write_calib(data, wanted, choice, {copies, Placing::kCopy}).ok());
  struct stat info {};
  ASSERT_EQ(::stat((copies + "/images/p7.jpg").c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 1U);
  EXPECT_EQ(files_in(path), files_in(copies));
}

TEST(Calib, FoldersAreReplacedOnlyWhenAskedAndOfTheSameMaking) {
  const DataFolder folder, out;
  const Dataset data = zoo(folder);
  const CalibChoice choice = *choose_pictures(data, options({2}, 2, 1));
  const std::string path = out.path("set");
  ASSERT_TRUE(write_calib(data, {}, choice, {path}).ok());
  out.write("set/mine.txt", "kept");

  auto refused = write_calib(data, {}, choice, {path});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("`replace`"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().setting, "replace");
  EXPECT_TRUE(fs::exists(path + "/mine.txt"));
  ASSERT_TRUE(write_calib(data, {}, choice, {path, Placing::kLink, true}).ok());
  EXPECT_FALSE(fs::exists(path + "/mine.txt"));

  const std::string other = out.path("other");
  out.write("other/thesis.txt", "precious");
  EXPECT_FALSE(write_calib(data, {}, choice, {other, Placing::kLink, true}).ok());
  EXPECT_EQ(files_in(other), std::vector<std::string>{"thesis.txt"});
}

TEST(Calib, NothingIsLeftOfASetThatFails) {
  const DataFolder folder, out;
  const Dataset data = zoo(folder);
  const CalibChoice choice = *choose_pictures(data, options({2}, 2, 1));
  fs::remove(folder.path("p30.jpg"));  // after the choice
  const auto failed = write_calib(data, {}, choice, {out.path("set")});
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find("p30.jpg"), std::string::npos) << failed.error().message;
  EXPECT_TRUE(fs::is_empty(out.path("")));

  folder.write("p30.jpg", "my private key");
  const auto no_picture = write_calib(data, {}, choice, {out.path("set")});
  ASSERT_FALSE(no_picture.ok());
  EXPECT_NE(no_picture.error().message.find("p30.jpg: not a picture"), std::string::npos) << no_picture.error().message;
  EXPECT_EQ(no_picture.error().setting, "skip_bad");
  EXPECT_TRUE(fs::is_empty(out.path("")));
}

TEST(NewFolder, OfTwoAtWorkOnOnePlaceOneComesFirst) {
  const DataFolder out;
  auto first = NewFolder::begin(out.path("set"), "marker", false);
  auto second = NewFolder::begin(out.path("set"), "marker", false);
  ASSERT_TRUE(first.ok() && second.ok());
  out.write(fs::path(first->path()).filename().string() + "/a.txt", "first");
  out.write(fs::path(second->path()).filename().string() + "/a.txt", "second");
  ASSERT_TRUE(first->commit().ok());
  const auto late = second->commit();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().message, out.path("set") + ": cannot make the folder: somebody else has made it meanwhile");
  EXPECT_EQ(text_of(out.path("set/a.txt")), "first");

  // Asked to replace it, the later one does.
  out.write("set/marker", "");
  auto third = NewFolder::begin(out.path("set"), "marker", true);
  ASSERT_TRUE(third.ok());
  ASSERT_TRUE(third->commit().ok());
  EXPECT_TRUE(fs::is_empty(out.path("set")));
  { const auto dropped = std::move(*second); }
  EXPECT_EQ(out.names(), std::vector<std::string>{"set"});
}

TEST(NewFolder, ErrorsNameThePlaceAndNotWhereItIsBuilt) {
  const DataFolder out;
  const auto made = NewFolder::begin(out.path("set"), "marker", false);
  ASSERT_TRUE(made.ok());
  const Error error = made->in_place({ErrorCode::kIo, made->path() + "/a.jpg: no space"});
  EXPECT_EQ(error.message, out.path("set") + "/a.jpg: no space");
}

TEST(Calib, PicturesOfTheSameNameInDifferentFolders) {
  const DataFolder folder, out;
  Dataset data;
  data.folder = folder.path("");
  data.categories = {{1, "cat", ""}};
  data.pictures = {{1, "a/x.jpg", 8, 8}, {2, "b/x.jpg", 8, 8}};
  folder.write_picture("a/x.jpg", 8, 8);
  folder.write_picture("b/x.jpg", 8, 9);
  data.annotations = {{1, 0, 0, 0, 0, 4, 4, 16, false}, {2, 1, 0, 0, 0, 4, 4, 16, false}};
  const std::string path = out.path("set");
  ASSERT_TRUE(write_calib(data, {}, *choose_pictures(data, {}), {path}).ok());
  EXPECT_EQ(text_of(path + "/images/x.jpg"), text_of(folder.path("a/x.jpg")));
  EXPECT_EQ(text_of(path + "/images/2_x.jpg"), text_of(folder.path("b/x.jpg")));
  const auto read = read_dataset(path + "/annotations.json");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->pictures[1].file, "2_x.jpg");
}

}  // namespace
}  // namespace saker
