// The tensors of a checkpoint, out of the storages that its pickle names.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/files.h"
#include "model/budget.h"
#include "model/pt/pickle.h"

namespace saker::pt {

// The bytes of a storage by its key. Errors: kNotFound, kInvalid.
using OpenStorage = std::function<Result<FileBytes>(const std::string& key)>;

class TensorReader {
 public:
  TensorReader(const Pickle& pickle, OpenStorage open, Budget& budget)
      : pickle_(pickle), open_(std::move(open)), budget_(budget) {}

  // Where its storage lies if it is dense and aligned there, else a copy that the budget counts. Errors: kInvalid (it
  // reaches outside its storage), kUnsupported (an element type), kLimit.
  Result<Tensor> read(const TensorRecord& record);

 private:
  struct Opened {
    FileBytes bytes;
    DType dtype = DType::kFloat32;
  };
  Result<const Opened*> open(const TensorRecord& record);

  const Pickle& pickle_;
  OpenStorage open_;
  Budget& budget_;
  std::map<std::size_t, Opened> opened_;
};

// Of "HalfStorage", "torch.float16", "F16" (safetensors). Error kUnsupported.
Result<DType> dtype_named(const std::string& name);
// "HalfStorage"; empty: torch has no such element type.
std::string_view storage_of(DType dtype);
// "F16": every element type has one.
std::string_view safetensors_type(DType dtype);

}  // namespace saker::pt
