// Settings from a file, from flags' texts, and what is refused with line and field.
#include "serve/settings.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "support/temp_folder.h"

namespace saker::serve {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text, const std::string& name = "serve.yaml") const {
    return folder_.write(name, text);
  }
  std::string problem(const std::string& text) const {
    Settings settings;
    const Status status = read_settings(write(text), settings);
    return status.ok() ? "" : status.error().message;
  }

  test::TempFolder folder_;
};

TEST_F(SettingsTest, AFileSaysWhatFlagsSay) {
  Settings settings;
  const Status status =
      read_settings(write("model:\n  signs: signs.onnx\n  other: /abs/other.onnx\nrepository: models\n"
                          "port: 9000\nmax_body: 2M\npage: false\nmax_delay: 1.5\ncors: [a, b]\n"
                          "log_format: json\n"),
                    settings);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(settings.models,
            (std::vector<std::string>{"signs=" + folder_.path("signs.onnx"), "other=/abs/other.onnx"}));
  EXPECT_EQ(settings.repository, folder_.path("models"));
  EXPECT_EQ(settings.port, 9000);
  EXPECT_EQ(settings.max_body, 2 << 20);
  EXPECT_FALSE(settings.page);
  EXPECT_EQ(settings.max_delay_ms, 1.5);
  EXPECT_EQ(settings.cors, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(settings.log_format, "json");
}

TEST_F(SettingsTest, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_NE(problem("port: 80\nprot: 90\n").find("serve.yaml:2: there is no `prot`; did you mean `port`?"),
            std::string::npos);
  EXPECT_NE(problem("port: 65536\n").find("serve.yaml:1: `port`: 65536 is no whole number from 0 to 65535"),
            std::string::npos);
  EXPECT_NE(problem("page: maybe\n").find("serve.yaml:1: `page`"), std::string::npos);
  EXPECT_NE(problem("\nport: [1]\n").find("serve.yaml:2: `port` is no single value"), std::string::npos);
  EXPECT_NE(problem("cors:\n - a\n - {b: c}\n").find("serve.yaml:3"), std::string::npos);
  EXPECT_NE(problem("log_format: xml\n").find("xml is none of text, json"), std::string::npos);
  EXPECT_NE(problem("port: 1\nport: 2\n").find("twice"), std::string::npos);
  EXPECT_NE(problem("- a\n").find("no YAML file of names and values"), std::string::npos);
  EXPECT_NE(problem("port: nan\n").find("serve.yaml:1"), std::string::npos);
  EXPECT_NE(problem("drain: nan\n").find("serve.yaml:1"), std::string::npos);
  EXPECT_NE(problem("max_body: 99999999999999999999G\n").find("serve.yaml:1"), std::string::npos);
  EXPECT_FALSE(read_settings(folder_.path("none.yaml"), *std::make_unique<Settings>()).ok());
}

TEST_F(SettingsTest, TableHasNoNameTwiceAndDefaultsAreWithinBounds) {
  std::set<std::string> names;
  for (const Setting& setting : settings_table()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
    Settings settings;
    const Place place = setting.place(settings);
    if (auto* const* whole = std::get_if<int*>(&place)) {
      EXPECT_TRUE(apply(settings, setting, std::to_string(**whole)).ok()) << setting.name;
    } else if (auto* const* number = std::get_if<double*>(&place)) {
      EXPECT_TRUE(apply(settings, setting, std::to_string(**number)).ok()) << setting.name;
    } else if (auto* const* large = std::get_if<std::int64_t*>(&place)) {
      EXPECT_TRUE(apply(settings, setting, std::to_string(**large)).ok()) << setting.name;
    }
  }
  EXPECT_EQ(find_setting("max-body"), find_setting("max_body"));
  EXPECT_EQ(find_setting("nothing"), nullptr);
}

TEST_F(SettingsTest, ChecksOfTheWhole) {
  Settings settings;
  EXPECT_FALSE(check(settings).ok());  // no model
  settings.models = {"a.onnx"};
  EXPECT_TRUE(check(settings).ok()) << check(settings).error().message;
  const auto refuses = [&](auto change) {
    Settings changed = settings;
    change(changed);
    return !check(changed).ok();
  };
  EXPECT_TRUE(refuses([](Settings& s) { s.tls_cert = "x"; }));
  EXPECT_TRUE(refuses([](Settings& s) { s.token_file = "/nothing/here"; }));
  EXPECT_TRUE(refuses([](Settings& s) { s.batch = 100; }));
  EXPECT_TRUE(refuses([](Settings& s) { s.imgsz = "640x"; }));
  for (const char* wrong : {"8081", "host:", "::1:8081", "host:65536", ":8081"})
    EXPECT_TRUE(refuses([&](Settings& s) { s.grpc = wrong; })) << wrong;
  for (const char* right : {"127.0.0.1:0", "[::]:8081", "localhost:65535"})
    EXPECT_FALSE(refuses([&](Settings& s) { s.grpc = right; })) << right;
  EXPECT_TRUE(refuses([](Settings& s) { s.head = "yolov99"; }));
  EXPECT_TRUE(refuses([](Settings& s) { s.version_policy = "newest"; }));
  EXPECT_TRUE(refuses([](Settings& s) { s.models = {"a.onnx", "b/a.onnx"}; }));
  EXPECT_TRUE(refuses([](Settings& s) { s.models = {"../up=a.onnx"}; }));
}

TEST_F(SettingsTest, NamesOfModels) {
  Settings settings;
  settings.models = {"models/signs.int8.onnx", "n=a b.onnx", "dir/yolo v8.onnx", "ir_model/"};
  const auto options = repository_options(settings);
  ASSERT_TRUE(options.ok());
  std::set<std::string> names;
  for (const auto& [name, path] : options->files) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"signs.int8", "n", "yolo-v8", "ir_model"}));
}

