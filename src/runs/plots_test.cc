// The pictures of a run folder: their layout, and that what they show is there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "report/axes.h"
#include "runs/run_folder.h"
#include "support/coco_scene.h"
#include "support/temp_folder.h"

namespace saker::runs {
namespace {

namespace fs = std::filesystem;

Image read(const std::string& path) {
  auto image = read_image(path);
  EXPECT_TRUE(image.ok()) << (image.ok() ? "" : image.error().message);
  return image.ok() ? std::move(*image) : Image();
}

// Pixels of that colour in a part of a picture, which is one of columns x rows parts.
int pixels(const Image& image, Rgb8 color, int columns, int rows, int column, int row) {
  const int width = image.width / columns, height = image.height / rows;
  int found = 0;
  for (int y = row * height; y < (row + 1) * height; ++y) {
    for (int x = column * width; x < (column + 1) * width; ++x) {
      const std::uint8_t* rgb = image.pixels.data() + (y * image.width + x) * 3;
      found += std::abs(rgb[0] - color.r) + std::abs(rgb[1] - color.g) + std::abs(rgb[2] - color.b) < 30 ? 1 : 0;
    }
  }
  return found;
}

TEST(ResultsPlot, LossesAndMetricsWithSmoothedLines) {
  const test::TempFolder folder;
  for (const std::string run : {"ultralytics/adamw", "yolov5/exp"}) {
    fs::copy_file("src/runs/testdata/" + run + "/results.csv", folder.path("results.csv"),
                  fs::copy_options::overwrite_existing);
    ASSERT_TRUE(plot_results(folder.path()).ok());
    const Image image = read(folder.path("results.png"));
    ASSERT_EQ(image.width, 5 * 360);
    ASSERT_EQ(image.height, 2 * 340);
    for (int i = 0; i < 10; ++i) {
      EXPECT_GT(pixels(image, ink(1), 5, 2, i % 5, i / 5), 300) << run << " plot " << i;
      EXPECT_GT(pixels(image, ink(0), 5, 2, i % 5, i / 5), 50) << run << " plot " << i;
    }
  }
}

TEST(ResultsPlot, WithoutRowsAndWithOtherColumns) {
  const test::TempFolder folder;
  folder.write("results.csv", "epoch,time,train/iou_loss,metrics/mAP50(B)\n");
  ASSERT_TRUE(plot_results(folder.path()).ok());
  EXPECT_EQ(read(folder.path("results.png")).width, 360);
  folder.write("results.csv", "epoch\n1\n");
  EXPECT_TRUE(plot_results(folder.path()).ok());
  EXPECT_FALSE(plot_results(folder.path("nowhere")).ok());
}

TEST(ResultsPlot, NoWiderThanItsFirstLosses) {
  const test::TempFolder folder;
  std::string columns = "epoch", row = "1";
  for (int i = 0; i < 4000; ++i) {
    columns += ",train/a" + std::to_string(i);
    row += ",1";
  }
  folder.write("results.csv", columns + "\n" + row + "\n");
  ASSERT_TRUE(plot_results(folder.path()).ok());
  EXPECT_EQ(read(folder.path("results.png")).width, 16 * 360);
}

TEST(LabelsPlot, ClassesPlacesAndSizes) {
  const test::TempFolder folder;
  Scene scene(1, 2);
  scene.truth.pictures[0].width = 100;
  scene.truth.pictures[0].height = 200;
  for (int i = 0; i < 20; ++i) scene.object(10, 20, 80, 20);  // wide, near the upper edge
  scene.object(0, 0, 100, 200).crowd = true;
  ASSERT_TRUE(plot_labels(scene.truth, folder.path()).ok());
  const Image image = read(folder.path("labels.jpg"));
  ASSERT_EQ(image.width, 1600);
  const Rgb8 dark = shade(1), kBar = {60, 146, 247};
  EXPECT_GT(pixels(image, kBar, 2, 2, 0, 0), 10'000);  // a bar
  EXPECT_GT(pixels(image, ink(0), 2, 2, 1, 0), 500);   // outlines in the first class's colour
  // All middles are in the bin at (0.5, 0.15): the upper half of the third plot; all sizes at (0.8, 0.1).
  EXPECT_GT(pixels(image, dark, 2, 4, 0, 2), 100);
  EXPECT_EQ(pixels(image, dark, 2, 4, 0, 3), 0);
  EXPECT_EQ(pixels(image, dark, 4, 4, 2, 3), 0);
  EXPECT_GT(pixels(image, dark, 4, 4, 3, 3), 100);
}

TEST(LabelsPlot, NothingAndVeryMuch) {
  const test::TempFolder folder;
  EXPECT_TRUE(plot_labels(Dataset(), folder.path()).ok());
  EXPECT_TRUE(plot_labels(random_scene(1, 30, 300, 3000).truth, folder.path()).ok());  // sizes are not stated
  Scene scene = random_scene(1, 30, 300, 3000);
  for (Picture& picture : scene.truth.pictures) picture.width = picture.height = 1;  // boxes far outside
  EXPECT_TRUE(plot_labels(scene.truth, folder.path()).ok());
}

TEST(ValidationPlots, UltralyticsNames) {
  const test::TempFolder folder;
  Scene scene = random_scene(3, 10, 4, 60);
  Scored scored("model", scene.truth, scene.found, 0, 1);
  const Evaluated evaluated{scene.truth, std::move(scored), {}, {}, 0, {}, {}};
  ASSERT_TRUE(plot_validation(evaluated, folder.path()).ok());
  EXPECT_EQ(folder.names(),
            (std::vector<std::string>{"BoxF1_curve.png", "BoxPR_curve.png", "BoxP_curve.png", "BoxR_curve.png",
                                      "confusion_matrix.png", "confusion_matrix_normalized.png"}));
  EXPECT_FALSE(plot_validation(evaluated, folder.path("nowhere")).ok());
}

}  // namespace
}  // namespace saker::runs
