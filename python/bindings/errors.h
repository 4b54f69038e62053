// The library's errors as exceptions of saker.errors.
#pragma once

#include <nanobind/nanobind.h>
#include <saker/result.h>

#include <string>
#include <string_view>
#include <utility>

namespace saker::python {

namespace nb = nanobind;

// A str, whatever the bytes: file names need not be UTF-8.
nb::object text(std::string_view bytes);

// An instance of the class for error.code, with the library's message and its `setting`.
nb::object exception_of(const Error& error);

[[noreturn]] void raise(const Error& error);

inline void value_of(const Status& status) {
  if (!status.ok()) raise(status.error());
}
template <typename T>
T value_of(Result<T>&& result) {
  if (!result.ok()) raise(result.error());
  return std::move(result).value();
}

}  // namespace saker::python
