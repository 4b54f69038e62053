// Sizes for the dimensions that a model leaves open, and values of inputs.
#include "api/input_shapes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "backends/assumed_extent.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"

namespace saker {
namespace {

Status check_names(const std::map<std::string, Shape>& named, const Model& model) {
  std::vector<std::string> known;
  for (const TensorInfo& input : model.inputs()) known.push_back(input.name);
  for (const auto& [name, shape] : named) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Error{ErrorCode::kInvalid,
                   fmt::format("`shape`: no input '{}'; there are: {}", name, fmt::join(known, ", ")), "shape"};
  }
  return {};
}

// The place of a dimension in [N, C, H, W]; other only in pictures whose channels are last.
std::size_t place_of(const Shape& shape, std::size_t axis) {
  const auto is_channels = [](std::int64_t extent) { return extent == 3 || extent == 1; };
  if (shape.size() != 4 || axis == 0 || is_channels(shape[1]) || !is_channels(shape[3])) return axis;
  return axis == 3 ? 1 : axis + 1;
}

// What is asked for one dimension; 0: nothing.
std::int64_t wanted(std::size_t rank, std::size_t axis, const InputSizes& sizes) {
  if (rank != 4 || axis == 1) return 0;
  if (axis == 0) return sizes.batch;
  return axis == 2 ? sizes.height : sizes.width;
}

std::int64_t assumed(std::size_t rank, std::size_t place, const PictureSize& usual) {
  if (rank != 4 || place < 2) return assumed_extent(rank, place);
  return place == 2 ? usual.height : usual.width;
}

Error fixed_otherwise(const Model& model, std::size_t axis, std::int64_t asked, std::int64_t fixed) {
  const char* setting = axis == 0 ? "batch" : "size";
  const char* what = axis == 0 ? "batch" : axis == 2 ? "height" : "width";
  return {ErrorCode::kInvalid,
          fmt::format("{}: `{}` asks for {} {}, but the file fixes it at {}; leave `{}` out", model.path(), setting,
                      what, asked, fixed, setting),
          setting};
}

}  // namespace

Result<std::map<std::string, Shape>> parse_shapes(const std::vector<std::string>& texts) {
  std::map<std::string, Shape> shapes;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    const std::string name = equals == std::string::npos ? "" : text.substr(0, equals);
    Shape shape;
    for (const std::string& part : split(text.substr(equals == std::string::npos ? 0 : equals + 1), 'x')) {
      const auto extent = parse_whole(part);
      if (name.empty() || !extent || *extent < 0)
        return Error{ErrorCode::kInvalid, fmt::format("`shape` '{}': write input=1x3x640x640", text), "shape"};
      shape.push_back(*extent);
    }
    shapes[name] = shape;
  }
  return shapes;
}

Result<std::map<std::string, std::vector<double>>> parse_values(const std::vector<std::string>& texts) {
  std::map<std::string, std::vector<double>> values;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    const std::string name = equals == std::string::npos ? "" : text.substr(0, equals);
    std::vector<double> own;
    for (const std::string& part : split(text.substr(equals == std::string::npos ? 0 : equals + 1), ',')) {
      const auto value = parse_number(part);
      if (name.empty() || !value)
        return Error{ErrorCode::kInvalid, fmt::format("`inputs` '{}': write size=640,640", text), "inputs"};
      own.push_back(*value);
    }
    values[name] = std::move(own);
  }
  return values;
}

Result<ChosenShapes> choose_shapes(const Model& model, const InputSizes& sizes) {
  SAKER_TRY(check_names(sizes.named, model));
  ChosenShapes chosen;
  const PictureSize usual = exported_size(model.metadata());
  for (const TensorInfo& input : model.inputs()) {
    if (const auto it = sizes.named.find(input.name); it != sizes.named.end()) {
      chosen.shapes.push_back(it->second);
      continue;
    }
    const Shape declared = input.has_shape ? input.shape : Shape(4, -1);
    Shape shape = declared;
    std::string note;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::size_t place = place_of(declared, axis);
      const std::int64_t asked = wanted(shape.size(), place, sizes);
      if (asked > 0 && shape[axis] >= 0 && shape[axis] != asked)
        return fixed_otherwise(model, place, asked, shape[axis]);
      if (shape[axis] >= 0) continue;
      shape[axis] = asked > 0 ? asked : assumed(shape.size(), place, usual);
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

}  // namespace saker
