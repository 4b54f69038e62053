// What networks are written with: the layers that have weights, and what happens between them. One builder makes a
// Graph; whoever trains makes another one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "nets/module.h"

namespace saker::nets {

using Var = std::int32_t;  // a value of the builder; kNothing after an error
constexpr Var kNothing = -1;

struct PoolWindow {
  std::int64_t kernel = 1, stride = 1, pad = 0, dilation = 1;
  bool ceil_mode = false;
};

// The first error stays, what is asked for after it gives kNothing, and who started the flow tells it.
class Builder {
 public:
  virtual ~Builder() = default;

  // Layers with the attributes and weights of torch.nn's classes.
  virtual Var conv(const Module& of, Var x) = 0;            // Conv2d
  virtual Var conv_transpose(const Module& of, Var x) = 0;  // ConvTranspose2d
  virtual Var batch_norm(const Module& of, Var x) = 0;      // BatchNorm2d
  virtual Var activation(const Module& of, Var x) = 0;      // SiLU, LeakyReLU, ...
  virtual Var parameter(const Module& of, const char* name, std::vector<std::int64_t> shape) = 0;  // in that shape

  virtual Var max_pool(Var x, const PoolWindow& window) = 0;
  virtual Var average_pool(Var x, const PoolWindow& window) = 0;  // the edges' zeros count
  virtual Var upsample(Var x, double factor) = 0;                 // nearest neighbour
  // x in the height and width of another picture, nearest neighbour.
  virtual Var resize_like(Var x, Var like) = 0;
  virtual Var pad(Var x, const std::array<std::int64_t, 4>& left_top_right_bottom) = 0;
  // Every second row and column from those on: Focus.
  virtual Var every_second(Var x, std::int64_t row, std::int64_t column) = 0;

  virtual Var concat(std::vector<Var> parts, std::int64_t axis) = 0;
  virtual std::vector<Var> split(Var x, const std::vector<std::int64_t>& sizes, std::int64_t axis) = 0;
  virtual std::vector<Var> chunk(Var x, std::size_t parts) = 0;  // channels in equal parts
  virtual Var add(Var a, Var b) = 0;
  virtual Var multiply(Var a, Var b) = 0;
  virtual Var scale(Var x, double by) = 0;
  virtual Var softmax(Var x, std::int64_t axis) = 0;
  virtual Var matmul(Var a, Var b) = 0;
  virtual Var transpose(Var x, const std::vector<std::int64_t>& order) = 0;
  // 0: the extent of x at that place; -1: what is left.
  virtual Var reshape(Var x, const std::vector<std::int64_t>& shape) = 0;
  // [N, channels, height * width] as a picture of the height and width of another.
  virtual Var as_picture(Var x, Var like) = 0;

  // Told what each module has given, of whatever class (flow.h), for those who look inside; kNothing after a failure.
  virtual void given(const Module& /*of*/, Var /*output*/) {}

  // kNothing. The module is named.
  virtual Var fail(const Module& of, const std::string& what) = 0;
};

}  // namespace saker::nets
