// COCO results: which boxes are read, and what their ids stand for.
#include <gtest/gtest.h>

#include "data/dataset.h"
#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

class CocoResultsFile : public testing::Test {
 protected:
  void SetUp() override { use(R"({"id": 7, "file_name": "a.jpg"})", R"({"id": 3, "name": "cat"})"); }

  void use(const std::string& images, const std::string& categories) {
    auto data = read_dataset(folder_.write(
        "truth.json", R"({"annotations": [], "images": [)" + images + R"(], "categories": [)" + categories + "]}"));
    ASSERT_TRUE(data.ok()) << data.error().message;
    dataset_ = std::move(*data);
  }

  Result<CocoResults> results(const std::string& json, const DatasetOptions& options = {}) {
    return read_coco_results(folder_.write("results.json", json), dataset_, options);
  }

  // Of boxes with these ids, as JSON: the pictures' indices.
  std::vector<int> pictures_of(const std::vector<std::string>& ids) {
    std::string json;
    for (const std::string& id : ids) json += (json.empty() ? "" : ",") + box(id, "3");
    const auto read = results("[" + json + "]");
    EXPECT_TRUE(read.ok()) << read.error().message;
    std::vector<int> pictures;
    if (!read.ok()) return pictures;
    for (const ScoredBox& one : read->boxes) pictures.push_back(one.picture);
    notes_ = read->notes;
    return pictures;
  }

  static std::string box(const std::string& image, const std::string& category) {
    return R"({"image_id": )" + image + R"(, "category_id": )" + category + R"(, "bbox": [1, 2, 3, 4], "score": 1})";
  }

  DataFolder folder_;
  Dataset dataset_;
  std::vector<std::string> notes_;
};

using Pictures = std::vector<int>;

TEST_F(CocoResultsFile, AreRead) {
  const auto read = results(R"([{"image_id": 7, "category_id": 3, "bbox": [1, 2, 3.5, 4], "score": 0.25,
                                  "segmentation": [[1]], "file_name": "a.jpg"}])");
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->boxes.size(), 1U);
  EXPECT_EQ(read->boxes.front().picture, 0);
  EXPECT_EQ(read->boxes.front().w, 3.5);
  EXPECT_EQ(read->boxes.front().score, 0.25);
  EXPECT_EQ(read->skipped, 0U);
  EXPECT_TRUE(read->notes.empty());
  EXPECT_TRUE(results("[]")->boxes.empty());
}

TEST_F(CocoResultsFile, BadOnesAreNamedOrLeftOut) {
  struct Bad {
    const char *json, *message;
  };
  const std::string good = box("7", "3");
  for (const Bad& bad : std::initializer_list<Bad>{
           {R"({"category_id": 3, "bbox": [1, 2, 3, 4], "score": 1})", "[0].image_id is missing"},
           {R"({"image_id": 8, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 1})",
            "[0].image_id is 8, which the annotations' \"images\" has not"},
           {R"({"image_id": "b", "category_id": 3, "bbox": [1, 2, 3, 4], "score": 1})",
            "[0].image_id is \"b\", which the annotations' \"images\" has not"},
           {R"({"image_id": [7], "category_id": 3, "bbox": [1, 2, 3, 4], "score": 1})", "[0].image_id is a list"},
           {R"({"image_id": 7, "category_id": 0, "bbox": [1, 2, 3, 4], "score": 1})", "[0].category_id is 0, which"},
           {R"({"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, -4], "score": 1})", "[0].bbox has the negative"},
           {R"({"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]})", "[0].score is missing"},
           {R"({"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4], "score": NaN})", "[0].score is NaN"},
           {R"({"image_id": 7, "category_id": 3, "segmentation": {"counts": "x"}, "score": 1})",
            "[0] has a segmentation but no bbox"},
           {R"("x")", "[0] is not an object"}}) {
    const auto refused = results(std::string("[") + bad.json + "]");
    ASSERT_FALSE(refused.ok()) << bad.json;
    EXPECT_NE(refused.error().message.find(std::string("results.json: ") + bad.message), std::string::npos)
        << refused.error().message;
    DatasetOptions options;
    options.skip_bad = true;
    const auto left = results(std::string("[") + bad.json + ", " + good + "]", options);
    ASSERT_TRUE(left.ok()) << left.error().message;
    EXPECT_EQ(left->boxes.size(), 1U);
    EXPECT_EQ(left->skipped, 1U);
    const auto none = results(std::string("[") + bad.json + "]", options);
    ASSERT_FALSE(none.ok()) << bad.json;
    EXPECT_NE(none.error().message.find("nothing is left of its boxes: 1 box left out as broken; the first:"),
              std::string::npos)
        << none.error().message;
    EXPECT_NE(none.error().message.find(bad.message), std::string::npos) << none.error().message;
  }
  EXPECT_NE(results(R"({"images": []})").error().message.find("is it an annotation file?"), std::string::npos);
  EXPECT_FALSE(results("[{").ok());
  EXPECT_FALSE(results("").ok());
  EXPECT_EQ(read_coco_results(folder_.path("none.json"), dataset_).error().code, ErrorCode::kNotFound);
}

