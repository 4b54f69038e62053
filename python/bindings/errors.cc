#include "errors.h"

namespace saker::python {
namespace {

const char* class_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return "InvalidError";
    case ErrorCode::kUnsupported:
      return "UnsupportedError";
    case ErrorCode::kNotFound:
      return "NotFoundError";
    case ErrorCode::kIo:
      return "IoError";
    case ErrorCode::kLimit:
      return "LimitError";
    case ErrorCode::kInternal:
      break;
  }
  return "InternalError";
}

}  // namespace

nb::object text(std::string_view bytes) {
  return nb::steal(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "backslashreplace"));
}

nb::object exception_of(const Error& error) {
  nb::object exception = nb::module_::import_("saker.errors").attr(class_name(error.code))(text(error.message));
  if (!error.setting.empty()) exception.attr("setting") = text(error.setting);
  return exception;
}

void raise(const Error& error) {
  const nb::object exception = exception_of(error);
  PyErr_SetObject(exception.type().ptr(), exception.ptr());
  throw nb::python_error();
}

}  // namespace saker::python
