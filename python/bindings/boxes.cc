#include "boxes.h"

#include <cstdint>
#include <utility>

#include "errors.h"

namespace saker::python {
namespace {

// A bytes object of `count` elements, which `element(i)` gives.
template <typename T, typename Element>
nb::object bytes_of(std::size_t count, const Element& element) {
  nb::object bytes = nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(count * sizeof(T))));
  if (!bytes.is_valid()) throw nb::python_error();
  T* const to = reinterpret_cast<T*>(PyBytes_AsString(bytes.ptr()));
  for (std::size_t i = 0; i < count; ++i) to[i] = element(i);
  return bytes;
}

nb::object to_python(const Found& found) {
  struct Corners {
    float x1, y1, x2, y2;
  };
  const std::vector<Detection>& boxes = found.detections.boxes;
  const StageTimes& ms = found.detections.ms;
  return nb::make_tuple(bytes_of<Corners>(boxes.size(),
                                          [&](std::size_t i) {
                                            return Corners{boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2};
                                          }),
                        bytes_of<float>(boxes.size(), [&](std::size_t i) { return boxes[i].score; }),
                        bytes_of<std::int32_t>(boxes.size(), [&](std::size_t i) { return boxes[i].class_id; }),
                        found.size.height, found.size.width,
                        nb::make_tuple(found.decode_ms, ms.preprocess, ms.infer, ms.postprocess));
}

}  // namespace

BoxOptions box_options(float conf, std::optional<float> iou, int max_det, std::vector<int> classes, bool agnostic,
                       bool multi_label) {
  BoxOptions options;
  options.conf = conf;
  options.iou = iou;
  options.max_det = max_det;
  options.multi_label = multi_label;
  options.agnostic = agnostic;
  options.classes = std::move(classes);
  return options;
}

nb::object to_python(const Outcome& outcome) {
  if (const auto* found = std::get_if<Found>(&outcome)) return to_python(*found);
  if (const auto* error = std::get_if<Error>(&outcome)) return exception_of(*error);
  return nb::none();
}

}  // namespace saker::python
