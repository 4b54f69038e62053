// What an engine offers to the rest of the library. A plug-in is a shared object that exports
// `saker_backend`; it is built from the same tree by the same compiler (abi.h is compared),
// so plain C++ classes cross the border. Nothing here may throw: plug-ins catch what their library throws.
#pragma once

#include <saker/model.h>
#include <saker/session.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace saker {

// One request: the memory of its inputs and outputs. One run at a time; different requests may run at the same time.
class BackendSession {
 public:
  virtual ~BackendSession() = default;

  virtual std::size_t input_count() const = 0;
  virtual std::size_t output_count() const = 0;
  // Dense memory to fill before run(), at the shape it was compiled for.
  virtual Tensor input(std::size_t i) = 0;
  virtual Status run() = 0;
  // The first so many pictures of the batch, fewer than all. Engines that cannot do less compute all of them, with
  // zeros for the others, so that a run depends on its pictures only.
  virtual Status run_first(std::int64_t pictures) {
    clear_pictures_from(pictures);
    return run();
  }
  // Valid until the next run. Engines that learn their output shapes by running give an empty view before the first.
  virtual TensorView output(std::size_t i) const = 0;
  virtual const std::string& output_name(std::size_t i) const = 0;
  // Another request over the same compiled model.
  virtual Result<std::unique_ptr<BackendSession>> clone() const = 0;
  // Requests (this one and its clones) worth running at a time.
  virtual int streams() const = 0;

 protected:
  // Of the inputs that have as many pictures as the first.
  void clear_pictures_from(std::int64_t first) {
    const std::int64_t batch = input(0).shape()[0];
    for (std::size_t i = 0; i < input_count(); ++i) {
      Tensor tensor = input(i);
      if (tensor.shape().empty() || tensor.shape()[0] != batch) continue;
      const std::size_t begin = tensor.bytes() / static_cast<std::size_t>(batch) * static_cast<std::size_t>(first);
      std::memset(static_cast<std::byte*>(tensor.raw()) + begin, 0, tensor.bytes() - begin);
    }
  }
};

// What the engine itself knows of a file.
struct ModelDescription {
  std::vector<TensorInfo> inputs, outputs;
  std::map<std::string, std::string> metadata;
};

// A model file that an engine will run. May be compiled several times.
class BackendModel {
 public:
  virtual ~BackendModel() = default;
  // May take as long as load(): for files our own reader cannot describe, and to learn whether the engine takes one.
  virtual Result<ModelDescription> describe() = 0;
  // options.input_shapes: one per input, no -1.
  virtual Result<std::unique_ptr<BackendSession>> compile(const SessionOptions& options) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string version() const = 0;  // of the engine's library
  // Errors: kUnsupported for what the engine cannot run, with the engine's own words. An engine that reads files only
  // while it compiles them finds out in describe() and compile().
  virtual Result<std::shared_ptr<BackendModel>> load(const std::string& path) = 0;
};

}  // namespace saker

// A plug-in exports, and nothing else (base/plugin_file.h):
//   extern "C" const char* saker_backend_abi();    kPluginAbi
//   extern "C" saker::Backend* saker_backend();
