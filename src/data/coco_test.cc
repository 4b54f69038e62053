// COCO annotations: what is read, what is refused and how it is said, speed and memory on large files.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "data/dataset.h"
#include "data/writers.h"
#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;
using test::kBox;

std::string coco(const std::string& annotations, const std::string& images = R"({"id": 7, "file_name": "a.jpg"})",
                 const std::string& categories = R"({"id": 3, "name": "cat"})") {
  return R"({"images": [)" + images + R"(], "annotations": [)" + annotations + R"(], "categories": [)" + categories +
         "]}";
}

Result<Dataset> read(const std::string& json, const DatasetOptions& options = {}) {
  const DataFolder folder;
  return read_dataset(folder.write("instances.json", json), options);
}

// ---- what is read ----

TEST(Coco, FieldsOfTheFormat) {
  const auto data = read(R"({"info": {"a": [1, {"b": null}]}, "licenses": [],
    "annotations": [
      {"id": 0, "image_id": 9, "category_id": 90, "bbox": [1.5, 2, 3, 4.25], "area": 5.5, "iscrowd": 1,
       "segmentation": {"counts": [1, 2], "size": [3, 4]}},
      {"segmentation": [[1, 2, 3]], "bbox": [0, 0, 10, 10], "category_id": 1.0, "id": 5, "image_id": 7.0,
       "attributes": {"occluded": false, "track": "x"}}],
    "images": [{"id": 7, "width": 640, "height": 480, "file_name": "b/\u00e9.jpg", "license": 0, "date_captured": 0},
               {"id": 9}],
    "categories": [{"id": 1, "name": "a\u001b[31m", "supercategory": ""}, {"id": 90, "name": "b"}]})");
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->pictures.size(), 2U);
  EXPECT_EQ(data->pictures[0].file, "b/\xC3\xA9.jpg");
  EXPECT_EQ(data->pictures[0].width, 640);
  EXPECT_EQ(data->pictures[1].width, 0);
  EXPECT_EQ(data->categories[0].name, "a [31m");
  EXPECT_EQ(data->categories[1].id, 90);
  ASSERT_EQ(data->annotations.size(), 2U);
  const Annotation& crowd = data->annotations[0];
  EXPECT_EQ(crowd.id, 0);
  EXPECT_EQ(crowd.picture, 1);
  EXPECT_EQ(crowd.category, 1);
  EXPECT_EQ(crowd.w, 3);
  EXPECT_EQ(crowd.h, 4.25);
  EXPECT_EQ(crowd.area, 5.5);
  EXPECT_TRUE(crowd.crowd);
  EXPECT_EQ(data->annotations[1].area, 100);
  EXPECT_EQ(data->annotations[1].picture, 0);
  EXPECT_FALSE(data->annotations[1].crowd);
}

TEST(Coco, NothingToFindIsFine) {
  const auto data = read("\xEF\xBB\xBF" + coco(""));
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures.size(), 1U);
  EXPECT_TRUE(read(coco("", "", "")).ok());
}

// Every double is the one that Python's float() reads, which takes the nearest one as strtod does.
TEST(Coco, NumbersAreTheNearestDoubles) {
  std::mt19937_64 random(1);
  std::string annotations;
  std::vector<double> expected;
  for (int i = 0; i < 2000; ++i) {
    std::string text = std::to_string(random() % 1000) + "." + std::to_string(random());
    if (i % 3 == 0) text += "e-" + std::to_string(random() % 40);
    expected.push_back(std::strtod(text.c_str(), nullptr));
    annotations += (i == 0 ? "" : ",") + (R"({"image_id": 7, "category_id": 3, "id": )" + std::to_string(i)) +
                   R"(, "bbox": [)" + text + ", 1e-999, 1E1, 0.00000000000000000000000000000]}";
  }
  const auto data = read(coco(annotations));
  ASSERT_TRUE(data.ok()) << data.error().message;
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(data->annotations[i].x, expected[i]);
  EXPECT_EQ(data->annotations[0].w, 10);
}

