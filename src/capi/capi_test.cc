// saker.h as a program in another language uses it: the same boxes as the library's own, errors as data, threads.
#include <saker.h>
#include <saker/detector.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace saker {
namespace {

constexpr const char* kModel = "models/signs.int8.onnx";  // tests run in the source's folder
constexpr const char* kPicture = "models/signs.jpg";

struct Free {
  void operator()(saker_detector* detector) const { saker_detector_free(detector); }
  void operator()(saker_result* result) const { saker_result_free(result); }
};
using DetectorHandle = std::unique_ptr<saker_detector, Free>;
using ResultHandle = std::unique_ptr<saker_result, Free>;

DetectorHandle load(const saker_options* options = nullptr) {
  saker_detector* detector = nullptr;
  EXPECT_EQ(saker_detector_load(kModel, options, &detector), SAKER_OK) << saker_error_message();
  return DetectorHandle(detector);
}

std::vector<char> bytes_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

saker_pixels pixels_of(const Image& image) {
  saker_pixels pixels;
  EXPECT_EQ(saker_pixels_init(&pixels, sizeof pixels), SAKER_OK);
  pixels.data = image.pixels.data();
  pixels.width = image.width;
  pixels.height = image.height;
  return pixels;
}

std::vector<Detection> expected_boxes(const BoxOptions& options = {}) {
  auto detector = Detector::load(kModel);
  auto image = read_image(kPicture);
  auto found = detector->detect(image->view(), options);
  EXPECT_TRUE(found.ok());
  return found->boxes;
}

void expect_same(const saker_result* result, const std::vector<Detection>& expected) {
  ASSERT_EQ(saker_result_count(result), expected.size());
  const saker_box* boxes = saker_result_boxes(result);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(boxes[i].class_id, expected[i].class_id);
    EXPECT_EQ(boxes[i].score, expected[i].score);
    EXPECT_EQ(boxes[i].x1, expected[i].x1);
    EXPECT_EQ(boxes[i].y1, expected[i].y1);
    EXPECT_EQ(boxes[i].x2, expected[i].x2);
    EXPECT_EQ(boxes[i].y2, expected[i].y2);
  }
}

void expect_error(int status, int expected, const std::string& text) {
  EXPECT_EQ(status, expected) << saker_error_message();
  EXPECT_EQ(saker_error_code(), expected);
  EXPECT_NE(std::string(saker_error_message()).find(text), std::string::npos) << saker_error_message();
}

TEST(CApi, SameBoxesFromFileBytesAndPixels) {
  const auto detector = load();
  const auto expected = expected_boxes();
  ASSERT_GT(expected.size(), 1U);
  const auto image = read_image(kPicture);
  const auto file = bytes_of(kPicture);
  const saker_pixels pixels = pixels_of(*image);

  saker_result* results[3];
  ASSERT_EQ(saker_detect_file(detector.get(), kPicture, nullptr, &results[0]), SAKER_OK);
  ASSERT_EQ(saker_detect_encoded(detector.get(), file.data(), file.size(), nullptr, &results[1]), SAKER_OK);
  ASSERT_EQ(saker_detect_pixels(detector.get(), &pixels, nullptr, &results[2]), SAKER_OK);
  for (saker_result* result : results) {
    const ResultHandle owner(result);
    expect_same(result, expected);
    EXPECT_EQ(saker_result_width(result), image->width);
    EXPECT_EQ(saker_result_height(result), image->height);
    saker_times times = {sizeof(saker_times), -1, -1, -1, -1};
    EXPECT_EQ(saker_result_times(result, &times), SAKER_OK);
    EXPECT_GE(times.decode, 0);
    EXPECT_GT(times.infer, 0);
    EXPECT_EQ(times.size, sizeof(saker_times));
  }
}

TEST(CApi, RowsWithGapsAndBlueFirst) {
  const auto detector = load();
  const auto image = read_image(kPicture);
  const auto width = static_cast<std::size_t>(image->width), height = static_cast<std::size_t>(image->height);
  const std::size_t stride = width * 3 + 7;
  std::vector<unsigned char> padded(stride * height, 99);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width * 3; ++x) {
      padded[y * stride + x] = image->pixels[(y * width + x / 3) * 3 + (2 - x % 3)];
    }
  }
  saker_pixels pixels = pixels_of(*image);
  pixels.data = padded.data();
  pixels.stride = static_cast<std::ptrdiff_t>(stride);
  pixels.format = SAKER_BGR;
  saker_result* result = nullptr;
  ASSERT_EQ(saker_detect_pixels(detector.get(), &pixels, nullptr, &result), SAKER_OK);
  const ResultHandle owner(result);
  expect_same(result, expected_boxes());
}

