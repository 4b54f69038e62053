// Sizes for the dimensions that a model leaves open, and values of inputs, as people write them.
#pragma once

#include <saker/model.h>

#include <map>
#include <string>
#include <vector>

#include "model/exported_size.h"

namespace saker {

// What is asked for; 0: nothing. `height`, `width` and `batch` are those of pictures [N, C, H, W].
struct InputSizes {
  int height = 0, width = 0, batch = 0;
  std::map<std::string, Shape> named = {};  // by the input's name: decides all of its dimensions
};

struct ChosenShapes {
  std::vector<Shape> shapes;       // one per input
  std::vector<std::string> notes;  // "input images: batch = 1", what was assumed
};

// Of texts such as "input=1x3x640x640". Error kInvalid.
Result<std::map<std::string, Shape>> parse_shapes(const std::vector<std::string>& texts);

// Of texts such as "size=640,640". Error kInvalid.
Result<std::map<std::string, std::vector<double>>> parse_values(const std::vector<std::string>& texts);

// What the file fixes stays. Open: the named shape decides, else pictures get `batch` (1 if not asked), three channels
// and `height` and `width` (exported_size() if not asked), and everything else 1. An input whose shape the file does
// not tell is taken for pictures. Error kInvalid when the file fixes another size or batch, or has no input of that
// name.
Result<ChosenShapes> choose_shapes(const Model& model, const InputSizes& sizes);

}  // namespace saker
