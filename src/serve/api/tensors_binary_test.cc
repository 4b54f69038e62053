#include "serve/api/tensors_binary.h"

#include <gtest/gtest.h>

#include "serve/api/base64.h"

namespace saker::serve {
namespace {

TEST(TensorsBinary, TheBodyIsSplitWhereTheHeaderSays) {
  const std::string body = "{}1234";
  EXPECT_EQ(split_body(body, std::nullopt)->json, body);
  const auto parts = split_body(body, "2");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->json, "{}");
  EXPECT_EQ(parts->binary, "1234");
  EXPECT_FALSE(parts->raw);
  EXPECT_TRUE(split_body(body, "0")->raw);
  for (const char* bad : {"7", "-1", "x", "", "2 3", "99999999999999999999"})
    EXPECT_FALSE(split_body(body, bad)) << bad;
}

TEST(TensorsBinary, SizesMustAgree) {
  const std::string bytes("\0\0\x80\x3F\0\0\0\x40", 8);
  const auto tensor = read_binary_numbers(bytes, DType::kFloat32, {2});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->data<float>()[0], 1.0F);
  EXPECT_EQ(tensor->data<float>()[1], 2.0F);
  EXPECT_FALSE(read_binary_numbers(bytes, DType::kFloat32, {3}));
  EXPECT_FALSE(read_binary_numbers(bytes, DType::kFloat32, {1}));
  EXPECT_FALSE(read_binary_numbers(bytes, DType::kFloat32, {-2}));
  EXPECT_FALSE(read_binary_numbers(bytes, DType::kFloat64, {std::int64_t{1} << 62, 4}));
  EXPECT_TRUE(read_binary_numbers("", DType::kFloat32, {0, 3}));
  const auto bools = read_binary_numbers(std::string("\x02\0", 2), DType::kBool, {2});
  ASSERT_TRUE(bools);
  EXPECT_EQ(bools->data<std::uint8_t>()[0], 1);
  EXPECT_EQ(bools->data<std::uint8_t>()[1], 0);
}

TEST(TensorsBinary, Texts) {
  OipTensor texts;
  texts.is_bytes = true;
  texts.shape = {3};
  texts.texts = {"abc", "", std::string(300, 'x')};
  std::string bytes;
  append_binary(texts, bytes);
  EXPECT_EQ(bytes.size(), binary_size(texts));
  EXPECT_EQ(bytes.substr(0, 7), std::string("\x03\0\0\0abc", 7));
  const auto read = read_binary_texts(bytes, {3}, 3);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(std::vector<std::string>(read->begin(), read->end()), texts.texts);
  EXPECT_FALSE(read_binary_texts(bytes, {2}, 3));
  EXPECT_FALSE(read_binary_texts(bytes, {4}, 4));
  EXPECT_FALSE(read_binary_texts(bytes, {3}, 2));
  EXPECT_FALSE(read_binary_texts(std::string("\xFF\xFF\xFF\xFFx", 5), {1}, 3));
  EXPECT_FALSE(read_binary_texts(std::string("\x01\0", 2), {1}, 3));
}

TEST(Base64, DecodesWhatEncodersWrite) {
  const auto text = [](std::string_view coded) {
    const auto bytes = decode_base64(coded);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "none";
  };
  EXPECT_EQ(text("TWFu"), "Man");
  EXPECT_EQ(text("TWE="), "Ma");
  EXPECT_EQ(text("TQ=="), "M");
  EXPECT_EQ(text("TQ"), "M");
  EXPECT_EQ(text("TW\r\nFu\n"), "Man");
  EXPECT_EQ(text("data:image/jpeg;base64,TWFu"), "Man");
  EXPECT_EQ(text(""), "");
  for (const char* bad : {"T", "TWFuT", "TW=u", "TWE==", "TQ=", "TW Fu", "TW-_", "data:x,TWFu"}) {
    EXPECT_EQ(text(bad), "none") << bad;
  }
}

}  // namespace
}  // namespace saker::serve
