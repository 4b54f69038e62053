// Sizes for the dimensions that a model leaves open.
#pragma once

#include <saker/model.h>

#include <string>
#include <vector>

#include "flags.h"

namespace saker::cli {

struct ChosenShapes {
  std::vector<Shape> shapes;       // one per input
  std::vector<std::string> notes;  // "input images: batch = 1", what was assumed
};

// What the file fixes stays. Open: `named` ("input=1x3x640x640") decides, else pictures [N, C, H, W] get
// `batch` (1 if not given), three channels and `size` (640 if not given), and everything else 1. An input whose shape
// the file does not tell is taken for pictures. Error kInvalid when the file fixes another size or batch.
Result<ChosenShapes> choose_shapes(const Model& model, Size size, const std::vector<std::string>& named, int batch = 0);

// Adds --shape.
void add_shapes(CLI::App& app, std::vector<std::string>& named);

}  // namespace saker::cli
