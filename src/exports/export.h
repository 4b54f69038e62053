// Models to files of other formats: read, simplified for the shapes that are wanted, written.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/read.h"

namespace saker {

struct ExportOptions {
  std::int64_t opset = 17;                        // ONNX
  bool dynamic = false;                           // batch, height and width stay open where the model leaves them open
  std::int64_t batch = 0, height = 0, width = 0;  // 0: the model's own; else 1 picture, what it was trained on, 640
  bool half = false;                              // float16: weights, and but for OpenVINO input and outputs
  bool float32_ends = false;                      // with `half`: input and outputs stay float32
  nets::GraphOptions head = {};                   // of checkpoints
  ReadOptions read = {};
};

enum class ExportFormat { kOnnx, kOpenVino, kTorchScript };

struct ExportFormatInfo {
  ExportFormat format;
  const char* name;    // "onnx"
  const char* beside;  // where it goes by default, {0} being the model's name without its suffix: "{0}.onnx"
};

std::span<const ExportFormatInfo> export_formats();
const ExportFormatInfo& info_of(ExportFormat format);

struct ExportedFile {
  std::string name;  // ".onnx": the main file's name with this suffix; else a name in its folder
  std::string bytes;
};

struct ExportedModel {
  ExportFormat format = ExportFormat::kOnnx;
  std::vector<ExportedFile> files;  // the main one first
  std::string input, outputs;       // "images [1, 3, 640, 640]", for people
  std::size_t nodes = 0;
  bool eight_bits = false;  // it was trained for them
};

// Reads and simplifies once, and writes each format. Errors: those of read_model; kInvalid (a size that the model does
// not take), kUnsupported (what the format or the opset cannot say: the node is named), kLimit.
Result<std::vector<ExportedModel>> export_model(const std::string& path, std::span<const ExportFormat> formats,
                                                const ExportOptions& options);

// files.cc: the files of an export, the main one as `path`, the others beside it; all of them or none. Error kIo.
Status write_files(const ExportedModel& exported, const std::string& path);
// The files' paths, in their order.
std::vector<std::string> paths_of(const ExportedModel& exported, const std::string& path);

// float16.cc: the graph with float16 in place of float32, inputs and outputs too unless `float32_ends`. Error kInvalid:
// a weight is larger than float16 can say.
Status to_float16(Graph& graph, bool float32_ends = false);

// output_dims.cc: what the outputs' extents hang on, for a graph whose inputs' are open: each is a number, or open with
// a name of its own. Found by inferring several times, with different sizes.
Result<std::vector<std::vector<DeclaredDim>>> open_output_dims(const Graph& graph, std::int64_t side);
// The same of every value, -1 for what is open; empty where the data decide a shape.
Result<std::vector<std::optional<Shape>>> open_value_dims(const Graph& graph, std::int64_t side);

// openvino.cc: the .xml, the .bin, and what Ultralytics keeps beside them where something is known of
// the model (metadata.yaml).
Result<std::vector<ExportedFile>> openvino_files(const Graph& graph, bool half);

}  // namespace saker
