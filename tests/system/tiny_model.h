// A detector small enough to be written by hand, for tests of the command.
#pragma once

#include <string>

namespace saker::testing {

// The bytes of an ONNX file. Input "images" [N, 3, 64, 64], output "output0" [N, 7, 84] as YOLOv8
// gives it, classes red, green and blue/cyan. An 8x8 block of the picture, aligned to 8 pixels, is a box
// of that size whose score for a class is the mean of its channel minus half the means of the others.
// With `foreign` its last node is one that saker lacks (Abs, which changes nothing here).
std::string tiny_detector(bool open_batch, bool foreign = false);

}  // namespace saker::testing
