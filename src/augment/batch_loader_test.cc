// Epochs of batches from files: order, determinism, bounds, and what is broken.
#include "augment/batch_loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "augment/draw_batch.h"
#include "augment/picture_cache.h"
#include "base/random.h"
#include "support/test_files.h"

namespace saker::augment {
namespace {

using test::DataFolder;

// A grey picture with a red rectangle, which is its only box.
void add_picture(const DataFolder& folder, Dataset& data, const std::string& name, ImageSize size, std::uint64_t seed) {
  PortableRandom random(seed);
  Image image{size.width, size.height, {}, {}};
  image.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(60 + random.below(8));
  const int w = size.width / 3, h = size.height / 4;
  const int x = static_cast<int>(random.below(static_cast<std::uint64_t>(size.width - w)));
  const int y = static_cast<int>(random.below(static_cast<std::uint64_t>(size.height - h)));
  for (int row = y; row < y + h; ++row) {
    for (int column = x; column < x + w; ++column) {
      std::uint8_t* pixel = image.pixels.data() + (std::ptrdiff_t{row} * size.width + column) * 3;
      pixel[0] = 255, pixel[1] = pixel[2] = 0;
    }
  }
  EXPECT_TRUE(write_image(folder.path(name), image.view()).ok());
  const auto index = static_cast<std::int32_t>(data.pictures.size());
  data.pictures.push_back({index, name, size.width, size.height});
  data.annotations.push_back({index, index, index % 2, 1.0 * x, 1.0 * y, 1.0 * w, 1.0 * h, 1.0 * w * h});
}

Dataset pictures(const DataFolder& folder, int count, const char* extension = ".png") {
  Dataset data;
  data.path = "markers";
  data.folder = folder.path("");
  data.categories = {{0, "even", ""}, {1, "odd", ""}};
  for (int i = 0; i < count; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const ImageSize size = {60 + i * 37 % 90, 60 + i * 53 % 90};
    add_picture(folder, data, "p" + std::to_string(i) + extension, size, seed);
  }
  return data;
}

LoaderOptions small() {
  LoaderOptions options;
  options.batch = 4;
  options.size = 96;
  options.workers = 2;
  return options;
}

BatchLoader loader_of(const Dataset& data, const LoaderOptions& options) {
  auto loader = BatchLoader::create(data, options);
  EXPECT_TRUE(loader.ok()) << loader.error().message;
  return std::move(loader).value();
}

std::vector<Batch> epoch_of(BatchLoader& loader) {
  std::vector<Batch> batches;
  while (true) {
    auto batch = loader.next();
    EXPECT_TRUE(batch.ok()) << batch.error().message;
    if (!batch.ok() || !batch->has_value()) return batches;
    batches.push_back(std::move(**batch));
  }
}

bool same(const Batch& a, const Batch& b) {
  if (a.pixels.shape() != b.pixels.shape() || a.pictures != b.pictures || a.boxes.size() != b.boxes.size())
    return false;
  for (std::size_t i = 0; i < a.boxes.size(); ++i) {
    const BoxInBatch &p = a.boxes[i], &q = b.boxes[i];
    if (p.picture != q.picture || p.category != q.category || p.x != q.x || p.y != q.y || p.w != q.w || p.h != q.h) {
      return false;
    }
  }
  return std::memcmp(a.pixels.raw(), b.pixels.raw(), a.pixels.bytes()) == 0;
}

bool same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Batch& p, const Batch& q) { return same(p, q); });
}

Augmentation everything() {
  Augmentation augmentation;
  augmentation.degrees = 10;
  augmentation.shear = 5;
  augmentation.mixup = 0.5;
  augmentation.mosaic = 0.7;
  augmentation.flipud = 0.3;
  return augmentation;
}

// Where red is in a picture of the batch, against its box; edges within `tolerance` pixels.
void expect_boxes_on_markers(const Batch& batch, double tolerance) {
  const auto height = static_cast<int>(batch.pixels.shape()[1]), width = static_cast<int>(batch.pixels.shape()[2]);
  for (const BoxInBatch& box : batch.boxes) {
    int x1 = width, y1 = height, x2 = 0, y2 = 0;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const std::uint8_t* pixel =
            batch.pixels.data<std::uint8_t>() + ((std::ptrdiff_t{box.picture} * height + y) * width + x) * 3;
        if (pixel[0] - pixel[1] < 128) continue;
        x1 = std::min(x1, x), y1 = std::min(y1, y), x2 = std::max(x2, x + 1), y2 = std::max(y2, y + 1);
      }
    }
    EXPECT_NEAR(box.x - box.w / 2, x1, tolerance);
    EXPECT_NEAR(box.y - box.h / 2, y1, tolerance);
    EXPECT_NEAR(box.x + box.w / 2, x2, tolerance);
    EXPECT_NEAR(box.y + box.h / 2, y2, tolerance);
  }
}

