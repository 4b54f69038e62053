// The guard on real pictures and models where there are some (SAKER_ASSETS), and on made-up ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "api/internals.h"
#include "guard/agreement.h"
#include "guard/calibration_pictures.h"
#include "guard/guard.h"
#include "guard/layer_report.h"
#include "guard/picture_check.h"
#include "guard/preprocess_check.h"
#include "guard/provenance.h"
#include "quantize/quantize.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

Image filled(int width, int height, std::uint8_t value) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), value), {}};
}

Image noise(std::uint32_t seed) {
  std::mt19937 random(seed);
  Image image = filled(320, 240, 0);
  for (std::uint8_t& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random());
  return image;
}

Image rectangles(std::uint32_t seed) {
  std::mt19937 random(seed);
  Image image = filled(320, 240, static_cast<std::uint8_t>(random()));
  for (int i = 0; i < 12; ++i) {
    const int left = static_cast<int>(random() % 280), top = static_cast<int>(random() % 200);
    const int right = left + 20 + static_cast<int>(random() % 100), bottom = top + 20 + static_cast<int>(random() % 80);
    const std::uint8_t colour[3] = {static_cast<std::uint8_t>(random()), static_cast<std::uint8_t>(random()),
                                    static_cast<std::uint8_t>(random())};
    for (int y = top; y < std::min(bottom, 240); ++y) {
      for (int x = left; x < std::min(right, 320); ++x)
        std::copy(colour, colour + 3, image.pixels.begin() + (y * 320 + x) * 3);
    }
  }
  return image;
}

std::vector<std::string> names(const Findings& findings, bool refusing = true) {
  std::vector<std::string> result;
  for (const Finding& finding : findings) {
    if (finding.refuses == refusing) result.push_back(finding.name);
  }
  return result;
}

template <typename Make>
Findings check_made_up(std::uint32_t count, Make&& make) {
  std::vector<PictureTraits> traits;
  for (std::uint32_t i = 0; i < count; ++i) traits.push_back(picture_traits(make(i).view()));
  return check_pictures({traits, 0, 0});
}

using Names = std::vector<std::string>;

TEST(PictureCheck, NamesWhatIsWrong) {
  EXPECT_EQ(names(check_made_up(20, noise)), Names{"noise"});
  EXPECT_EQ(names(check_made_up(20, rectangles)), Names{"drawn pictures"});
  EXPECT_EQ(names(check_made_up(20, [](std::uint32_t i) { return filled(64, 48, static_cast<std::uint8_t>(i)); })),
            Names{"blank pictures"});
  const auto few = names(check_made_up(15, rectangles));
  EXPECT_NE(std::ranges::find(few, "too few pictures"), few.end());
  EXPECT_EQ(names(check_pictures({{}, 3, 0})), Names{"too few pictures"});
}

TEST(PictureCheck, DrawingsThatTheModelKnowsAreAWarning) {
  std::vector<PictureTraits> traits;
  for (std::uint32_t i = 0; i < 20; ++i) traits.push_back(picture_traits(rectangles(i).view()));
  const Findings findings = check_pictures({traits, 0, 0.9});
  EXPECT_EQ(names(findings), Names{});
  EXPECT_EQ(names(findings, false), Names{"drawn pictures"});
}

TEST(PictureCheck, TheSamePictureSlightlyChanged) {
  const Findings findings = check_made_up(24, [](std::uint32_t i) {
    Image image = rectangles(1);
    for (std::uint8_t& pixel : image.pixels) pixel = static_cast<std::uint8_t>(pixel * (60 + i) / 100);
    return image;
  });
  const auto found = names(findings);
  EXPECT_NE(std::ranges::find(found, "near-duplicates"), found.end());
}

TEST(PictureCheck, TinyPicturesAreLookedAtWhole) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 300}, {3, 2}, {200, 1}, {17, 16}}) {
    const PictureTraits traits = picture_traits(filled(width, height, 9).view());
    EXPECT_LT(traits.contrast, 1e-3F);
    EXPECT_TRUE(std::isfinite(traits.shading + traits.peakedness + traits.signature[0]));
  }
}

