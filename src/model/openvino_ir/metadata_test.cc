// metadata.yaml and rt_info as the metadata that ONNX files of the same framework have.
#include "model/openvino_ir/metadata.h"

#include <gtest/gtest.h>

#include "model/read.h"
#include "support/ir_writer.h"
#include "support/temp_folder.h"

namespace saker::openvino_ir {
namespace {

Metadata of(const std::string& yaml) {
  Metadata metadata;
  const Status added = add_metadata_text(yaml, metadata);
  EXPECT_TRUE(added.ok()) << added.error().message;
  return metadata;
}

TEST(IrMetadata, WrittenAsItIsRead) {
  const Metadata before = {{"names", "{0: 'traffic light', 1: 'it\\'s', 2: 'a: b, #c'}"},
                           {"imgsz", "[480, 640]"},
                           {"stride", "32"},
                           {"batch", "1"},
                           {"nms", "False"},
                           {"task", "detect"},
                           {"date", "2026-01-02T03:04:05"},
                           {"author", "line\nbreak, \"quotes\", {brace"},
                           {"odd", "{not: [closed"},
                           {"a key: with words", "null"}};
  Metadata after;
  Metadata written = before;
  written.emplace("model_info.labels", "cat");
  ASSERT_TRUE(add_metadata_text(metadata_text(written), after).ok());
  EXPECT_EQ(after, before);
}

TEST(IrMetadata, PythonsReprOfEachEntry) {
  const Metadata metadata =
      of("description: Ultralytics YOLO11n-pose model\nversion: 8.3.0\nstride: 32\nend2end: false\nlicense:\n"
         "imgsz:\n- 64\n- 96\nkpt_shape: [17, 3]\nargs: {half: true, data: null, conf: 0.5}\n"
         "names:\n  0: cat\n  1: traffic light\n  2: 'driver''s\\seat'\n  3: '7'\n  4: \"a\\nb\"\n");
  const Metadata wanted = {{"description", "Ultralytics YOLO11n-pose model"},
                           {"version", "8.3.0"},
                           {"stride", "32"},
                           {"end2end", "False"},
                           {"license", "None"},
                           {"imgsz", "[64, 96]"},
                           {"kpt_shape", "[17, 3]"},
                           {"args", "{'half': True, 'data': None, 'conf': 0.5}"},
                           {"names", R"({0: 'cat', 1: 'traffic light', 2: 'driver\'s\\seat', 3: '7', 4: 'a\nb'})"}};
  EXPECT_EQ(metadata, wanted);
}

TEST(IrMetadata, HostileYaml) {
  Metadata metadata;
  for (const char* text : {"- a\n- b\n", "just a text", "a: [1", "a: *b"})
    EXPECT_EQ(add_metadata_text(text, metadata).error().code, ErrorCode::kInvalid) << text;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  for (int i = 0; i < 100; ++i) deep += "]";
  EXPECT_EQ(add_metadata_text("a: " + deep, metadata).error().code, ErrorCode::kLimit);
  // Each line names the one before ten times.
  std::string doubling = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    doubling += fmt::format("a{0}: &a{0} [", i);
    for (int k = 0; k < 10; ++k) doubling += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
    doubling += "]\n";
  }
  EXPECT_EQ(add_metadata_text(doubling, metadata).error().code, ErrorCode::kLimit);
}

TEST(IrMetadata, LabelsAreTheLastResort) {
  Metadata metadata = {{"model_info.labels", "cat traffic_light  cow's"}};
  add_names(metadata);
  EXPECT_EQ(metadata.at("names"), R"(['cat', 'traffic light', 'cow\'s'])");
  for (const char* key : {"names", "model_info.names"}) {
    Metadata other = {{key, "{0: 'a_b'}"}, {"model_info.labels", "c"}};
    add_names(other);
    EXPECT_EQ(other.at("names"), "{0: 'a_b'}") << key;
  }
  Metadata none = {{"model_info.labels", " "}};
  add_names(none);
  EXPECT_FALSE(none.contains("names"));
}

class IrFolder : public testing::Test {
 protected:
  void SetUp() override {
    test_support::IrWriter ir;
    ir.result(ir.layer("Add", {ir.parameter({2}), ir.constant<float>({2}, {1, 2})}, {{2}}));
    ir.rt_info = rt_info_;
    folder_.write("best_openvino_model/best.xml", ir.xml());
    folder_.write("best_openvino_model/best.bin", ir.bin());
  }
  Result<ReadModel> read() const { return read_model(folder_.path("best_openvino_model/best.xml"), {}); }
  std::string names() const {
    const auto model = read();
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? model->imported.graph.metadata.at("names") : "";
  }

  std::string rt_info_ = "<model_info><labels value=\"cat traffic_light\"/></model_info>";
  test::TempFolder folder_;
};

TEST_F(IrFolder, TheFileBesideSaysMoreThanTheLabels) {
  EXPECT_EQ(names(), "['cat', 'traffic light']");
  folder_.write("best_openvino_model/metadata.yaml", "names: {0: cat, 1: traffic_light}\ntask: detect\n");
  EXPECT_EQ(names(), "{0: 'cat', 1: 'traffic_light'}");
  EXPECT_EQ(read()->imported.graph.metadata.at("task"), "detect");
}

TEST_F(IrFolder, ABrokenFileBesideIsNamed) {
  folder_.write("best_openvino_model/metadata.yaml", "names: [a");
  const auto model = read();
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().message.find("best_openvino_model/metadata.yaml"), std::string::npos);
  EXPECT_NE(model.error().message.find("mend it or take it away"), std::string::npos);
}

TEST_F(IrFolder, TheFolderIsTheModel) {
  const std::string folder = folder_.path("best_openvino_model");
  EXPECT_EQ(model_file(folder).value(), folder + "/best.xml");
  EXPECT_EQ(model_file(folder + "/best.xml").value(), folder + "/best.xml");
  EXPECT_EQ(model_file("not/there").value(), "not/there");
  EXPECT_EQ(model_file(folder_.path()).error().code, ErrorCode::kNotFound);
  folder_.write("best_openvino_model/other.xml", "<net/>");
  EXPECT_EQ(model_file(folder).error().code, ErrorCode::kInvalid);
  EXPECT_NE(model_file(folder).error().message.find("other.xml"), std::string::npos);
}

}  // namespace
}  // namespace saker::openvino_ir
