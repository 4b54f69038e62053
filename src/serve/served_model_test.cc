#include "serve/served_model.h"

#include <gtest/gtest.h>

#include <cstring>
#include <future>

#include "base/files.h"
#include "serve/serve_testing.h"
#include "support/onnx_writer.h"
#include "support/quadrant_model.h"
#include "support/temp_folder.h"

namespace saker::serve {
namespace {

using namespace saker::test_support;
using testing::Barrier;
using testing::numbered;

const char* const kSigns = "models/signs.onnx";
const std::vector<std::string> kPictures = {"models/signs.jpg", "docs/pictures/demo.jpg",
                                            "docs/pictures/signs-hits.jpg", "docs/pictures/signs-misses.jpg"};

// Errors and refusals as failures of the test.
template <typename T>
T must(Outcome<T> outcome) {
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) throw std::runtime_error(refusal->message);
  return std::get<T>(std::move(outcome));
}
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

std::vector<std::uint8_t> bytes_of(const std::string& path) {
  const FileBytes file = must(read_file(path, std::size_t{1} << 26));
  const auto* data = reinterpret_cast<const std::uint8_t*>(file.data.get());
  return {data, data + file.size};
}

std::string text_of(const std::vector<Detection>& boxes) {
  std::string text;
  for (const Detection& box : boxes) text.append(reinterpret_cast<const char*>(&box), sizeof box);
  return text;
}

class ServedModelTest : public ::testing::Test {
 protected:
  void SetUp() override { barrier_lane = scheduler.add({}, barrier); }
  void TearDown() override {
    barrier->open();
    if (model) model->drain(Time::max());
  }

  void serve(const Model& file, int max_batch, ServedOptions options = {}) {
    options.lane.max_batch = max_batch;
    model = must(ServedModel::create("m", 3, file, options, scheduler, &metrics));
  }
  void serve_signs(int max_batch, const ServedOptions& options = {}) {
    serve(must(Model::load(kSigns)), max_batch, options);
  }
  static Model parse(const std::string& onnx) {
    return must(Model::parse(std::as_bytes(std::span(onnx.data(), onnx.size())), "small.onnx"));
  }

  // The worker does nothing until release().
  void hold() {
    scheduler.submit(barrier_lane, numbered(0));
    barrier->wait_begun(++held);
  }
  void release() { barrier->open(); }