TEST(Coco, TooSmallForADoubleIsZero) {
  const std::string tiny = "0." + std::string(400, '0') + "1";
  for (const std::string& number : {tiny, "-" + tiny, std::string("-1e-999")}) {
    const auto data = read(coco(R"({"id": 1, "image_id": 7, "category_id": 3, "bbox": [)" + number + ", 0, 1, 1]}"));
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_EQ(data->annotations[0].x, 0) << number;
  }
}

TEST(Coco, MoreCategoriesThanDetectorsHaveEndTheReading) {
  std::string categories;
  for (int i = 0; i <= kMaxClasses; ++i) {
    categories += (i == 0 ? "" : ",") + (R"({"name": "c", "id": )" + std::to_string(i) + "}");
  }
  DatasetOptions options;
  options.skip_bad = true;
  const auto data = read(coco("", "", categories), options);
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code, ErrorCode::kLimit);
  EXPECT_NE(data.error().message.find("more than 10000 categories"), std::string::npos) << data.error().message;
}

TEST(Coco, PicturesAreFoundBesideTheAnnotations) {
  for (const char* place : {"set/a.jpg", "set/images/a.jpg", "images/a.jpg", "set/val2017/a.jpg", "val2017/a.jpg",
                            "set/images/val2017/a.jpg", "images/val2017/a.jpg"}) {
    const DataFolder folder;
    const std::string json = folder.write("set/instances_val2017.json", coco(""));
    DatasetOptions options;
    options.need_pictures = true;
    const auto missing = read_dataset(json, options);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_NE(missing.error().message.find(folder.path("images/val2017")), std::string::npos)
        << missing.error().message;
    folder.write(place, "x");
    const auto data = read_dataset(json, options);
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_TRUE(std::filesystem::equivalent(picture_path(*data, data->pictures[0]), folder.path(place))) << place;
  }
  DatasetOptions options;
  options.images = "/nonexistent";
  EXPECT_EQ(read(coco(""), options).error().code, ErrorCode::kNotFound);
}

// A picture's name may climb, as long as it comes down in the pictures' folder; links in it are its owner's.
TEST(Coco, NamesThatLeaveThePicturesFolderAreBrokenEntries) {
  const DataFolder folder;
  folder.write_picture("secret/a.jpg", 8, 8);
  folder.write_picture("im/a.jpg", 8, 8);
  std::filesystem::create_directories(folder.path("im/x"));
  std::filesystem::create_symlink("../secret/a.jpg", folder.path("im/link.jpg"));
  const std::string images =
      R"({"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "../secret/a.jpg"}, {"id": 3, "file_name": ")" +
      folder.path("secret/a.jpg") + R"("}, {"id": 4, "file_name": "x/../../secret/a.jpg"},
        {"id": 5, "file_name": "../im/a.jpg"}, {"id": 6, "file_name": ")" +
      folder.path("im/a.jpg") + R"("}, {"id": 7, "file_name": "link.jpg"}, {"id": 8, "file_name": "a\u0000.jpg"})";
  const std::string json = folder.write("a.json", coco(kBox, images));
  DatasetOptions options;
  options.images = folder.path("im");
  options.need_pictures = true;
  options.hint = "\ntry this";
  const auto nul = read_dataset(json, options);
  ASSERT_FALSE(nul.ok());
  EXPECT_EQ(nul.error().message, json + ": images[7].file_name has a NUL character\ntry this");

  options.skip_bad = true;
  std::vector<std::string> told;
  options.warn = [&](const std::string& message) { told.push_back(message); };
  const auto data = read_dataset(json, options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(told.size(), 4U);
  for (std::size_t i = 1; i < told.size(); ++i) {
    EXPECT_NE(told[i].find("images[" + std::to_string(i) + "].file_name is outside " + folder.path("im")),
              std::string::npos)
        << told[i];
  }
  EXPECT_EQ(data->skipped, 4U);
  ASSERT_EQ(data->pictures.size(), 4U);
  ASSERT_EQ(data->annotations.size(), 1U);
  EXPECT_EQ(data->pictures[static_cast<std::size_t>(data->annotations[0].picture)].id, 7);
  for (const Picture& picture : data->pictures) {
    EXPECT_TRUE(std::filesystem::exists(picture_path(*data, picture))) << picture.file;
    EXPECT_EQ(picture_path(*data, picture).find(".."), std::string::npos);
  }
}

