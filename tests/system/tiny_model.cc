// A detector small enough to be written by hand, as ONNX protobuf bytes.
#include "tiny_model.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace saker::testing {
namespace {

constexpr int kSide = 64, kClasses = 3, kChannels = 4 + kClasses;
constexpr int kStrides[] = {8, 16, 32};
constexpr int kFloat = 1, kInt64 = 7;

// Protobuf wire format: only what a model needs.
class Message {
 public:
  Message& number(int field, std::uint64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);
    varint(value);
    return *this;
  }
  Message& text(int field, const std::string& value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return text(field, value.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_.push_back(static_cast<char>(value | 128));
    bytes_.push_back(static_cast<char>(value));
  }
  std::string bytes_;
};

template <typename T>
Message tensor(const std::string& name, int type, const std::vector<int>& dims, const std::vector<T>& values) {
  Message message;
  for (const int dim : dims) message.number(1, static_cast<std::uint64_t>(dim));
  std::string raw(values.size() * sizeof(T), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  return message.number(2, static_cast<std::uint64_t>(type)).text(8, name).text(9, raw);
}

Message node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
  Message message;
  for (const std::string& input : inputs) message.text(1, input);
  return message.text(2, output).text(3, op + "_" + output).text(4, op);
}

Message ints(const std::string& name, const std::vector<int>& values) {
  constexpr std::uint64_t kInts = 7;
  Message message;
  message.text(1, name).number(20, kInts);
  for (const int value : values) message.number(8, static_cast<std::uint64_t>(value));
  return message;
}

Message value_info(const std::string& name, bool open_batch, const std::vector<int>& dims) {
  Message shape;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    Message dim;
    if (i == 0 && open_batch) {
      dim.text(2, "batch");
    } else {
      dim.number(1, static_cast<std::uint64_t>(dims[i]));
    }
    shape.message(1, dim);
  }
  return Message().text(1, name).message(2, Message().message(1, Message().number(1, kFloat).message(2, shape)));
}

// One level: a convolution of its stride. Only the finest one looks at the picture.
void add_level(Message& graph, int stride, std::vector<std::string>& levels) {
  const std::string name = std::to_string(stride);
  const auto area = static_cast<std::size_t>(stride * stride);
  std::vector<float> weights(static_cast<std::size_t>(kChannels) * 3 * area, 0.0F);
  std::vector<float> bias(kChannels, 0.0F);
  for (std::size_t c = 0; c < kClasses; ++c) {
    if (stride != kStrides[0]) {
      bias[4 + c] = -1;
      continue;
    }
    for (std::size_t k = 0; k < 3 * area; ++k)
      weights[(4 + c) * 3 * area + k] = (k / area == c ? 1.0F : -0.5F) / static_cast<float>(area);
  }
  graph.message(5, tensor<float>("w" + name, kFloat, {kChannels, 3, stride, stride}, weights));
  graph.message(5, tensor<float>("b" + name, kFloat, {kChannels}, bias));
  Message conv = node("Conv", {"images", "w" + name, "b" + name}, "conv" + name);
  conv.message(5, ints("kernel_shape", {stride, stride})).message(5, ints("strides", {stride, stride}));
  graph.message(1, conv).message(1, node("Reshape", {"conv" + name, "flat"}, "level" + name));
  levels.push_back("level" + name);
}

// Centre and size of each cell, in pixels.
std::vector<float> boxes() {
  std::vector<std::vector<float>> rows(kChannels);
  for (const int stride : kStrides) {
    for (int cell = 0; cell < (kSide / stride) * (kSide / stride); ++cell) {
      const auto side = static_cast<float>(stride);
      const float values[kChannels] = {static_cast<float>(cell % (kSide / stride)) * side + side / 2,
                                       static_cast<float>(cell / (kSide / stride)) * side + side / 2, side, side};
      for (std::size_t c = 0; c < kChannels; ++c) rows[c].push_back(values[c]);
    }
  }
  std::vector<float> flat;
  for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
  return flat;
}

}  // namespace

std::string tiny_detector(bool open_batch, bool foreign) {
  constexpr int kCells = 84;
  Message graph;
  std::vector<std::string> levels;
  graph.text(2, "tiny");
  graph.message(5, tensor<std::int64_t>("flat", kInt64, {3}, {0, kChannels, -1}));
  for (const int stride : kStrides) add_level(graph, stride, levels);
  Message concat = node("Concat", levels, "all");
  constexpr std::uint64_t kInt = 2;
  concat.message(5, Message().text(1, "axis").number(20, kInt).number(3, 2));
  graph.message(5, tensor<float>("boxes", kFloat, {1, kChannels, kCells}, boxes()));
  graph.message(1, concat).message(1, node("Add", {"all", "boxes"}, foreign ? "sum" : "output0"));
  if (foreign) graph.message(1, node("Abs", {"sum"}, "output0"));
  graph.message(11, value_info("images", open_batch, {1, 3, kSide, kSide}));
  graph.message(12, value_info("output0", open_batch, {1, kChannels, kCells}));
  Message model;
  model.number(1, 8).message(8, Message().text(1, "").number(2, 13)).message(7, graph);
  model.message(14, Message().text(1, "names").text(2, "{0: 'red', 1: 'green', 2: 'blue/cyan'}"));
  return model.bytes();
}

}  // namespace saker::testing
