// The numbers of an IR file: views of the .bin, copied only where they must be.
#pragma once

#include "base/files.h"
#include "model/budget.h"
#include "model/openvino_ir/network.h"

namespace saker::openvino_ir {

class Constants {
 public:
  explicit Constants(const FileBytes& bin);

  // A Const layer's tensor.
  Result<Tensor> read(const Layer& layer);
  // The same numbers as another type. Error kLimit: many layers convert the same bytes, more than a model needs.
  Result<Tensor> converted(const Tensor& tensor, DType dtype);
  // Counts bytes that somebody else copies.
  Status spend(std::size_t bytes) { return budget_.spend(bytes); }

 private:
  const FileBytes& bin_;
  Budget budget_;
};

}  // namespace saker::openvino_ir