TEST(Coco, BoxesOfAPictureOutsideAreLeftOutWithIt) {
  const auto refused = read(coco(kBox, R"({"id": 7, "file_name": "../a.jpg"})"));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("images[0].file_name is outside "), std::string::npos);
  DatasetOptions options;
  options.skip_bad = true;
  const std::string other = R"({"id": 2, "image_id": 8, "category_id": 3, "bbox": [1, 2, 3, 4]})";
  const auto data = read(
      coco(std::string(kBox) + ", " + other, R"({"id": 7, "file_name": "../a.jpg"}, {"id": 8, "file_name": "b.jpg"})"),
      options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->pictures.size(), 1U);
  EXPECT_EQ(data->pictures[0].file, "b.jpg");
  ASSERT_EQ(data->annotations.size(), 1U);
  EXPECT_EQ(data->annotations[0].id, 2);
  EXPECT_EQ(data->skipped, 2U);
}

TEST(LookAtPictures, SizesComeFromTheFilesAndWhatIsNoPictureIsLeftOut) {
  const DataFolder folder;
  folder.write_picture("a.jpg", 9, 7);
  folder.write("b.jpg", "my private key");
  const std::string json = folder.write(
      "a.json",
      coco(kBox, R"({"id": 7, "file_name": "b.jpg", "width": 9, "height": 9}, {"id": 8, "file_name": "a.jpg"})"));
  DatasetOptions options;
  options.hint = "\ntry this";
  auto data = read_dataset(json, options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_TRUE(look_at_pictures(*data, options, false).ok());
  EXPECT_EQ(data->pictures[1].height, 7);
  const auto refused = look_at_pictures(*data, options, true);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("picture 7: " + folder.path("b.jpg") + ": not a picture"), std::string::npos);
  EXPECT_TRUE(refused.error().message.ends_with("try this"));
  options.skip_bad = true;
  ASSERT_TRUE(look_at_pictures(*data, options, true).ok());
  EXPECT_EQ(data->skipped, 1U);
  ASSERT_EQ(data->pictures.size(), 1U);
  EXPECT_TRUE(data->annotations.empty());
}

// Where broken entries were all there was, there is an error and no empty data set.
TEST(Coco, NothingLeftIsAnError) {
  DatasetOptions options;
  options.skip_bad = true;
  const auto no_pictures = read(coco(kBox, R"({"id": 7, "file_name": "../a.jpg"})"), options);
  ASSERT_FALSE(no_pictures.ok());
  EXPECT_NE(no_pictures.error().message.find("nothing is left of its pictures: 1 box and 1 other entry left out"),
            std::string::npos)
      << no_pictures.error().message;
  const auto no_boxes = read(coco(R"({"id": 1, "image_id": 9, "category_id": 3, "bbox": [1, 2, 3, 4]}, 5)"), options);
  ASSERT_FALSE(no_boxes.ok());
  EXPECT_NE(no_boxes.error().message.find("nothing is left of its boxes: 2 boxes left out as broken; the first:"),
            std::string::npos)
      << no_boxes.error().message;
  EXPECT_NE(no_boxes.error().message.find("annotations[1] is not an object"), std::string::npos);
  options.allow_empty = true;
  EXPECT_TRUE(read(coco("5"), options).ok());
}