TEST_F(CocoResultsFile, TextsAsIds) {
  use(R"({"id": "cam_01", "file_name": "x.jpg"}, {"id": "cam_02", "file_name": "y.jpg"}, {"id": "9"})",
      R"({"id": 3, "name": "cat"})");
  EXPECT_EQ(pictures_of({"\"cam_02\"", "\"cam_01\"", "9", "\"9\""}), (Pictures{1, 0, 2, 2}));
  EXPECT_TRUE(notes_.empty());
}

// What detectors write that have only seen the files.
TEST_F(CocoResultsFile, NamesOfFilesInsteadOfIds) {
  use(R"({"id": 1, "file_name": "b/cam_01_jpg.rf.ab.jpg"}, {"id": 2, "file_name": "C:\\x\\000000000042.jpg"},
         {"id": 3, "file_name": "-5.png"})",
      R"({"id": 3, "name": "cat"})");
  EXPECT_EQ(pictures_of({"\"cam_01_jpg.rf.ab\"", "42", "\"000000000042\"", "\"-5\""}), (Pictures{0, 1, 1, 2}));
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_NE(notes_[0].find("names of their files"), std::string::npos);
  EXPECT_EQ(pictures_of({"\"cam_01_jpg.rf.ab.jpg\""}), Pictures{0});
  // A file of ids stays one, even where some of them are not there.
  const auto stray = results("[" + box("1", "3") + "," + box("2", "3") + "," + box("42", "3") + "]");
  ASSERT_FALSE(stray.ok());
  EXPECT_NE(stray.error().message.find("[2].image_id is 42, which"), std::string::npos) << stray.error().message;
}

TEST_F(CocoResultsFile, IdsThatCouldBeNamesAreIdsAndSaid) {
  use(R"({"id": 1, "file_name": "2.jpg"}, {"id": 2, "file_name": "1.jpg"})", R"({"id": 3, "name": "cat"})");
  EXPECT_EQ(pictures_of({"1", "1", "2"}), (Pictures{0, 0, 1}));
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_NE(notes_[0].find("3 boxes are in other pictures"), std::string::npos) << notes_[0];
}

TEST_F(CocoResultsFile, ANameOfTwoPicturesIsRefused) {
  use(R"({"id": 1, "file_name": "x/a.jpg"}, {"id": 2, "file_name": "y/a.jpg"}, {"id": 3, "file_name": "b.jpg"})",
      R"({"id": 3, "name": "cat"})");
  const auto read = results("[" + box("\"b\"", "3") + "," + box("\"a\"", "3") + "]");
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("[1].image_id is \"a\", the name of several pictures' files"), std::string::npos)
      << read.error().message;
}

// Detectors count classes from 0, COCO files mostly from 1.
TEST_F(CocoResultsFile, ClassesCountedFromElsewhere) {
  const std::string image = R"({"id": 7, "file_name": "a.jpg"})";
  use(image, R"({"id": 2, "name": "dog"}, {"id": 1, "name": "cat"})");
  auto read = results("[" + box("7", "0") + "," + box("7", "1") + "]");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->boxes[0].category, 1);
  EXPECT_EQ(read->boxes[1].category, 0);
  ASSERT_EQ(read->notes.size(), 1U);
  EXPECT_NE(read->notes[0].find("counted from 0, the annotations' from 1"), std::string::npos) << read->notes[0];
  EXPECT_FALSE(results("[" + box("7", "0") + "," + box("7", "2") + "]").ok()) << "neither explains both";
  use(image, R"({"id": 0, "name": "cat"}, {"id": 1, "name": "dog"})");
  read = results("[" + box("7", "1") + "," + box("7", "2") + "]");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->boxes[0].category, 0);
  EXPECT_EQ(read->boxes[1].category, 1);
  EXPECT_EQ(read->notes.size(), 1U);
  use(image, R"({"id": 1, "name": "cat"}, {"id": 3, "name": "dog"})");
  EXPECT_FALSE(results("[" + box("7", "0") + "]").ok()) << "ids with gaps are no numbers of classes";
  use(image, R"({"id": -9223372036854775808, "name": "cat"}, {"id": 9223372036854775807, "name": "dog"})");
  EXPECT_FALSE(results("[" + box("7", "0") + "]").ok()) << "their distance is no number either";
}

}  // namespace
}  // namespace saker