TEST(CApi, ManyPicturesInBatches) {
  saker_options options;
  ASSERT_EQ(saker_options_init(&options, sizeof options), SAKER_OK);
  options.batch = 2;
  const auto detector = load(&options);
  const auto image = read_image(kPicture);
  Image black = *image;
  std::fill(black.pixels.begin(), black.pixels.end(), std::uint8_t{0});
  const saker_pixels seen = pixels_of(*image), nothing = pixels_of(black);
  const saker_pixels* const pictures[] = {&seen, &nothing, &seen};
  saker_result* results[3];
  ASSERT_EQ(saker_detect_many(detector.get(), pictures, 3, nullptr, results), SAKER_OK) << saker_error_message();
  const ResultHandle owners[] = {ResultHandle(results[0]), ResultHandle(results[1]), ResultHandle(results[2])};
  EXPECT_GT(saker_result_count(results[0]), 1U);
  EXPECT_EQ(saker_result_count(results[0]), saker_result_count(results[2]));
  EXPECT_EQ(saker_result_count(results[1]), 0U);
  EXPECT_EQ(saker_result_boxes(results[1]), nullptr);
  EXPECT_EQ(saker_detect_many(detector.get(), nullptr, 0, nullptr, nullptr), SAKER_OK);

  saker_pixels broken = seen;
  broken.width = 0;
  const saker_pixels* const one_broken[] = {&seen, &broken};
  saker_result* none[2] = {results[0], results[0]};
  expect_error(saker_detect_many(detector.get(), one_broken, 2, nullptr, none), SAKER_INVALID, "picture 1: ");
  EXPECT_EQ(none[0], nullptr);
  EXPECT_EQ(none[1], nullptr);
}

TEST(CApi, DetectorSaysWhatItIs) {
  const auto detector = load();
  const auto reference = Detector::load(kModel);
  EXPECT_EQ(saker_detector_input_height(detector.get()), reference->input_height());
  EXPECT_EQ(saker_detector_input_width(detector.get()), reference->input_width());
  EXPECT_EQ(saker_detector_batch(detector.get()), 1);
  EXPECT_EQ(saker_detector_class_count(detector.get()), 15);
  EXPECT_EQ(saker_detector_label(detector.get(), 0), reference->labels()[0]);
  EXPECT_STREQ(saker_detector_label(detector.get(), -1), "");
  EXPECT_STREQ(saker_detector_label(detector.get(), 1000), "");
  EXPECT_STREQ(saker_detector_head(detector.get()), head_name(reference->head()));
  EXPECT_STREQ(saker_detector_backend(detector.get()), "saker");
  EXPECT_EQ(std::string(saker_version()).substr(0, 2), "0.");
  EXPECT_EQ(saker_api_level(), SAKER_API_LEVEL);
  EXPECT_STREQ(saker_status_name(SAKER_NOT_FOUND), "SAKER_NOT_FOUND");
  EXPECT_STREQ(saker_status_name(77), "unknown status");
}

TEST(CApi, ParsedFromMemoryIsTheSame) {
  const auto file = bytes_of(kModel);
  saker_detector* detector = nullptr;
  ASSERT_EQ(saker_detector_parse(file.data(), file.size(), "signs", nullptr, &detector), SAKER_OK);
  const DetectorHandle owner(detector);
  saker_result* result = nullptr;
  ASSERT_EQ(saker_detect_file(detector, kPicture, nullptr, &result), SAKER_OK);
  const ResultHandle result_owner(result);
  expect_same(result, expected_boxes());
  expect_error(saker_detector_parse(file.data(), 10, "stump", nullptr, &detector), SAKER_INVALID, "stump");
  EXPECT_EQ(detector, nullptr);
}

