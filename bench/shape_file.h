// bench/shapes/NAME.txt: the distinct convolutions of a model. A line is how often it occurs and the layer in words
// (plan/conv_key.h): "3  64x80x80 to 64, 3x3 stride 1 pad 1 silu"; lines that begin with # are remarks.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "plan/conv_key.h"

namespace saker::lab {

struct LayerShape {
  int count = 0;
  ConvNode layer;
};

// Errors name file and line.
Result<std::vector<LayerShape>> read_shape_file(const std::string& path);

// The shape file of an ONNX model: sizes that it leaves open are 640.
Result<std::string> shape_file_of(const std::string& model);

// FILEs and folders of them, in order of their names.
Result<std::vector<std::string>> shape_files(const std::vector<std::string>& paths);

}  // namespace saker::lab