// Texts are ids like numbers, and "7" is 7. Pictures are numbered in the order of the texts, as pycocotools sorts them.
TEST(Coco, TextsAsIds) {
  const DataFolder folder;
  const std::string json =
      folder.write("a.json", coco(R"({"id": "x", "image_id": "cam_02", "category_id": 3, "bbox": [1, 2, 3, 4]},
              {"id": "y", "image_id": 10, "category_id": 3, "bbox": [5, 2, 3, 4]})",
                                  R"({"id": "cam_02", "file_name": "a.jpg"}, {"id": "cam_01", "file_name": "b.jpg"},
              {"id": "10", "file_name": "c\"\u001b.jpg"})"));
  const auto data = read_dataset(json);
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->pictures.size(), 3U);
  EXPECT_EQ(data->pictures[0].text_id, "cam_02");
  EXPECT_EQ(data->pictures[0].id, 3);
  EXPECT_EQ(data->pictures[1].id, 2);
  EXPECT_EQ(data->pictures[2].id, 1);
  ASSERT_EQ(data->annotations.size(), 2U);
  EXPECT_EQ(data->annotations[0].id, 1);
  EXPECT_EQ(data->annotations[0].picture, 0);
  EXPECT_EQ(data->annotations[1].picture, 2);
  // Written again, they are what they were.
  ASSERT_TRUE(write_coco(*data, folder.path("b.json")).ok());
  const auto again = read_dataset(folder.path("b.json"));
  ASSERT_TRUE(again.ok()) << again.error().message;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(again->pictures[i].text_id, data->pictures[i].text_id);
  EXPECT_EQ(again->annotations[1].picture, 2);
}

TEST(Coco, CrowdsAsObjects) {
  const std::string crowd = R"({"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4], "iscrowd": 1})";
  DatasetOptions options;
  const auto ignored = read(coco(crowd), options);
  ASSERT_TRUE(ignored.ok());
  EXPECT_TRUE(ignored->annotations[0].crowd);
  EXPECT_TRUE(all_crowds(*ignored));
  options.crowd_as_object = true;
  const auto counted = read(coco(crowd), options);
  ASSERT_TRUE(counted.ok());
  EXPECT_FALSE(counted->annotations[0].crowd);
  EXPECT_FALSE(all_crowds(*counted));
  EXPECT_FALSE(all_crowds(*read(coco(""))));
  EXPECT_FALSE(
      all_crowds(*read(coco(crowd + R"(, {"id": 2, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]})"))));
}

// What nobody wants may be long, but not without end: it is held in memory to find where it ends.
TEST(Coco, AnEndlessTextIsRefused) {
  const std::string rest = R"(", "images": [], "annotations": [], "categories": []})";
  EXPECT_TRUE(read(R"({"info": ")" + std::string(20 << 20, 'a') + rest).ok());
  const auto data = read(R"({"info": ")" + std::string(70 << 20, 'a') + rest);
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code, ErrorCode::kLimit);
  EXPECT_NE(data.error().message.find(", in info: a text of more than 40 MB"), std::string::npos)
      << data.error().message;
}

// Ends the process: with its memory limited, the buffer cannot grow to the text's length.
[[noreturn]] void read_with_little_memory(const std::string& json) {
  const rlimit little{std::size_t{16} << 20, RLIM_INFINITY};
  ::setrlimit(RLIMIT_DATA, &little);
  const auto data = read_dataset(json);
  std::fputs(data.ok() ? "read" : data.error().message.c_str(), stderr);
  std::exit(data.ok() ? 0 : 1);
}

TEST(CocoDeathTest, WithoutMemoryForATextThereIsAnError) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own memory is beyond the limit";
#endif
  const DataFolder folder;
  const std::string json = folder.write("a.json", R"({"info": ")" + std::string(30 << 20, 'a') + R"(", "images": []})");
  EXPECT_EXIT(read_with_little_memory(json), ::testing::ExitedWithCode(1),
              "a.json: not enough memory for the annotations");
}

