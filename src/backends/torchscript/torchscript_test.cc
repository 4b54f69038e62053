// The plug-in for LibTorch, with modules written here.
#include <gtest/gtest.h>
#include <torch/script.h>

#include <thread>

#include "support/engine_testing.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

using namespace testing_backends;

constexpr const char* kConfig = R"({"task": "detect", "stride": 32, "names": {"0": "cat", "1": "big \"dog\""}})";

class TorchScript : public testing::Test {
 protected:
  void SetUp() override {
    backend_ = built("torchscript");
    ASSERT_NE(backend_, nullptr);  // this test is built with the plug-in
  }

  // A module of one 3x3 convolution w [84, 3, 3, 3] of stride 8 and the given forward().
  torch::jit::Module module(const std::string& forward, c10::ScalarType type = c10::kFloat) {
    torch::manual_seed(1);
    torch::jit::Module out("Detector");
    out.register_parameter("w", torch::randn({84, 3, 3, 3}).to(type), false);
    out.define(forward);
    return out;
  }
  std::string save(const torch::jit::Module& from, const std::string& config = "") {
    const std::string path = folder_.path() + "/detector.torchscript";
    from.save(path, config.empty() ? torch::jit::ExtraFilesMap() : torch::jit::ExtraFilesMap{{"config.txt", config}});
    return path;
  }
  Error refusal(const std::string& path, const Shape& shape, SessionOptions options = {}) {
    auto model = backend_->load(path);
    if (!model.ok()) return model.error();
    options.input_shapes = {shape};
    auto session = (*model)->compile(options);
    return session.ok() ? Error{ErrorCode::kInternal, "no error"} : session.error();
  }

  Backend* backend_ = nullptr;
  test::TempFolder folder_;
};

constexpr const char* kDetector = R"(
def forward(self, x):
    y = torch.sigmoid(torch.conv2d(x, self.w, None, [8, 8], [1, 1]))
    return torch.flatten(y, 2)
)";

constexpr const char* kDetectorV5 = R"(
def forward(self, x):
    y = torch.sigmoid(torch.conv2d(x, self.w, None, [8, 8], [1, 1]))
    z = torch.flatten(torch.cat([y, y[:, :1]], 1), 2)
    return (z.permute([0, 2, 1]), [y, y * 2])
)";

void expect_same(const TensorView& got, const at::Tensor& expected) {
  const Tensor dense = must(to_dense(got));
  ASSERT_EQ(dense.shape(), expected.sizes().vec());
  const at::Tensor mine = torch::from_blob(const_cast<void*>(dense.raw()), dense.shape());
  EXPECT_TRUE(torch::allclose(mine, expected, 1e-5, 1e-6));
}

// What the module gives for what is in the session's input, without the plug-in.
at::Tensor head(torch::jit::Module& module, BackendSession& session) {
  Tensor input = session.input(0);
  return module.forward({torch::from_blob(input.raw(), input.shape())}).toTensor();
}

TEST_F(TorchScript, RunsADetector) {
  torch::jit::Module detector = module(kDetector);
  const std::string path = save(detector);
  EXPECT_FALSE(backend_->version().empty());
  for (const Shape& shape : {Shape{1, 3, 64, 64}, Shape{2, 3, 32, 48}}) {
    auto session = compile(*backend_, path, {shape});
    ASSERT_EQ(session->output_count(), 1u);
    EXPECT_EQ(session->output_name(0), "output0");
    EXPECT_EQ(session->output(0).shape, (Shape{shape[0], 84, shape[2] / 8 * shape[3] / 8}));
    for (const std::uint32_t seed : {1u, 2u}) {
      fill(*session, 0, seed);
      ASSERT_TRUE(session->run().ok());
      expect_same(session->output(0), head(detector, *session));
    }
  }
}

TEST_F(TorchScript, TuplesAndListsAreFlattened) {
  torch::jit::Module detector = module(kDetectorV5);
  auto session = compile(*backend_, save(detector), {{1, 3, 32, 32}});
  ASSERT_EQ(session->output_count(), 3u);
  EXPECT_EQ(session->output_name(2), "output2");
  fill(*session, 0);
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(session->output(0).shape, (Shape{1, 16, 85}));
  EXPECT_FALSE(session->output(0).is_dense());  // permuted, as LibTorch leaves it
  EXPECT_EQ(session->output(1).shape, (Shape{1, 84, 4, 4}));
  Tensor input = session->input(0);
  const auto all = detector.forward({torch::from_blob(input.raw(), input.shape())}).toTuple();
  expect_same(session->output(0), all->elements()[0].toTensor());
  expect_same(session->output(2), all->elements()[1].toTensorVector()[1]);
}

TEST_F(TorchScript, DescribesAFile) {
  const auto about = must(must(backend_->load(save(module(kDetector), kConfig)))->describe());
  ASSERT_EQ(about.inputs.size(), 1u);
  EXPECT_EQ(about.inputs[0].name, "x");
  EXPECT_EQ(about.inputs[0].dtype, DType::kFloat32);
  EXPECT_EQ(about.inputs[0].shape, (Shape{-1, 3, -1, -1}));
  ASSERT_EQ(about.outputs.size(), 1u);
  EXPECT_FALSE(about.outputs[0].has_shape);
  EXPECT_EQ(about.metadata.at("config.txt"), kConfig);
  EXPECT_EQ(about.metadata.at("names"), R"({0: "cat", 1: "big \"dog\""})");
}

