#include "model.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <new>
#include <utility>

#include "bindings.h"
#include "buffers.h"
#include "calls.h"
#include "errors.h"
#include "sources.h"

namespace saker::python {
namespace {

PyModel load(nb::handle path, const std::string& backend, std::size_t max_file_bytes) {
  ModelOptions options;
  options.backend = backend;
  options.max_file_bytes = max_file_bytes;
  const std::string name = file_name(path);
  const auto result = std::make_shared<std::optional<Result<Model>>>();
  run([=](const Stop&) { *result = Model::load(name, options); });
  return {value_of(std::move(**result)), backend, name};
}

PyModel parse(nb::handle data, const std::string& name) {
  Buffers buffers;
  const Py_buffer& buffer = buffers.add(data);
  const std::span bytes(static_cast<const std::byte*>(buffer.buf), static_cast<std::size_t>(buffer.len));
  if (buffer.ndim > 1 || buffer.itemsize != 1) throw nb::type_error("expected bytes");
  const auto result = std::make_shared<std::optional<Result<Model>>>();
  run([=](const Stop&) { *result = Model::parse(bytes, name); }, std::move(buffers));
  return {value_of(std::move(**result)), "saker", std::nullopt};
}

// An int, a name, or None for a dimension that is open and has no name; None for no shape at all.
nb::object shape_of(const TensorInfo& info) {
  if (!info.has_shape) return nb::none();
  nb::list shape;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    if (info.shape[i] >= 0) {
      shape.append(info.shape[i]);
    } else if (i < info.symbols.size() && !info.symbols[i].empty()) {
      shape.append(text(info.symbols[i]));
    } else {
      shape.append(nb::none());
    }
  }
  return nb::tuple(shape);
}

nb::list facts_of(const std::vector<TensorInfo>& tensors) {
  const nb::object info = nb::module_::import_("saker.model").attr("TensorInfo");
  nb::list facts;
  for (const TensorInfo& tensor : tensors)
    facts.append(info(text(tensor.name), nb::str(dtype_name(tensor.dtype)), shape_of(tensor)));
  return facts;
}

nb::dict metadata_of(const PyModel& self) {
  nb::dict metadata;
  for (const auto& [key, value] : self.model.metadata()) metadata[text(key)] = text(value);
  return metadata;
}

nb::object reduce(nb::pointer_and_handle<PyModel> self) {
  const PyModel& model = *self.p;
  if (!model.path) throw nb::type_error("a model that was read from memory cannot be pickled");
  return nb::make_tuple(self.h.type(),
                        nb::make_tuple(nb::steal(PyUnicode_DecodeFSDefaultAndSize(
                                           model.path->data(), static_cast<Py_ssize_t>(model.path->size()))),
                                       model.backend));
}

}  // namespace

void bind_model(nb::module_& module) {
  nb::class_<PyModel>(module, "Model",
                      "A network read from a file and checked: ONNX, OpenVINO IR (.xml) or a checkpoint (.pt).\n\n"
                      "Immutable; may be shared between threads.")
      .def(
          "__init__",
          [](PyModel* self, nb::handle path, const std::string& backend, std::size_t max_file_bytes) {
            new (self) PyModel(load(path, backend, max_file_bytes));
          },
          nb::arg("path"), nb::arg("backend") = "saker", nb::kw_only(),
          nb::arg("max_file_bytes") = ModelOptions{}.max_file_bytes,
          nb::sig("def __init__(self, path: str | os.PathLike[str], backend: str = 'saker', *, "
                  "max_file_bytes: int = 2147483648) -> None"),
          "Reads the file `path`. `backend`: the engine that will run it: 'saker', 'onnxruntime', 'openvino',\n"
          "'torchscript', or 'auto': saker, or the first installed one that takes what saker lacks.\n\n"
          "Raises saker.NotFoundError, IoError, InvalidError, UnsupportedError (an operator the engine lacks) or\n"
          "LimitError (a file larger than `max_file_bytes`).")
      .def_static("from_bytes", &parse, nb::arg("data"), nb::arg("name") = "model",
                  nb::sig("def from_bytes(data: bytes | bytearray | memoryview, name: str = 'model') -> Model"),
                  "Reads an ONNX file from memory, which is copied; `name` is used in messages.")
      .def_prop_ro(
          "path", [](const PyModel& self) { return text(self.model.path()); }, nb::sig("def path(self) -> str"),
          "Of the file, or the name that was given with the bytes.")
      .def_prop_ro(
          "backend", [](const PyModel& self) { return self.model.backend(); }, "The engine chosen; never 'auto'.")
      .def_prop_ro(
          "backend_note", [](const PyModel& self) { return text(self.model.backend_note()); },
          nb::sig("def backend_note(self) -> str"), "Why 'auto' chose another engine than saker; else empty.")
      .def_prop_ro(
          "inputs", [](const PyModel& self) { return facts_of(self.model.inputs()); },
          nb::sig("def inputs(self) -> list[saker.model.TensorInfo]"),
          "As the file declares them: name, dtype ('float32', ...), shape. A dimension is an int, or if it is open\n"
          "its name or None; the shape is None where the file has none.")
      .def_prop_ro(
          "outputs", [](const PyModel& self) { return facts_of(self.model.outputs()); },
          nb::sig("def outputs(self) -> list[saker.model.TensorInfo]"), "As the file declares them, like `inputs`.")
      .def_prop_ro("metadata", &metadata_of, nb::sig("def metadata(self) -> dict[str, str]"),
                   "What the file says of itself: ONNX's metadata_props, OpenVINO's rt_info.")
      .def_prop_ro(
          "operators", [](const PyModel& self) { return self.model.operators(); },
          "Operators and the number of nodes of each, of files that saker reads.")
      .def_prop_ro(
          "file_bytes", [](const PyModel& self) { return self.model.file_bytes(); }, "The size of the file.")
      .def("__repr__",
           [](const PyModel& self) {
             return nb::str("<saker.Model {} for {}>").format(text(self.model.path()), self.model.backend());
           })
      .def("__reduce__", &reduce, nb::sig("def __reduce__(self) -> tuple[object, ...]"),
           "Pickled as path and backend: whoever unpickles it reads the file again.");
}

}  // namespace saker::python
