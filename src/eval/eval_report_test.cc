// The report as a whole: its files, what the page says, and pictures and classes that make trouble.
#include "eval/eval_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "base/files.h"
#include "eval/eval_plots.h"
#include "eval/worst_pictures.h"
#include "media/palette.h"
#include "support/coco_scene.h"
#include "support/html.h"
#include "support/test_pictures.h"

namespace saker {
namespace {

std::string text_of(const std::string& path) {
  const auto bytes = read_file(path, std::size_t{1} << 30);
  if (!bytes.ok()) return bytes.error().message;
  return {reinterpret_cast<const char*>(bytes->data.get()), bytes->size};
}

// A scene, its evaluations, and a folder for the report.
struct Evaluated {
  explicit Evaluated(Scene made, std::optional<EvalComparison> against = {})
      : scene(std::move(made)),
        coco(CocoEvaluation::match(scene.truth, scene.found, 1)),
        yolo(evaluate_yolo(scene.truth, scene.found, 1)),
        confusion(confusion_matrix(scene.truth, scene.found)),
        comparison(std::move(against)) {}

  Status write() {
    const EvalReportInput input = {.title = "model <x> & data",
                                   .settings = {{"Model", "<b>yolo</b>.onnx"}},
                                   .notes = {"be careful & <i>read</i>"},
                                   .truth = scene.truth,
                                   .found = scene.found,
                                   .coco = coco,
                                   .yolo = yolo,
                                   .confusion = confusion,
                                   .comparison = comparison};
    return write_eval_report(input, folder.path("report"));
  }
  std::string html() const { return text_of(folder.path("report/report.html")); }

  Scene scene;
  CocoEvaluation coco;
  YoloEvaluation yolo;
  ConfusionMatrix confusion;
  std::optional<EvalComparison> comparison;
  test::TempFolder folder;
};

Scene small_scene() {
  Scene scene(2, 3);
  scene.truth.pictures[0].file = "one.png";
  scene.truth.pictures[1].file = "two.png";
  scene.truth.categories[0].name = "cat & <dog>";
  scene.truth.categories[1].name = "bird";
  scene.truth.categories[2].name = "never there";
  scene.object(10, 10, 40, 40);
  scene.object(60, 10, 40, 40).category = 1;
  scene.object(10, 10, 40, 40).picture = 1;
  scene.object(70, 70, 20, 20).picture = 1;
  scene.object(90, 10, 10, 10).crowd = true;
  scene.box(10, 10, 40, 40, 0.9);
  scene.box(60, 10, 40, 40, 0.8);  // a bird taken for a cat
  scene.box(11, 10, 40, 40, 0.7).picture = 1;
  return scene;
}

TEST(EvalReport, WritesEveryFile) {
  Evaluated evaluated(small_scene());
  evaluated.scene.truth.folder = evaluated.folder.path("");
  ASSERT_TRUE(write_image(evaluated.folder.path("one.png"), test::pattern(200, 100).view()).ok());
  ASSERT_TRUE(write_image(evaluated.folder.path("two.png"), test::pattern(2000, 1500).view()).ok());
  const Status status = evaluated.write();
  ASSERT_TRUE(status.ok()) << status.error().message;
  for (const char* name :
       {"PR_curve", "F1_curve", "P_curve", "R_curve", "confusion_matrix", "confusion_matrix_normalized"}) {
    const auto image = read_image(evaluated.folder.path("report/" + std::string(name) + ".png"));
    ASSERT_TRUE(image.ok()) << image.error().message;
    EXPECT_GT(image->width, 400) << name;
  }
  const std::string html = evaluated.html();
  EXPECT_EQ(test::unbalanced(html), "");
  EXPECT_EQ(test::count(html, "data:image/png"), 6U);
  EXPECT_EQ(test::count(html, "data:image/jpeg"), 2U);
  EXPECT_EQ(test::count(html, "width=\"900\" height=\"675\""), 1U);  // the large picture, made smaller
  EXPECT_EQ(test::count(html, "<b>yolo</b>") + test::count(html, "<dog>"), 0U);
  for (const char* text : {"cat &amp; &lt;dog&gt;", "be careful &amp; &lt;i&gt;", "5, 1 of them crowds", "AP75"}) {
    EXPECT_GT(test::count(html, text), 0U) << text;
  }
  EXPECT_EQ(test::count(html, "never there"), 0U);  // a class without true boxes
}

TEST(EvalReport, NumbersAreThoseOfTheEvaluations) {
  Evaluated evaluated(small_scene());
  ASSERT_TRUE(evaluated.write().ok());
  const std::string html = evaluated.html();
  char row[200];
  std::snprintf(row, sizeof row, "<td>AP</td><td class=\"number\">%.4f</td><td class=\"number\">%.4f</td>",
                evaluated.coco.numbers().ap, evaluated.yolo.all.map50_95);
  EXPECT_EQ(test::count(html, row), 1U) << row;
  EXPECT_EQ(test::count(html, "<td>bird</td><td class=\"number\">1</td><td class=\"number\">1</td>"), 1U);
}

TEST(EvalReport, PicturesThatCannotBeReadAreNamed) {
  Evaluated evaluated(small_scene());
  evaluated.scene.truth.folder = evaluated.folder.path("nowhere");
  ASSERT_TRUE(evaluated.write().ok());
  const std::string html = evaluated.html();
  EXPECT_EQ(test::unbalanced(html), "");
  EXPECT_EQ(test::count(html, "data:image/jpeg"), 0U);
  EXPECT_GT(test::count(html, "nowhere/two.png"), 0U);
}

TEST(EvalReport, NothingToShow) {
  Evaluated evaluated(Scene(0, 0));
  const Status status = evaluated.write();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(test::unbalanced(evaluated.html()), "");
  EXPECT_EQ(test::count(evaluated.html(), "Worst pictures"), 0U);
}

TEST(EvalReport, ManyClasses) {
  Evaluated evaluated(random_scene(1, 5, 60, 100));
  ASSERT_TRUE(evaluated.write().ok());
  EXPECT_GT(test::count(evaluated.html(), "Share of the true class"), 0U);
  Scene huge(1, 1200);
  huge.object(0, 0, 10, 10).category = 1100;
  Evaluated other(std::move(huge));
  ASSERT_TRUE(other.write().ok());
  EXPECT_EQ(test::count(other.html(), "Too many classes for a picture"), 1U);
}

// A curve for each class would take more time and memory than all the rest, and show nothing.
TEST(EvalReport, MoreClassesThanCurves) {
  const auto scene_of = [](int classes) {
    Scene scene(1, classes);
    for (int i = 0; i < classes; ++i) {
      scene.object(0, 0, 10, 10).category = i;
      scene.box(0, 0, 10, 10, .5).category = i;
    }
    return scene;
  };
  Evaluated most(scene_of(1000)), more(scene_of(4001));
  ASSERT_TRUE(more.write().ok());
  EXPECT_EQ(most.yolo.categories.front().curves.f1.size(), static_cast<std::size_t>(kCurvePoints));
  EXPECT_EQ(test::count(more.html(), "the mean only: 4001 classes are too many to draw</figcaption>"), 4U);
  EXPECT_EQ(test::count(more.html(), "Nor are confusions counted where there are more than 4000 classes"), 1U);
  EXPECT_TRUE(more.yolo.categories.front().curves.f1.empty());
  EXPECT_EQ(more.yolo.curves.f1, most.yolo.curves.f1) << "the mean of equal curves";
}

TEST(EvalReport, Comparison) {
  const Scene scene = small_scene();
  EvalComparison other{"other <model>", CocoEvaluation::match(scene.truth, scene.found, 1).numbers(), {}};
  other.differences.coco[0] = {0.031, 0.012, 0.05};
  other.differences.coco[1] = {-0.01, -0.04, 0.02};
  other.differences.samples = 777;
  Evaluated evaluated(small_scene(), other);
  ASSERT_TRUE(evaluated.write().ok());
  const std::string html = evaluated.html();
  EXPECT_EQ(test::unbalanced(html), "");
  EXPECT_EQ(test::count(html, "Compared with other &lt;model&gt;"), 1U);
  EXPECT_EQ(test::count(html, "+0.0120 to +0.0500</td><td>yes</td>"), 1U);
  EXPECT_EQ(test::count(html, "-0.0400 to +0.0200</td><td>no</td>"), 1U);
  EXPECT_EQ(test::count(html, "777 samples"), 1U);
}

TEST(EvalReport, FolderThatCannotBeMade) {
  Evaluated evaluated(small_scene());
  test::write_bytes(evaluated.folder.path("report"), {1});
  const Status status = evaluated.write();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_NE(status.error().message.find("report"), std::string::npos);
}

TEST(TopConfusions, LargestFirstWithoutBackground) {
  Evaluated evaluated(small_scene());
  const std::vector<Confusion> top = top_confusions(evaluated.scene.truth, evaluated.confusion, 5);
  ASSERT_EQ(top.size(), 1U);
  EXPECT_EQ(top[0].predicted, "cat & <dog>");
  EXPECT_EQ(top[0].is, "bird");
  EXPECT_EQ(top[0].count, 1);
  EXPECT_EQ(top[0].share, 1);
  EXPECT_TRUE(top_confusions(evaluated.scene.truth, evaluated.confusion, 0).empty());
}

bool has(const Image& image, Rgb8 color) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    if (Rgb8{image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]} == color) return true;
  }
  return false;
}

