// A detector whose boxes are the colours of its picture's quadrants.
#pragma once

#include <saker/detector.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "support/onnx_writer.h"

namespace saker::test_support {

// A MaxPool of 16x16 pixels and a Reshape: [3, 2, 2] colours become two rows of x1, y1, x2, y2, score / 0.4, class.
struct QuadrantModel {
  std::int64_t batch = 1;  // -1: dynamic
  std::int64_t side = 32;  // -1: dynamic
  Shape output_tail = {2, 6};
  std::string names;  // the metadata
  bool two_inputs = false, scalar_first = false;
  float input_scale = 0;  // not 0: the pixels are bytes first, multiples of this
  std::uint8_t input_zero = 0;

  std::string onnx() const {
    ModelWriter model;
    if (scalar_first) model.input("threshold", {});
    model.input("images", {batch, 3, side, side});
    if (two_inputs) model.input("other", {1, 3});
    Shape target = {batch};
    target.insert(target.end(), output_tail.begin(), output_tail.end());
    const auto rank = static_cast<std::int64_t>(target.size());
    model.constant(raw_tensor("shape", kOnnxInt64, {rank}, target));
    if (input_scale != 0) {
      model.constant(float_tensor("scale", {}, {input_scale}));
      model.constant(raw_tensor("zero", kOnnxUint8, {}, std::vector<std::uint8_t>{input_zero}));
      model.node("QuantizeLinear", {"images", "scale", "zero"}, {"bytes"});
      model.node("DequantizeLinear", {"bytes", "scale", "zero"}, {"pixels"});
    }
    model.node("MaxPool", {input_scale != 0 ? "pixels" : "images"}, {"pooled"},
               {ints_attr("kernel_shape", {16, 16}), ints_attr("strides", {16, 16})});
    const bool rows = output_tail == Shape{2, 6};
    model.node("Reshape", {"pooled", "shape"}, {rows ? "rows" : "boxes"}).output("boxes");
    if (rows) {
      model.constant(float_tensor("units", {1, 1, 6}, {1, 1, 1, 1, 0.4F, 1}));
      model.node("Mul", {"rows", "units"}, {"boxes"});
    }
    if (!names.empty()) model.model().message(14, ProtoWriter().bytes(1, "names").bytes(2, names));
    return model.text();
  }

  Result<Model> model() const {
    const std::string text = onnx();
    return Model::parse(std::as_bytes(std::span<const char>(text.data(), text.size())), "tiny.onnx");
  }
};

using QuadrantRow = std::array<std::uint8_t, 6>;

// 32x32 pixels from which that model makes these rows.
inline Image picture_of(const QuadrantRow& first, const QuadrantRow& second) {
  Image image{32, 32, std::vector<std::uint8_t>(std::size_t{32} * 32 * 3)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t channel = i % 3, x = i / 3 % 32, y = i / 96;
    const std::size_t value = channel * 4 + y / 16 * 2 + x / 16;
    image.pixels[i] = value < 6 ? first[value] : second[value - 6];
  }
  return image;
}

}  // namespace saker::test_support
