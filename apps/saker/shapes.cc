// Sizes for the dimensions that a model leaves open.
#include "shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "suggest.h"

namespace saker::cli {
namespace {

Result<std::map<std::string, Shape>> parse_named(const std::vector<std::string>& named, const Model& model) {
  std::map<std::string, Shape> shapes;
  std::vector<std::string> known;
  for (const TensorInfo& input : model.inputs()) known.push_back(input.name);
  for (const std::string& text : named) {
    const std::size_t equals = text.rfind('=');
    const std::string name = equals == std::string::npos ? "" : text.substr(0, equals);
    Shape shape;
    for (const std::string& part : split(text.substr(equals == std::string::npos ? 0 : equals + 1), 'x')) {
      const auto extent = parse_whole(part);
      if (name.empty() || !extent || *extent < 0)
        return Error{ErrorCode::kInvalid, fmt::format("--shape '{}': write input=1x3x640x640", text)};
      shape.push_back(*extent);
    }
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string all;
      for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
      return Error{ErrorCode::kInvalid, fmt::format("--shape: no input '{}'; there are: {}", name, all)};
    }
    shapes[name] = shape;
  }
  return shapes;
}

// What a flag asks for; 0: nothing. Flags speak of pictures.
std::int64_t wanted(std::size_t rank, std::size_t axis, Size size, int batch) {
  if (rank != 4 || axis == 1) return 0;
  if (axis == 0) return batch;
  return axis == 2 ? size.height : size.width;
}

// The assumed extent of an open dimension that no flag speaks of.
std::int64_t assumed(std::size_t rank, std::size_t axis) {
  constexpr std::int64_t kChannels = 3, kSide = 640;
  if (rank != 4 || axis == 0) return 1;
  return axis == 1 ? kChannels : kSide;
}

Error fixed_otherwise(const Model& model, std::size_t axis, std::int64_t asked, std::int64_t fixed) {
  const bool batch = axis == 0;
  return {ErrorCode::kInvalid, fmt::format("{}: {} asks for {} {}, but the file fixes it at {}; leave {} out",
                                           model.path(), batch ? "--batch" : "--imgsz",
                                           batch       ? "batch"
                                           : axis == 2 ? "height"
                                                       : "width",
                                           asked, fixed, batch ? "--batch" : "--imgsz")};
}

}  // namespace

Result<ChosenShapes> choose_shapes(const Model& model, Size size, const std::vector<std::string>& named, int batch) {
  auto given = parse_named(named, model);
  if (!given.ok()) return given.error();
  ChosenShapes chosen;
  for (const TensorInfo& input : model.inputs()) {
    if (const auto it = given->find(input.name); it != given->end()) {
      chosen.shapes.push_back(it->second);
      continue;
    }
    Shape shape = input.has_shape ? input.shape : Shape(4, -1);
    std::string note;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::int64_t asked = wanted(shape.size(), axis, size, batch);
      if (asked > 0 && shape[axis] >= 0 && shape[axis] != asked)
        return fixed_otherwise(model, axis, asked, shape[axis]);
      if (shape[axis] >= 0) continue;
      shape[axis] = asked > 0 ? asked : assumed(shape.size(), axis);
      const std::string symbol = axis < input.symbols.size() ? input.symbols[axis] : "";
      if (asked == 0) {
        note += fmt::format("{}{} = {}", note.empty() ? "" : ", ",
                            symbol.empty() ? fmt::format("dimension {}", axis) : symbol, shape[axis]);
      }
    }
    if (!note.empty()) chosen.notes.push_back(fmt::format("input {} is open, taken with {}", input.name, note));
    chosen.shapes.push_back(std::move(shape));
  }
  return chosen;
}

void add_shapes(CLI::App& app, std::vector<std::string>& named) {
  add_list(app, "--shape", "INPUT=NxCxHxW", named, "shape of an input that the model leaves open; repeatable");
}

}  // namespace saker::cli