// ---- what is refused ----

struct Bad {
  const char* json;
  const char* message;
};

TEST(Coco, BadAnnotationsAreNamedOrLeftOut) {
  const std::string good = R"({"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})";
  for (const Bad& bad : std::initializer_list<Bad>{
           {"5", "annotations[1] is not an object"},
           {"[[], {}, [1]]", "annotations[1] is not an object"},
           {R"({"image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})", "annotations[1].id is missing"},
           {R"({"id": 2, "category_id": 3, "bbox": [0, 0, 1, 1]})", "annotations[1].image_id is missing"},
           {R"({"id": 2, "image_id": 7, "bbox": [0, 0, 1, 1]})", "annotations[1].category_id is missing"},
           {R"({"id": 2, "image_id": 7, "category_id": 3})", "annotations[1].bbox is missing"},
           {R"({"id": ["2"], "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].id is a list, not a whole number"},
           {R"({"id": "1", "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].id is 1, as that of an earlier entry"},
           {R"({"id": 2, "image_id": "cam", "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].image_id is \"cam\", which \"images\" has not"},
           {R"({"id": 2, "image_id": "", "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].image_id is an empty text"},
           {R"({"id": 2, "image_id": 7, "category_id": "3", "bbox": [0, 0, 1, 1]})",
            "annotations[1].category_id is a text, not a whole number"},
           {R"({"id": 2.5, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].id is 2.5, not a whole number"},
           {R"({"id": 9223372036854775808, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].id is too large for a 64-bit whole number"},
           {R"({"id": 123456789012345678901234567890, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].id is too large for a 64-bit whole number"},
           {R"({"id": 2, "image_id": null, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].image_id is null"},
           {R"({"id": 2, "image_id": 8, "category_id": 3, "bbox": [0, 0, 1, 1]})",
            "annotations[1].image_id is 8, which \"images\" has not"},
           {R"({"id": 2, "image_id": 7, "category_id": 4, "bbox": [0, 0, 1, 1]})",
            "annotations[1].category_id is 4, which \"categories\" has not"},
           {R"({"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 2, 2]})",
            "annotations[1].id is 1, as that of an earlier entry"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1]})", "annotations[1].bbox has 3 numbers"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1, 1, [1], 1]})",
            "annotations[1].bbox has 7 numbers"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": {"x": [1]}})",
            "annotations[1].bbox is an object, not a list of four numbers"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, "1", 1]})",
            "annotations[1].bbox[2] is a text, not a number"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, [[1], 2], 1, 1]})",
            "annotations[1].bbox[1] is a list, not a number"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, -1, 1]})",
            "annotations[1].bbox has the negative size -1 x 1"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [NaN, 0, 1, 1]})",
            "annotations[1].bbox[0] is NaN, which is not JSON"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, -Infinity]})",
            "annotations[1].bbox[3] is -Infinity, which is not JSON"},
           {R"({"id": NaN, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]})", "annotations[1].id is NaN"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1e200, 1e200]})",
            "annotations[1].bbox is too large"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 0.9e309]})",
            "annotations[1].bbox[3] is too large for a double"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "area": -1})",
            "annotations[1].area is -1: negative"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "area": NaN})",
            "annotations[1].area is NaN"},
           {R"({"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "iscrowd": 2})",
            "annotations[1].iscrowd is 2, not 0 or 1"}}) {
    const std::string json = coco(good + ", " + bad.json + R"(, {"id": 3, "image_id": 7, "category_id": 3,
                                                                 "bbox": [0, 0, 5, 5]})");
    const auto refused = read(json);
    ASSERT_FALSE(refused.ok()) << bad.json;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
    EXPECT_NE(refused.error().message.find(std::string("instances.json: ") + bad.message), std::string::npos)
        << refused.error().message;

    DatasetOptions options;
    options.skip_bad = true;
    std::vector<std::string> told;
    options.warn = [&](const std::string& message) { told.push_back(message); };
    const auto data = read(json, options);
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_EQ(data->skipped, 1U);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find(bad.message), std::string::npos) << told[0];
    ASSERT_EQ(data->annotations.size(), 2U) << bad.json;
    EXPECT_EQ(data->annotations[1].w, 5);
  }
}