TEST_F(SettingsTest, Cameras) {
  Settings settings;
  write("", "clip.mp4");
  ASSERT_TRUE(
      read_settings(write("camera:\n  yard: rtsp://u:p@10.0.0.7/live?a=b\n  gate: clip.mp4\n  door: /dev/video0\n"
                          "camera_model: [people, gate=signs]\ncamera_track: true\ncamera_fps: 5\n"),
                    settings)
          .ok());
  const auto read = cameras_options(settings);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->cameras.size(), 3U);
  EXPECT_EQ(read->cameras[0].source, "rtsp://u:p@10.0.0.7/live?a=b") << "an address is no path of the file's folder";
  EXPECT_EQ(read->cameras[0].model, "people");
  EXPECT_TRUE(read->cameras[0].track);
  EXPECT_EQ(read->cameras[0].most_fps, 5);
  EXPECT_EQ(read->cameras[1].source, folder_.path("clip.mp4"));
  EXPECT_EQ(read->cameras[1].model, "signs");
  EXPECT_EQ(read->cameras[2].source, "/dev/video0");

  const auto problem_of = [](std::vector<std::string> cameras, std::vector<std::string> models = {}) {
    Settings wrong;
    wrong.cameras = std::move(cameras);
    wrong.camera_models = std::move(models);
    const auto result = cameras_options(wrong);
    return result.ok() ? "" : result.error().message;
  };
  EXPECT_EQ(problem_of({"a=rtsp://x/", "b=http://y/"}), "");
  EXPECT_NE(problem_of({"rtsp://u:secret@x/live"}).find("NAME=SOURCE"), std::string::npos);
  EXPECT_EQ(problem_of({"rtsp://u:secret@x/live"}).find("secret"), std::string::npos);
  EXPECT_NE(problem_of({"../a=rtsp://x/"}).find("NAME=SOURCE"), std::string::npos);
  EXPECT_NE(problem_of({"a="}).find("the source is missing"), std::string::npos);
  EXPECT_NE(problem_of({"a=/nothing/here.mp4"}).find("no such file"), std::string::npos);
  EXPECT_NE(problem_of({"a=rtsp://x/", "a=rtsp://y/"}).find("two cameras are named a"), std::string::npos);
  EXPECT_NE(problem_of({"a=rtsp://x/"}, {"b=signs"}).find("there is no camera b"), std::string::npos);
  EXPECT_NE(problem_of({"a=rtsp://x/"}, {"a=.."}).find("is no name of a model"), std::string::npos);
}

TEST_F(SettingsTest, Tokens) {
  const auto good = read_token(write("  secret-1 \nmore\n", "good"));
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, "secret-1");
  EXPECT_FALSE(read_token(write("\n", "empty")).ok());
  EXPECT_FALSE(read_token(write("a b\n", "spaces")).ok());
  EXPECT_FALSE(read_token(write(std::string(5000, 'a'), "long")).ok());
  EXPECT_FALSE(read_token("/nothing/here").ok());
}

}  // namespace
}  // namespace saker::serve