TEST(CApi, BoxOptionsReachTheDetector) {
  const auto detector = load();
  const auto all = expected_boxes();
  saker_box_options options;
  ASSERT_EQ(saker_box_options_init(&options, sizeof options), SAKER_OK);
  EXPECT_EQ(options.conf, 0.25F);
  EXPECT_LT(options.iou, 0);
  EXPECT_EQ(options.max_boxes, 300);
  const auto count_with = [&] {
    saker_result* result = nullptr;
    EXPECT_EQ(saker_detect_file(detector.get(), kPicture, &options, &result), SAKER_OK) << saker_error_message();
    const ResultHandle owner(result);
    return saker_result_count(result);
  };
  options.max_boxes = 1;
  EXPECT_EQ(count_with(), 1U);
  options.max_boxes = 300;
  options.conf = 0.01F;
  EXPECT_GT(count_with(), all.size());
  options.conf = 0.25F;
  const int wanted[] = {all[0].class_id};
  options.classes = wanted;
  options.class_count = 1;
  std::size_t of_class = 0;
  for (const Detection& d : all) of_class += d.class_id == wanted[0] ? 1 : 0;
  EXPECT_EQ(count_with(), of_class);

  saker_result* result = nullptr;
  options.conf = 2;
  expect_error(saker_detect_file(detector.get(), kPicture, &options, &result), SAKER_INVALID, "conf");
  options.conf = std::numeric_limits<float>::quiet_NaN();
  expect_error(saker_detect_file(detector.get(), kPicture, &options, &result), SAKER_INVALID, "conf");
  options.conf = 0.25F;
  options.classes = nullptr;
  expect_error(saker_detect_file(detector.get(), kPicture, &options, &result), SAKER_INVALID, "class_count is 1");
}

TEST(CApi, LoadOptionsReachTheDetector) {
  saker_options options;
  ASSERT_EQ(saker_options_init(&options, sizeof options), SAKER_OK);
  options.labels = "models/signs.names";
  options.threads = 1;
  options.max_pixels = 100;
  const auto detector = load(&options);
  ASSERT_NE(detector, nullptr);
  saker_result* result = nullptr;
  expect_error(saker_detect_file(detector.get(), kPicture, nullptr, &result), SAKER_LIMIT, "signs.jpg");
  EXPECT_EQ(result, nullptr);

  saker_detector* none = nullptr;
  const auto refused = [&](int expected, const std::string& text) {
    expect_error(saker_detector_load(kModel, &options, &none), expected, text);
    EXPECT_EQ(none, nullptr);
    saker_options_init(&options, sizeof options);
  };
  options.head = "yolov99";
  refused(SAKER_INVALID, "yolov99");
  options.threads = -1;
  refused(SAKER_INVALID, "threads");
  options.precision = "f8";
  refused(SAKER_UNSUPPORTED, "f8");
  options.backend = "nobody";
  refused(SAKER_NOT_FOUND, "nobody");
  options.labels = "no/such.names";
  refused(SAKER_NOT_FOUND, "no/such.names");
  options.max_memory = 1000;
  refused(SAKER_LIMIT, "1000 bytes");
}

// A program that was compiled with an older header passes a shorter struct, a newer one a longer.
TEST(CApi, StructsOfOtherVersions) {
  struct Longer {
    saker_options known;
    long added[2];
  } longer;
  ASSERT_EQ(saker_options_init(&longer.known, sizeof longer), SAKER_OK);
  EXPECT_EQ(longer.known.size, sizeof longer);
  EXPECT_EQ(longer.added[1], 0);
  EXPECT_NE(load(&longer.known), nullptr);
  longer.added[1] = 1;
  saker_detector* none = nullptr;
  expect_error(saker_detector_load(kModel, &longer.known, &none), SAKER_UNSUPPORTED, "later version");

  const std::size_t shorter = offsetof(saker_box_options, max_boxes);
  alignas(saker_box_options) unsigned char bytes[sizeof(saker_box_options)];
  std::memset(bytes, 0xee, sizeof bytes);
  auto* const older = reinterpret_cast<saker_box_options*>(bytes);
  ASSERT_EQ(saker_box_options_init(older, shorter), SAKER_OK);
  EXPECT_EQ(bytes[shorter], 0xee);  // nothing behind it was written
  saker_result* result = nullptr;
  const auto detector = load();
  ASSERT_EQ(saker_detect_file(detector.get(), kPicture, older, &result), SAKER_OK) << saker_error_message();
  const ResultHandle owner(result);
  expect_same(result, expected_boxes());

  saker_box_options forgotten;
  std::memset(static_cast<void*>(&forgotten), 0, sizeof forgotten);
  expect_error(saker_detect_file(detector.get(), kPicture, &forgotten, &result), SAKER_INVALID,
               "saker_box_options_init()");
  std::memset(static_cast<void*>(&forgotten), 0xcd, sizeof forgotten);
  expect_error(saker_detect_file(detector.get(), kPicture, &forgotten, &result), SAKER_INVALID,
               "saker_box_options_init()");
  saker_times times = {sizeof(std::size_t) + sizeof(double), -1, -1, -1, -1};
  EXPECT_EQ(saker_result_times(owner.get(), &times), SAKER_OK);
  EXPECT_GE(times.decode, 0);
  EXPECT_EQ(times.preprocess, -1);
  times.size = 3;
  expect_error(saker_result_times(owner.get(), &times), SAKER_INVALID, "saker_times");
}

