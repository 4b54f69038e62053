#include "exports/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "base/try.h"
#include "model/exported_size.h"
#include "model/onnx/exporter.h"
#include "model/torchscript/exporter.h"
#include "passes/pipeline.h"
#include "quantize/trained.h"

namespace saker {
namespace {

// Batch, channels, height and width of a picture; other inputs must be fixed.
Result<Shape> wanted_shape(const Graph& graph, std::size_t input, const ExportOptions& options) {
  const auto& declared = graph.declared_inputs[input];
  const PictureSize usual = exported_size(graph.metadata);
  const std::int64_t height = options.height > 0 ? options.height : usual.height,
                     width = options.width > 0 ? options.width : usual.width;
  const Shape sizes = {std::max<std::int64_t>(options.batch, 1), 3, height, width};
  Shape shape;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const bool fixed = declared[i].size >= 0;
    if (!fixed && declared.size() != sizes.size()) {
      return Error{ErrorCode::kUnsupported, fmt::format("the input '{}' is open and no picture: its size is not known",
                                                        graph.value(graph.inputs[input]).name)};
    }
    shape.push_back(fixed ? declared[i].size : sizes[i]);
  }
  const auto is_other = [&](std::size_t axis, std::int64_t wanted) {
    return declared.size() == sizes.size() && wanted > 0 && shape[axis] != wanted;
  };
  const auto fixed = [&](const char* setting) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the model's input is fixed at {}: `{}` cannot change it", to_string(shape), setting),
                 setting};
  };
  if (is_other(2, options.height) || is_other(3, options.width)) return fixed("size");
  if (is_other(0, options.batch)) return fixed("batch");
  return shape;
}

// The cells of the coarsest level must cover the picture.
Status check_stride(const Graph& graph, const Shape& picture) {
  const auto found = graph.metadata.find("stride");
  const auto number = found == graph.metadata.end() ? std::nullopt : parse_number(found->second);
  const auto stride = static_cast<std::int64_t>(std::clamp(number.value_or(0), 0.0, 1e6));
  if (stride <= 0 || picture.size() != 4 || (picture[2] % stride == 0 && picture[3] % stride == 0)) return {};
  const auto up = [&](std::int64_t side) { return (side + stride - 1) / stride * stride; };
  return Error{ErrorCode::kInvalid,
               fmt::format("`size` {}x{} is no multiple of the model's stride {}: take {}x{}", picture[2], picture[3],
                           stride, up(picture[2]), up(picture[3])),
               "size"};
}

std::string described(const Graph& graph, const std::vector<ValueId>& ids,
                      const std::vector<std::vector<DeclaredDim>>& dims) {
  std::string text;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::string extents;
    for (const DeclaredDim& dim : dims[i])
      extents += (extents.empty() ? "" : ", ") + (dim.size < 0 ? dim.symbol : std::to_string(dim.size));
    text += fmt::format("{}{} {} [{}]", text.empty() ? "" : ", ", graph.value(ids[i]).name,
                        dtype_name(graph.value(ids[i]).dtype), extents);
  }
  return text;
}

std::vector<std::vector<DeclaredDim>> fixed_dims(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::vector<DeclaredDim>> all;
  for (const ValueId id : ids) {
    auto& dims = all.emplace_back();
    for (const std::int64_t extent : graph.value(id).shape.value_or(Shape{})) dims.push_back({extent, ""});
  }
  return all;
}

// Of a network that was trained for 8 bits. Shapes are folded into them.
Status check_for_8_bits(const ExportOptions& options) {
  const auto refused = [](const char* setting, const char* why) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the network was trained for 8 bits and is exported in them: {} (`{}`)", why, setting),
                 setting};
  };
  if (options.dynamic) return refused("dynamic", "for one size");
  if (options.half) return refused("half", "not in 16");
  return {};
}

