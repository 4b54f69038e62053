// What stands in a written archive: the code, the weights, the metadata; and what is refused.
// tests/equivalence/torchscript.py runs such files in torch.
#include "model/torchscript/exporter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "graph/op_def.h"
#include "model/pt/zip.h"
#include "support/export_cases.h"
#include "support/test_graphs.h"

namespace saker::torchscript {
namespace {

std::string entry(const std::string& file, const std::string& name) {
  const auto owner = std::make_shared<std::string>(file);
  const auto archive = pt::ZipArchive::open({{owner, reinterpret_cast<std::byte*>(owner->data())}, owner->size()});
  EXPECT_TRUE(archive.ok()) << archive.error().message;
  if (!archive.ok()) return "";
  Budget budget(file.size());
  const auto read = archive->read("saker/" + name, SIZE_MAX, budget);
  EXPECT_TRUE(read.ok()) << read.error().message;
  return read.ok() ? std::string(reinterpret_cast<const char*>(read->data.get()), read->size) : "";
}

std::string written(const Graph& graph) {
  auto file = export_model(graph);
  EXPECT_TRUE(file.ok()) << file.error().message;
  return file.ok() ? *file : std::string();
}

std::string code_of(const Graph& graph) {
  return entry(written(graph), "code/__torch__/saker.py");
}

std::string error_of(const Graph& graph) {
  const auto file = export_model(graph);
  return file.ok() ? "" : file.error().message;
}

TEST(TorchScript, AStatementForEachNode) {
  GraphBuilder b;
  const ValueId x = b.named("images").input({1, 3, 8, 8});
  const ValueId w = b.named("model.0.weight").constant(random_tensor({4, 3, 3, 3}, 1));
  const ValueId c = b.named("cv").NetworkBuilder::conv(x, w, kNoValue, {.stride = 2});
  const ValueId y = b.add(Op::kSilu, {c});
  const std::vector<ValueId> parts = b.split(y, {1, 3});
  b.named("a").output(parts[0]).named("b").output(parts[1]);
  const std::string file = written(b.graph()), code = entry(file, "code/__torch__/saker.py");
  EXPECT_EQ(code.substr(0, code.find("    v_")),
            "class Net(Module):\n"
            "  __parameters__ = [\"w_model_0_weight\", ]\n"
            "  __buffers__ = []\n"
            "  w_model_0_weight : Tensor\n"
            "  training : bool\n"
            "  def forward(self: __torch__.saker.Net, x: Tensor) -> Tuple[Tensor, Tensor]:\n");
  EXPECT_NE(code.find(" = torch.conv2d(x, self.w_model_0_weight, None, [2, 2], [1, 1], [1, 1], 1)\n"),
            std::string::npos)
      << code;
  EXPECT_NE(code.find(" = torch.silu("), std::string::npos) << code;
  EXPECT_NE(code.find("= torch.split_with_sizes("), std::string::npos) << code;
  EXPECT_NE(code.find("    return (v_"), std::string::npos) << code;
  const std::string bytes = entry(file, "data/0");
  const Tensor weights = random_tensor({4, 3, 3, 3}, 1);
  ASSERT_EQ(bytes.size(), weights.bytes());
  EXPECT_EQ(std::memcmp(bytes.data(), weights.raw(), bytes.size()), 0);
  EXPECT_EQ(entry(file, "version"), "10\n");
}

// What anybody has called a layer, a class or a key is never code.
TEST(TorchScript, HostileNamesChangeNoCode) {
  const std::string hostile = "a)\n    import os\n    os.system(\"id\") # \\\"\"\"";
  std::string plain;
  for (const std::string& name : {std::string("a"), hostile}) {
    GraphBuilder b;
    const ValueId x = b.named(name).input({1, 4}), w = b.named(name + "w").constant(random_tensor({1, 4}, 1));
    const ValueId sum = b.named(name + "s").add(Op::kAdd, {x, w});
    b.named(name + "o").output(sum);
    Graph& graph = b.graph();
    graph.name = name;
    graph.metadata = {{"names", "{0: 'a\"b', 1: 'c\\\\d'}"}, {name, name}};
    std::string code = code_of(graph);
    for (const char* part : {"import ", "os.", "\\", "#", ";"}) EXPECT_EQ(code.find(part), std::string::npos) << code;
    if (plain.empty()) plain = code;
    EXPECT_EQ(std::ranges::count(code, '\n'), std::ranges::count(plain, '\n')) << code;
  }
}

TEST(TorchScript, MetadataAsUltralyticsHasThem) {
  GraphBuilder b;
  b.output(b.add(Op::kRelu, {b.input({1, 3, 32, 64})}));
  Graph& graph = b.graph();
  graph.metadata = {{"names", R"({0: 'cat', 1: 'dog\'s "x"'})"},
                    {"stride", "32"},
                    {"imgsz", "[32, 64]"},
                    {"task", "detect"},
                    {"args", "[[[["},
                    {"bad", "\xff\"\n"}};
  EXPECT_EQ(entry(written(graph), "extra/config.txt"),
            R"({"shape":[1,3,32,64],"args":"[[[[","bad":")"
            "\xEF\xBF\xBD"
            R"(\"\n","imgsz":[32,64],"names":{"0":"cat","1":"dog's \"x\""},"stride":32,"task":"detect"})");
}

// Written, or refused with the node's name.
TEST(TorchScript, EveryOperatorIsWrittenOrRefusedByName) {
  int count = 0;
  for (const onnx::ExportCase& test : onnx::export_cases()) {
    SCOPED_TRACE(op_def(test.op).name);
    GraphBuilder b;
    test.build(b);
    const auto file = export_model(b.graph());
    if (file.ok()) {
      ++count;
      EXPECT_NE(entry(*file, "code/__torch__/saker.py").find("return "), std::string::npos);
    } else {
      EXPECT_EQ(file.error().code, ErrorCode::kUnsupported);
      EXPECT_NE(file.error().message.find("cannot be written as TorchScript"), std::string::npos)
          << file.error().message;
    }
  }
  EXPECT_GE(count, 90);
}

TEST(TorchScript, EightBitLayersAreRefused) {
  GraphBuilder b;
  const ValueId x = b.input({1, 4}), scale = b.scalar(0.5F);
  const ValueId zero = b.constant(Tensor::make(DType::kUint8, {}).value());
  b.output(b.named("q").add(Op::kQuantizeLinear, {x, scale, zero}, AxisAttrs{}));
  const std::string error = error_of(b.graph());
  EXPECT_NE(error.find("8-bit layers; export the model that was quantized"), std::string::npos) << error;
  EXPECT_NE(error.find("node 'q"), std::string::npos) << error;
}

TEST(TorchScript, SuppressionIsRefusedWithWhatToDo) {
  GraphBuilder b;
  const ValueId boxes = b.input({1, 2, 4}), scores = b.input({1, 1, 2});
  b.output(b.add(Op::kNonMaxSuppression, {boxes, scores, b.ints({5})}, NonMaxSuppressionAttrs{}));
  const std::string error = error_of(b.graph());
  EXPECT_NE(error.find("suppression of boxes; export the model without it"), std::string::npos) << error;
}

// 7 * (61 / 7) is less than 61, and torch cuts off.
TEST(TorchScript, AResizedPictureHasItsSize) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2, 7, 7}), sizes = b.ints({1, 2, 61, 61});
  ResizeAttrs attrs;
  attrs.coordinates = ResizeCoordinates::kAsymmetric;
  attrs.nearest = ResizeNearest::kFloor;
  b.output(b.add(Op::kResize, {x, kNoValue, kNoValue, sizes}, attrs));
  const std::string code = code_of(b.graph());
  EXPECT_NE(code.find("torch.upsample_nearest2d(x, [61, 61], 8.7"), std::string::npos) << code;
}

// What is known only at run time is taken out of tensors there.
TEST(TorchScript, OpenShapesAreComputed) {
  GraphBuilder b;
  const ValueId x = b.open_input({{-1, "batch"}, {4, ""}, {-1, "height"}, {-1, "width"}});
  const ValueId batch = b.add(Op::kShape, {x}, ShapeAttrs{0, 1});
  const ValueId rest = b.ints({4, -1});
  const ValueId to = b.concat({batch, rest}, 0);
  b.output(b.add(Op::kReshape, {x, to}, ReshapeAttrs{}));
  const std::string code = code_of(b.graph());
  EXPECT_NE(code.find("torch.slice(torch._shape_as_tensor(x), 0, 0, 1, 1)"), std::string::npos) << code;
  EXPECT_NE(code.find(".tolist())"), std::string::npos) << code;
}

}  // namespace
}  // namespace saker::torchscript
