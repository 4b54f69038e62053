// A detector small enough to be written by hand, for tests of the command.
#pragma once

#include <cstdint>
#include <string>

namespace saker::testing {

// The bytes of an ONNX file. Input "images" [N, 3, 64, 64], output "output0" [N, 7, 84] as YOLOv8
// gives it, classes red, green and blue/cyan. An 8x8 block of the picture, aligned to 8 pixels, is a box
// of that size whose score for a class is the mean of its channel minus half the means of the others.
// With `foreign` saker lacks one of its last nodes: random numbers, too small to change anything. With `gain` there is
// a second input of that name, one number that the output is multiplied by.
struct TinyModel {
  bool open_batch = false, foreign = false, gain = false;
  std::int64_t batch = 1;  // unless it is open
};
std::string tiny_detector(const TinyModel& variant);

}  // namespace saker::testing