TEST(CApi, NullArgumentsAreErrors) {
  const auto detector = load();
  auto* const somewhere = reinterpret_cast<saker_result*>(detector.get());
  saker_result* result = somewhere;
  saker_detector* made = detector.get();
  const char byte = 0;
  const saker_pixels* const no_picture[] = {nullptr};
  expect_error(saker_detector_load(nullptr, nullptr, &made), SAKER_INVALID, "path is NULL");
  EXPECT_EQ(made, nullptr);
  expect_error(saker_detector_load(kModel, nullptr, nullptr), SAKER_INVALID, "detector is NULL");
  expect_error(saker_detector_parse(nullptr, 5, "m", nullptr, &made), SAKER_INVALID, "bytes is NULL");
  expect_error(saker_detector_parse(&byte, 1, nullptr, nullptr, &made), SAKER_INVALID, "name is NULL");
  expect_error(saker_detector_parse(&byte, 1, "m", nullptr, nullptr), SAKER_INVALID, "detector is NULL");
  expect_error(saker_detector_clone(nullptr, &made), SAKER_INVALID, "source is NULL");
  expect_error(saker_detector_clone(detector.get(), nullptr), SAKER_INVALID, "detector is NULL");
  expect_error(saker_detect_file(nullptr, kPicture, nullptr, &result), SAKER_INVALID, "detector is NULL");
  EXPECT_EQ(result, nullptr);
  expect_error(saker_detect_file(detector.get(), nullptr, nullptr, &result), SAKER_INVALID, "path is NULL");
  expect_error(saker_detect_file(detector.get(), kPicture, nullptr, nullptr), SAKER_INVALID, "result is NULL");
  expect_error(saker_detect_encoded(nullptr, &byte, 1, nullptr, &result), SAKER_INVALID, "detector is NULL");
  expect_error(saker_detect_encoded(detector.get(), nullptr, 1, nullptr, &result), SAKER_INVALID, "bytes is NULL");
  expect_error(saker_detect_encoded(detector.get(), &byte, 1, nullptr, nullptr), SAKER_INVALID, "result is NULL");
  expect_error(saker_detect_pixels(detector.get(), nullptr, nullptr, &result), SAKER_INVALID, "pixels is NULL");
  expect_error(saker_detect_pixels(nullptr, nullptr, nullptr, &result), SAKER_INVALID, "detector is NULL");
  expect_error(saker_detect_pixels(detector.get(), nullptr, nullptr, nullptr), SAKER_INVALID, "result is NULL");
  expect_error(saker_detect_many(detector.get(), nullptr, 1, nullptr, &result), SAKER_INVALID, "pixels is NULL");
  expect_error(saker_detect_many(detector.get(), no_picture, 1, nullptr, &result), SAKER_INVALID, "picture 0: pixels");
  expect_error(saker_detect_many(nullptr, no_picture, 1, nullptr, &result), SAKER_INVALID, "detector is NULL");
  expect_error(saker_detect_many(detector.get(), no_picture, 1, nullptr, nullptr), SAKER_INVALID, "results is NULL");
  expect_error(saker_result_times(nullptr, nullptr), SAKER_INVALID, "result is NULL");
  expect_error(saker_options_init(nullptr, sizeof(saker_options)), SAKER_INVALID, "options is NULL");
  expect_error(saker_box_options_init(nullptr, sizeof(saker_box_options)), SAKER_INVALID, "options is NULL");
  expect_error(saker_pixels_init(nullptr, sizeof(saker_pixels)), SAKER_INVALID, "pixels is NULL");
  saker_options options;
  expect_error(saker_options_init(&options, 0), SAKER_INVALID, "sizeof");

  saker_detector_free(nullptr);
  saker_result_free(nullptr);
  EXPECT_EQ(saker_result_count(nullptr), 0U);
  EXPECT_EQ(saker_result_boxes(nullptr), nullptr);
  EXPECT_STREQ(saker_result_label(nullptr, 0), "");
  EXPECT_EQ(saker_result_width(nullptr) + saker_result_height(nullptr), 0);
  EXPECT_EQ(saker_detector_input_height(nullptr) + saker_detector_input_width(nullptr), 0);
  EXPECT_EQ(saker_detector_batch(nullptr) + saker_detector_class_count(nullptr), 0);
  EXPECT_STREQ(saker_detector_label(nullptr, 0), "");
  EXPECT_STREQ(saker_detector_head(nullptr), "");
  EXPECT_STREQ(saker_detector_backend(nullptr), "");
}

