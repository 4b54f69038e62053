// A checkpoint file being made: the pickle of its values, and the numbers of its tensors.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <cstddef>
#include <vector>

#include "model/pt/pickle_writer.h"

namespace saker::pt {

class CheckpointWriter {
 public:
  // Of the value that is the whole of the file.
  PickleWriter& pickle() { return pickle_; }

  // Into the pickle, and its numbers beside it. Floating-point numbers become those of `wide`; of float16 the largest
  // stands for what is larger, as in Ultralytics 8.4. Error kUnsupported: an element type that torch has not.
  Status put_tensor(const Tensor& tensor, DType wide);
  Status put_parameter(const Tensor& tensor, DType wide);

  // The archive. Error kLimit: it would pass 4 GB.
  Result<std::vector<std::byte>> finish() &&;

 private:
  PickleWriter pickle_{true};
  std::vector<Tensor> storages_;
};

}  // namespace saker::pt
