// Models to files of other formats: read, simplified for the shapes that are wanted, written.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>

#include "model/read.h"

namespace saker {

struct ExportOptions {
  std::int64_t opset = 17;                        // ONNX
  bool dynamic = false;                           // batch, height and width stay open where the model leaves them open
  std::int64_t batch = 1, height = 0, width = 0;  // 0: what the model was trained on, else 640
  bool half = false;                              // float16: weights, input and outputs
  nets::GraphOptions head = {};                   // of checkpoints
  ReadOptions read = {};
};

struct ExportedModel {
  std::string bytes;
  std::string input, outputs;  // "images [1, 3, 640, 640]", for people
  std::size_t nodes = 0;
};

// ONNX. Errors: those of read_model; kInvalid (a size that the model does not take), kUnsupported (what the opset
// cannot say: the node is named), kLimit.
Result<ExportedModel> export_onnx(const std::string& path, const ExportOptions& options);

// float16.cc: the graph with float16 in place of float32, inputs and outputs too. Error kInvalid: a weight is larger
// than float16 can say.
Status to_float16(Graph& graph);

// output_dims.cc: what the outputs' extents hang on, for a graph whose inputs' are open: each is a number, or open with
// a name of its own. Found by inferring twice, with different sizes.
Result<std::vector<std::vector<DeclaredDim>>> open_output_dims(const Graph& graph, std::int64_t side);

}  // namespace saker
