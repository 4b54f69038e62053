// Modules as the pickled objects that torch.nn.Module's are.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "model/pt/checkpoint_writer.h"
#include "nets/network.h"

namespace saker::pt {

// The path by which both a framework's repository and its package know the class: "models.common.C3" of
// "yolov5.models.common.C3". Error kUnsupported: no class of torch.nn, YOLOv5 or Ultralytics; whoever opens the file
// would import it, whatever it is.
Result<std::string> class_path_of(const nets::Module& module);

// Weights become float16.
class ModuleWriter {
 public:
  explicit ModuleWriter(CheckpointWriter& out) : out_(out), pickle_(out.pickle()) {}

  // A model of that class, with the network's layers in its part "model". `attributes` puts keys and values of its own.
  // Errors: kUnsupported (a class, an element type), kLimit (too deep); the module is named.
  Status put_model(const nets::Network& network, const std::string& class_path,
                   const std::function<Status()>& attributes);

 private:
  using More = std::function<Status()>;

  // An object of torch.nn.Module: what all of them have, `tensors` and `parts` of its dictionaries, and attributes.
  Status put_object(const std::string& class_path, bool training, const More& tensors, const More& parts,
                    const More& attributes);
  Status put_module(const nets::Module& module, std::size_t depth, std::span<const std::string_view> elsewhere,
                    const More& more);
  Status put_part(const nets::Module& module, std::size_t depth);
  Status put_layer(const nets::Network& network, std::size_t index);
  Status put_tensors(const nets::Module& module);
  Status put_head(const nets::Network& network);

  CheckpointWriter& out_;
  PickleWriter& pickle_;
  // Activations without weights are shared between the modules of a file.
  std::map<std::pair<std::string, std::map<std::string, nets::Attribute, std::less<>>>, std::size_t> shared_;
};

// A tensor of those numbers.
Result<Tensor> float_tensor(std::span<const double> numbers);

}  // namespace saker::pt
