// What the plug-ins share.
#include "backends/plugin.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/try.h"
#include "base/usable_cpus.h"

namespace saker {
namespace {

TensorInfo tensor(const char* name, Shape shape, bool has_shape = true) {
  return {name, DType::kFloat32, std::move(shape), {}, has_shape};
}

void expect_refused(const std::vector<TensorInfo>& inputs, const std::vector<Shape>& wanted, const char* words,
                    ErrorCode code = ErrorCode::kInvalid) {
  const auto shapes = choose_shapes(inputs, wanted);
  ASSERT_FALSE(shapes.ok()) << words;
  EXPECT_EQ(shapes.error().code, code);
  EXPECT_NE(shapes.error().message.find(words), std::string::npos) << shapes.error().message;
}

TEST(Plugin, ShapesAreTheAskedOrTheDeclaredOnes) {
  const std::vector<TensorInfo> open = {tensor("x", {-1, 3, -1, -1}), tensor("y", {2})};
  EXPECT_EQ(choose_shapes(open, {{1, 3, 8, 9}, {2}}).value(), (std::vector<Shape>{{1, 3, 8, 9}, {2}}));
  EXPECT_EQ(choose_shapes({tensor("x", {1, 3, 4, 4})}, {}).value(), (std::vector<Shape>{{1, 3, 4, 4}}));
  EXPECT_EQ(choose_shapes({tensor("x", {}, false)}, {{5, 6}}).value(), (std::vector<Shape>{{5, 6}}));
  EXPECT_EQ(choose_shapes({tensor("x", {})}, {{}}).value(), (std::vector<Shape>{{}}));
}

TEST(Plugin, ShapesThatDoNotFitAreErrors) {
  const std::vector<TensorInfo> open = {tensor("x", {-1, 3, -1, -1})};
  expect_refused(open, {}, "input 'x': dimension 0 is dynamic");
  expect_refused(open, {{1, 3, 8, -1}}, "dimension 3 is dynamic");
  expect_refused(open, {{1, 4, 8, 8}}, "dimension 1 is fixed at 3 in the file, 4 was asked");
  expect_refused(open, {{1, 3, 8}}, "has 4 dimensions, the shape [1, 3, 8] has 3");
  expect_refused(open, {{1, 3, 8, 8}, {1}}, "has 1 inputs, 2 shapes were given");
  expect_refused({tensor("x", {}, false)}, {}, "no shape in the file");
  expect_refused(open, {{INT64_MAX, 3, INT64_MAX, 8}}, "too many elements", ErrorCode::kLimit);
}

TEST(Plugin, WhatAnEngineThrowsBecomesAnError) {
  const auto thrower = [](auto exception) { return [exception]() -> Status { throw exception; }; };
  const Status text = guarded(ErrorCode::kUnsupported, thrower(std::runtime_error("\n  no such layer\n\n")));
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(text.error().message, "no such layer");
  EXPECT_EQ(guarded(ErrorCode::kInternal, thrower(std::bad_alloc())).error().code, ErrorCode::kLimit);
  EXPECT_EQ(guarded(ErrorCode::kInternal, thrower(42)).error().message, "the engine failed without a message");
  EXPECT_TRUE(guarded(ErrorCode::kInternal, []() -> Status { return {}; }).ok());
}

TEST(Plugin, MessagesOfEnginesAreTrimmedAndBounded) {
  EXPECT_EQ(engine_message(" \n a\nb \t"), "a\nb");
  EXPECT_EQ(engine_message(""), "the engine failed without a message");
  EXPECT_LT(engine_message(std::string(1 << 20, 'x')).size(), 2100u);
}

TEST(Plugin, ThreadsAndPrecision) {
  SessionOptions options;
  EXPECT_EQ(request_threads(options), usable_cpus());
  options.threads = 5;
  EXPECT_EQ(request_threads(options), 5);
  EXPECT_EQ(total_threads(options).value(), 5);
  options.streams = 3;
  EXPECT_EQ(total_threads(options).value(), 15);
  options.streams = 0;
  EXPECT_EQ(total_threads(options).value(), 5);
  options.threads = options.streams = 1024;
  EXPECT_EQ(total_threads(options).error().message, "1024 streams of 1024 threads: at most 4096 threads are possible");
  for (const char* fine : {"", "f32", "auto"}) EXPECT_TRUE(require_f32(fine, "X").ok());
  EXPECT_EQ(require_f32("bf16", "X").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(require_f32("bf16", "X").error().message, "precision bf16: X computes float models in f32 only");
}

// What engines share of a request: inputs that are zeros, outputs that come and go, names that stay.
TEST(PluginRequest, KeepsInputsAndShowsOutputs) {
  class Doubling final : public PluginRequest {
   public:
    Doubling() : PluginRequest(3) { name_outputs({"twice"}); }
    Status prepare() {
      SAKER_ASSIGN(own_, add_input(DType::kFloat32, {2}));
      return {};
    }
    Status run() override {
      forget_outputs();
      for (int i = 0; i < 2; ++i) own_.data<float>()[i] *= 2;
      set_output(0, view_of(own_));
      return {};
    }
    Result<std::unique_ptr<BackendSession>> clone() const override { return Error{}; }

   private:
    Tensor own_;
  };
  Doubling request;
  ASSERT_TRUE(request.prepare().ok());
  EXPECT_EQ(request.input_count(), 1U);
  EXPECT_EQ(request.output_count(), 1U);
  EXPECT_EQ(request.output_name(0), "twice");
  EXPECT_EQ(request.streams(), 3);
  EXPECT_EQ(request.output(0).data, nullptr);
  EXPECT_EQ(request.input(0).data<float>()[1], 0);
  request.input(0).data<float>()[1] = 21;
  ASSERT_TRUE(request.run().ok());
  EXPECT_EQ(request.output(0).as<float>()[1], 42);
}

}  // namespace
}  // namespace saker