TEST(BatchLoader, ShowsEachPictureOnceAnEpoch) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 10);
  BatchLoader loader = loader_of(data, small());
  EXPECT_EQ(loader.batches(), 3U);
  loader.begin(0, no_augmentation());
  const std::vector<Batch> batches = epoch_of(loader);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].pixels.shape(), (Shape{4, 96, 96, 3}));
  EXPECT_EQ(batches[2].pixels.shape(), (Shape{2, 96, 96, 3}));
  std::multiset<std::int32_t> seen;
  for (const Batch& batch : batches) {
    seen.insert(batch.pictures.begin(), batch.pictures.end());
    ASSERT_EQ(batch.boxes.size(), batch.pictures.size());
    for (const BoxInBatch& box : batch.boxes) {
      EXPECT_EQ(box.category, batch.pictures[static_cast<std::size_t>(box.picture)] % 2);
    }
    expect_boxes_on_markers(batch, 1);
  }
  EXPECT_EQ(seen, (std::multiset<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  auto over = loader.next();
  ASSERT_TRUE(over.ok());
  EXPECT_FALSE(over->has_value());
}

TEST(BatchLoader, MakesTheSameWithAnyNumberOfThreadsAndFromAnyEpochOn) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 18);
  for (const bool yolox : {false, true}) {
    LoaderOptions options = small();
    options.multi_scale = 0.34;
    Augmentation augmentation = everything();
    augmentation.yolox = yolox;
    std::vector<std::vector<Batch>> wanted;
    options.workers = 1;
    BatchLoader one = loader_of(data, options);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
      one.begin(epoch, augmentation);
      wanted.push_back(epoch_of(one));
      ASSERT_EQ(wanted.back().size(), 5U);
    }
    EXPECT_FALSE(same(wanted[0], wanted[1]));
    for (const int workers : {2, 4}) {
      options.workers = workers;
      options.cache_bytes = workers == 4 ? 0 : 100'000;  // nothing kept, or little
      options.ahead = workers == 4 ? 1 : 3;
      BatchLoader some = loader_of(data, options);
      some.begin(2, augmentation);
      EXPECT_TRUE(same(epoch_of(some), wanted[2])) << workers;
      some.begin(0, augmentation);
      ASSERT_TRUE(some.next().ok());  // and dropped
      some.begin(1, augmentation);
      EXPECT_TRUE(same(epoch_of(some), wanted[1])) << workers;
    }
  }
}

TEST(BatchLoader, BoxesFollowInBatchesOfLikeShapes) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 24);
  LoaderOptions options = small();
  options.rect = true;
  BatchLoader loader = loader_of(data, options);
  Augmentation augmentation = no_augmentation();
  augmentation.fliplr = augmentation.flipud = 0.5;
  augmentation.mosaic = 1;  // not of such batches
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    loader.begin(epoch, augmentation);
    std::set<Shape> shapes;
    std::size_t boxes = 0;
    for (const Batch& batch : epoch_of(loader)) {
      shapes.insert(batch.pixels.shape());
      EXPECT_EQ(batch.pixels.shape()[1] % 32, 0);
      expect_boxes_on_markers(batch, epoch == 0 ? 1 : 1.5);
      boxes += batch.boxes.size();
    }
    EXPECT_GT(shapes.size(), 1U);
    EXPECT_EQ(boxes, 24U);
    augmentation.translate = 0.05;  // and from then on through the map, with the markers still inside mostly
    augmentation.scale = 0.2;
  }
}

TEST(BatchLoader, BoxesFollowAtEverySize) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 24);
  LoaderOptions options = small();
  options.multi_scale = 0.5;
  BatchLoader loader = loader_of(data, options);
  loader.begin(0, no_augmentation());
  std::set<Shape> shapes;
  for (const Batch& batch : epoch_of(loader)) {
    shapes.insert(batch.pixels.shape());
    expect_boxes_on_markers(batch, 1);
  }
  EXPECT_GT(shapes.size(), 1U);
}

