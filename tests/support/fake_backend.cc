// A plug-in with an engine that takes any file and adds 1 to its input; and, by SAKER_FAKE, plug-ins with faults. Files
// whose path has "refuse", "crash", "leave" or "hang" in it are refused, or run so.
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "backends/abi.h"
#include "backends/backend.h"
#include "base/try.h"

#define SAKER_FAKE_GOOD 0
#define SAKER_FAKE_WRONG_ABI 1
#define SAKER_FAKE_NULL 2
#define SAKER_FAKE_UNRESOLVED 3
#define SAKER_FAKE_NO_SYMBOLS 4
#define SAKER_FAKE_OTHER_LAYOUT 5
#define SAKER_FAKE_THROWS 6

namespace saker {
namespace {

class AddOne final : public BackendSession {
 public:
  static Result<std::unique_ptr<BackendSession>> create(const Shape& shape, int streams, const std::string& path) {
    auto session = std::make_unique<AddOne>();
    session->path_ = path;
    SAKER_ASSIGN(session->input_, Tensor::make(DType::kFloat32, shape));
    SAKER_ASSIGN(session->output_, Tensor::make(DType::kFloat32, shape));
    session->streams_ = streams;
    return std::unique_ptr<BackendSession>(std::move(session));
  }
  std::size_t input_count() const override { return 1; }
  std::size_t output_count() const override { return 1; }
  Tensor input(std::size_t) override { return input_; }
  TensorView output(std::size_t) const override { return ran_ ? view_of(output_) : TensorView(); }
  const std::string& output_name(std::size_t) const override { return name_; }
  int streams() const override { return streams_; }
  Result<std::unique_ptr<BackendSession>> clone() const override { return create(input_.shape(), streams_, path_); }
  Status run() override {
    if (path_.find("crash") != std::string::npos) std::abort();
    if (path_.find("leave") != std::string::npos) std::_Exit(0);
    while (path_.find("hang") != std::string::npos) ::pause();
    for (std::int64_t i = 0; i < input_.elements(); ++i) output_.data<float>()[i] = input_.data<float>()[i] + 1;
    ran_ = true;
    return {};
  }

 private:
  Tensor input_, output_;
  std::string name_ = "output0", path_;
  int streams_ = 1;
  bool ran_ = false;
};

class FakeModel final : public BackendModel {
 public:
  explicit FakeModel(std::string path) : path_(std::move(path)) {}
  Result<ModelDescription> describe() override {
    TensorInfo input{"images", DType::kFloat32, {-1, 3, -1, -1}, {"batch", "", "height", "width"}, true};
    TensorInfo output = input;
    output.name = "output0";
    return ModelDescription{{input}, {output}, {{"made by", "fake"}}};
  }
  Result<std::unique_ptr<BackendSession>> compile(const SessionOptions& options) override {
    if (options.input_shapes.size() != 1) return Error{ErrorCode::kInvalid, "fake: one shape"};
    return AddOne::create(options.input_shapes[0], options.streams > 0 ? options.streams : 3, path_);
  }

 private:
  std::string path_;
};

class FakeEngine final : public Backend {
 public:
  std::string version() const override { return "0.0.fake"; }
  Result<std::shared_ptr<BackendModel>> load(const std::string& path) override {
    if (path.find("refuse") != std::string::npos) return Error{ErrorCode::kUnsupported, "fake: refused"};
    return std::shared_ptr<BackendModel>(std::make_shared<FakeModel>(path));
  }
};

}  // namespace
}  // namespace saker

#if SAKER_FAKE != SAKER_FAKE_NO_SYMBOLS
extern "C" {
int saker_function_that_is_nowhere();

const char* saker_backend_abi() {
  if (SAKER_FAKE == SAKER_FAKE_WRONG_ABI) return "saker-backend-0 of long ago";
  // Of the same format and compiler, but one of the structs was another.
  if (SAKER_FAKE == SAKER_FAKE_OTHER_LAYOUT) return "saker-backend-3 0123456789abcdef " __VERSION__;
  return saker::kPluginAbi;
}

saker::Backend* saker_backend() {
#if SAKER_FAKE == SAKER_FAKE_THROWS
  throw std::runtime_error("fake: no such device");
#endif
#if SAKER_FAKE == SAKER_FAKE_UNRESOLVED
  if (saker_function_that_is_nowhere() == 0) return nullptr;
#endif
  static saker::FakeEngine engine;
  return SAKER_FAKE == SAKER_FAKE_NULL ? nullptr : &engine;
}
}
#endif
