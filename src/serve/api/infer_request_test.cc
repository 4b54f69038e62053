#include "serve/api/infer_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "serve/api/infer_answer.h"

namespace saker::serve {
namespace {

OipSignature two_inputs() {
  return {{{"x", DType::kFloat32, {-1, 2}, {}, true}, {"n", DType::kInt64, {-1}, {}, true}},
          {{"a", DType::kFloat32, {-1}, {}, true}, {"b", DType::kFloat32, {-1}, {}, true}},
          std::nullopt};
}

OipSignature detector() {
  return {{{"images", DType::kFloat32, {-1, 3, 4, 4}, {}, true}},
          {{"output0", DType::kFloat32, {-1, 6, 21}, {}, true}},
          std::size_t{0}};
}

constexpr const char* kX = R"({"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]})";
constexpr const char* kN = R"({"name":"n","shape":[1],"datatype":"INT64","data":[5]})";

std::string body_of(const std::string& inputs, const std::string& more = "") {
  return "{\"inputs\":[" + inputs + "]" + more + "}";
}

std::string problem(const std::string& body, const std::optional<std::string>& length = std::nullopt,
                    const OipSignature& signature = two_inputs()) {
  const auto request = read_infer_request(body, length, signature);
  return request ? "no problem" : request.error().message;
}

TEST(InferRequest, InputsAreFoundByName) {
  const auto request =
      read_infer_request(body_of(std::string(kN) + "," + kX, R"(,"id":"i")"), std::nullopt, two_inputs());
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->id, "i");
  ASSERT_EQ(request->tensors.size(), 2U);
  EXPECT_EQ(request->tensors[0].data<float>()[1], 2.0F);
  EXPECT_EQ(request->tensors[1].data<std::int64_t>()[0], 5);
  EXPECT_EQ(request->wanted.size(), 2U);
}

TEST(InferRequest, ProblemsNameTheInput) {
  const std::string x = kX, n = kN;
  const auto names = [](const std::string& body, const std::string& part) {
    EXPECT_NE(problem(body).find(part), std::string::npos) << body << ": " << problem(body);
  };
  names("{}", "no `inputs`");
  names(body_of(x), "input `n` is missing");
  names(body_of(x + "," + x), "input `x` is there twice");
  names(body_of(R"({"name":"z","shape":[1],"datatype":"FP32","data":[1]})"), "no input `z`, but `x`, `n`");
  names(body_of(R"({"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]})"), "the model takes [-1, 2]");
  names(body_of(R"({"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]})"), "`FP64`, the model takes FP32");
  names(body_of(R"({"name":"x","shape":[1,2],"datatype":"COMPLEX","data":[1,2]})"), "`COMPLEX`");
  names(body_of(R"({"name":"x","shape":[1,2],"data":[1,2]})"), "no `datatype`");
  names(body_of(R"({"name":"x","shape":[1,2],"datatype":"BYTES","data":["a","b"]})"), "`BYTES`");
  names(body_of(R"({"name":"x","shape":[1,2],"datatype":"FP32"})"), "neither");
  names(body_of(R"({"name":"x","shape":[1,2],"datatype":"FP32","data":null})"), "neither");
  names(body_of(R"({"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,2]})"), "negative");
  names(body_of(R"({"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"shared_memory_region":"r"}})"),
        "shared memory");
  names(body_of(x + "," + n, R"(,"outputs":[{"name":"c"}])"), "no output `c`, but `a`, `b`");
  names(body_of(x + "," + n, R"(,"outputs":[{"name":"a"},{"name":"a"}])"), "twice");
  names(body_of(x + "," + n, R"(,"outputs":[{"name":"a","parameters":{"classification":3}}])"), "classification");
  names(body_of(x + "," + n, R"(,"parameters":{"binary_data_output":1})"), "binary_data_output");
}