fs::path assets() {
  const char* path = std::getenv("SAKER_ASSETS");
  return path == nullptr ? "../shared/assets" : path;
}

class GuardOnAssets : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(assets() / "coco" / "calib" / "images")) GTEST_SKIP() << "no assets: set SAKER_ASSETS";
    for (const auto& entry : fs::directory_iterator(assets() / "coco" / "calib" / "images"))
      paths_.push_back(entry.path().string());
    std::ranges::sort(paths_);
    paths_.resize(std::min<std::size_t>(paths_.size(), 16));
  }

  static Detector load(const char* model, const Preprocess& claimed) {
    DetectorOptions options;
    options.spec.preprocess = claimed;
    auto detector = Detector::load((assets() / "models" / model).string(), options);
    EXPECT_TRUE(detector.ok());
    return std::move(*detector);
  }
  static Detector yolox(const Preprocess& claimed) { return load("yolox_nano.onnx", claimed); }

  Findings check(const Detector& detector) const {
    const auto check =
        check_preprocess(detector, -0.45, paths_.size(), [&](std::size_t i) { return read_image(paths_[i]); });
    EXPECT_TRUE(check.ok());
    return check->findings;
  }

  std::vector<std::string> paths_;
};

TEST_F(GuardOnAssets, RealPicturesPass) {
  std::vector<PictureTraits> traits;
  for (const std::string& path : paths_) traits.push_back(picture_traits(read_image(path).value().view()));
  EXPECT_TRUE(check_pictures({traits, 0, 0}).empty());
}

Preprocess trained() {
  Preprocess yolox;
  yolox.fit = Fit::kLetterboxTopLeft;
  yolox.bgr = true;
  yolox.scale = 1;
  return yolox;
}

TEST_F(GuardOnAssets, PreprocessingIsToldFromMistakes) {
  EXPECT_EQ(names(check(yolox(trained()))), Names{});
  Preprocess divided = trained();
  divided.scale = 1.0F / 255;
  const Findings scale = check(yolox(divided));
  ASSERT_EQ(names(scale), Names{"divided by 255, and the model takes 0..255"});
  EXPECT_EQ(scale[0].feed->scale, 1);
  EXPECT_TRUE(scale[0].feed->bgr);
  Preprocess swapped = trained();
  swapped.bgr = false;
  const Findings order = check(yolox(swapped));
  ASSERT_EQ(names(order), Names{"RGB for BGR"});
  EXPECT_TRUE(order[0].feed->bgr);
}

TEST_F(GuardOnAssets, MeanAndStdAreInTheOrderOfTheModelsChannels) {
  Preprocess divided;  // NanoDet takes ImageNet's mean and std, of blue first
  divided.fit = Fit::kStretch;
  divided.bgr = true;
  const Findings findings = check(load("nanodet_m.onnx", divided));
  ASSERT_EQ(names(findings), Names{"divided by 255, and the model takes mean and std"});
  EXPECT_EQ(findings[0].feed->mean, (std::array{103.53F, 116.28F, 123.675F}));
  EXPECT_EQ(findings[0].feed->std, (std::array{57.375F, 57.12F, 58.395F}));
}

TEST_F(GuardOnAssets, OneDetectorIsLookedAtAndLeftAsItWas) {
  const auto model = Model::load((assets() / "models" / "yolox_nano.onnx").string());
  ASSERT_TRUE(model.ok());
  const Shape shape = {1, 3, 416, 416};
  const auto graph = prepare_float_graph(*graph_of(*model), std::span(&shape, 1));
  ASSERT_TRUE(graph.ok());
  const auto pictures = find_calibration_pictures((assets() / "coco" / "calib").string(), 16, 0, {}, 0);
  ASSERT_TRUE(pictures.ok());
  Preprocess stretched = trained();
  stretched.fit = Fit::kStretch;
  const Detector detector = yolox(stretched);
  const auto findings = guard(detector, *graph, *pictures, {});
  ASSERT_TRUE(findings.ok());
  ASSERT_EQ(names(*findings, false), Names{"stretched"});
  EXPECT_EQ(findings->back().feed->fit, Fit::kLetterboxTopLeft);
  EXPECT_EQ(detector.preprocess().fit, Fit::kStretch);
  EXPECT_EQ(detector.boxes().conf, BoxOptions().conf);
}

