// The plug-ins for ONNX Runtime and OpenVINO, where they were built, with small models and those of $SAKER_ASSETS.
#include <saker/session.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "support/engine_testing.h"
#include "support/onnx_writer.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

using namespace test_support;
using namespace testing_backends;

// x -> twice (float32), half (float16, x again), where (int64, positions of the non-zero elements)
std::string small_model(std::int64_t input_type, const Shape& shape = {-1, 3, -1, -1}) {
  ModelWriter model;
  model.input("x", shape, input_type).constant(float_tensor("two", {1}, {2}));
  model.node("Cast", {"x"}, {"f"}, {int_attr("to", kOnnxFloat)}).node("Mul", {"f", "two"}, {"twice"});
  model.node("Cast", {"x"}, {"half"}, {int_attr("to", kOnnxFloat16)}).node("NonZero", {"f"}, {"where"});
  model.graph().message(12, value_info("twice", shape)).message(12, value_info("half", shape, kOnnxFloat16));
  model.graph().message(12, value_info("where", {4, -1}, kOnnxInt64));
  model.model().message(14, ProtoWriter().bytes(1, "names").bytes(2, "{0: 'cat'}"));
  return model.text();
}

float at(const TensorView& view, std::int64_t i) {
  switch (view.dtype) {
    case DType::kFloat32:
      return view.as<float>()[i];
    case DType::kFloat16:
      return half_to_float(view.as<std::uint16_t>()[i]);
    case DType::kUint8:
      return view.as<std::uint8_t>()[i];
    default:
      ADD_FAILURE() << dtype_name(view.dtype);
      return NAN;
  }
}

// The outputs of small_model for what is in the session's input.
void expect_right(BackendSession& session) {
  ASSERT_TRUE(session.run().ok());
  const TensorView x = view_of(session.input(0));
  const TensorView twice = session.output(0), half = session.output(1), where = session.output(2);
  ASSERT_EQ(twice.shape, x.shape);
  ASSERT_EQ(half.shape, x.shape);
  EXPECT_EQ(twice.dtype, DType::kFloat32);
  EXPECT_EQ(half.dtype, DType::kFloat16);
  EXPECT_EQ(where.dtype, DType::kInt64);
  std::int64_t nonzero = 0;
  for (std::int64_t i = 0; i < session.input(0).elements(); ++i) {
    ASSERT_EQ(at(twice, i), 2 * at(x, i)) << i;
    ASSERT_NEAR(at(half, i), at(x, i), std::abs(at(x, i)) * 0x1p-11) << i;
    nonzero += at(x, i) != 0 ? 1 : 0;
  }
  EXPECT_EQ(where.shape, (Shape{4, nonzero}));
}

class Engine : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    backend_ = built(GetParam());
    if (backend_ == nullptr) GTEST_SKIP() << "this build has no plug-in for " << GetParam();
  }
  std::string small(std::int64_t type = kOnnxFloat) { return folder_.write("small.onnx", small_model(type)); }

  // Reads, describes and compiles; the first error, or one that says there was none.
  Error refusal(const std::string& path, std::vector<Shape> shapes, SessionOptions options = {}) {
    auto model = backend_->load(path);
    if (!model.ok()) return model.error();
    options.input_shapes = std::move(shapes);
    auto session = (*model)->compile(options);
    return session.ok() ? Error{ErrorCode::kInternal, "no error"} : session.error();
  }

  Backend* backend_ = nullptr;
  test::TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Backends, Engine, testing::Values("onnxruntime", "openvino"),
                         [](const auto& backend) { return backend.param; });

TEST_P(Engine, EveryInputTypeShapeAndOutputType) {
  EXPECT_FALSE(backend_->version().empty());
  for (const std::int64_t type : {kOnnxFloat, kOnnxFloat16, kOnnxUint8}) {
    for (const Shape& shape : {Shape{1, 3, 4, 5}, Shape{2, 3, 1, 1}, Shape{1, 3, 33, 17}}) {
      auto session = compile(*backend_, small(type), {shape});
      ASSERT_EQ(session->input_count(), 1u);
      ASSERT_EQ(session->output_count(), 3u);
      EXPECT_EQ(session->input(0).shape(), shape);
      EXPECT_EQ(session->output_name(2), "where");
      EXPECT_EQ(session->output(2).data, nullptr);  // not before a run
      fill(*session, 0);
      expect_right(*session);
      std::fill_n(session->input(0).data<char>(), session->input(0).bytes(), char{0});
      expect_right(*session);  // another shape of "where"
    }
  }
}

