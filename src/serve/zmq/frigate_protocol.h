// What Frigate's ZeroMQ detector plug-in says and reads, as frames of bytes; sockets are zmq_loop's. Read from
// frigate/detectors/plugins/zmq_ipc.py of github.com/blakeblackshear/frigate at e3fa701 (July 2026):
//
//   question   {"model_request": true, "model_name": "yolo.onnx"}     once, and after each time-out
//   answer     {"model_available": true, "model_loaded": true}        both true, or it never detects; 30 s
//   model      {"model_data": true, "model_name": ..}, bytes          if it was not available
//   answer     {"model_saved": .., "model_loaded": ..}
//   picture    {"shape": [1, 320, 320, 3], "dtype": "uint8", ..}, raw tensor, row-major
//   answer     {"shape": [20, 6], "dtype": "float32"}, 20 rows of class, score, y1, x1, y2, x2; 200 ms by default
//
// The rows are read until one with too low a score, so the best stands first and what is left is zero; corners are
// fractions of the tensor's sides.
#pragma once

#include <saker/detector_spec.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::serve::frigate {

constexpr int kRows = 20;

struct ModelQuestion {
  std::string name;  // a file's name
};

struct ModelFile {  // which is not taken: what is served is what the server was started with
  std::string name;
};

struct Picture {
  std::vector<std::uint8_t> file;  // a binary PPM of the tensor's pixels
  ImageSize size;
};

struct Malformed {
  std::string why;  // one line
};

using Message = std::variant<Malformed, ModelQuestion, ModelFile, Picture>;

// Tensors of 8-bit integers, or of floats from 0 to 1 or to 255; pixels innermost or planes, with dimensions of 1 where
// they like. Their channels are taken for RGB: nothing tells.
Message read_message(std::span<const std::string_view> frames);

std::string answer_question(bool ready);
std::string answer_model_file();
// Best score first, as `boxes` are; `error` stands in the header, which Frigate does not read, for whoever looks.
std::array<std::string, 2> answer_picture(std::span<const Detection> boxes, ImageSize size, std::string_view error);

}  // namespace saker::serve::frigate
