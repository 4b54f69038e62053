// Model and Session as a program outside the library uses them.
#include <saker/session.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "api/internals.h"
#include "base/cpu.h"
#include "plan/bf16.h"
#include "plan/plan.h"
#include "support/ir_writer.h"
#include "support/onnx_writer.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

using namespace test_support;
namespace fs = std::filesystem;

std::vector<float> numbers(std::int64_t count, std::uint32_t seed) {
  const Tensor tensor = random_tensor({count}, seed);
  return {tensor.data<float>(), tensor.data<float>() + count};
}

// x [?, 3, ?, ?] -> Conv 3x3, SiLU, joined with its input's projection; also x itself and a mean.
ModelWriter small_model(const Shape& input = {-1, 3, -1, -1}) {
  ModelWriter model;
  model.input("x", input);
  model.constant(float_tensor("w", {8, 3, 3, 3}, numbers(216, 1))).constant(float_tensor("b", {8}, numbers(8, 2)));
  model.constant(float_tensor("v", {4, 3, 1, 1}, numbers(12, 3)));
  model.node("Conv", {"x", "w", "b"}, {"c"}, {ints_attr("pads", {1, 1, 1, 1})});
  model.node("Sigmoid", {"c"}, {"s"}).node("Mul", {"c", "s"}, {"y"});
  model.node("Conv", {"x", "v"}, {"z"}).node("Concat", {"y", "z"}, {"joined"}, {int_attr("axis", 1)});
  model.node("GlobalAveragePool", {"joined"}, {"mean"});
  model.output("joined").output("mean").output("x");
  return model;
}

Model parsed(const ModelWriter& writer) {
  const std::string text = writer.text();
  auto model = Model::parse(std::as_bytes(std::span<const char>(text)), "test.onnx");
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message);
  return std::move(*model);
}

Result<Session> session_for(const Model& model, Shape shape, int threads = 1, std::string isa = "") {
  SessionOptions options;
  options.input_shapes = {std::move(shape)};
  options.threads = threads;
  options.isa = std::move(isa);
  return Session::create(model, options);
}

void expect_right(const Model& model, Session& session, const Shape& shape, std::uint32_t seed) {
  const std::vector<Tensor> inputs = {random_tensor(shape, seed)};
  const auto outputs = session.run(inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.error().message;
  EXPECT_EQ(compare_outputs(*outputs, evaluate_graph(*graph_of(model), inputs), error_bounds(*graph_of(model), inputs)),
            "");
}

TEST(Session, EveryIsaAndShapeFromOneModel) {
  const Model model = parsed(small_model());
  for (const char* isa : {"baseline", "avx2", "avx512"}) {
    for (const Shape& shape : {Shape{1, 3, 8, 8}, Shape{2, 3, 5, 13}, Shape{1, 3, 1, 1}, Shape{3, 3, 17, 4}}) {
      for (const int threads : {1, 2, 3}) {
        auto session = session_for(model, shape, threads, isa);
        if (!session.ok() && session.error().code == ErrorCode::kUnsupported) continue;  // not this CPU
        ASSERT_TRUE(session.ok()) << session.error().message;
        EXPECT_STREQ(isa_name(plan_of(*session)->isa), isa);
        expect_right(model, *session, shape, 1);
        expect_right(model, *session, shape, 2);
      }
    }
  }
}

// Before the first look at it (base/knobs.h).
const fs::path kCache = fs::temp_directory_path() / ("saker_session_test_" + std::to_string(::getpid()));
const bool kCacheSet = ::setenv("SAKER_CACHE", kCache.c_str(), 1) == 0;

TEST(Session, AutotuneMeasuresOnceAndChangesNoResult) {
  ASSERT_TRUE(kCacheSet);
  const Model model = parsed(small_model());
  const Shape shape = {1, 3, 12, 10};
  SessionOptions options;
  options.input_shapes = {shape};
  options.threads = 1;
  options.autotune = true;
  std::vector<fs::file_time_type> written;
  for (int round = 0; round < 2; ++round) {
    auto session = Session::create(model, options);
    ASSERT_TRUE(session.ok()) << session.error().message;
    expect_right(model, *session, shape, 1);
    const fs::directory_iterator files(kCache / "autotune");
    ASSERT_EQ(std::distance(files, fs::directory_iterator()), 1);
    written.push_back(fs::last_write_time(fs::directory_iterator(kCache / "autotune")->path()));
  }
  EXPECT_EQ(written[0], written[1]);
  fs::remove_all(kCache);
}

TEST(Session, LowMemoryKeepsSmallerWeights) {
  ModelWriter writer;
  writer.input("x", {1, 32, 20, 20}).constant(float_tensor("w", {32, 32, 3, 3}, numbers(32 * 32 * 9, 1)));
  writer.node("Conv", {"x", "w"}, {"y"}, {ints_attr("pads", {1, 1, 1, 1})}).output("y");
  const Model model = parsed(writer);
  SessionOptions options;
  const auto fast = Session::create(model, options);
  options.low_memory = true;
  auto small = Session::create(model, options);
  ASSERT_TRUE(fast.ok() && small.ok());
  EXPECT_LT(2 * small->weight_bytes(), fast->weight_bytes());
  expect_right(model, *small, {1, 32, 20, 20}, 1);
}

TEST(Session, UnknownIsaIsAnError) {
  const auto session = session_for(parsed(small_model()), {1, 3, 4, 4}, 1, "sse9");
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().code, ErrorCode::kInvalid);
  EXPECT_NE(session.error().message.find("sse9"), std::string::npos);
}