TEST_P(Engine, DescribesAFile) {
  const auto about = must(must(backend_->load(small(kOnnxUint8)))->describe());
  ASSERT_EQ(about.inputs.size(), 1u);
  EXPECT_EQ(about.inputs[0].name, "x");
  EXPECT_EQ(about.inputs[0].dtype, DType::kUint8);
  EXPECT_EQ(about.inputs[0].shape, (Shape{-1, 3, -1, -1}));
  EXPECT_EQ(about.inputs[0].symbols.size(), 4u);
  ASSERT_EQ(about.outputs.size(), 3u);
  EXPECT_EQ(about.outputs[1].name, "half");
  EXPECT_EQ(about.outputs[1].dtype, DType::kFloat16);
  EXPECT_EQ(about.outputs[2].shape, (Shape{4, -1}));
  EXPECT_EQ(about.metadata.at("names"), "{0: 'cat'}");
}

TEST_P(Engine, OptionsOfThreadsAndStreams) {
  for (const int threads : {1, 2, 3}) {
    for (const int streams : {0, 1, 2}) {
      SessionOptions options;
      options.threads = threads;
      options.streams = streams;
      options.inter_threads = threads;
      options.throughput = streams != 1;
      auto session = compile(*backend_, small(), {{1, 3, 8, 8}}, options);
      EXPECT_GE(session->streams(), 1);
      if (streams > 0) {
        EXPECT_EQ(session->streams(), streams);
      }
      fill(*session, 0);
      expect_right(*session);
    }
  }
}

TEST_P(Engine, ClonesRunAtTheSameTime) {
  SessionOptions options;
  options.streams = 4;
  auto first = compile(*backend_, small(), {{1, 3, 40, 40}}, options);
  std::vector<std::unique_ptr<BackendSession>> sessions;
  for (int i = 0; i < 3; ++i) sessions.push_back(must(first->clone()));
  sessions.push_back(std::move(first));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    threads.emplace_back([&session = *sessions[i], i] {
      for (std::uint32_t run = 0; run < 20; ++run) {
        fill(session, 0, static_cast<std::uint32_t>(i) * 100 + run);
        expect_right(session);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(Engine, ACloneOutlivesWhatItWasClonedFrom) {
  auto session = compile(*backend_, small(), {{1, 3, 8, 8}});
  auto clone = must(session->clone());
  session.reset();
  fill(*clone, 0);
  expect_right(*clone);
}

TEST_P(Engine, WrongShapesAreErrors) {
  const std::string path = small();
  for (const Shape& shape : {Shape{1, 4, 8, 8}, Shape{1, 3, 8}, Shape{1, 3, -1, 8}}) {
    EXPECT_EQ(refusal(path, {shape}).code, ErrorCode::kInvalid) << to_string(shape);
  }
  EXPECT_EQ(refusal(path, {}).code, ErrorCode::kInvalid);
  EXPECT_EQ(refusal(path, {{1, 3, 8, 8}, {1}}).code, ErrorCode::kInvalid);
}

TEST_P(Engine, BrokenFilesAreErrorsInTheEnginesWords) {
  const std::string whole = small_model(kOnnxFloat);
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), std::string("no model"), std::string()}) {
    const Error error = refusal(folder_.write("broken.onnx", bytes), {{1, 3, 8, 8}});
    EXPECT_TRUE(error.code == ErrorCode::kInvalid || error.code == ErrorCode::kUnsupported) << error.message;
    EXPECT_FALSE(error.message.empty());
  }
  EXPECT_EQ(refusal(folder_.path() + "/missing.onnx", {}).code, ErrorCode::kNotFound);
}

TEST_P(Engine, OperatorsItLacksAreUnsupported) {
  ModelWriter model;
  model.input("x", {1, 3, 8, 8}).node("Frobnicate", {"x"}, {"y"});
  model.graph().message(12, value_info("y", {1, 3, 8, 8}));
  const std::string path = folder_.write("odd.onnx", model.text());
  const Error error = refusal(path, {});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported) << error.message;
  EXPECT_NE(error.message.find("Frobnicate"), std::string::npos) << error.message;
  // The question that "auto" asks.
  auto loaded = backend_->load(path);
  EXPECT_TRUE(!loaded.ok() || !(*loaded)->describe().ok());
}