// With the wanted shapes, or open; simplified either way.
Status simplify(ImportedModel& read, const ExportOptions& options) {
  Graph& graph = read.graph;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    SAKER_ASSIGN(shapes.emplace_back(), wanted_shape(graph, i, options));
    SAKER_TRY(check_stride(graph, shapes.back()));
  }
  if (read.observed) SAKER_TRY(check_for_8_bits(options));
  if (options.dynamic) {
    SAKER_ASSIGN(graph.declared_outputs, open_output_dims(graph, exported_size(graph.metadata).height));
    return run_passes(graph, portable_passes());
  }
  SAKER_TRY(bind_input_shapes(graph, shapes));
  SAKER_TRY(simplify_as_trained(graph, read.observed));
  graph.declared_inputs = fixed_dims(graph, graph.inputs);
  graph.declared_outputs = fixed_dims(graph, graph.outputs);
  const auto picture = std::ranges::find_if(shapes, [](const Shape& shape) { return shape.size() == 4; });
  if (picture != shapes.end() && graph.metadata.contains("imgsz"))
    graph.metadata["imgsz"] = fmt::format("[{}, {}]", (*picture)[2], (*picture)[3]);
  if (graph.metadata.contains("batch") && picture != shapes.end())
    graph.metadata["batch"] = std::to_string(picture->front());
  return {};
}

constexpr std::array kFormats = {
    ExportFormatInfo{ExportFormat::kOnnx, "onnx", "{0}.onnx"},
    ExportFormatInfo{ExportFormat::kOpenVino, "openvino", "{0}_openvino_model/{0}.xml"},
    ExportFormatInfo{ExportFormat::kTorchScript, "torchscript", "{0}.torchscript"},
};

void describe(const Graph& graph, ExportedModel& exported) {
  exported.input = described(graph, graph.inputs, graph.declared_inputs);
  exported.outputs = described(graph, graph.outputs, graph.declared_outputs);
  exported.nodes = graph.nodes.size();
}

// ONNX or TorchScript.
Result<ExportedModel> write_one_file(Graph graph, ExportFormat format, const ExportOptions& options) {
  if (options.half) SAKER_TRY(to_float16(graph, options.float32_ends));
  const bool is_onnx = format == ExportFormat::kOnnx;
  SAKER_ASSIGN(std::string bytes, is_onnx ? onnx::export_model(graph, onnx::ExportForm::kQdq, options.opset)
                                          : torchscript::export_model(graph));
  ExportedModel exported;
  exported.files.push_back({is_onnx ? ".onnx" : ".torchscript", std::move(bytes)});
  describe(graph, exported);
  return exported;
}

Result<ExportedModel> write_openvino(const Graph& graph, const ExportOptions& options) {
  ExportedModel exported;
  SAKER_ASSIGN(exported.files, openvino_files(graph, options.half));
  describe(graph, exported);
  return exported;
}

Result<ExportedModel> write_format(const Graph& graph, ExportFormat format, const ExportOptions& options) {
  switch (format) {
    case ExportFormat::kOnnx:
    case ExportFormat::kTorchScript:
      return write_one_file(graph, format, options);
    case ExportFormat::kOpenVino:
      return write_openvino(graph, options);
  }
  return Error{ErrorCode::kInternal, "no such format"};
}

}  // namespace

std::span<const ExportFormatInfo> export_formats() {
  return kFormats;
}

const ExportFormatInfo& info_of(ExportFormat format) {
  return *std::ranges::find(kFormats, format, &ExportFormatInfo::format);
}

Result<std::vector<ExportedModel>> export_model(const std::string& path, std::span<const ExportFormat> formats,
                                                const ExportOptions& options) {
  ReadOptions reading = options.read;
  reading.head = options.head;
  SAKER_ASSIGN(const std::string file, model_file(path));
  SAKER_ASSIGN(ReadModel read, read_model(file, reading));
  Graph& graph = read.imported.graph;
  if (const Status simple = simplify(read.imported, options); !simple.ok()) return simple.error().with_context(path);
  std::vector<ExportedModel> all;
  for (const ExportFormat format : formats) {
    auto exported = write_format(graph, format, options);
    if (!exported.ok()) return exported.error().with_context(path);
    exported->format = format;
    exported->eight_bits = read.imported.observed.has_value();
    all.push_back(std::move(*exported));
  }
  return all;
}

}  // namespace saker
