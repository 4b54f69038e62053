// ModelInfer's messages without a server: what is read from them, what is refused and why, what they would cost.
#include "serve/grpc/infer_message.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "serve/grpc/message_scan.h"
#include "serve/grpc/typed_contents.h"

namespace saker::serve {
namespace {

using inference::ModelInferRequest;

OipSignature signature(DType dtype, Shape shape = {-1, 2}) {
  return {{{"x", dtype, std::move(shape), {}, true}}, {{"y", DType::kFloat32, {-1}, {}, true}}, std::nullopt};
}

OipSignature detector() {
  OipSignature out = signature(DType::kFloat32, {-1, 3, 2, 2});
  out.picture_input = 0;
  return out;
}

ModelInferRequest request(const std::string& datatype, const std::vector<std::int64_t>& shape) {
  ModelInferRequest out;
  auto& input = *out.add_inputs();
  input.set_name("x");
  input.set_datatype(datatype);
  input.mutable_shape()->Assign(shape.begin(), shape.end());
  return out;
}

std::string problem(const ModelInferRequest& message, const OipSignature& model = signature(DType::kFloat32)) {
  const auto read = read_infer_message(message, model);
  EXPECT_FALSE(read.ok());
  return read.ok() ? "" : read.error().message;
}

void expect_problem(const std::string& part, const ModelInferRequest& message,
                    const OipSignature& model = signature(DType::kFloat32)) {
  const std::string whole = problem(message, model);
  EXPECT_NE(whole.find(part), std::string::npos) << whole;
}

// The same two numbers in both forms, of every type that has both.
TEST(InferMessage, RawAndTypedAreTheSame) {
  struct Case {
    DType dtype;
    std::string raw;
    std::function<void(inference::InferTensorContents&)> typed;
  };
  const auto ints = [](auto& all) { all.add_int_contents(-1), all.add_int_contents(2); };
  const auto uints = [](auto& all) { all.add_uint_contents(1), all.add_uint_contents(2); };
  const auto raw = [](auto a, auto b) {
    std::string out(sizeof(a) + sizeof(b), '\0');
    std::memcpy(out.data(), &a, sizeof(a));
    std::memcpy(out.data() + sizeof(a), &b, sizeof(b));
    return out;
  };
  const Case cases[] = {
      {DType::kBool, raw(true, false), [](auto& all) { all.add_bool_contents(true), all.add_bool_contents(false); }},
      {DType::kInt8, raw(std::int8_t{-1}, std::int8_t{2}), ints},
      {DType::kInt16, raw(std::int16_t{-1}, std::int16_t{2}), ints},
      {DType::kInt32, raw(-1, 2), ints},
      {DType::kInt64, raw(std::int64_t{-1}, std::int64_t{2}),
       [](auto& all) { all.add_int64_contents(-1), all.add_int64_contents(2); }},
      {DType::kUint8, raw(std::uint8_t{1}, std::uint8_t{2}), uints},
      {DType::kUint16, raw(std::uint16_t{1}, std::uint16_t{2}), uints},
      {DType::kUint32, raw(1U, 2U), uints},
      {DType::kUint64, raw(std::uint64_t{1}, std::uint64_t{2}),
       [](auto& all) { all.add_uint64_contents(1), all.add_uint64_contents(2); }},
      {DType::kFloat32, raw(0.5F, 2.0F), [](auto& all) { all.add_fp32_contents(0.5F), all.add_fp32_contents(2); }},
      {DType::kFloat64, raw(0.5, 2.0), [](auto& all) { all.add_fp64_contents(0.5), all.add_fp64_contents(2); }},
  };
  for (const Case& one : cases) {
    ModelInferRequest with_raw = request(oip_name(one.dtype), {1, 2}), with_typed = with_raw;
    with_raw.add_raw_input_contents(one.raw);
    one.typed(*with_typed.mutable_inputs(0)->mutable_contents());
    for (const ModelInferRequest& message : {with_raw, with_typed}) {
      const auto read = read_infer_message(message, signature(one.dtype));
      ASSERT_TRUE(read.ok()) << oip_name(one.dtype) << ": " << read.error().message;
      ASSERT_EQ(read->tensors[0].bytes(), one.raw.size());
      EXPECT_EQ(std::memcmp(read->tensors[0].raw(), one.raw.data(), one.raw.size()), 0) << oip_name(one.dtype);
    }
  }
}

TEST(InferMessage, TheAnswerHasTheFormOfTheRequestUnlessItSaysSo) {
  ModelInferRequest raw, typed;
  raw.add_raw_input_contents("x");
  EXPECT_TRUE(wants_raw(raw));
  EXPECT_FALSE(wants_raw(typed));
  (*raw.mutable_parameters())["binary_data_output"].set_bool_param(false);
  (*typed.mutable_parameters())["binary_data_output"].set_bool_param(true);
  EXPECT_FALSE(wants_raw(raw));
  EXPECT_TRUE(wants_raw(typed));
}

TEST(InferMessage, WhatIsWrongIsNamed) {
  expect_problem("no `inputs`", {});
  ModelInferRequest message = request("FP32", {1, 2});
  expect_problem("`fp32_contents` has 0 elements; shape [1, 2] has 2", message);
  message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
  expect_problem("`fp32_contents` has 1 elements", message);
  message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
  message.mutable_inputs(0)->mutable_contents()->add_int_contents(1);
  expect_problem("besides those in `fp32_contents`", message);
  message.add_raw_input_contents("12345678");
  expect_problem("`contents`, and the request `raw_input_contents`", message);
  message.mutable_inputs(0)->clear_contents();
  EXPECT_TRUE(read_infer_message(message, signature(DType::kFloat32)).ok());
  message.add_raw_input_contents("");
  expect_problem("2 elements for 1 inputs", message);
  message = request("FP32", {1, 2});
  message.add_raw_input_contents("1234567");
  expect_problem("7 bytes of binary data", message);
  for (const char* datatype : {"", "FP31", "BYTES", "INT8", "fp32"}) {
    message.mutable_inputs(0)->set_datatype(datatype);
    expect_problem("`datatype`", message);
  }
  message = request("FP32", {1, 3});
  expect_problem("its `shape` is [1, 3], the model takes [-1, 2]", message);
  message.mutable_inputs(0)->clear_name();
  expect_problem("input 1 has no `name`", message);
  message.mutable_inputs(0)->set_name("z");
  expect_problem("no input `z`, but `x`", message);
  message = request("FP32", std::vector<std::int64_t>(kMostDimensions + 1, 1));
  expect_problem("more than 32 dimensions", message);
  message = request("FP32", {1, 2});
  message.add_outputs();
  message.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents()->Resize(2, 0);
  expect_problem("output 1 has no `name`", message);
  (*message.mutable_parameters())["big"].set_uint64_param(std::numeric_limits<std::uint64_t>::max());
  expect_problem("`big` is too large", message);
}

TEST(InferMessage, NumbersBeyondTheirTypeAreRefused) {
  ModelInferRequest message = request("INT8", {1, 2});
  auto& contents = *message.mutable_inputs(0)->mutable_contents();
  contents.add_int_contents(127), contents.add_int_contents(-129);
  expect_problem("element 1 of `int_contents`, -129, is no INT8", message, signature(DType::kInt8));
  message = request("UINT16", {1, 2});
  message.mutable_inputs(0)->mutable_contents()->add_uint_contents(65'536);
  message.mutable_inputs(0)->mutable_contents()->add_uint_contents(0);
  expect_problem("element 0 of `uint_contents`, 65536, is no UINT16", message, signature(DType::kUint16));
  message = request("FP16", {1, 2});
  expect_problem("send `raw_input_contents`", message, signature(DType::kFloat16));
}

// No memory is taken for what is not there.
TEST(InferMessage, HugeShapesWithLittleDataAreRefused) {
  const std::int64_t huge = std::int64_t{1} << 40;
  const OipSignature any = signature(DType::kFloat32, {-1, -1});
  for (const auto& shape : {std::vector<std::int64_t>{huge, 2}, {huge, huge}, {-1, 2}, {2, -huge}}) {
    ModelInferRequest message = request("FP32", shape);
    message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
    EXPECT_NE(problem(message, any), "");
    message.mutable_inputs(0)->clear_contents();
    message.add_raw_input_contents("1234");
    EXPECT_NE(problem(message, any), "");
    message.mutable_inputs(0)->set_datatype("BYTES");
    EXPECT_NE(problem(message, detector()), "");
  }
}

TEST(InferMessage, PicturesComeInBothForms) {
  ModelInferRequest typed = request("BYTES", {2}), raw = typed;
  typed.mutable_inputs(0)->mutable_contents()->add_bytes_contents("one");
  typed.mutable_inputs(0)->mutable_contents()->add_bytes_contents("");
  raw.add_raw_input_contents(std::string("\3\0\0\0one\0\0\0\0", 11));
  for (const ModelInferRequest& message : {typed, raw}) {
    const auto read = read_infer_message(message, detector());
    ASSERT_TRUE(read.ok()) << read.error().message;
    ASSERT_EQ(read->pictures.size(), 2U);
    EXPECT_EQ(std::string(read->pictures[0].begin(), read->pictures[0].end()), "one");
    EXPECT_EQ(read->wanted.size(), 5U);
  }
  typed.mutable_inputs(0)->set_shape(0, 3);
  expect_problem("`bytes_contents` has 2 elements", typed, detector());
  ModelInferRequest many = request("BYTES", {static_cast<std::int64_t>(kMostPictures) + 1});
  for (std::size_t i = 0; i <= kMostPictures; ++i) many.mutable_inputs(0)->mutable_contents()->add_bytes_contents("p");
  expect_problem("more than 256", many, detector());
}

OipTensor numbers(const char* name, DType dtype) {
  Tensor tensor = Tensor::make(dtype, {2}).value();
  std::memset(tensor.raw(), 0, tensor.bytes());
  return {.name = name, .numbers = std::move(tensor)};
}

TEST(InferMessage, AnswersAreRawOrTypedAsAWhole) {
  const OipTensor labels{.name = "l", .is_bytes = true, .shape = {2}, .texts = {"a", "bc"}};
  const std::vector<OipTensor> all = {numbers("f", DType::kFloat32), numbers("i", DType::kInt8), labels};
  const auto typed = infer_answer_message("m", 3, "id", all, false);
  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(typed->model_version(), "3");
  EXPECT_EQ(typed->raw_output_contents_size(), 0);
  EXPECT_EQ(typed->outputs(0).contents().fp32_contents_size(), 2);
  EXPECT_EQ(typed->outputs(1).contents().int_contents_size(), 2);
  EXPECT_EQ(typed->outputs(2).contents().bytes_contents(1), "bc");
  EXPECT_EQ(typed->outputs(2).datatype(), "BYTES");
  const auto raw = infer_answer_message("m", 3, "id", all, true);
  ASSERT_TRUE(raw.ok());
  EXPECT_EQ(raw->raw_output_contents(0), std::string(8, '\0'));
  EXPECT_EQ(raw->raw_output_contents(2), std::string("\1\0\0\0a\2\0\0\0bc", 11));
  const auto half =
      infer_answer_message("m", 3, "id", {numbers("f", DType::kFloat32), numbers("h", DType::kFloat16)}, false);
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->raw_output_contents_size(), 2) << "FP16 has no other form, and an answer has one";
  EXPECT_FALSE(half->outputs(0).has_contents());
}

Result<std::size_t> scan(const std::string& bytes, int block = -1) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()), block);
  return scan_infer_message(stream);
}

