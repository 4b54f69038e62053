// Pickles of protocol 2 as TorchScript's reader takes them: a module as an object whose state is a dict of its
// attributes. pt/pickle.h reads them. Opcodes: Python's pickletools.
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::torchscript {

// Of constants.pkl where there are none.
std::string empty_tuple_pickle();

// One object. `module` and `name` are the class's; attributes are added in the order in which the class declares them.
class ObjectPickle {
 public:
  ObjectPickle(std::string_view module, std::string_view name);

  void add(std::string_view attribute, bool value);
  // A dense tensor in the storage "data/KEY". `storage` is its class of torch: "FloatStorage".
  void add(std::string_view attribute, const Tensor& value, std::string_view storage, std::string_view key);

  std::string finish() &&;

 private:
  std::string out_;
};

}  // namespace saker::torchscript
