// Pictures read, written and drawn on.
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <saker/detector_spec.h>
#include <saker/draw.h>

#include <memory>
#include <optional>
#include <utility>

#include "bindings.h"
#include "calls.h"
#include "errors.h"
#include "sources.h"

namespace saker::python {
namespace {

using Rgb = nb::ndarray<nb::numpy, std::uint8_t, nb::shape<-1, -1, 3>>;

// The image's own memory as an array.
nb::object array_of(Image image) {
  auto* const kept = new Image(std::move(image));
  const nb::capsule capsule(kept, [](void* p) noexcept { delete static_cast<Image*>(p); });
  return nb::cast(Rgb(kept->pixels.data(),
                      {static_cast<std::size_t>(kept->height), static_cast<std::size_t>(kept->width), std::size_t{3}},
                      capsule));
}

nb::object read(nb::handle source, const std::string& name, std::int64_t max_pixels) {
  Buffers buffers;
  const auto from = std::make_shared<Source>(source_of(source, false, buffers));
  ImageReadOptions options;
  options.max_pixels = max_pixels;
  const auto result = std::make_shared<std::optional<Result<Image>>>();
  run(
      [=](const Stop&) {
        auto picture = open_picture(*from, name, options);
        if (!picture.ok()) {
          *result = picture.error();
        } else if (picture->own.pixels.empty()) {
          *result = copy_pixels(std::get<Pixels>(*from));
        } else {
          *result = std::move(picture->own);
        }
      },
      std::move(buffers));
  return array_of(value_of(std::move(**result)));
}

Pixels pixels_from(nb::handle image, bool bgr, Buffers& buffers) {
  const Source source = source_of(image, bgr, buffers);
  if (const auto* pixels = std::get_if<Pixels>(&source)) return *pixels;
  throw nb::type_error("expected an array of pixels");
}

void write(nb::handle path, nb::handle image, int quality, bool bgr) {
  Buffers buffers;
  const std::string name = file_name(path);
  const Pixels pixels = pixels_from(image, bgr, buffers);
  const auto status = std::make_shared<Status>();
  run(
      [=](const Stop&) {
        const auto picture = open_picture(pixels, name);
        *status = picture.ok() ? write_image(name, picture->view, quality) : picture.error();
      },
      std::move(buffers));
  value_of(*status);
}

nb::object draw(nb::handle image, nb::ndarray<const float, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu> boxes,
                const std::vector<std::string>& texts, const std::vector<int>& colors, bool bgr) {
  Buffers buffers;
  const Pixels pixels = pixels_from(image, bgr, buffers);
  if (texts.size() != boxes.shape(0) || colors.size() != boxes.shape(0))
    throw nb::value_error("a text and a colour for each box");
  std::vector<DrawnBox> drawn;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const float* corners = boxes.data() + 4 * i;
    drawn.push_back({corners[0], corners[1], corners[2], corners[3], texts[i], colors[i]});
  }
  const auto result = std::make_shared<Image>();
  run(
      [=](const Stop&) {
        *result = copy_pixels(pixels);
        draw_boxes(*result, drawn);
      },
      std::move(buffers));
  return array_of(std::move(*result));
}

nb::list labels_of(nb::handle path) {
  nb::list labels;
  for (const std::string& label : value_of(read_labels(file_name(path)))) labels.append(text(label));
  return labels;
}

}  // namespace

void bind_pictures(nb::module_& module) {
  module.def("read_image", &read, nb::arg("source"), nb::arg("name") = "picture", nb::kw_only(),
             nb::arg("max_pixels") = ImageReadOptions{}.max_pixels,
             nb::sig("def read_image(source: str | bytes | bytearray | memoryview | numpy.typing.NDArray[numpy.uint8], "
                     "name: str = 'picture', *, max_pixels: int = 100000000) -> numpy.typing.NDArray[numpy.uint8]"),
             "Reads a picture: a file's name, or the bytes of one; or copies pixels. Gives uint8 (height, width, 3),\n"
             "RGB, orientation applied. `name`: of a picture without a file, in messages.");
  module.def("write_image", &write, nb::arg("path"), nb::arg("image"), nb::kw_only(), nb::arg("quality") = 95,
             nb::arg("bgr") = false,
             nb::sig("def write_image(path: str, image: numpy.typing.NDArray[numpy.uint8], *, quality: int = 95, "
                     "bgr: bool = False) -> None"),
             "Writes pixels, uint8 (height, width, 3), as JPEG (`quality` 1..100) or PNG, by the path's extension.");
  module.def("draw_boxes", &draw, nb::arg("image"), nb::arg("boxes"), nb::arg("texts"), nb::arg("colors"),
             nb::kw_only(), nb::arg("bgr") = false,
             nb::sig("def draw_boxes(image: numpy.typing.NDArray[numpy.uint8], boxes: "
                     "numpy.typing.NDArray[numpy.float32], texts: collections.abc.Sequence[str], colors: "
                     "collections.abc.Sequence[int], *, bgr: bool "
                     "= False) -> numpy.typing.NDArray[numpy.uint8]"),
             "A copy of the picture, RGB, with frames and labels drawn; `boxes`: float32 (n, 4), corners in pixels;\n"
             "`colors`: numbers of the palette. Earlier boxes lie on top.");
  module.def("read_labels", &labels_of, nb::arg("path"), nb::sig("def read_labels(path: str) -> list[str]"),
             "Class names from a file: one a line, or `names` of a YOLO data.yaml.");
}

}  // namespace saker::python