TEST(InferRequest, BinaryDataFollowInTheOrderOfTheInputs) {
  const auto inputs = [](int n_size, int x_size) {
    return body_of(R"({"name":"n","shape":[1],"datatype":"INT64","parameters":{"binary_data_size":)" +
                   std::to_string(n_size) + R"(}},{"name":"x","shape":[1,2],"datatype":"FP32","parameters":)" +
                   R"({"binary_data_size":)" + std::to_string(x_size) + "}}");
  };
  const std::string data(
      "\x05\0\0\0\0\0\0\0"
      "\0\0\x80\x3F\0\0\0\x40",
      16);
  const auto check = [&](const std::string& json, const std::string& binary) {
    return problem(json + binary, std::to_string(json.size()));
  };
  const std::string right = inputs(8, 8);
  const auto request = read_infer_request(right + data, std::to_string(right.size()), two_inputs());
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->tensors[1].data<std::int64_t>()[0], 5);
  EXPECT_EQ(request->tensors[0].data<float>()[1], 2.0F);
  EXPECT_NE(check(right, data + "x").find("17 bytes follow"), std::string::npos);
  EXPECT_NE(check(right, data.substr(1)).find("input `x`: `binary_data_size` is 8, but 7"), std::string::npos);
  EXPECT_NE(check(inputs(4, 12), data).find("input `n`: 4 bytes"), std::string::npos);
  EXPECT_NE(check(inputs(-8, 8), data).find("binary_data_size` is -8"), std::string::npos);
  EXPECT_NE(problem(right).find("Inference-Header-Content-Length"), std::string::npos);
}

TEST(InferRequest, OutputsAreBinaryWhereAskedFor) {
  const std::string inputs = std::string(kX) + "," + kN;
  const auto request =
      read_infer_request(body_of(inputs, R"(,"parameters":{"binary_data_output":true},"outputs":[{"name":"b"},)"
                                         R"({"name":"a","parameters":{"binary_data":false}}])"),
                         std::nullopt, two_inputs());
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->wanted.size(), 2U);
  EXPECT_EQ(request->wanted[0].index, 1U);
  EXPECT_TRUE(request->wanted[0].binary);
  EXPECT_FALSE(request->wanted[1].binary);
}

TEST(InferRequest, PicturesOfADetector) {
  const auto json = read_infer_request(
      body_of(R"({"name":"images","shape":[2],"datatype":"BYTES","data":["TWFu","TQ=="]})"), std::nullopt, detector());
  ASSERT_TRUE(json) << json.error().message;
  ASSERT_EQ(json->pictures.size(), 2U);
  EXPECT_EQ(json->pictures[1], std::vector<std::uint8_t>{'M'});
  EXPECT_EQ(json->wanted.size(), picture_outputs().size());
  const std::string head =
      body_of(R"({"name":"images","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":5}})");
  const auto binary = read_infer_request(head + std::string("\x01\0\0\0M", 5), std::to_string(head.size()), detector());
  ASSERT_TRUE(binary) << binary.error().message;
  EXPECT_EQ(binary->pictures[0], std::vector<std::uint8_t>{'M'});
  for (const char* bad :
       {R"("shape":[0],"data":[])", R"("shape":[1,1],"data":["TQ=="])", R"("shape":[1],"data":["!"])",
        R"("shape":[1],"data":[1])", R"("shape":[2],"data":["TQ=="])", R"("shape":[1000],"data":["TQ=="])"}) {
    EXPECT_NE(
        problem(body_of(R"({"name":"images","datatype":"BYTES",)" + std::string(bad) + "}"), std::nullopt, detector())
            .find("input `images`"),
        std::string::npos)
        << bad;
  }
}

TEST(InferRequest, ABodyWithoutJsonIsTheOneInput) {
  const auto tensor = read_infer_request(std::string(192, '\0'), "0", detector());
  ASSERT_TRUE(tensor) << tensor.error().message;
  ASSERT_EQ(tensor->tensors.size(), 1U);
  EXPECT_EQ(tensor->tensors[0].shape(), (Shape{1, 3, 4, 4}));
  EXPECT_TRUE(tensor->wanted[0].binary);
  EXPECT_EQ(read_infer_request("picture", "0", detector())->pictures.size(), 1U);
  EXPECT_NE(problem("", "0", detector()).find("input `images`"), std::string::npos);
  EXPECT_NE(problem("abc", "0").find("one input"), std::string::npos);
}

