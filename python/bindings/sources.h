// Pictures as Python hands them over: names of files, encoded bytes, pixels in arrays.
#pragma once

#include <saker/image.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "buffers.h"

namespace saker::python {

// Somebody's pixels: element (y, x, c) is at data + y * strides[0] + x * strides[1] + c * strides[2].
struct Pixels {
  const std::uint8_t* data = nullptr;
  int height = 0, width = 0;                   // > 0
  int channels = 3;                            // 1: grey; 3: colours; 4: colours and alpha, which is dropped
  std::array<std::ptrdiff_t, 3> strides = {};  // bytes; any sign
  bool bgr = false;
};

using EncodedPicture = std::span<const std::uint8_t>;
using Source = std::variant<std::string, EncodedPicture, Pixels>;

// A str is a file's name; an object with a buffer of bytes is an encoded picture if it has one dimension, pixels if it
// has two or three, (height, width) or (height, width, 1 | 3 | 4). `bgr`: the order of the pixels' channels. Raises
// TypeError and ValueError. The buffers must outlive the source.
Source source_of(nanobind::handle object, bool bgr, Buffers& buffers);

// A picture ready to be looked at: pixels that lie as the library takes them are not copied.
struct OpenPicture {
  Image own;
  ImageView view;
  double ms = 0;  // to read and decode it

  ImageSize size() const;  // of the picture's file
};

// `name`: of a picture without a file, in messages. Needs no interpreter's lock.
Result<OpenPicture> open_picture(const Source& source, const std::string& name, const ImageReadOptions& options = {});

// As RGB, rows without gaps.
Image copy_pixels(const Pixels& pixels);

// The name of a file, which must have no zero byte in it (ValueError).
std::string file_name(nanobind::handle text);

}  // namespace saker::python