TEST(CApi, AfterAnErrorTheDetectorGoesOn) {
  const auto detector = load();
  const auto image = read_image(kPicture);
  const std::vector<char> noise(1000, 'x');
  saker_result* result = nullptr;
  expect_error(saker_detect_file(detector.get(), "no/such.jpg", nullptr, &result), SAKER_NOT_FOUND, "no/such.jpg");
  expect_error(saker_detect_encoded(detector.get(), noise.data(), noise.size(), nullptr, &result), SAKER_INVALID, "");
  expect_error(saker_detect_encoded(detector.get(), noise.data(), 0, nullptr, &result), SAKER_INVALID, "");
  saker_pixels pixels = pixels_of(*image);
  pixels.stride = 5;
  expect_error(saker_detect_pixels(detector.get(), &pixels, nullptr, &result), SAKER_INVALID, "stride");
  pixels.stride = -3 * image->width;
  expect_error(saker_detect_pixels(detector.get(), &pixels, nullptr, &result), SAKER_INVALID, "stride");
  pixels = pixels_of(*image);
  pixels.format = 9;
  expect_error(saker_detect_pixels(detector.get(), &pixels, nullptr, &result), SAKER_INVALID, "format");
  pixels = pixels_of(*image);
  pixels.data = nullptr;
  expect_error(saker_detect_pixels(detector.get(), &pixels, nullptr, &result), SAKER_INVALID, "NULL");
  EXPECT_EQ(result, nullptr);

  ASSERT_EQ(saker_detect_file(detector.get(), kPicture, nullptr, &result), SAKER_OK);
  const ResultHandle owner(result);
  expect_same(result, expected_boxes());
  EXPECT_NE(std::string(saker_error_message()), "");  // success leaves the last error as it was
}

TEST(CApi, ResultOutlivesItsDetector) {
  saker_result* result = nullptr;
  {
    const auto detector = load();
    ASSERT_EQ(saker_detect_file(detector.get(), kPicture, nullptr, &result), SAKER_OK);
  }
  const ResultHandle owner(result);
  ASSERT_GT(saker_result_count(result), 0U);
  EXPECT_NE(std::string(saker_result_label(result, 0)), "");
  EXPECT_STREQ(saker_result_label(result, saker_result_count(result)), "");
}

TEST(CApi, OneDetectorAndItsClonesFromManyThreads) {
  saker_options options;
  ASSERT_EQ(saker_options_init(&options, sizeof options), SAKER_OK);
  options.threads = 1;
  const auto shared = load(&options);
  const auto expected = expected_boxes();
  std::atomic<int> wrong = 0;
  const auto detect = [&](saker_detector* detector, int times) {
    for (int i = 0; i < times; ++i) {
      saker_result* result = nullptr;
      if (saker_detect_file(detector, kPicture, nullptr, &result) != SAKER_OK) ++wrong;
      const ResultHandle owner(result);
      if (saker_result_count(result) != expected.size() || saker_result_boxes(result)[0].score != expected[0].score)
        ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back([&] { detect(shared.get(), 4); });
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      saker_detector* clone = nullptr;
      if (saker_detector_clone(shared.get(), &clone) != SAKER_OK) ++wrong;
      const DetectorHandle owner(clone);
      detect(clone, 4);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(CApi, EachThreadHasItsOwnError) {
  saker_detector* none = nullptr;
  expect_error(saker_detector_load("here.onnx", nullptr, &none), SAKER_NOT_FOUND, "here.onnx");
  std::thread([&] {
    EXPECT_EQ(saker_error_code(), SAKER_OK);
    EXPECT_STREQ(saker_error_message(), "");
    EXPECT_STREQ(saker_error_setting(), "");
    saker_detector* other = nullptr;
    expect_error(saker_detector_load("there.onnx", nullptr, &other), SAKER_NOT_FOUND, "there.onnx");
  }).join();
  EXPECT_NE(std::string(saker_error_message()).find("here.onnx"), std::string::npos);
  EXPECT_EQ(std::string(saker_error_message()).find("there.onnx"), std::string::npos);
}

}  // namespace
}  // namespace saker
