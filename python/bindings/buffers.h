// Memory of Python objects that a call reads: held until it is done, so that nobody frees or resizes it meanwhile.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <vector>

namespace saker::python {

// Made, filled and destroyed by threads that hold the interpreter's lock.
class Buffers {
 public:
  Buffers() = default;
  Buffers(Buffers&&) = default;
  Buffers& operator=(Buffers&&) = delete;
  ~Buffers();

  // Raises what the object says (BufferError), or TypeError if it has no memory to show.
  const Py_buffer& add(nanobind::handle object);

 private:
  std::vector<std::unique_ptr<Py_buffer>> buffers_;
};

}  // namespace saker::python
