// config.yaml of a model, and which versions a policy chooses.
#include "serve/model_config.h"

#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace saker::serve {
namespace {

using Versions = std::set<std::int64_t>;

class ModelConfigTest : public ::testing::Test {
 protected:
  Result<ModelConfig> read(const std::string& text) const {
    return read_model_config(folder_.write("config.yaml", text), {});
  }
  std::string problem(const std::string& text) const {
    const auto config = read(text);
    return config.ok() ? "" : config.error().message;
  }

  test::TempFolder folder_;
};

TEST_F(ModelConfigTest, AllKeys) {
  const auto config = read(
      "max_batch: 8\nmax_delay_ms: 2.5\nmax_queue: 100\ntimeout_ms: 0\nweight: 2\nconf: 0.4\niou: 0.6\nmax_det: 50\n"
      "labels: [cat, dog, cow]\nclasses: [dog, 2]\nimgsz: [480, 640]\nbackend: openvino\nprecision: bf16\n"
      "version_policy: {specific: [1, 3]}\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  const ServedOptions& options = config->options;
  EXPECT_EQ(options.lane.max_batch, 8);
  EXPECT_EQ(options.lane.max_delay, std::chrono::microseconds(2500));
  EXPECT_EQ(options.lane.max_queue, 100U);
  EXPECT_FALSE(options.lane.time_limit.has_value());
  EXPECT_EQ(options.lane.weight, 2);
  EXPECT_FLOAT_EQ(options.boxes.conf, 0.4F);
  EXPECT_FLOAT_EQ(*options.boxes.iou, 0.6F);
  EXPECT_EQ(options.boxes.max_det, 50);
  EXPECT_EQ(options.boxes.classes, (std::vector<int>{1, 2}));
  EXPECT_EQ(options.spec.height, 480);
  EXPECT_EQ(options.spec.width, 640);
  EXPECT_EQ(options.model.backend, "openvino");
  EXPECT_EQ(options.session.precision, "bf16");
  EXPECT_EQ(to_string(config->policy), "specific:1,3");
}

TEST_F(ModelConfigTest, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_NE(
      problem("max_batch: 8\nmax_bach: 9\n").find("config.yaml:2: there is no `max_bach` (did you mean `max_batch`?)"),
      std::string::npos);
  for (const char* text :
       {"max_batch: 0\n", "max_batch: 1.5\n", "max_batch: many\n", "conf: 1.5\n", "weight: 0\n", "iou: nan\n",
        "imgsz: [1, 2, 3]\n", "imgsz: 0\n", "backend: cuda\n", "labels: {a: b}\n", "version_policy: newest\n",
        "version_policy: {latest: 0}\n", "version_policy: {specific: []}\n", "version_policy: {specific: [a]}\n",
        "max_queue: [1]\n", "timeout_ms: -1\n"}) {
    EXPECT_NE(problem(text).find("config.yaml:1: "), std::string::npos) << text << problem(text);
  }
  EXPECT_NE(problem("conf: 0.5\nclasses: [dog]\n").find("config.yaml:2: `classes`"), std::string::npos);
  EXPECT_FALSE(problem("").empty());
  EXPECT_FALSE(problem("a: [\n").empty());
}

TEST(VersionPolicy, Choices) {
  const Versions all = {1, 2, 5};
  const auto choose = [&](const char* policy) { return *choose_versions(*parse_version_policy(policy), all); };
  EXPECT_EQ(choose("latest"), Versions{5});
  EXPECT_EQ(choose("latest:2"), (Versions{2, 5}));
  EXPECT_EQ(choose("latest:9"), all);
  EXPECT_EQ(choose("all"), all);
  EXPECT_EQ(choose("specific:1,2"), (Versions{1, 2}));
  EXPECT_EQ(choose_versions(*parse_version_policy("specific:1,3"), all).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(choose_versions({}, {}).error().code, ErrorCode::kNotFound);
  for (const char* text : {"", "latest:", "latest:0", "latest:1,2", "latest:x", "all:1", "specific",
                           "specific:", "none", "specific:-1", "latest:99999999999999999999"})
    EXPECT_FALSE(parse_version_policy(text).ok()) << text;
  for (const char* text : {"latest", "latest:2", "all", "specific:1,3"})
    EXPECT_EQ(to_string(*parse_version_policy(text)), text);
}

}  // namespace
}  // namespace saker::serve