// JPEG decoding at a half or less, and a picture that is smaller than stated.
TEST(BatchLoader, BoxesFollowPicturesDecodedSmallAndOfAnotherSizeThanStated) {
  const DataFolder folder;
  Dataset data;
  data.folder = folder.path("");
  data.categories = {{0, "even", ""}, {1, "odd", ""}};
  add_picture(folder, data, "large.jpg", {800, 601}, 1);
  add_picture(folder, data, "exact.jpg", {192, 96}, 2);
  add_picture(folder, data, "copy.png", {150, 100}, 3);
  data.pictures[2].width *= 4, data.pictures[2].height *= 4;
  Annotation& box = data.annotations[2];
  box.x *= 4, box.y *= 4, box.w *= 4, box.h *= 4;
  add_picture(folder, data, "unknown.png", {150, 100}, 4);
  data.pictures[3].width = data.pictures[3].height = 0;
  for (const bool rect : {false, true}) {
    LoaderOptions options = small();
    options.rect = rect;
    BatchLoader loader = loader_of(data, options);
    loader.begin(0, no_augmentation());
    const std::vector<Batch> batches = epoch_of(loader);
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_EQ(batches[0].boxes.size(), 4U);
    expect_boxes_on_markers(batches[0], 1.2);
  }
}

TEST(BatchLoader, LeavesOutCrowdsAndKeepsPicturesWithoutBoxes) {
  const DataFolder folder;
  Dataset data = pictures(folder, 4);
  data.annotations[0].crowd = true;
  data.annotations[1].w = 0;
  data.annotations[2].x = 5000;
  LoaderOptions options = small();
  options.single_class = true;
  BatchLoader loader = loader_of(data, options);
  loader.begin(0, no_augmentation());
  const std::vector<Batch> batches = epoch_of(loader);
  EXPECT_EQ(batches[0].pictures.size(), 4U);
  ASSERT_EQ(batches[0].boxes.size(), 1U);
  EXPECT_EQ(batches[0].pictures[static_cast<std::size_t>(batches[0].boxes[0].picture)], 3);
  EXPECT_EQ(batches[0].boxes[0].category, 0);
  data.annotations.clear();
  BatchLoader none = loader_of(data, options);
  Augmentation augmentation = everything();
  for (const bool yolox : {false, true}) {
    augmentation.yolox = yolox;
    augmentation.mixup = 1;
    none.begin(0, augmentation);
    EXPECT_TRUE(epoch_of(none).front().boxes.empty());
  }
}

TEST(BatchLoader, TakesFewerPicturesThanAMosaicHas) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 1);
  BatchLoader loader = loader_of(data, small());
  loader.begin(0, Augmentation{});
  const std::vector<Batch> batches = epoch_of(loader);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].pictures, std::vector<std::int32_t>{0});
}

TEST(BatchLoader, ReplacesBrokenPicturesByTheNextAndNamesThemOnce) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 12);
  std::ofstream(folder.path("p3.png")) << "no picture";
  std::filesystem::remove(folder.path("p7.png"));
  std::vector<std::vector<Batch>> made;
  for (const int workers : {1, 4}) {
    std::vector<std::string> warnings;
    LoaderOptions options = small();
    options.workers = workers;
    options.warn = [&](const std::string& message) { warnings.push_back(message); };
    BatchLoader loader = loader_of(data, options);
    for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
      loader.begin(epoch, everything());
      made.push_back(epoch_of(loader));
      ASSERT_EQ(made.back().size(), 3U);
      for (const Batch& batch : made.back()) {
        for (const std::int32_t picture : batch.pictures) EXPECT_TRUE(picture != 3 && picture != 7);
      }
    }
    EXPECT_EQ(loader.skipped(), 2U);
    ASSERT_EQ(warnings.size(), 2U);
    std::sort(warnings.begin(), warnings.end());
    EXPECT_NE(warnings[0].find("p3.png"), std::string::npos);
    EXPECT_NE(warnings[1].find("p7.png"), std::string::npos);
  }
  EXPECT_TRUE(same(made[0], made[2]));
  EXPECT_TRUE(same(made[1], made[3]));

  LoaderOptions strict = small();
  strict.skip_bad = false;
  BatchLoader loader = loader_of(data, strict);
  loader.begin(0, everything());
  auto batch = loader.next();
  while (batch.ok() && batch->has_value()) batch = loader.next();
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().code, ErrorCode::kIo);
  EXPECT_FALSE(loader.next().ok());  // still
}

TEST(BatchLoader, SaysWhenNothingCanBeReadOrNothingIsThere) {
  const DataFolder folder;
  Dataset data = pictures(folder, 5);
  for (Picture& picture : data.pictures) std::filesystem::remove(folder.path(picture.file));
  for (const bool rect : {false, true}) {
    LoaderOptions options = small();
    options.rect = rect;
    BatchLoader loader = loader_of(data, options);
    loader.begin(0, Augmentation{});
    const auto batch = loader.next();
    ASSERT_FALSE(batch.ok());
    EXPECT_EQ(batch.error().code, ErrorCode::kIo);
    EXPECT_NE(batch.error().message.find("none of the 5 pictures"), std::string::npos);
  }
  data.pictures.clear();
  data.annotations.clear();
  EXPECT_EQ(BatchLoader::create(data, small()).error().code, ErrorCode::kInvalid);
}