TEST(MessageScan, KnowsWhatAMessageWouldTake) {
  ModelInferRequest message = request("UINT64", {1, 100'000});
  for (int i = 0; i < 100'000; ++i) message.mutable_inputs(0)->mutable_contents()->add_uint64_contents(0);
  const auto varints = scan(message.SerializeAsString(), 7);
  ASSERT_TRUE(varints.ok()) << varints.error().message;
  EXPECT_GT(*varints, message.SpaceUsedLong());
  ModelInferRequest raw = request("FP32", {1, 2});
  raw.add_raw_input_contents(std::string(1'000'000, 'x'));
  const auto plain = scan(raw.SerializeAsString());
  ASSERT_TRUE(plain.ok()) << plain.error().message;
  EXPECT_LT(*plain, 10'000U) << "no more than the message itself";
}

TEST(MessageScan, RefusesWhatIsMadeOfNothingButParts) {
  std::string inputs, unknown, texts, parameters;
  for (std::size_t i = 0; i <= kMostParts; ++i) {
    inputs += std::string("\x2A\x00", 2);       // an empty input
    unknown += std::string("\xA2\x06\x00", 3);  // field 100
    texts += std::string("\x42\x00", 2);        // of bytes_contents
    parameters += std::string("\x22\x00", 2);
  }
  const auto inside = [](const char* tags, const std::string& bytes) {
    ModelInferRequest one;  // lengths as protobuf writes them
    one.add_raw_input_contents(bytes);
    std::string text = one.SerializeAsString();
    text[0] = tags[0];
    return text;
  };
  for (const std::string& bytes : {inputs, unknown, parameters, inside("\x2A", inside("\x2A", texts)),
                                   inside("\x2A", parameters), inside("\x32", unknown)}) {
    const auto read = scan(bytes);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::kLimit) << read.error().message;
  }
}

TEST(MessageScan, BrokenEncodingsAreErrors) {
  for (const std::string& bytes :
       {std::string("\x0A\x05x", 3), std::string("\xFF"), std::string("\x00", 1), std::string("\x2A\x02\x0A\x05", 4),
        std::string("\x0B\x0C", 2), std::string("\x2A\xFF\xFF\xFF\xFF\x7F", 6)}) {
    EXPECT_FALSE(scan(bytes).ok());
  }
  EXPECT_TRUE(scan("").ok());
}

}  // namespace
}  // namespace saker::serve
