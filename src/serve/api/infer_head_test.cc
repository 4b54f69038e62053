#include "serve/api/infer_head.h"

#include <gtest/gtest.h>

namespace saker::serve {
namespace {

std::string problem(const std::string& json) {
  const auto head = read_infer_head(json);
  return head ? "no problem" : head.error().message;
}

TEST(InferHead, WhatClientsSend) {
  const std::string json =
      R"({"id":"7","model_name":"m","parameters":{"binary_data_output":true,"priority":2,"conf":0.5,"s":"t"},)"
      R"("inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}},)"
      R"({"data":[[1,2]],"shape":[1,2],"datatype":"INT8","name":"y"}],)"
      R"("outputs":[{"name":"o","parameters":{"binary_data":false}}],"other":[{"inputs":[1]}]})";
  const auto head = read_infer_head(json);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->id, "7");
  EXPECT_EQ(*bool_parameter(head->parameters, "binary_data_output"), true);
  EXPECT_EQ(*whole_parameter(head->parameters, "priority"), 2);
  EXPECT_EQ(*number_parameter(head->parameters, "conf"), 0.5);
  EXPECT_EQ(*number_parameter(head->parameters, "priority"), 2.0);
  EXPECT_FALSE(bool_parameter(head->parameters, "s"));
  EXPECT_FALSE(whole_parameter(head->parameters, "conf"));
  EXPECT_EQ(*whole_parameter(head->parameters, "none"), std::nullopt);
  ASSERT_EQ(head->inputs.size(), 2U);
  EXPECT_EQ(head->inputs[0].shape, (Shape{1, 3}));
  EXPECT_EQ(*whole_parameter(head->inputs[0].parameters, "binary_data_size"), 12);
  EXPECT_FALSE(head->inputs[0].data);
  EXPECT_EQ(head->inputs[1].datatype, "INT8");
  ASSERT_TRUE(head->inputs[1].data);
  EXPECT_EQ(json.substr(*head->inputs[1].data, 4), ":[[1");
  ASSERT_EQ(head->outputs.size(), 1U);
  EXPECT_EQ(*bool_parameter(head->outputs[0].parameters, "binary_data"), false);
}

TEST(InferHead, ProblemsNameTheirPlace) {
  const auto names = [](const std::string& json, const std::string& part) {
    EXPECT_NE(problem(json).find(part), std::string::npos) << json << ": " << problem(json);
  };
  names("", "no JSON");
  names("[1]", "no JSON object");
  names("7", "no JSON object");
  names("{", "byte 1");
  names("{} x", "no JSON");
  names(std::string("{}\0", 3), "zero byte");
  names("{\"id\":\"\xFF\"}", "no JSON");
  names(R"({"id":7})", "`id` is no text");
  names(R"({"id":"1","id":"2"})", "`id` is there twice");
  names(R"({"inputs":{}})", "`inputs` is no list");
  names(R"({"inputs":[1]})", "element 1 is no object");
  names(R"({"inputs":[{"name":"x"},{"shape":[1]}]})", "input 2 has no `name`");
  names(R"({"inputs":[{"name":"x","shape":[1,2.5]}]})", "input 1 `x`: `shape`");
  names(R"({"inputs":[{"name":"x","shape":[[1]]}]})", "input 1 `x`: `shape`");
  names(R"({"inputs":[{"name":"x","shape":[99999999999999999999]}]})", "`shape`");
  names(R"({"inputs":[{"name":"x","name":"y"}]})", "`name` is there twice");
  names(R"({"inputs":[{"name":1}]})", "`name` is no text");
  names(R"({"inputs":[{"name":"x","parameters":[]}]})", "`parameters` is no object");
  names(R"({"inputs":[{"name":"x","parameters":{"a":[1]}}]})", "input 1 `x`: parameter `a`");
  names(R"({"parameters":{"a":1,"a":2}})", "`a` is there twice");
  names(R"({"parameters":{"a":1e999}})", "too big");
  names(R"({"outputs":[{"parameters":{}}]})", "output 1 has no `name`");
}

TEST(InferHead, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return R"({"inputs":[{"name":"x","data":)" + std::string(depth, '[') + std::string(depth, ']') + "}]}";
  };
  EXPECT_EQ(problem(nested(50)), "no problem");
  EXPECT_NE(problem(nested(70)).find("deep"), std::string::npos);
  EXPECT_NE(problem(std::string(1'000'000, '[')).find("no JSON object"), std::string::npos);
  EXPECT_NE(problem("{\"a\":" + std::string(1'000'000, '[')).find("deep"), std::string::npos);
  std::string many = R"({"inputs":[)";
  for (int i = 0; i < 2000; ++i) many += R"({"name":"x"},)";
  EXPECT_NE(problem(many + "{}]}").find("more than 1024"), std::string::npos);
}

}  // namespace
}  // namespace saker::serve