TEST_P(Engine, PrecisionsItLacksAreUnsupported) {
  SessionOptions options;
  options.precision = "f8";
  const Error error = refusal(small(), {{1, 3, 8, 8}}, options);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("precision f8"), std::string::npos) << error.message;
  for (const char* precision : {"f32", "auto"}) {
    options.precision = precision;
    auto session = compile(*backend_, small(), {{1, 3, 8, 8}}, options);
    EXPECT_TRUE(session->run().ok());
  }
}

// Boxes are in pixels, up to 640, scores in 0..1.
void expect_close(const TensorView& got, const TensorView& expected) {
  ASSERT_EQ(got.shape, expected.shape);
  const Tensor a = must(to_dense(got)), b = must(to_dense(expected));
  double worst = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    const double scale = std::max(1.0, std::abs(static_cast<double>(b.data<float>()[i])));
    worst = std::max(worst, std::abs(static_cast<double>(a.data<float>()[i]) - b.data<float>()[i]) / scale);
  }
  EXPECT_LT(worst, 1e-3);
}

// On the same numbers.
void expect_agreement(BackendSession& theirs, Session& ours) {
  fill(theirs, 0);
  std::copy_n(theirs.input(0).data<float>(), theirs.input(0).elements(), ours.input(0).data<float>());
  ASSERT_TRUE(theirs.run().ok());
  ASSERT_TRUE(ours.run().ok());
  expect_close(theirs.output(0), ours.output(0));
}

TEST_P(Engine, AgreesWithTheOwnEngineOnARealModel) {
  const std::string path = asset("models/yolov8n.onnx");
  if (path.empty()) GTEST_SKIP() << "SAKER_ASSETS has no models/yolov8n.onnx";
  auto theirs = compile(*backend_, path, {{1, 3, 640, 640}});
  SessionOptions options;
  options.input_shapes = {{1, 3, 640, 640}};
  Session ours = must(Session::create(must(Model::load(path)), options));
  EXPECT_EQ(theirs->output_name(0), ours.output_name(0));
  expect_agreement(*theirs, ours);
}

std::vector<float> numbers_of(const TensorView& view) {
  const Tensor dense = must(to_dense(view));
  return {dense.data<float>(), dense.data<float>() + dense.elements()};
}

// Both set the state of the thread's tiles where the CPU has them (AMX), each as it likes, and may compute in bfloat16.
TEST_P(Engine, TakesTurnsWithTheOwnEngineInOneThread) {
  const std::string path = asset("models/yolov8n.onnx");
  if (path.empty()) GTEST_SKIP() << "SAKER_ASSETS has no models/yolov8n.onnx";
  SessionOptions options;
  options.threads = 1;
  options.precision = "auto";
  auto theirs = compile(*backend_, path, {{1, 3, 640, 640}}, options);
  options.input_shapes = {{1, 3, 640, 640}};
  Session ours = must(Session::create(must(Model::load(path)), options));
  fill(*theirs, 0);
  std::copy_n(theirs->input(0).data<float>(), theirs->input(0).elements(), ours.input(0).data<float>());
  ASSERT_TRUE(ours.run().ok());
  const std::vector<float> alone = numbers_of(ours.output(0));
  ASSERT_TRUE(theirs->run().ok());
  const std::vector<float> theirs_first = numbers_of(theirs->output(0));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(ours.run().ok());
    EXPECT_EQ(numbers_of(ours.output(0)), alone);
    ASSERT_TRUE(theirs->run().ok());
    EXPECT_EQ(numbers_of(theirs->output(0)), theirs_first);
  }
}

