// Tensors of the library as arrays of numpy, without copies.
#pragma once

#include <nanobind/ndarray.h>
#include <saker/tensor.h>

#include <memory>

namespace saker::python {

// An array over the view's memory, which `owner` keeps alive. bfloat16, which numpy lacks, comes as uint16.
nanobind::object array_of(const TensorView& view, std::shared_ptr<void> owner, bool writable);

// The same of a tensor, whose memory the array shares.
nanobind::object array_of(Tensor tensor, std::shared_ptr<void> owner, bool writable);

}  // namespace saker::python
