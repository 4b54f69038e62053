#include "buffers.h"

namespace saker::python {

Buffers::~Buffers() {
  for (const auto& buffer : buffers_) PyBuffer_Release(buffer.get());
}

const Py_buffer& Buffers::add(nanobind::handle object) {
  buffers_.reserve(buffers_.size() + 1);
  auto buffer = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(object.ptr(), buffer.get(), PyBUF_RECORDS_RO) != 0) throw nanobind::python_error();
  return *buffers_.emplace_back(std::move(buffer));
}

}  // namespace saker::python
