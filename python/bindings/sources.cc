#include "sources.h"

#include <chrono>
#include <cstring>
#include <limits>
#include <utility>

namespace saker::python {
namespace {

namespace nb = nanobind;

nb::object described(const Py_buffer& buffer) {
  nb::list shape;
  for (int i = 0; i < buffer.ndim; ++i) shape.append(buffer.shape[i]);
  return nb::tuple(shape);
}

[[noreturn]] void raise_shape(const Py_buffer& buffer) {
  const nb::object shape = described(buffer);
  PyErr_Format(PyExc_ValueError,
               "expected pixels of shape (height, width, 3), (height, width) or (height, width, 4), "
               "none of them 0, got %R",
               shape.ptr());
  throw nb::python_error();
}

Pixels pixels_of(const Py_buffer& buffer, bool bgr) {
  const bool grey = buffer.ndim == 2;
  const Py_ssize_t channels = grey ? 1 : buffer.shape[2];
  if (channels != 1 && channels != 3 && channels != 4) raise_shape(buffer);
  for (int i = 0; i < 2; ++i) {
    if (buffer.shape[i] < 1 || buffer.shape[i] > std::numeric_limits<int>::max() / 4) raise_shape(buffer);
  }
  Pixels pixels;
  pixels.data = static_cast<const std::uint8_t*>(buffer.buf);
  pixels.height = static_cast<int>(buffer.shape[0]);
  pixels.width = static_cast<int>(buffer.shape[1]);
  pixels.channels = static_cast<int>(channels);
  pixels.strides = {buffer.strides[0], buffer.strides[1], grey ? 0 : buffer.strides[2]};
  pixels.bgr = bgr;
  return pixels;
}

// The same pixels as the library takes them, if they lie so; else an empty view.
ImageView view_of(const Pixels& pixels) {
  const std::ptrdiff_t row = std::ptrdiff_t{3} * pixels.width, stride = pixels.strides[0];
  const bool in_order = pixels.strides[2] == 1, backwards = pixels.strides[2] == -1;
  const bool apart = pixels.height == 1 || stride >= row || stride <= -row;
  if (pixels.channels != 3 || pixels.strides[1] != 3 || !apart || !(in_order || backwards)) return {};
  const PixelFormat format = pixels.bgr == backwards ? PixelFormat::kRgb : PixelFormat::kBgr;
  return {backwards ? pixels.data - 2 : pixels.data, pixels.width, pixels.height,
          pixels.height == 1 ? row : stride,         format,       {}};
}

}  // namespace

std::string file_name(nb::handle text) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(text.ptr(), static_cast<void*>(&bytes)) == 0) throw nb::python_error();
  const nb::object owned = nb::steal(bytes);
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(bytes, &data, &size) != 0) throw nb::python_error();
  return {data, static_cast<std::size_t>(size)};
}

Source source_of(nb::handle object, bool bgr, Buffers& buffers) {
  if (PyUnicode_Check(object.ptr())) return file_name(object);
  const Py_buffer& buffer = buffers.add(object);
  if (buffer.itemsize != 1 || (buffer.format != nullptr && std::strcmp(buffer.format, "B") != 0)) {
    PyErr_Format(PyExc_TypeError, "expected bytes (uint8), got elements of format '%s'",
                 buffer.format == nullptr ? "?" : buffer.format);
    throw nb::python_error();
  }
  if (buffer.ndim == 1 && (buffer.strides == nullptr || buffer.strides[0] == 1 || buffer.len < 2))
    return EncodedPicture(static_cast<const std::uint8_t*>(buffer.buf), static_cast<std::size_t>(buffer.len));
  if (buffer.ndim != 2 && buffer.ndim != 3) raise_shape(buffer);
  return pixels_of(buffer, bgr);
}

ImageSize OpenPicture::size() const {
  return view.file_size.width > 0 ? view.file_size : ImageSize{view.width, view.height};
}

Image copy_pixels(const Pixels& pixels) {
  Image image;
  image.width = pixels.width;
  image.height = pixels.height;
  image.pixels.resize(std::size_t{3} * static_cast<std::size_t>(pixels.width) *
                      static_cast<std::size_t>(pixels.height));
  const std::ptrdiff_t channel = pixels.channels == 1 ? 0 : pixels.strides[2];
  const std::ptrdiff_t red = pixels.bgr ? 2 * channel : 0, blue = pixels.bgr ? 0 : 2 * channel;
  std::uint8_t* to = image.pixels.data();
  for (int y = 0; y < pixels.height; ++y) {
    const std::uint8_t* from = pixels.data + y * pixels.strides[0];
    for (int x = 0; x < pixels.width; ++x, from += pixels.strides[1], to += 3) {
      to[0] = from[red];
      to[1] = from[channel];
      to[2] = from[blue];
    }
  }
  return image;
}

Result<OpenPicture> open_picture(const Source& source, const std::string& name, const ImageReadOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  OpenPicture picture;
  if (const auto* pixels = std::get_if<Pixels>(&source)) {
    picture.view = view_of(*pixels);
    if (picture.view.data == nullptr) picture.own = copy_pixels(*pixels);
  } else {
    const auto* path = std::get_if<std::string>(&source);
    auto image =
        path != nullptr ? read_image(*path, options) : decode_image(std::get<EncodedPicture>(source), name, options);
    if (!image.ok()) return image.error();
    picture.own = std::move(*image);
  }
  if (picture.view.data == nullptr) picture.view = picture.own.view();
  picture.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return picture;
}

}  // namespace saker::python