TEST_F(GuardOnAssets, NothingFoundIsRefused) {
  const auto empty = [](std::size_t i) -> Result<Image> { return filled(320, 240, static_cast<std::uint8_t>(i * 8)); };
  const auto check = check_preprocess(yolox(trained()), 0, 20, empty);
  ASSERT_TRUE(check.ok());
  EXPECT_EQ(names(check->findings), Names{"nothing found"});
}

TEST_F(GuardOnAssets, AModelAgreesWithItself) {
  Detector one = yolox(trained()), other = yolox(trained());
  const auto agreement = compare(one, other, std::span(paths_).first(3), {});
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->pictures, 3U);
  EXPECT_EQ(agreement->matched, agreement->float_boxes);
  EXPECT_EQ(agreement->share(), 1);
}

// What a weakly trained model finds does not outweigh what its file says; another reading, or another file, does not
// profit.
TEST(Provenance, AFrameworksFileFedAsUsualIsWarnedOfOnly) {
  const std::map<std::string, std::string> framework = {{"stride", "32"}, {"task", "detect"}, {"names", "{0: 'a'}"}};
  Preprocess unscaled;
  unscaled.scale = 1;
  const auto refused = [](const std::map<std::string, std::string>& metadata, const Preprocess& claimed) {
    Findings findings = {{"wrong scale", true, "", "", Preprocess()}, {"nothing found", true, "", ""}};
    heed_provenance(metadata, claimed, Preprocess(), findings);
    return names(findings);
  };
  EXPECT_EQ(refused(framework, Preprocess()), Names{"nothing found"});
  EXPECT_EQ(refused(framework, unscaled), (Names{"wrong scale", "nothing found"}));
  EXPECT_EQ(refused({{"names", "{0: 'a'}"}}, Preprocess()), (Names{"wrong scale", "nothing found"}));
}

TEST(Accuracy, OfNothingIsNoBound) {
  EXPECT_EQ(names(check_accuracy({5, -1, -1})), Names{"nothing to find"});
  EXPECT_EQ(names(check_accuracy({5, 0, 0})), Names{"nothing right"});
  EXPECT_TRUE(check_accuracy({5, 0.01, 0}).empty());
}

TEST(Agreement, FewBoxesSayNothing) {
  EXPECT_EQ((Agreement{1, 0, 0, 0, 0, 0}).share(), 0) << "nothing on either side is no agreement";
  EXPECT_FALSE((Agreement{1, 0, 0, 0, 0, 0}).compared());
  EXPECT_EQ(in_words({1, 0, 0, 0, 0, 0}),
            "nothing was compared: the float model finds no box in 1 picture, the 8-bit model 0");
  EXPECT_EQ(in_words({2, 5, 5, 4, 0, 0}), "80 % of the boxes agree");
  EXPECT_EQ(names(check_agreement({1, 0, 0, 0, 0, 0})), Names{"nothing found"});
  EXPECT_EQ(names(check_agreement({1, 0, 7, 0, 0, 0})), Names{"nothing found"});
  EXPECT_EQ(names(check_agreement({1, 10, 10, 4, 0, 0})), Names{"collapsed"});
  EXPECT_TRUE(check_agreement({1, 1, 0, 0, 0, 0}).empty()) << "too few to tell";
  EXPECT_FALSE((Agreement{1, 9, 9, 0, 0, 0}).collapsed());
  EXPECT_TRUE((Agreement{1, 10, 10, 4, 0, 0}).collapsed());
  EXPECT_FALSE((Agreement{1, 10, 10, 5, 0, 0}).collapsed());
}

}  // namespace
}  // namespace saker