// A convolution whose weights are DequantizeLinear(q) * r, r a number for each input channel, as `saker quantize`
// writes.
std::string scaled_weights_model() {
  constexpr std::int64_t kChannels = 8;
  std::vector<std::int8_t> q(kChannels * kChannels * 9);
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = static_cast<std::int8_t>(i * 7 % 251 - 125);
  std::vector<float> scale, rescale;
  for (int c = 0; c < kChannels; ++c) {
    scale.push_back(5e-3F + 1e-4F * static_cast<float>(c));
    rescale.push_back(0.5F + 0.1F * static_cast<float>(c));
  }
  ModelWriter model;
  model.input("x", {1, kChannels, 16, 16}).constant(raw_tensor("q", kOnnxInt8, {kChannels, kChannels, 3, 3}, q));
  model.constant(float_tensor("scale", {kChannels}, scale));
  model.constant(float_tensor("rescale", {1, kChannels, 1, 1}, rescale));
  model.node("DequantizeLinear", {"q", "scale"}, {"w"}, {int_attr("axis", 0)})
      .node("Mul", {"w", "rescale"}, {"product"});
  model.node("Conv", {"x", "product"}, {"y"}, {ints_attr("pads", {1, 1, 1, 1})});
  model.graph().message(12, value_info("y", {1, kChannels, 16, 16}));
  return model.text();
}

TEST_P(Engine, ScaledWeightsAreRightOnAnyNumberOfStreams) {
  const std::string path = folder_.write("scaled.onnx", scaled_weights_model());
  Session ours = must(Session::create(must(Model::load(path)), {}));
  for (const int streams : {1, 2, 4}) {
    SessionOptions options;
    options.streams = streams;
    auto theirs = compile(*backend_, path, {{1, 8, 16, 16}}, options);
    expect_agreement(*theirs, ours);
  }
}

class OpenVinoIr : public testing::Test {
 protected:
  void SetUp() override {
    backend_ = built("openvino");
    if (backend_ == nullptr) GTEST_SKIP() << "this build has no plug-in for openvino";
    model_ = asset("ir/yolov8n_int8/yolov8n.xml");
    if (model_.empty()) GTEST_SKIP() << "SAKER_ASSETS has no ir/yolov8n_int8";
  }
  Backend* backend_ = nullptr;
  std::string model_;
};

TEST_F(OpenVinoIr, RunsAQuantizedModel) {
  const auto about = must(must(backend_->load(model_))->describe());
  EXPECT_EQ(about.inputs[0].name, "images");
  EXPECT_EQ(about.metadata.at("task"), "detect");
  EXPECT_TRUE(about.metadata.at("names").starts_with("{0: 'person', 1: 'bicycle'"));
  EXPECT_EQ(about.metadata.at("model_info.model_type"), "YOLOv8");
  auto session = compile(*backend_, model_, {{1, 3, 640, 640}});
  fill(*session, 0);
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(session->output_name(0), "output0");
  const Tensor boxes = must(to_dense(session->output(0)));
  EXPECT_EQ(boxes.shape(), (Shape{1, 84, 8400}));
  for (std::int64_t i = 0; i < boxes.elements(); ++i) ASSERT_TRUE(std::isfinite(boxes.data<float>()[i])) << i;
  for (std::int64_t i = 4 * 8400; i < boxes.elements(); ++i) ASSERT_LE(boxes.data<float>()[i], 1.0f) << i;
}

TEST_F(OpenVinoIr, AMissingOrBrokenPartIsAnError) {
  const test::TempFolder folder;
  std::filesystem::copy_file(model_, folder.path() + "/alone.xml");
  const auto alone = backend_->load(folder.path() + "/alone.xml");
  ASSERT_FALSE(alone.ok());
  EXPECT_NE(alone.error().message.find("bin"), std::string::npos) << alone.error().message;
  folder.write("alone.bin", "too short");
  auto cut = backend_->load(folder.path() + "/alone.xml");
  EXPECT_TRUE(!cut.ok() || !(*cut)->compile({}).ok());
  EXPECT_FALSE(backend_->load(folder.write("text.xml", "<net name='x' version='11'><layers>")).ok());
}

}  // namespace
}  // namespace saker