TEST(Coco, BadPicturesAndCategoriesAreNamedOrLeftOut) {
  const std::string picture = R"({"id": 7})", category = R"({"id": 3, "name": "cat"})";
  struct BadList {
    std::string json, message;
  };
  for (const BadList& bad : {
           BadList{coco(kBox, picture + R"(, {"file_name": "b"})"), "images[1].id is missing"},
           BadList{coco(kBox, picture + R"(, {"id": true})"), "images[1].id is true or false, not a whole number"},
           BadList{coco(kBox, picture + R"(, {"id": "7"})"), "images[1].id is 7, as that of an earlier entry"},
           BadList{coco(kBox, picture + R"(, {"id": 7})"), "images[1].id is 7, as that of an earlier entry"},
           BadList{coco(kBox, picture + R"(, {"id": 8, "file_name": 1})"),
                   "images[1].file_name is a number, not a text"},
           BadList{coco(kBox, picture + R"(, {"id": 8, "width": -1})"), "images[1].width is -1"},
           BadList{coco(kBox, picture + R"(, {"id": 8, "height": 3000000000})"), "images[1].height is 3000000000"},
           BadList{coco(kBox, picture + ", null"), "images[1] is not an object"},
           BadList{coco(kBox, picture, category + R"(, {"id": 4})"), "categories[1].name is missing"},
           BadList{coco(kBox, picture, category + R"(, {"id": 3, "name": "b"})"), "categories[1].id is 3, as"},
           BadList{coco(kBox, picture, category + R"(, {"name": "b"})"), "categories[1].id is missing"},
       }) {
    const auto refused = read(bad.json);
    ASSERT_FALSE(refused.ok()) << bad.message;
    EXPECT_NE(refused.error().message.find(bad.message), std::string::npos) << refused.error().message;
    DatasetOptions options;
    options.skip_bad = true;
    const auto data = read(bad.json, options);
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_EQ(data->skipped, 1U);
    EXPECT_EQ(data->pictures.size(), 1U);
    EXPECT_EQ(data->categories.size(), 1U);
    EXPECT_EQ(data->annotations.size(), 1U);
  }
}

// What cannot be parsed further ends the reading, with or without skip_bad.
TEST(Coco, BrokenFiles) {
  const std::string deep(1000, '[');
  for (const auto& [json, message] : std::initializer_list<std::pair<std::string, const char*>>{
           {"", "instances.json: is empty"},
           {"  \n", "is empty"},
           {"{}", "no \"images\""},
           {R"({"images": [], "annotations": []})", "no \"categories\""},
           {"[]", "is it a results file?"},
           {R"([{"image_id": 1, "bbox": [1, 2, 3, 4]}])", "is it a results file?"},
           {"5", "instances.json: a number, where COCO annotations are an object"},
           {"null", "instances.json: null, where COCO annotations are an object"},
           {"\"x\"", "instances.json: a text, where COCO annotations are an object"},
           {"true", "instances.json: true or false, where COCO annotations are an object"},
           {R"({"images": {}})", "images is not a list of objects"},
           {R"({"annotations": 5})", "annotations is not a list of objects"},
           {R"({"images": [], "images": []})", "images stands in the file twice"},
           {coco(kBox).substr(0, coco(kBox).size() / 2), "cut off: the file ends at byte"},
           {R"({"annotations": [{"id": 1, "bbox": [1, 2,)", "in annotations[0].bbox[2]"},
           {coco(kBox) + "x", "not JSON at byte"},
           {R"({"images": [{"id": 1,}]})", "not JSON at byte 21"},
           {R"({"images": [{"id": nan}]})", "in images[0].id"},
           {R"({"images": [{"id": 01}]})", "not JSON at byte"},
           {"{\"images\": [{\"file_name\": \"\xFF\"}]}", "not UTF-8"},
           {coco(R"({"bbox": [1e400, 1, 1, 1]})"), "annotations[0].bbox[0]: a number that is larger than any double"},
           {coco(R"({"bbox": )" + deep), "annotations[0].bbox[0] is nested more than 64 levels deep"},
           {R"({"info": )" + deep, "info is nested more than 64 levels deep"},
           {std::string("{\"images\": [\0]}", 14), "not JSON at byte 12"}}) {
    DatasetOptions options;
    for (const bool skip : {false, true}) {
      options.skip_bad = skip;
      const auto data = read(json, options);
      ASSERT_FALSE(data.ok()) << json.substr(0, 200);
      EXPECT_EQ(data.error().code, ErrorCode::kInvalid);
      EXPECT_NE(data.error().message.find(message), std::string::npos) << data.error().message;
    }
  }
}