TEST(Session, NoIsaIsTheBest) {
  auto session = session_for(parsed(small_model()), {1, 3, 4, 4});
  ASSERT_TRUE(session.ok());
  if (std::getenv("SAKER_ISA") == nullptr) {
    EXPECT_EQ(plan_of(*session)->isa, best_isa());
  }
}

TEST(Session, Bf16OnlyWhereAskedForAndPossible) {
  const Model model = parsed(small_model({1, 3, 8, 8}));
  SessionOptions options;
  const auto plain = Session::create(model, options);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->precision_note(), "");
  options.precision = "f16";
  EXPECT_EQ(Session::create(model, options).error().code, ErrorCode::kUnsupported);
  options.precision = "bf16";
  options.isa = "avx2";
  auto session = Session::create(model, options);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().code, ErrorCode::kUnsupported);
  options.precision = "auto";
  EXPECT_TRUE(Session::create(model, options).ok());
  options.isa = "";
  const auto chosen = Session::create(model, options);
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen->precision_note().empty(), !bf16_gains(best_isa()));
  options.precision = "bf16";
  session = Session::create(model, options);
  if (!session.ok()) GTEST_SKIP() << session.error().message;
  EXPECT_NE(session->precision_note().find("bf16 in "), std::string::npos);
  EXPECT_NE(session->clone()->precision_note().find("bf16 in "), std::string::npos);
}

TEST(Session, WrongShapesAreErrors) {
  const Model dynamic = parsed(small_model());
  const Model fixed = parsed(small_model({1, 3, 8, 8}));
  EXPECT_TRUE(Session::create(fixed).ok());
  const auto code = [](const Result<Session>& session) {
    return session.ok() ? ErrorCode::kInternal : session.error().code;
  };
  EXPECT_EQ(code(Session::create(dynamic)), ErrorCode::kInvalid);
  EXPECT_EQ(code(session_for(fixed, {1, 3, 16, 16})), ErrorCode::kInvalid);
  EXPECT_EQ(code(session_for(dynamic, {1, 4, 8, 8})), ErrorCode::kInvalid);
  EXPECT_EQ(code(session_for(dynamic, {1, 3, 8})), ErrorCode::kInvalid);
  EXPECT_EQ(code(session_for(dynamic, {1, 3, -5, 8})), ErrorCode::kInvalid);
  EXPECT_EQ(code(session_for(dynamic, {1, 3, INT64_MAX, INT64_MAX})), ErrorCode::kLimit);
  EXPECT_EQ(code(session_for(dynamic, {1, 3, 1 << 20, 1 << 20})), ErrorCode::kLimit);
  SessionOptions two;
  two.input_shapes = {{1, 3, 8, 8}, {1}};
  EXPECT_EQ(code(Session::create(fixed, two)), ErrorCode::kInvalid);
}

