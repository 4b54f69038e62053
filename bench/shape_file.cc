// bench/shapes/NAME.txt, read and written.
#include "shape_file.h"

#include <fmt/format.h>
#include <saker/model.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "api/input_shapes.h"
#include "api/internals.h"
#include "base/files.h"
#include "base/try.h"
#include "passes/pipeline.h"

namespace saker::lab {
namespace fs = std::filesystem;
namespace {

Result<LayerShape> read_line(std::string_view line) {
  LayerShape shape;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), shape.count);
  const std::size_t digits = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || shape.count < 1 || line.substr(digits, 2) != "  ")
    return Error{ErrorCode::kInvalid, fmt::format("'{}' should begin with a count and two spaces", line)};
  SAKER_ASSIGN(shape.layer, parse_conv_key(line.substr(digits + 2)));
  return shape;
}

}  // namespace

Result<std::vector<LayerShape>> read_shape_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = 1 << 20;
  SAKER_ASSIGN(const FileBytes bytes, read_file(path, kMaxBytes));
  std::string_view rest(reinterpret_cast<const char*>(bytes.data.get()), bytes.size);
  std::vector<LayerShape> shapes;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty() || line.front() == '#') continue;
    auto shape = read_line(line);
    if (!shape.ok()) return shape.error().with_context(fmt::format("{}:{}", path, number));
    shapes.push_back(std::move(*shape));
  }
  if (shapes.empty()) return Error{ErrorCode::kInvalid, fmt::format("{}: no layers", path)};
  return shapes;
}

Result<std::string> shape_file_of(const std::string& model_path) {
  SAKER_ASSIGN(const Model model, Model::load(model_path));
  SAKER_ASSIGN(const ChosenShapes chosen, choose_shapes(model, {}));
  Graph graph = *graph_of(model);
  SAKER_TRY(bind_input_shapes(graph, chosen.shapes));
  SAKER_TRY(run_passes(graph, all_passes()));
  SAKER_ASSIGN(std::vector<ConvNode> layers, conv_layers(graph));
  for (ConvNode& layer : layers) layer.sparse = {};  // shapes have no weights
  std::map<std::string, int> counts;
  for (const ConvNode& layer : layers) ++counts[conv_key(layer)];
  std::string text =
      fmt::format("# The convolutions of {}, input {}, as often as they occur (kernel_lab --write-shapes).\n",
                  fs::path(model_path).filename().string(), to_string(chosen.shapes.at(0)));
  for (const ConvNode& layer : layers) {
    const std::string key = conv_key(layer);
    if (const int count = std::exchange(counts[key], 0); count > 0) text += fmt::format("{}  {}\n", count, key);
  }
  return text;
}

Result<std::vector<std::string>> shape_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const std::size_t first = files.size();
    for (fs::directory_iterator it(path, error), end; it != end; it.increment(error)) {
      if (it->path().extension() == ".txt") files.push_back(it->path().string());
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
    if (files.size() == first) return Error{ErrorCode::kNotFound, fmt::format("{}: no .txt files in it", path)};
  }
  return files;
}

}  // namespace saker::lab