// ---- large files ----

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// `extra` is put into every annotation.
std::string write_large(const DataFolder& folder, int annotations, const std::string& extra) {
  const std::string path = folder.write("large.json", "");
  std::ofstream file(path);
  file << R"({"annotations":[)";
  for (int i = 0; i < annotations; ++i) {
    file << (i == 0 ? "" : ",") << R"({"id":)" << i << extra << R"(,"image_id":7,"category_id":3,"bbox":[1,2,3,4]})";
  }
  file << R"(],"images":[{"id":7}],"categories":[{"id":3,"name":"cat"}]})";
  return path;
}

void expect_bounded_memory(const std::string& path, std::size_t annotations, double file_share) {
  const long before = peak_kilobytes();
  const auto data = read_dataset(path);
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->annotations.size(), annotations);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const double grown = 1024.0 * static_cast<double>(peak_kilobytes() - before);
  const double parsed = static_cast<double>(annotations * sizeof(Annotation));
  const double file = static_cast<double>(std::filesystem::file_size(path));
  EXPECT_LE(grown, file_share * file + 2 * parsed + 8e6) << file / 1e6 << " MB";
#else
  static_cast<void>(before);
  static_cast<void>(file_share);
#endif
}

// 100 MB, nearly all of it segmentations: nothing of them is kept.
TEST(CocoMemory, SegmentationsAreNotKept) {
  std::string segmentation = R"(,"segmentation":[[0)";
  for (int i = 0; i < 400; ++i) segmentation += ",12" + std::to_string(i % 10) + ".5";
  const DataFolder folder;
  expect_bounded_memory(write_large(folder, 42000, segmentation + "]]"), 42000, 0);
}

// The shortest entries there are: the parsed form is as large as the file.
TEST(CocoMemory, FileAndTwiceTheParsedData) {
  const DataFolder folder;
  expect_bounded_memory(write_large(folder, 300000, ""), 300000, 1);
}

// ---- real data ----

TEST(CocoAssets, SameCountsAsPycocotools) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const std::filesystem::path json =
      std::filesystem::path(assets == nullptr ? "" : assets) / "coco/val/instances_val.json";
  if (!std::filesystem::exists(json)) GTEST_SKIP() << "SAKER_ASSETS names no folder with coco/val";
  DatasetOptions options;
  options.need_pictures = true;
  const auto data = read_dataset(json.string(), options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures.size(), 228U);
  EXPECT_EQ(data->categories.size(), 80U);
  EXPECT_EQ(data->annotations.size(), 1761U);
  double area = 0;
  int crowds = 0;
  for (const Annotation& annotation : data->annotations) {
    area += annotation.area;
    crowds += annotation.crowd ? 1 : 0;
  }
  EXPECT_EQ(crowds, 16);
  EXPECT_EQ(area, 22207606.214199968);  // sum() of the areas in Python
}

}  // namespace
}  // namespace saker