TEST(Session, WrongTensorsAreErrors) {
  auto session = session_for(parsed(small_model()), {1, 3, 4, 4});
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->run(std::vector<Tensor>{}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(session->run(std::vector<Tensor>{random_tensor({1, 3, 4, 5}, 1)}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(session->run(std::vector<Tensor>{Tensor::make(DType::kInt32, {1, 3, 4, 4}).value()}).error().code,
            ErrorCode::kInvalid);
  const std::vector<Tensor> right = {random_tensor({1, 3, 4, 4}, 1)};
  EXPECT_TRUE(session->run(right).ok());
}

TEST(Session, ThreadsOutOfReasonAreErrors) {
  const Model model = parsed(small_model());
  EXPECT_FALSE(session_for(model, {1, 3, 4, 4}, 1000000).ok());
  EXPECT_FALSE(session_for(model, {1, 3, 4, 4}, -1).ok());
}

TEST(Session, TheMemoryLimitIsAnError) {
  SessionOptions options;
  options.input_shapes = {{1, 3, 64, 64}};
  options.max_memory_bytes = 10000;
  const auto session = Session::create(parsed(small_model()), options);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().code, ErrorCode::kLimit);
}

TEST(Session, ClonesRunAtTheSameTime) {
  const Model model = parsed(small_model());
  const Shape shape = {2, 3, 16, 12};
  auto session = session_for(model, shape, 2);
  ASSERT_TRUE(session.ok());
  const std::vector<Tensor> inputs = {random_tensor(shape, 9)};
  const auto expected = session->run(inputs);
  ASSERT_TRUE(expected.ok());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto own = t == 0 ? session_for(model, shape, 2) : session->clone();
      for (int round = 0; round < 10; ++round) {
        const auto outputs = own.ok() ? own->run(inputs) : Result<std::vector<Tensor>>(own.error());
        for (std::size_t i = 0; i < expected->size(); ++i) {
          const bool same =
              outputs.ok() && std::memcmp((*outputs)[i].raw(), (*expected)[i].raw(), (*expected)[i].bytes()) == 0;
          wrong += same ? 0 : 1;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Session, AFewPicturesOfABatch) {
  const Model model = parsed(small_model());
  auto session = session_for(model, {8, 3, 10, 6}, 2);
  ASSERT_TRUE(session.ok()) << session.error().message;
  const std::size_t weights = session->weight_bytes();
  auto twin = session->clone();
  ASSERT_TRUE(twin.ok());
  Tensor batch = session->input(0);
  const Tensor pictures = random_tensor({8, 3, 10, 6}, 3);
  std::memcpy(batch.raw(), pictures.raw(), batch.bytes());
  for (const std::int64_t n : {3, 8, 1, 3}) {
    ASSERT_TRUE(session->run_first(n).ok());
    Tensor front = Tensor::make(DType::kFloat32, {n, 3, 10, 6}).value();
    std::memcpy(front.raw(), pictures.raw(), front.bytes());
    const std::vector<Tensor> inputs = {front};
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < session->output_count(); ++i) outputs.push_back(to_dense(session->output(i)).value());
    EXPECT_EQ(
        compare_outputs(outputs, evaluate_graph(*graph_of(model), inputs), error_bounds(*graph_of(model), inputs)), "");
  }
  EXPECT_EQ(session->weight_bytes(), weights);
  EXPECT_EQ(session->run_first(0).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(session->run_first(9).error().code, ErrorCode::kInvalid);
  ASSERT_TRUE(twin->run_first(2).ok());
  EXPECT_EQ(twin->output(0).shape[0], 2);
  EXPECT_EQ(session->output(0).shape[0], 3);
}

// The file fixes the batch, so that nothing says how its pictures hang together.
TEST(Session, AFixedBatchIsComputedWhole) {
  const Model model = parsed(small_model({2, 3, 4, 4}));
  auto session = Session::create(model);
  ASSERT_TRUE(session.ok()) << session.error().message;
  Tensor batch = session->input(0);
  std::fill_n(batch.data<float>(), batch.elements(), 1.0F);
  ASSERT_TRUE(session->run_first(1).ok());
  EXPECT_EQ(session->output(0).shape[0], 2);
  EXPECT_EQ(batch.data<float>()[0], 1);
  EXPECT_EQ(batch.data<float>()[batch.elements() / 2], 0);
}

// The file leaves the batch open, but a constant of it is made for two pictures.
TEST(Session, ABatchThatOnlyLooksOpenIsComputedWhole) {
  ModelWriter writer;
  writer.input("x", {-1, 4}).constant(raw_tensor<std::int64_t>("to", kOnnxInt64, {3}, {2, 2, 2}));
  writer.node("Reshape", {"x", "to"}, {"y"}).output("y");
  auto session = session_for(parsed(writer), {2, 4});
  ASSERT_TRUE(session.ok()) << session.error().message;
  Tensor batch = session->input(0);
  for (int round = 0; round < 2; ++round) {
    std::fill_n(batch.data<float>(), batch.elements(), 1.0F);
    ASSERT_TRUE(session->run_first(1).ok());
    const Tensor output = to_dense(session->output(0)).value();
    ASSERT_EQ(output.shape(), (Shape{2, 2, 2}));
    EXPECT_EQ(output.data<float>()[3], 1);
    EXPECT_EQ(output.data<float>()[4], 0);
  }
}

TEST(Session, ManyShareThreads) {
  const Model model = parsed(small_model());
  const Shape shape = {1, 3, 16, 12};
  EXPECT_EQ(Threads::create(-1).error().code, ErrorCode::kInvalid);
  EXPECT_GE(Threads::create()->count(), 1);
  SessionOptions options;
  options.input_shapes = {shape};
  options.threads = 5;  // not looked at
  options.shared_threads = Threads::create(2).value();
  auto session = Session::create(model, options);
  ASSERT_TRUE(session.ok()) << session.error().message;
  EXPECT_EQ(plan_of(*session)->threads, 2);
  std::vector<Session> sessions;
  for (int i = 0; i < 63; ++i) sessions.push_back(session->clone().value());
  sessions.push_back(std::move(*session));
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&, c] {
      for (std::size_t i = static_cast<std::size_t>(c); i < sessions.size(); i += 4)
        expect_right(model, sessions[i], shape, static_cast<std::uint32_t>(i));
    });
  }
  for (auto& caller : callers) caller.join();
}

TEST(Session, InputsInPlaceAndOutputsAsViews) {
  auto session = session_for(parsed(small_model()), {1, 3, 6, 5});
  ASSERT_TRUE(session.ok());
  ASSERT_EQ(session->input_count(), 1U);
  ASSERT_EQ(session->output_count(), 3U);
  EXPECT_EQ(session->output_name(0), "joined");
  Tensor input = session->input(0);
  const Tensor x = random_tensor({1, 3, 6, 5}, 4);
  std::memcpy(input.raw(), x.raw(), x.bytes());
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(session->output(0).shape, (Shape{1, 12, 6, 5}));
  EXPECT_EQ(session->output(1).shape, (Shape{1, 12, 1, 1}));
  EXPECT_EQ(session->output(2).data, input.raw());
  const auto profile = session->run_profiled();
  ASSERT_TRUE(profile.ok());
  EXPECT_EQ(profile->size(), plan_of(*session)->steps.size());
  EXPECT_GT(session->activation_bytes(), 0U);
  EXPECT_GT(session->weight_bytes(), 0U);
}

TEST(Session, AModelOfConstantsOnly) {
  ModelWriter model;
  model.constant(float_tensor("c", {2}, {3, 4})).node("Identity", {"c"}, {"y"}).output("y");
  auto session = Session::create(parsed(model));
  ASSERT_TRUE(session.ok()) << session.error().message;
  const auto outputs = session->run(std::vector<Tensor>{});
  ASSERT_TRUE(outputs.ok());
  EXPECT_EQ((*outputs)[0].data<float>()[1], 4);
}

TEST(Model, DescribesItself) {
  const Model model = parsed(small_model());
  EXPECT_EQ(model.path(), "test.onnx");
  ASSERT_EQ(model.inputs().size(), 1U);
  EXPECT_EQ(model.inputs()[0].name, "x");
  EXPECT_EQ(model.inputs()[0].shape, (Shape{-1, 3, -1, -1}));
  ASSERT_EQ(model.outputs().size(), 3U);
  EXPECT_FALSE(model.outputs()[0].has_shape);
  EXPECT_EQ(model.operators().at("Conv"), 2);
  EXPECT_EQ(model.file_bytes(), small_model().text().size());
}

TEST(Model, TooLargeOrMissingFilesAreErrors) {
  const std::string text = small_model().text();
  ModelOptions options;
  options.max_file_bytes = text.size() - 1;
  EXPECT_EQ(Model::parse(std::as_bytes(std::span<const char>(text)), "m", options).error().code, ErrorCode::kLimit);
  EXPECT_EQ(Model::load("/nonexistent/model.onnx").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(Model::parse({}, "empty").ok());
}

// An .xml is read with the .bin beside it; alone, the error says so.
TEST(Model, OpenVinoIr) {
  IrWriter ir;
  ir.rt_info = "<framework><names value=\"['cat']\"/></framework>";
  ir.result(ir.layer("Add", {ir.parameter({2}), ir.constant<float>({2}, {1, 2})}, {{2}}));
  const fs::path path = fs::path(testing::TempDir()) / fmt::format("saker_ir_{}.xml", getpid());
  const fs::path bin = fs::path(path).replace_extension(".bin");
  std::ofstream(path) << ir.xml();
  const auto alone = Model::load(path.string());
  ASSERT_FALSE(alone.ok());
  EXPECT_NE(alone.error().message.find("There is no " + bin.string()), std::string::npos) << alone.error().message;
  std::ofstream(bin, std::ios::binary) << ir.bin();
  for (const char* backend : {"saker", "auto"}) {
    ModelOptions options;
    options.backend = backend;
    const auto model = Model::load(path.string(), options);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->backend(), "saker");
    EXPECT_EQ(model->metadata().at("names"), "['cat']");
    EXPECT_EQ(model->operators().at("Add"), 1);
    auto session = Session::create(*model, {});
    ASSERT_TRUE(session.ok()) << session.error().message;
    Tensor input = session->input(0);
    input.data<float>()[0] = input.data<float>()[1] = 10;
    ASSERT_TRUE(session->run().ok());
    const Tensor output = to_dense(session->output(0)).value();
    EXPECT_EQ(output.data<float>()[0], 11);
    EXPECT_EQ(output.data<float>()[1], 12);
  }
  fs::remove(path);
  fs::remove(bin);
}

// Other engines read files by their path.
TEST(Model, BytesForAnotherEngineAreRefusedByName) {
  const std::string text = small_model().text();
  for (const char* backend : {"openvino", "no_such"}) {
    ModelOptions options;
    options.backend = backend;
    const auto model = Model::parse(std::as_bytes(std::span<const char>(text)), "m", options);
    ASSERT_FALSE(model.ok()) << backend;
    EXPECT_EQ(model.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(model.error().setting, "backend");
    EXPECT_NE(model.error().message.find(backend), std::string::npos) << model.error().message;
  }
  ModelOptions options;
  options.backend = "auto";
  EXPECT_TRUE(Model::parse(std::as_bytes(std::span<const char>(text)), "m", options).ok());
}

// Flipped, cut and random bytes: an error or a model, never a crash; what parses must compile or say why not.
TEST(Model, GarbageIsAnErrorOrAModel) {
  const std::string text = small_model({1, 3, 4, 4}).text();
  std::mt19937 engine(1);
  const auto any = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(engine); };
  int compiled = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = text;
    if (round % 3 == 0) bytes.resize(any(bytes.size()));
    for (std::size_t i = any(4); i > 0 && !bytes.empty(); --i) bytes[any(bytes.size())] = static_cast<char>(any(256));
    const auto model = Model::parse(std::as_bytes(std::span<const char>(bytes)), "garbage");
    if (!model.ok()) {
      EXPECT_FALSE(model.error().message.empty());
      continue;
    }
    SessionOptions options;
    options.threads = 1;
    options.max_memory_bytes = std::size_t{64} << 20;
    auto session = Session::create(*model, options);
    if (!session.ok()) continue;
    const Status status = session->run();
    compiled += status.ok() ? 1 : 0;
  }
  EXPECT_GT(compiled, 0);
}

}  // namespace
}  // namespace saker