TEST(InferRequest, BrokenBodiesAreRefusedWithoutHarm) {
  const std::string good = body_of(std::string(kX) + "," + kN, R"(,"parameters":{"binary_data_output":true})");
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string body = good;
    for (int i = 0; i < 3; ++i) {
      const std::size_t at = random() % body.size();
      if (random() % 2 == 0) {
        body[at] = static_cast<char>("[]{}\",:0-e\\n"[random() % 12]);
      } else {
        body.erase(at, random() % 8);
        if (body.empty()) body = "{";
      }
    }
    const auto request =
        read_infer_request(body, round % 3 == 0 ? std::optional<std::string>("60") : std::nullopt, two_inputs());
    if (!request) {
      EXPECT_FALSE(request.error().message.empty());
    }
  }
}

TEST(InferAnswer, BinaryTensorsFollowTheJson) {
  auto numbers = Tensor::make(DType::kInt32, {1, 2}).value();
  numbers.data<std::int32_t>()[0] = 1;
  numbers.data<std::int32_t>()[1] = -1;
  OipTensor labels{.name = "l", .is_bytes = true, .shape = {2}, .texts = {"a", "\"b"}};
  const HttpResponse plain = infer_response("m", 3, "id", {{.name = "n", .numbers = numbers}, labels});
  const auto json = nlohmann::json::parse(plain.body);
  EXPECT_EQ(json["model_version"], "3");
  EXPECT_EQ(json["id"], "id");
  EXPECT_EQ(json["outputs"][0]["shape"], (std::vector<int>{1, 2}));
  EXPECT_EQ(json["outputs"][0]["data"], (std::vector<int>{1, -1}));
  EXPECT_EQ(json["outputs"][1]["datatype"], "BYTES");
  EXPECT_EQ(json["outputs"][1]["data"], (std::vector<std::string>{"a", "\"b"}));
  EXPECT_TRUE(plain.headers.empty());

  const HttpResponse mixed = infer_response("m", 3, "", {{.name = "n", .numbers = numbers, .binary = true}, labels});
  ASSERT_EQ(mixed.headers.size(), 1U);
  const std::size_t length = std::stoul(mixed.headers[0].second);
  const auto head = nlohmann::json::parse(mixed.body.substr(0, length));
  EXPECT_EQ(head["outputs"][0]["parameters"]["binary_data_size"], 8);
  EXPECT_EQ(mixed.body.size(), length + 8);
  EXPECT_FALSE(head.contains("id"));
}

TEST(InferAnswer, BoxesArePaddedToTheMostOfOnePicture) {
  const Detection box{1, 0.5F, 1, 2, 3, 4};
  const auto tensors = picture_tensors({{box}, {}, {box, box}}, {"a", "b"},
                                       {{0, false}, {1, false}, {2, false}, {3, false}, {4, false}});
  ASSERT_TRUE(tensors);
  const auto json = nlohmann::json::parse(infer_response("m", 1, "", *tensors).body)["outputs"];
  EXPECT_EQ(json[0]["data"], (std::vector<int>{1, 0, 2}));
  EXPECT_EQ(json[1]["shape"], (std::vector<int>{3, 2, 4}));
  EXPECT_EQ(json[1]["data"][3], 4);
  EXPECT_EQ(json[1]["data"][4], 0);
  EXPECT_EQ(json[2]["data"], (std::vector<double>{0.5, 0, 0, 0, 0.5, 0.5}));
  EXPECT_EQ(json[3]["data"], (std::vector<int>{1, -1, -1, -1, 1, 1}));
  EXPECT_EQ(json[4]["data"], (std::vector<std::string>{"b", "", "", "", "b", "b"}));
  const auto none = picture_tensors({{}}, {}, {{1, false}});
  EXPECT_EQ((*none)[0].numbers.shape(), (Shape{1, 0, 4}));
}

}  // namespace
}  // namespace saker::serve