TEST(BatchLoader, RefusesOptionsByName) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 1);
  const auto setting = [&](auto&& change) {
    LoaderOptions options = small();
    change(options);
    const auto loader = BatchLoader::create(data, options);
    return loader.ok() ? std::string() : loader.error().setting;
  };
  EXPECT_EQ(setting([](LoaderOptions&) {}), "");
  EXPECT_EQ(setting([](LoaderOptions& o) { o.batch = 0; }), "batch");
  EXPECT_EQ(setting([](LoaderOptions& o) { o.size = 100; }), "size");
  EXPECT_EQ(setting([](LoaderOptions& o) { o.size = 1 << 20; }), "size");
  EXPECT_EQ(setting([](LoaderOptions& o) { o.multi_scale = 1; }), "multi_scale");
  EXPECT_EQ(setting([](LoaderOptions& o) { o.workers = -1; }), "workers");
  EXPECT_EQ(setting([](LoaderOptions& o) { o.size = 8192, o.batch = 65536; }), "batch");  // 13 TB
  BatchLoader loader = loader_of(data, small());
  Augmentation bad;
  bad.scale = 1;
  loader.begin(0, bad);
  EXPECT_EQ(loader.next().error().setting, "scale");
  loader.begin(0, Augmentation{});
  EXPECT_TRUE(loader.next().ok());
}

TEST(BatchLoader, StopsWhileItIsBusy) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 40);
  for (int i = 0; i < 20; ++i) {
    LoaderOptions options = small();
    options.workers = 3;
    BatchLoader loader = loader_of(data, options);
    if (i % 4 == 0) continue;  // before it began
    loader.begin(i, everything());
    if (i % 2 == 0) {
      EXPECT_TRUE(loader.next().ok());
    }
    if (i % 3 == 0) loader.begin(i + 1, everything());
  }
}

TEST(PictureCache, KeepsTheLastUsedWithinItsBound) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 12);
  constexpr std::size_t kBytes = 60'000;  // about three of 96 x 75
  PictureCache cache(data, kBytes);
  for (int round = 0; round < 3; ++round) {
    for (std::int32_t i = 0; i < 12; ++i) {
      ASSERT_TRUE(cache.get(i, {96, 96}).ok());
      EXPECT_LE(cache.bytes(), kBytes);
    }
  }
  const auto kept = cache.get(11, {96, 96});
  std::filesystem::remove(folder.path("p11.png"));
  EXPECT_EQ(*cache.get(11, {96, 96}), *kept);  // not read again
  EXPECT_FALSE(cache.get(11, {64, 64}).ok());
  EXPECT_EQ(cache.new_failures().size(), 1U);
  PictureCache none(data, 0);
  EXPECT_TRUE(none.get(0, {96, 96}).ok());
  EXPECT_EQ(none.bytes(), 0U);
}

TEST(PictureCache, FitsPicturesLikeUltralytics) {
  const auto size = [](ImageSize picture, ImageSize room) {
    const ImageSize fit = fitted(picture, room);
    return std::pair(fit.width, fit.height);
  };
  EXPECT_EQ(size({640, 480}, {320, 320}), std::pair(320, 240));
  EXPECT_EQ(size({500, 333}, {640, 640}), std::pair(640, 427));  // up
  EXPECT_EQ(size({333, 500}, {640, 640}), std::pair(427, 640));
  EXPECT_EQ(size({5000, 1}, {64, 64}), std::pair(64, 1));
}

TEST(DrawBatch, ShowsPicturesAndBoxesInAGrid) {
  const DataFolder folder;
  const Dataset data = pictures(folder, 20);
  LoaderOptions options = small();
  options.batch = 20;
  options.size = 640;
  BatchLoader loader = loader_of(data, options);
  loader.begin(0, no_augmentation());
  const std::vector<Batch> batches = epoch_of(loader);
  const Image sheet = draw_batch(batches[0], data);
  EXPECT_LE(sheet.width, 1920);
  EXPECT_GT(sheet.width, 1900);
  EXPECT_EQ(sheet.width, sheet.height);  // 4 x 4 of the 20
  EXPECT_EQ(sheet.pixels.size(), static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3);
}

}  // namespace
}  // namespace saker::augment
