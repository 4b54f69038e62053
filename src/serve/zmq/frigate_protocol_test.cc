// What Frigate's plug-in sends, as its json.dumps and numpy write it, and what its parser reads.
#include "serve/zmq/frigate_protocol.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace saker::serve::frigate {
namespace {

Message read(const std::vector<std::string>& frames) {
  const std::vector<std::string_view> views(frames.begin(), frames.end());
  return read_message(views);
}

std::string header(const std::string& shape, const std::string& dtype) {
  return R"({"shape": )" + shape + R"(, "dtype": ")" + dtype + R"(", "model_type": "ssd"})";
}

std::string bytes_of(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The pixels of the PPM behind its header; empty: no picture.
std::string pixels(const Message& message) {
  const auto* const picture = std::get_if<Picture>(&message);
  if (picture == nullptr) return {};
  const std::string file(picture->file.begin(), picture->file.end());
  const std::string head =
      "P6\n" + std::to_string(picture->size.width) + " " + std::to_string(picture->size.height) + "\n255\n";
  EXPECT_EQ(file.substr(0, head.size()), head);
  return file.substr(head.size());
}

std::string why(const std::vector<std::string>& frames) {
  const Message message = read(frames);
  const auto* const malformed = std::get_if<Malformed>(&message);
  return malformed == nullptr ? "" : malformed->why;
}

TEST(FrigateProtocol, ReadsQuestionsForModels) {
  const Message question = read({R"({"model_request": true, "model_name": "yolov8n.onnx"})"});
  ASSERT_TRUE(std::holds_alternative<ModelQuestion>(question));
  EXPECT_EQ(std::get<ModelQuestion>(question).name, "yolov8n.onnx");
  const Message file = read({R"({"model_data": true, "model_name": "yolov8n.onnx"})", "bytes"});
  ASSERT_TRUE(std::holds_alternative<ModelFile>(file));
  EXPECT_EQ(std::get<ModelFile>(file).name, "yolov8n.onnx");
}

TEST(FrigateProtocol, TakesPixelsInnermostAsTheyAre) {
  const std::string tensor = "abcdefghijkl";  // 2 rows of 2 pixels
  EXPECT_EQ(pixels(read({header("[1, 2, 2, 3]", "uint8"), tensor})), tensor);
  EXPECT_EQ(pixels(read({header("[2, 2, 3]", "uint8"), tensor})), tensor);
  EXPECT_EQ(pixels(read({header("[2, 2, 1, 3]", "uint8"), tensor})), tensor);  // hwnc
  const Message wide = read({header("[1, 2, 4, 3]", "uint8"), std::string(24, 'x')});
  ASSERT_TRUE(std::holds_alternative<Picture>(wide));
  EXPECT_EQ(std::get<Picture>(wide).size.width, 4);
  EXPECT_EQ(std::get<Picture>(wide).size.height, 2);
}

TEST(FrigateProtocol, InterleavesPlanes) {
  EXPECT_EQ(pixels(read({header("[1, 3, 2, 2]", "uint8"), "RrrrGgggBbbb"})), "RGBrgbrgbrgb");
}

TEST(FrigateProtocol, TakesFloatsOfBothScales) {
  const std::vector<float> small = {0.0F, 1.0F, 0.5F, 0.25F, 0.1F, 0.2F, 0.3F, 0.4F, 0.6F, 0.7F, 0.8F, 0.9F};
  std::vector<float> large;
  for (const float value : small) large.push_back(value * 255.0F);
  const std::string expected = pixels(read({header("[1, 2, 2, 3]", "float32"), bytes_of(small)}));
  ASSERT_EQ(expected.size(), 12U);
  EXPECT_EQ(static_cast<unsigned char>(expected[1]), 255);
  EXPECT_EQ(static_cast<unsigned char>(expected[2]), 128);
  EXPECT_EQ(pixels(read({header("[1, 2, 2, 3]", "float32"), bytes_of(large)})), expected);
  EXPECT_EQ(pixels(read({header("[1, 3, 2, 2]", "float32"), bytes_of(small)})).size(), 12U);
}

TEST(FrigateProtocol, NoNumberIsTooOddForAPixel) {
  std::vector<float> odd(12, 0.5F);
  odd[0] = std::numeric_limits<float>::quiet_NaN();
  odd[1] = -1e30F;
  odd[2] = std::numeric_limits<float>::infinity();
  const std::string taken = pixels(read({header("[1, 2, 2, 3]", "float32"), bytes_of(odd)}));
  ASSERT_EQ(taken.size(), 12U);
  EXPECT_EQ(taken[0], '\0');
  EXPECT_EQ(taken[1], '\0');
  EXPECT_EQ(static_cast<unsigned char>(taken[2]), 255);
}

TEST(FrigateProtocol, SaysWhatIsWrong) {
  const std::string tensor(12, 'x');
  EXPECT_NE(why({}).find("empty"), std::string::npos);
  EXPECT_NE(why({"no json", tensor}).find("JSON"), std::string::npos);
  EXPECT_NE(why({"[1, 2]", tensor}).find("JSON"), std::string::npos);
  EXPECT_NE(why({"{}", tensor}).find("shape"), std::string::npos);
  EXPECT_NE(why({header("[1, 2, 2, 3]", "uint8")}).find("frames"), std::string::npos);
  EXPECT_NE(why({header("[1, 2, 2, 3]", "uint8"), tensor, tensor}).find("frames"), std::string::npos);
  EXPECT_NE(why({header("[1, 2, 2, 3]", "int64"), tensor}).find("int64"), std::string::npos);
  EXPECT_NE(why({header("[1, 2, 2, 3]", "uint8"), tensor + "x"}).find("13"), std::string::npos);
  EXPECT_NE(why({header("[1, 2, 2, 3]", "float32"), tensor}).find("48"), std::string::npos);
  for (const char* shape : {"[2, 2, 2, 3]", "[1, 2, 2, 4]", "[]", "[0, 2, 3]", "[-1, 2, 2, 3]", "[1, 1, 1, 3]", "12",
                            "[1, 99999, 2, 3]", "[1.5, 2, 2, 3]", "[1, 9223372036854775807, 2, 3]", "null",
                            "[1, 1, 1, 1, 1, 2, 2, 3]", "{\"a\": [2, 2, 3]}", "[[[[2]]]]"}) {
    EXPECT_NE(why({header(shape, "uint8"), tensor}).find("shape"), std::string::npos) << shape;
  }
  EXPECT_NE(why({std::string(100'000, ' '), tensor}), "");
  const std::string deep = "{\"shape\": " + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  EXPECT_NE(why({deep, tensor}), "");
}

TEST(FrigateProtocol, AnswersInRowsThatItsParserReads) {
  std::vector<Detection> boxes(25);
  for (int i = 0; i < 25; ++i) {
    boxes[static_cast<std::size_t>(i)] = {i, 0.9F - 0.01F * static_cast<float>(i), 10, 20, 30, 40};
  }
  const auto [head, tensor] = answer_picture(boxes, {100, 50}, "");
  EXPECT_EQ(head, R"({"shape": [20, 6], "dtype": "float32"})");
  ASSERT_EQ(tensor.size(), 20U * 6U * 4U);
  float rows[20][6];
  std::memcpy(rows, tensor.data(), tensor.size());
  const float second[] = {1, 0.89F, 0.4F, 0.1F, 0.8F, 0.3F};  // class, score, y1, x1, y2, x2
  for (int i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(rows[1][i], second[i]) << i;
  EXPECT_EQ(rows[19][0], 19.0F);
}

TEST(FrigateProtocol, AnswersOfNothingAreZero) {
  const auto [head, tensor] = answer_picture({}, {}, "the queue is \"full\"\xff");
  EXPECT_EQ(tensor, std::string(480, '\0'));
  const auto parsed = nlohmann::json::parse(head);
  EXPECT_EQ(parsed["shape"], nlohmann::json({20, 6}));
  EXPECT_NE(parsed["error"].get<std::string>().find("\"full\""), std::string::npos);
}

TEST(FrigateProtocol, AnswersToQuestionsAreWhatItLooksFor) {
  EXPECT_EQ(answer_question(true), R"({"model_available": true, "model_loaded": true})");
  const auto no = nlohmann::json::parse(answer_question(false));
  EXPECT_EQ(no["model_available"], false);
  EXPECT_EQ(no["model_loaded"], false);
  EXPECT_EQ(nlohmann::json::parse(answer_model_file())["model_saved"], false);
}

}  // namespace
}  // namespace saker::serve::frigate