TEST(WorstPictures, LowestFirstWithTheirBoxes) {
  Evaluated evaluated(small_scene());
  Dataset& truth = evaluated.scene.truth;
  truth.folder = evaluated.folder.path("");
  Image grey = test::pattern(300, 200);
  std::fill(grey.pixels.begin(), grey.pixels.end(), std::uint8_t{100});
  for (const Picture& picture : truth.pictures) {
    ASSERT_TRUE(write_image(evaluated.folder.path(picture.file), grey.view()).ok());
  }
  const auto worst = worst_pictures(truth, evaluated.scene.found, evaluated.coco, 5, 0.5);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].caption.substr(0, 16), "one.png: AP 0.50");  // the cat is found, the bird is not
  EXPECT_NE(worst[0].caption.find("1 found, 1 missed, 1 invented"), std::string::npos);
  EXPECT_NE(worst[1].caption.find("1 found, 1 missed, 0 invented"), std::string::npos) << worst[1].caption;
  for (const int color : {0, 1, 2, 3}) EXPECT_TRUE(has(worst[0].image, class_color(color))) << color;
  EXPECT_FALSE(has(worst[1].image, class_color(3)));

  EXPECT_EQ(worst_pictures(truth, evaluated.scene.found, evaluated.coco, 1, 0.5).size(), 1U);
  EXPECT_TRUE(worst_pictures(truth, evaluated.scene.found, evaluated.coco, -1, 0.5).empty());
  const auto confident = worst_pictures(truth, evaluated.scene.found, evaluated.coco, 5, 0.95);
  EXPECT_NE(confident[0].caption.find("0 found, 2 missed, 0 invented"), std::string::npos);
}

}  // namespace
}  // namespace saker