TEST_F(TorchScript, OddConfigsAreKeptAsTheyAre) {
  EXPECT_TRUE(must(must(backend_->load(save(module(kDetector))))->describe()).metadata.empty());
  for (const char* config : {"not json", "[]", "{}", R"({"names": 3})", R"({"names": {"0": 1}})", R"({"names": []})"}) {
    const auto about = must(must(backend_->load(save(module(kDetector), config)))->describe());
    EXPECT_EQ(about.metadata.at("config.txt"), config);
    EXPECT_EQ(about.metadata.count("names"), 0u) << config;
  }
  const auto list = must(must(backend_->load(save(module(kDetector), R"({"names": ["a", "b"]})")))->describe());
  EXPECT_EQ(list.metadata.at("names"), R"({0: "a", 1: "b"})");
}

TEST_F(TorchScript, ThePicturesSizeIsTheConfigs) {
  for (const auto& [config, size] : {std::pair(R"({"imgsz": [480, 640], "shape": [1, 3, 32, 32]})", "[480, 640]"),
                                     {R"({"shape": [1, 3, 416, 320]})", "[416, 320]"},
                                     {R"({"shape": [-1, 3, -1, -1]})", ""},
                                     {R"({"imgsz": [0, "a"], "shape": [1]})", ""}}) {
    const auto about = must(must(backend_->load(save(module(kDetector), config)))->describe());
    EXPECT_EQ(about.metadata.contains("imgsz") ? about.metadata.at("imgsz") : "", size) << config;
  }
}

TEST_F(TorchScript, HalfPrecisionModelsTakeHalfPrecisionPictures) {
  constexpr const char* kHalf = R"(
def forward(self, x):
    return torch.conv2d(x.float(), self.w.float(), None, [8, 8], [1, 1]).half()
)";
  auto session = compile(*backend_, save(module(kHalf, c10::kHalf)), {{1, 3, 16, 16}});
  EXPECT_EQ(session->input(0).dtype(), DType::kFloat16);
  fill(*session, 0);
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(session->output(0).dtype, DType::kFloat16);
}

TEST_F(TorchScript, ClonesRunAtTheSameTime) {
  torch::jit::Module detector = module(kDetector);
  auto first = compile(*backend_, save(detector), {{1, 3, 64, 64}});
  auto second = must(first->clone());
  EXPECT_EQ(second->output_count(), 1u);
  EXPECT_EQ(second->output(0).data, nullptr);  // not before a run
  std::vector<std::thread> threads;
  for (BackendSession* session : {first.get(), second.get()}) {
    fill(*session, 0, session == first.get() ? 1 : 2);
    threads.emplace_back([session] {
      for (int run = 0; run < 20; ++run) ASSERT_TRUE(session->run().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect_same(first->output(0), head(detector, *first));
  expect_same(second->output(0), head(detector, *second));
}

TEST_F(TorchScript, FilesThatAreNotModelsAreErrors) {
  const std::string whole = [&] {
    std::ifstream file(save(module(kDetector)), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), std::string("no model"), std::string()}) {
    const auto model = backend_->load(folder_.write("broken.pt", bytes));
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(model.error().message.find("not a TorchScript file?"), std::string::npos) << model.error().message;
  }
  EXPECT_EQ(backend_->load(folder_.path() + "/missing.pt").error().code, ErrorCode::kNotFound);
}

TEST_F(TorchScript, WrongShapesAreErrors) {
  const std::string path = save(module(kDetector));
  EXPECT_EQ(refusal(path, {1, 4, 8, 8}).code, ErrorCode::kInvalid);
  EXPECT_EQ(refusal(path, {1, 3, -1, 8}).code, ErrorCode::kInvalid);
  // Beyond what the file declares the engine decides.
  constexpr const char* kFixed = R"(
def forward(self, x):
    return x.reshape([1, 3, 64])
)";
  const Error error = refusal(save(module(kFixed)), {1, 3, 16, 16});
  EXPECT_NE(error.message.find("invalid for input of size 768"), std::string::npos) << error.message;
}

TEST_F(TorchScript, ModulesThatAreNotDetectorsAreUnsupported) {
  for (const char* forward :
       {"def forward(self, x, y):\n    return x + y\n", "def forward(self, x: Tensor):\n    return 'text'\n",
        "def other(self, x):\n    return x\n"}) {
    EXPECT_EQ(refusal(save(module(forward)), {1, 3, 8, 8}).code, ErrorCode::kUnsupported) << forward;
  }
}

TEST_F(TorchScript, AnotherNumberOfOutputsIsAnError) {
  constexpr const char* kFickle = R"(
def forward(self, x):
    if bool(x.sum() > 0):
        return [x, x]
    return [x]
)";
  auto session = compile(*backend_, save(module(kFickle)), {{1, 3, 8, 8}});
  EXPECT_EQ(session->output_count(), 1u);
  ASSERT_TRUE(session->run().ok());
  fill(*session, 0);
  const Status status = session->run();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "the model gave 2 tensors, and 1 before");
}

TEST_F(TorchScript, OperatorsAtATimeCanBeSetOnce) {
  const std::string path = save(module(kDetector));
  SessionOptions options;
  options.inter_threads = 2;
  EXPECT_TRUE(compile(*backend_, path, {{1, 3, 8, 8}}, options)->run().ok());
  EXPECT_TRUE(compile(*backend_, path, {{1, 3, 8, 8}}, options)->run().ok());
  options.inter_threads = 3;
  const Error error = refusal(path, {1, 3, 8, 8}, options);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("was set to 2 in this process"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace saker
