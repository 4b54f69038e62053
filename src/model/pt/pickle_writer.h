// Pickles of protocol 2 as torch.save and TorchScript write them, value by value; pickle.h reads them. Opcodes:
// Python's pickletools.
#pragma once

#include <saker/tensor.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace saker::pt {

// A container's items stand between begin_... and end_...; those of dictionaries and objects are key, value, key, ...
class PickleWriter {
 public:
  // `remembers`: texts and names of classes are spelt once and referred to afterwards.
  explicit PickleWriter(bool remembers);

  void put_none();
  void put(bool value);
  void put(std::int64_t value);
  void put(double value);
  void put(std::string_view text);
  void put(const char* text) { put(std::string_view(text)); }
  void put_tuple(const std::vector<std::int64_t>& values);
  void put_list(const std::vector<std::int64_t>& values);

  void begin_list();
  void end_list();
  void begin_tuple();
  void end_tuple();
  void begin_dict();
  void end_dict();
  void put_empty_ordered_dict();
  void begin_ordered_dict();
  void end_ordered_dict();
  // An object of the class "package.Name"; what stands between is its state.
  void begin_object(std::string_view class_path);
  void end_object();
  void put_empty_set();

  // A dense tensor in the storage "data/KEY". `storage` is its class of torch: "FloatStorage".
  void put_tensor(const Tensor& value, std::string_view storage, std::string_view key);
  // The same as a torch.nn.Parameter that is not trained.
  void put_parameter(const Tensor& value, std::string_view storage, std::string_view key);

  // The value just put, and the same value another time.
  std::size_t remember();
  void put_again(std::size_t remembered);

  std::string finish() &&;

 private:
  void put_global(std::string_view package, std::string_view name);
  // What makes a text or a class, spelt the first time it comes.
  void put_once(const std::string& spelling);

  std::string out_;
  bool remembers_;
  std::map<std::string, std::size_t> known_;
  std::size_t memos_ = 0;
};

}  // namespace saker::pt
