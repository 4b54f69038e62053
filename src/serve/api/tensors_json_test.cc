#include "serve/api/tensors_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "base/half.h"
#include "serve/api/infer_head.h"

namespace saker::serve {
namespace {

std::string request(const std::string& data, const std::string& shape = "[2]") {
  return R"({"inputs":[{"data":)" + data + R"(,"name":"x","datatype":"any","shape":)" + shape + "}]}";
}

// Through the whole way: where `data` begins is what read_infer_head says.
Result<Tensor> read(const std::string& data, DType dtype, const Shape& shape) {
  const std::string json = request(data);
  const auto head = read_infer_head(json);
  if (!head) return head.error();
  if (!head->inputs[0].data) return Error{ErrorCode::kInvalid, "no data"};
  return read_json_numbers(json, *head->inputs[0].data, dtype, shape);
}

std::string problem(const std::string& data, DType dtype, const Shape& shape) {
  const auto tensor = read(data, dtype, shape);
  return tensor ? "no problem" : tensor.error().message;
}

std::string text(const Tensor& tensor) {
  std::string out;
  append_json_numbers(tensor, out);
  return out;
}

TEST(TensorsJson, NestedAndFlatAreTheSame) {
  for (const char* data : {"[[1,2,3],[4,5,6]]", "[1,2,3,4,5,6]", " [ [ 1 , 2,\n3 ] ,\t[4,5,6] ] "}) {
    const auto tensor = read(data, DType::kInt16, {2, 3});
    ASSERT_TRUE(tensor) << data << ": " << tensor.error().message;
    EXPECT_EQ(text(*tensor), "[1,2,3,4,5,6]");
  }
  EXPECT_TRUE(read("[]", DType::kFloat32, {0, 3}));
  EXPECT_TRUE(read("[[],[]]", DType::kFloat32, {2, 0}));
  EXPECT_TRUE(read("[7]", DType::kFloat32, {}));
  EXPECT_TRUE(read("7", DType::kFloat32, {}));
}

TEST(TensorsJson, AnotherNestingOrNumberIsRefused) {
  const auto refused = [](const char* data, const Shape& shape, const char* part) {
    EXPECT_NE(problem(data, DType::kFloat32, shape).find(part), std::string::npos)
        << data << ": " << problem(data, DType::kFloat32, shape);
  };
  refused("[1,2,3]", {2}, "more elements");
  refused("[1]", {2}, "has 1 elements");
  refused("[[1,2],[3]]", {2, 2}, "list of 1 at depth 2");
  refused("[[1,2],[3,4],[5,6]]", {2, 2}, "more elements");
  refused("[[1,2,3,4]]", {2, 2}, "list of 4 at depth 2");
  refused("[[[1,2]],[3,4]]", {2, 2}, "deeper");
  refused("[[1,2],3,4]", {2, 2}, "nested otherwise");
  refused("[1,[2,3,4]]", {2, 2}, "lists beside");
  refused("[1,{\"a\":2}]", {2}, "object");
  refused("{\"a\":2}", {1}, "no list");
  refused("5", {1}, "no list");
  refused("\"abc\"", {1}, "no list");
  refused("[1,null]", {2}, "element 1 of `data`, null, is no FP32");
  refused("[1,\"2\"]", {2}, "is no FP32");
  refused("[1,true]", {2}, "is no FP32");
}

TEST(TensorsJson, ShapesThatCannotBeAreRefusedBeforeMemoryIsTaken) {
  EXPECT_NE(problem("[1]", DType::kFloat32, {-1}).find("negative"), std::string::npos);
  EXPECT_NE(problem("[1]", DType::kFloat32, {std::int64_t{1} << 40, std::int64_t{1} << 40}).find("too many"),
            std::string::npos);
  EXPECT_NE(problem("[1]", DType::kFloat64, {std::int64_t{1} << 30}).find("fewer elements"), std::string::npos);
  EXPECT_NE(problem("[1]", DType::kFloat64, Shape(40, 1)).find("dimensions"), std::string::npos);
}

TEST(TensorsJson, NumbersOutsideOfTheirTypeAreRefused) {
  const auto takes = [](DType dtype, const std::string& yes, const std::string& no) {
    EXPECT_TRUE(read("[" + yes + "]", dtype, {1})) << yes;
    EXPECT_FALSE(read("[" + no + "]", dtype, {1})) << no;
  };
  takes(DType::kInt8, "-128", "-129");
  takes(DType::kUint8, "255", "256");
  takes(DType::kUint8, "0", "-1");
  takes(DType::kInt16, "32767", "32768");
  takes(DType::kUint16, "65535", "65536");
  takes(DType::kInt32, "-2147483648", "-2147483649");
  takes(DType::kUint32, "4294967295", "4294967296");
  takes(DType::kInt64, "9223372036854775807", "9223372036854775808");
  takes(DType::kUint64, "18446744073709551615", "18446744073709551616");
  takes(DType::kInt32, "1", "1.5");
  takes(DType::kFloat16, "65504", "65520");
  takes(DType::kBFloat16, "3e38", "3.4e38");
  takes(DType::kFloat32, "3.4e38", "3.5e38");
  takes(DType::kFloat64, "1.7e308", "1.8e308");
  takes(DType::kBool, "true", "2");
  takes(DType::kBool, "0", "\"true\"");
}

TEST(TensorsJson, NumbersTooSmallForTheirTypeAreZero) {
  for (const char* number : {"1e-400", "-1e-400", "1E-99999999999999999999",
                             "0.000000000000000000000000000000000000"
                             "00000000000000000000000001"}) {
    const auto tensor = read("[" + std::string(number) + "]", DType::kFloat32, {1});
    ASSERT_TRUE(tensor) << number;
    EXPECT_EQ(tensor->data<float>()[0], 0.0F);
  }
  EXPECT_FALSE(read("[1e99999999999999999999]", DType::kFloat32, {1}));
  EXPECT_FALSE(read("[1" + std::string(400, '0') + "]", DType::kFloat64, {1}));
}

TEST(TensorsJson, WhatIsWrittenIsReadAsTheSame) {
  std::mt19937 random(7);
  auto floats = Tensor::make(DType::kFloat32, {1000}).value();
  for (int i = 0; i < 1000; ++i) {
    auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    floats.data<float>()[i] = std::isfinite(value) ? value : 0.1F;
  }
  const auto again = read(text(floats), DType::kFloat32, {1000});
  ASSERT_TRUE(again) << again.error().message;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(floats.data<float>()[i], again->data<float>()[i]);

  auto halves = Tensor::make(DType::kFloat16, {0x7C00}).value();
  for (std::uint16_t i = 0; i < 0x7C00; ++i) halves.data<std::uint16_t>()[i] = i;
  const auto same = read(text(halves), DType::kFloat16, {0x7C00});
  ASSERT_TRUE(same);
  for (std::uint16_t i = 0; i < 0x7C00; ++i) ASSERT_EQ(same->data<std::uint16_t>()[i], i);
}

TEST(TensorsJson, NumbersAreShortAndWhatJsonLacksIsNull) {
  auto floats = Tensor::make(DType::kFloat32, {4}).value();
  floats.data<float>()[0] = 0.1F;
  floats.data<float>()[1] = std::numeric_limits<float>::quiet_NaN();
  floats.data<float>()[2] = -std::numeric_limits<float>::infinity();
  floats.data<float>()[3] = 2;
  EXPECT_EQ(text(floats), "[0.1,null,null,2]");
  auto bools = Tensor::make(DType::kBool, {2}).value();
  bools.data<bool>()[0] = true;
  bools.data<bool>()[1] = false;
  EXPECT_EQ(text(bools), "[true,false]");
}

TEST(TensorsJson, Texts) {
  const std::string json = request(R"(["a\"]\u00e9\\","[","\ud83d\ude00"])");
  const auto head = read_infer_head(json);
  ASSERT_TRUE(head) << head.error().message;
  const auto texts = read_json_texts(json, *head->inputs[0].data, {3}, 10);
  ASSERT_TRUE(texts) << texts.error().message;
  EXPECT_EQ(*texts, (std::vector<std::string>{"a\"]\xC3\xA9\\", "[", "\xF0\x9F\x98\x80"}));
  EXPECT_FALSE(read_json_texts(json, *head->inputs[0].data, {3}, 2));
  std::string out;
  append_json_texts({"a\"\\\n", "\xFF"}, out);
  EXPECT_EQ(out, "[\"a\\\"\\\\\\u000a\",\"\xEF\xBF\xBD\"]");
}

}  // namespace
}  // namespace saker::serve
