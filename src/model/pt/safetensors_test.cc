// Files of safetensors, and damaged ones.
#include "model/pt/safetensors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/pt_writer.h"

namespace saker::pt {
namespace {

using test_support::little;

FileBytes bytes_of(const std::string& text) {
  const auto owner = std::make_shared<std::string>(text);
  return {{owner, reinterpret_cast<std::byte*>(owner->data())}, owner->size()};
}

std::string file_of(const std::string& header, const std::string& numbers) {
  return little<std::uint64_t>(header.size()) + header + numbers;
}

Result<Safetensors> read(const std::string& file) {
  Budget budget(file.size());
  return read_safetensors(bytes_of(file), budget);
}

std::string error_of(const std::string& header, const std::string& numbers = std::string(16, '\0')) {
  const auto weights = read(file_of(header, numbers));
  return weights.ok() ? "" : weights.error().message;
}

std::string entry(const char* dtype, const char* shape, int begin, int end) {
  return fmt::format(R"({{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", dtype, shape, begin, end);
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Safetensors, TensorsAtAnyPlace) {
  const std::string numbers = little(1.5F) + little(-2.0F) + little<std::uint16_t>(0x3C00);
  for (const char* spaces : {"", " ", "   "}) {  // so that the numbers begin at bytes of every alignment
    const std::string header =
        fmt::format(R"({{"__metadata__":{{"format":"pt"}},{}"a":{},"b.c":{},"none":{}}})", spaces,
                    entry("F32", "[2,1]", 0, 8), entry("F16", "[]", 8, 10), entry("F32", "[0]", 10, 10));
    const std::string file = file_of(header, numbers);
    EXPECT_TRUE(is_safetensors(bytes_of(file).span(), file.size()));
    const auto opened = read(file);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->metadata, (TextMap{{"format", "pt"}}));
    const Weights* weights = &opened->weights;
    ASSERT_EQ(weights->size(), 3U);
    const Tensor& a = weights->at("a");
    EXPECT_EQ(a.shape(), (Shape{2, 1}));
    EXPECT_EQ(a.data<float>()[0], 1.5F);
    EXPECT_EQ(a.data<float>()[1], -2.0F);
    EXPECT_EQ(weights->at("b.c").dtype(), DType::kFloat16);
    EXPECT_EQ(weights->at("none").elements(), 0);
  }
}

TEST(Safetensors, Refused) {
  const auto one = [](const std::string& value) { return R"({"a":)" + value + "}"; };
  EXPECT_TRUE(mentions(error_of("{\"a\""), "no JSON object, from byte"));
  EXPECT_TRUE(mentions(error_of(one("7")), "'a' does not say its type"));
  EXPECT_TRUE(mentions(error_of(one(entry("F32", "[-2]", 0, 8))), "'a' does not say its type"));
  EXPECT_TRUE(mentions(error_of(one(entry("F32", "[2]", 0, 12))), "another size than its shape"));
  EXPECT_TRUE(mentions(error_of(one(entry("F32", "[2]", 8, 0))), "ends before it begins"));
  EXPECT_TRUE(mentions(error_of(one(entry("F32", "[8]", 0, 32))), "it is cut off"));
  EXPECT_TRUE(mentions(error_of(one(entry("F99", "[2]", 0, 8))), "F99"));
  EXPECT_TRUE(mentions(error_of(one(entry("F32", "[4611686018427387904,4]", 0, 0))), "elements"));
  EXPECT_TRUE(mentions(error_of(one(entry("F32", "[1,1,1,1,1,1,1,1,2]", 0, 8))), "too many dimensions"));
  const std::string two = entry("F32", "[2]", 0, 8), beside = entry("F32", "[2]", 8, 16);
  EXPECT_TRUE(mentions(error_of(R"({"a":)" + two + R"(,"b":)" + two + "}"), "share the bytes"));
  EXPECT_TRUE(mentions(error_of(R"({"a":)" + two + R"(,"a":)" + beside + "}"), "two tensors are called 'a'"));
  const auto long_header = read(file_of(std::string(5U << 20U, ' '), ""));
  EXPECT_EQ(long_header.error().code, ErrorCode::kLimit);
  // Nested far deeper than the stack would bear.
  EXPECT_TRUE(mentions(error_of("{\"a\":" + std::string(1'000'000, '[')), "no JSON object"));
}

}  // namespace
}  // namespace saker::pt