  std::future<Outcome<PictureAnswer>> detect(PictureRequest request, const JobOptions& options = {}) {
    auto promise = std::make_shared<std::promise<Outcome<PictureAnswer>>>();
    model->detect(std::move(request), options, [promise](auto outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }
  std::future<Outcome<PictureAnswer>> detect(const std::string& path) { return detect({bytes_of(path), path, {}}); }
  std::future<Outcome<TensorAnswer>> infer(std::vector<Tensor> inputs, const JobOptions& options = {}) {
    auto promise = std::make_shared<std::promise<Outcome<TensorAnswer>>>();
    model->infer({std::move(inputs)}, options, [promise](auto outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }

  template <typename T>
  static Reason reason_of(const Outcome<T>& outcome) {
    const auto* refusal = std::get_if<Refusal>(&outcome);
    if (refusal == nullptr) throw std::runtime_error("it was answered");
    return refusal->reason;
  }
  template <typename T>
  static std::string message_of(const Outcome<T>& outcome) {
    return std::get<Refusal>(outcome).message;
  }

  template <typename T>
  static Tensor tensor(DType dtype, const Shape& shape, const std::vector<T>& values) {
    Tensor made = must(Tensor::make(dtype, shape));
    std::memcpy(made.raw(), values.data(), made.bytes());
    return made;
  }
  static Tensor floats(const Shape& shape, const std::vector<float>& values) {
    return tensor(DType::kFloat32, shape, values);
  }
  template <typename T>
  static std::vector<T> values_of(const Tensor& tensor) {
    return {tensor.data<T>(), tensor.data<T>() + tensor.elements()};
  }

  MetricRegistry metrics;
  const Labels labels = {{"model", "m"}, {"version", "3"}};
  std::shared_ptr<Barrier> barrier = std::make_shared<Barrier>();
  Scheduler scheduler{1};
  LaneId barrier_lane = 0;
  int held = 0;
  std::shared_ptr<ServedModel> model;
};

TEST_F(ServedModelTest, BoxesAreThoseOfADetectorWhateverTheBatch) {
  serve_signs(4);
  Detector detector = must(Detector::load(kSigns));
  std::vector<std::string> expected;
  std::size_t found = 0;
  for (const std::string& path : kPictures) {
    const auto detections = must(detector.detect(must(read_image(path)).view()));
    expected.push_back(text_of(detections.boxes));
    found += detections.boxes.size();
  }
  ASSERT_GT(found, 4u);
  EXPECT_EQ(model->max_batch(), 4);
  for (std::size_t n = 1; n <= kPictures.size(); ++n) {
    hold();
    std::vector<std::future<Outcome<PictureAnswer>>> answers;
    for (std::size_t i = 0; i < n; ++i) answers.push_back(detect(kPictures[i]));
    release();
    for (std::size_t i = 0; i < n; ++i) {
      const auto answer = must(answers[i].get());
      EXPECT_EQ(text_of(answer.boxes), expected[i]) << kPictures[i] << " in a batch of " << n;
      EXPECT_EQ(answer.ms.batch, static_cast<int>(n));
      EXPECT_TRUE(answer.picture.pixels.empty());
    }
  }
}

TEST_F(ServedModelTest, SeveralThreadsDecodeAndFindTheSameBoxes) {
  ServedOptions options;
  options.session.threads = 2;
  serve_signs(4, options);
  Detector detector = must(Detector::load(kSigns));
  hold();
  std::vector<std::future<Outcome<PictureAnswer>>> answers;
  for (const std::string& path : kPictures) answers.push_back(detect(path));
  release();
  for (std::size_t i = 0; i < kPictures.size(); ++i) {
    const auto expected = must(detector.detect(must(read_image(kPictures[i])).view()));
    EXPECT_EQ(text_of(must(answers[i].get()).boxes), text_of(expected.boxes));
  }
}

TEST(ServedModel, WorkersWithSessionsOfTheirOwnFindTheSameBoxes) {
  constexpr int kRequests = 24;
  Scheduler scheduler(3);
  ServedOptions options;
  options.lane.max_batch = 2;
  options.session.threads = 1;
  const auto model = must(ServedModel::load("m", 1, kSigns, options, scheduler, nullptr));
  Detector detector = must(Detector::load(kSigns));
  std::vector<std::promise<Outcome<PictureAnswer>>> promises(kRequests);
  for (std::size_t i = 0; i < kRequests; ++i) {
    const std::string& path = kPictures[i % kPictures.size()];
    model->detect({bytes_of(path), path, {}}, {}, [&, i](auto outcome) { promises[i].set_value(std::move(outcome)); });
  }
  for (std::size_t i = 0; i < kRequests; ++i) {
    const auto expected = must(detector.detect(must(read_image(kPictures[i % kPictures.size()])).view()));
    EXPECT_EQ(text_of(must(promises[i].get_future().get()).boxes), text_of(expected.boxes));
  }
  model->drain(Time::max());
}

TEST_F(ServedModelTest, ABrokenPictureIsRefusedAloneAndTheOthersAnswered) {
  ServedOptions options;
  options.max_pixels = 4'000'000;
  serve_signs(4, options);
  std::string bomb = "P6 60000 60000 255\n";
  hold();
  auto good = detect(kPictures[0]);
  auto broken = detect(PictureRequest{std::vector<std::uint8_t>{1, 2, 3}, "broken.jpg", {}});
  auto large = detect(PictureRequest{std::vector<std::uint8_t>(bomb.begin(), bomb.end()), "bomb.ppm", {}});
  auto other = detect(kPictures[1]);
  release();
  EXPECT_EQ(must(good.get()).ms.batch, 2);
  const auto refused = broken.get();
  EXPECT_EQ(reason_of(refused), Reason::kUndecodable);
  EXPECT_NE(message_of(refused).find("broken.jpg"), std::string::npos);
  EXPECT_EQ(reason_of(large.get()), Reason::kTooLarge);
  EXPECT_EQ(must(other.get()).ms.batch, 2);
  EXPECT_EQ(reason_of(detect(PictureRequest{{}, "empty", {}}).get()), Reason::kUndecodable);
}

TEST_F(ServedModelTest, APictureIsGivenBackWhereItIsWanted) {
  serve_signs(1);
  const auto answer = must(detect({bytes_of(kPictures[0]), "p", {}, true}).get());
  const Image image = must(read_image(kPictures[0]));
  EXPECT_EQ(answer.size.width, image.width);
  EXPECT_EQ(answer.size.height, image.height);
  EXPECT_EQ(answer.picture.pixels, image.pixels);
}

TEST_F(ServedModelTest, BoxOptionsAreARequestsOwn) {
  serve_signs(2);
  hold();
  PictureRequest one{bytes_of(kPictures[0]), "p", {}};
  one.boxes.max_det = 1;
  auto few = detect(std::move(one));
  auto all = detect(kPictures[0]);
  PictureRequest wrong{bytes_of(kPictures[0]), "p", {}};
  wrong.boxes.conf = 2;
  EXPECT_EQ(reason_of(detect(std::move(wrong)).get()), Reason::kBadRequest);  // at once
  release();
  EXPECT_EQ(must(few.get()).boxes.size(), 1u);
  EXPECT_GT(must(all.get()).boxes.size(), 1u);
}

TEST_F(ServedModelTest, TensorsShareARunAndGetWhatTheyGetAlone) {
  serve_signs(4);
  ASSERT_EQ(model->inputs().size(), 1u);
  EXPECT_EQ(model->inputs()[0].shape, (Shape{-1, 3, 320, 320}));
  EXPECT_EQ(model->outputs()[0].shape, (Shape{-1, 19, 2100}));
  const auto picture = [](std::int64_t rows, float first) {
    std::vector<float> values(static_cast<std::size_t>(rows * 3 * 320 * 320));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i % 977) / 1000;
    return floats({rows, 3, 320, 320}, values);
  };
  const auto alone_a = must(infer({picture(1, 0)}).get());
  const auto alone_b = must(infer({picture(2, 0.1F)}).get());
  EXPECT_EQ(alone_b.outputs[0].shape(), (Shape{2, 19, 2100}));
  hold();
  auto a = infer({picture(1, 0)});
  auto b = infer({picture(2, 0.1F)});
  release();
  const auto got_a = must(a.get()), got_b = must(b.get());
  EXPECT_EQ(got_a.ms.batch, 3);
  EXPECT_EQ(values_of<float>(got_a.outputs[0]), values_of<float>(alone_a.outputs[0]));
  EXPECT_EQ(values_of<float>(got_b.outputs[0]), values_of<float>(alone_b.outputs[0]));
}

TEST_F(ServedModelTest, TensorsThatDoNotFitAreRefusedByTheNameOfTheInput) {
  serve_signs(2);
  const auto refused = [&](std::vector<Tensor> inputs) {
    const auto outcome = infer(std::move(inputs)).get();
    EXPECT_EQ(reason_of(outcome), Reason::kBadRequest);
    return message_of(outcome);
  };
  const auto zeros = [](DType dtype, const Shape& shape) { return must(Tensor::make(dtype, shape)); };
  EXPECT_EQ(refused({}), "the model has 1 inputs, 0 were given");
  EXPECT_EQ(refused({zeros(DType::kFloat32, {1, 3, 320, 319})}),
            "the input \"images\" is float32 [1, 3, 320, 319]; the model takes float32 [-1, 3, 320, 320]");
  EXPECT_NE(refused({zeros(DType::kUint8, {1, 3, 320, 320})}).find("is uint8"), std::string::npos);
  EXPECT_NE(refused({zeros(DType::kFloat32, {3, 320, 320})}).find("images"), std::string::npos);
  EXPECT_EQ(refused({zeros(DType::kFloat32, {3, 3, 320, 320})}), "the input \"images\" has 3 rows; 1 to 2 are taken");
  EXPECT_EQ(refused({zeros(DType::kFloat32, {0, 3, 320, 320})}), "the input \"images\" has 0 rows; 1 to 2 are taken");
}

TEST_F(ServedModelTest, AModelThatIsNoDetectorAnswersTensors) {
  ModelWriter writer;
  writer.input("a", {-1, 2}).input("b", {-1, 2});
  writer.node("Add", {"a", "b"}, {"sum"}).output("sum");
  serve(parse(writer.text()), 4);
  EXPECT_EQ(model->spec(), nullptr);
  EXPECT_FALSE(model->no_detector().empty());
  const auto refused = detect(kPictures[0]).get();
  EXPECT_EQ(reason_of(refused), Reason::kBadRequest);
  EXPECT_NE(message_of(refused).find(model->no_detector()), std::string::npos);

  hold();
  auto one = infer({floats({1, 2}, {1, 2}), floats({1, 2}, {10, 20})});
  auto two = infer({floats({2, 2}, {3, 4, 5, 6}), floats({2, 2}, {30, 40, 50, 60})});
  EXPECT_EQ(message_of(infer({floats({2, 2}, {3, 4, 5, 6}), floats({1, 2}, {30, 40})}).get()),
            "the input \"b\" has 1 rows, another has 2");
  release();
  const auto first = must(one.get()), second = must(two.get());
  EXPECT_EQ(first.ms.batch, 3);
  EXPECT_EQ(values_of<float>(first.outputs[0]), (std::vector<float>{11, 22}));
  EXPECT_EQ(values_of<float>(second.outputs[0]), (std::vector<float>{33, 44, 55, 66}));
  EXPECT_EQ(second.outputs[0].shape(), (Shape{2, 2}));
}

TEST_F(ServedModelTest, AFixedBatchIsTakenWhole) {
  ModelWriter writer;
  writer.input("a", {2, 2});
  writer.node("Relu", {"a"}, {"b"}).output("b");
  serve(parse(writer.text()), 4);
  EXPECT_EQ(model->inputs()[0].shape, (Shape{2, 2}));
  const auto answer = must(infer({floats({2, 2}, {-1, 2, 3, -4})}).get());
  EXPECT_EQ(values_of<float>(answer.outputs[0]), (std::vector<float>{0, 2, 3, 0}));
  EXPECT_EQ(reason_of(infer({floats({1, 2}, {-1, 2})}).get()), Reason::kBadRequest);
}

TEST_F(ServedModelTest, PicturesOfAFixedBatchAreAnsweredOneByOneToo) {
  QuadrantModel quadrant;
  quadrant.batch = 3;
  serve(must(quadrant.model()), 1);
  EXPECT_EQ(model->max_batch(), 3);
  const test::TempFolder folder;
  const Image image = picture_of({10, 10, 20, 20, 90, 1}, {0, 0, 0, 0, 0, 0});
  const std::string path = folder.path("a.png");
  ASSERT_TRUE(write_image(path, image.view()).ok());
  Detector detector = must(Detector::create(must(quadrant.model())));
  hold();
  auto one = detect(path), two = detect(path);
  release();
  const std::string expected = text_of(must(detector.detect(image.view())).boxes);
  EXPECT_EQ(text_of(must(one.get()).boxes), expected);
  EXPECT_EQ(text_of(must(two.get()).boxes), expected);
}

// Pictures go into such a session as bytes, tensors as floats.
TEST_F(ServedModelTest, PicturesAndTensorsTakeTurnsOnAModelOfBytes) {
  QuadrantModel quadrant;
  quadrant.batch = -1;
  quadrant.input_scale = 1;
  ServedOptions options;
  options.spec.preprocess.emplace().scale = 1;
  serve(must(quadrant.model()), 4, options);
  const test::TempFolder folder;
  const std::string path = folder.path("a.png");
  ASSERT_TRUE(write_image(path, picture_of({1, 2, 20, 21, 2, 5}, {0, 0, 0, 0, 0, 0}).view()).ok());
  for (int round = 0; round < 3; ++round) {
    hold();
    auto pictures = detect(path);
    auto tensors = infer({floats({2, 3, 32, 32}, std::vector<float>(2 * 3 * 32 * 32, 7))});
    auto more = detect(path);
    release();
    for (auto* answer : {&pictures, &more}) {
      const auto boxes = must(answer->get()).boxes;
      ASSERT_EQ(boxes.size(), 1u);
      EXPECT_EQ(boxes[0].class_id, 5);
      EXPECT_FLOAT_EQ(boxes[0].x2, 20);
    }
    const auto values = values_of<float>(must(tensors.get()).outputs[0]);
    ASSERT_EQ(values.size(), 24u);
    EXPECT_FLOAT_EQ(values[23], 7);
  }
}

TEST_F(ServedModelTest, OutputsWhoseShapeTheDataDecideAreNotMixed) {
  ModelWriter writer;
  writer.input("a", {-1, 2});
  writer.node("NonZero", {"a"}, {"where"}).output("where");
  serve(parse(writer.text()), 4);
  hold();
  auto one = infer({floats({1, 2}, {0, 1})});
  auto two = infer({floats({2, 2}, {1, 0, 0, 1})});
  release();
  const auto first = must(one.get()), second = must(two.get());
  EXPECT_EQ(values_of<std::int64_t>(first.outputs[0]), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(values_of<std::int64_t>(second.outputs[0]), (std::vector<std::int64_t>{0, 1, 0, 1}));
  EXPECT_EQ(first.ms.batch, 1);
}

TEST_F(ServedModelTest, ARequestThatFailsInTheRunFailsAlone) {
  ModelWriter writer;
  writer.constant(float_tensor("table", {3}, {10, 20, 30}));
  writer.input("at", {-1, 1}, kOnnxInt64);
  writer.node("Gather", {"table", "at"}, {"found"}).output("found");
  serve(parse(writer.text()), 4);
  const auto index = [](std::int64_t i) { return tensor(DType::kInt64, {1, 1}, std::vector<std::int64_t>{i}); };
  hold();
  auto one = infer({index(0)}), bad = infer({index(1000)}), two = infer({index(2)});
  release();
  const auto refused = bad.get();
  EXPECT_EQ(reason_of(refused), Reason::kInternal);
  EXPECT_NE(message_of(refused).find("1000"), std::string::npos) << message_of(refused);
  EXPECT_EQ(values_of<float>(must(one.get()).outputs[0]), std::vector<float>{10});
  EXPECT_EQ(values_of<float>(must(two.get()).outputs[0]), std::vector<float>{30});
}

TEST_F(ServedModelTest, SizesThatAreLeftOpenAreNamed) {
  ModelWriter writer;
  writer.input("a", {-1, -1});
  writer.node("Relu", {"a"}, {"b"}).output("b");
  const auto loaded = ServedModel::create("m", 1, parse(writer.text()), {}, scheduler, nullptr);
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("\"a\""), std::string::npos);
  EXPECT_FALSE(ServedModel::load("m", 1, "nowhere.onnx", {}, scheduler, nullptr).ok());
}

TEST_F(ServedModelTest, WhatIsNotRunIsRefusedWithItsReason) {
  ServedOptions options;
  options.lane.max_queue = 2;
  serve_signs(1, options);
  EXPECT_TRUE(std::holds_alternative<PictureAnswer>(detect(kPictures[0]).get()));  // so that it knows what one takes
  hold();
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  auto cancelled = detect({bytes_of(kPictures[0]), "p", {}}, {.cancelled = gone});
  auto late = detect({bytes_of(kPictures[0]), "p", {}},
                     {.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(1)});
  EXPECT_EQ(reason_of(late.get()), Reason::kDeadline);
  auto waits = detect(kPictures[0]);
  const auto full = detect(kPictures[0]).get();
  EXPECT_EQ(reason_of(full), Reason::kOverloaded);
  EXPECT_GT(std::get<Refusal>(full).retry_after_s, 0);
  EXPECT_EQ(model->waiting(), 2u);
  gone->store(true);
  release();
  EXPECT_EQ(reason_of(cancelled.get()), Reason::kCancelled);
  EXPECT_TRUE(std::holds_alternative<PictureAnswer>(waits.get()));
  model->drain(Time::max());
  EXPECT_EQ(reason_of(detect(kPictures[0]).get()), Reason::kUnavailable);
  EXPECT_EQ(model->statistics().fail.count.value(), 4u);
}

TEST_F(ServedModelTest, CountsWhatItDoes) {
  serve_signs(2);
  hold();
  auto one = detect(kPictures[0]), two = detect(kPictures[1]),
       broken = detect(PictureRequest{std::vector<std::uint8_t>{1}, "p", {}});
  release();
  one.wait(), two.wait(), broken.wait();
  const ModelStatistics& sums = model->statistics();
  EXPECT_EQ(sums.success.count.value(), 2u);
  EXPECT_EQ(sums.fail.count.value(), 1u);
  EXPECT_EQ(sums.inferences.value(), 2u);
  EXPECT_EQ(sums.executions.value(), 1u);
  EXPECT_GT(sums.compute_infer.ns.value(), 0u);
  EXPECT_GE(sums.success.ns.value(), sums.compute_input.ns.value());
  for (const char* name : {"saker_queue_seconds", "saker_decode_seconds", "saker_preprocess_seconds",
                           "saker_infer_seconds", "saker_postprocess_seconds"}) {
    EXPECT_EQ(metrics.histogram(name, "", second_buckets(), labels).count(), 2u) << name;
  }
  EXPECT_EQ(metrics.histogram("saker_batch_pictures", "", {}, labels).sum(), 2.0);
  EXPECT_EQ(metrics.counter("saker_pictures_total", "", labels).value(), 2u);
  Labels with_reason = labels;
  with_reason.emplace_back("reason", "undecodable");
  EXPECT_EQ(metrics.counter("saker_rejections_total", "", with_reason).value(), 1u);
  EXPECT_NE(metrics.text().find("saker_waiting_pictures{model=\"m\",version=\"3\"} 0"), std::string::npos);
}

TEST_F(ServedModelTest, TheSchedulerLetsGoOfADrainedModel) {
  serve_signs(1);
  const std::weak_ptr<ServedModel> watched = model;
  model->drain(Time::max());
  model.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(metrics.text().empty());
}

}  // namespace
}  // namespace saker::serve
