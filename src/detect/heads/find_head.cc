// Finds the head of a model by the shapes of its outputs.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr std::int64_t kMaxClasses = 10000;
constexpr std::int64_t kMaxBins = 256;

using Strides = std::vector<int>;

// The levels that detectors predict on: P3-P5, P3-P6, P2-P5, and the P4-P5 of the tiny ones.
const std::array<Strides, 4>& known_strides() {
  static const std::array<Strides, 4> kStrides = {Strides{8, 16, 32}, Strides{8, 16, 32, 64}, Strides{4, 8, 16, 32},
                                                  Strides{16, 32}};
  return kStrides;
}

struct Search {
  std::span<const OutputInfo> outputs;
  int height = 0, width = 0;
  bool has_exp = false;
  bool forced = false;  // one head is asked for by name

  std::int64_t level_cells(int stride) const {
    return std::int64_t{cells_along(height, stride)} * cells_along(width, stride);
  }
  std::int64_t total_cells(const Strides& strides) const {
    std::int64_t total = 0;
    for (const int stride : strides) total += level_cells(stride);
    return total;
  }
  // The levels that together have so many cells; empty: none known.
  Strides strides_of(std::int64_t cells) const {
    for (const Strides& strides : known_strides()) {
      if (total_cells(strides) == cells) return strides;
    }
    return {};
  }
  // Segmentation models append mask coefficients and a map [N, coefficients, H/4, W/4].
  int mask_channels() const {
    for (const OutputInfo& output : outputs) {
      const Shape& s = output.shape;
      const bool map = s.size() == 4 && s[2] == cells_along(height, 4) && s[3] == cells_along(width, 4);
      if (map && s[1] > 0 && s[1] <= 256) return static_cast<int>(s[1]);
    }
    return 0;
  }
};

bool set_classes(HeadSpec& spec, std::int64_t classes) {
  if (classes < 1 || classes > kMaxClasses) return false;
  spec.classes = static_cast<int>(classes);
  return true;
}

bool fit_yolov5(const Search& search, HeadSpec& spec) {
  for (std::size_t i = 0; i < search.outputs.size(); ++i) {
    const Shape& s = search.outputs[i].shape;
    if (s.size() != 3 || s[1] % 3 != 0) continue;
    spec.strides = search.strides_of(s[1] / 3);
    if (spec.strides.empty()) continue;
    spec.mask_channels = search.mask_channels();
    spec.outputs = {i};
    if (set_classes(spec, s[2] - 5 - spec.mask_channels)) return true;
  }
  return false;
}

// The maps may come in any order; each is told by its size.
bool fit_yolov5_raw(const Search& search, HeadSpec& spec) {
  spec.strides = known_strides()[0];
  spec.outputs.clear();
  std::int64_t classes = 0;
  for (const int stride : spec.strides) {
    const int rows = cells_along(search.height, stride), columns = cells_along(search.width, stride);
    for (std::size_t i = 0; i < search.outputs.size(); ++i) {
      const Shape& s = search.outputs[i].shape;
      const bool five = s.size() == 5 && s[1] == 3 && s[2] == rows && s[3] == columns;
      const bool four = s.size() == 4 && s[1] % 3 == 0 && s[2] == rows && s[3] == columns;
      if (!five && !four) continue;
      const std::int64_t found = (five ? s[4] : s[1] / 3) - 5;
      if (classes != 0 && found != classes) continue;
      classes = found;
      spec.outputs.push_back(i);
      break;
    }
  }
  return spec.outputs.size() == spec.strides.size() && set_classes(spec, classes);
}

bool fit_yolov8(const Search& search, HeadSpec& spec) {
  spec.mask_channels = search.mask_channels();
  for (const bool channels_first : {true, false}) {
    for (std::size_t i = 0; i < search.outputs.size(); ++i) {
      const Shape& s = search.outputs[i].shape;
      if (s.size() != 3) continue;
      const std::int64_t channels = channels_first ? s[1] : s[2], cells = channels_first ? s[2] : s[1];
      spec.strides = search.strides_of(cells);
      if (spec.strides.empty()) continue;
      // [N, cells, 6 or more] is also what YOLOX gives: only on demand.
      if (!channels_first && !search.forced && channels > 5) continue;
      spec.channels_first = channels_first;
      spec.outputs = {i};
      if (set_classes(spec, channels - 4 - spec.mask_channels)) return true;
    }
  }
  return false;
}

bool fit_yolox(const Search& search, HeadSpec& spec) {
  for (std::size_t i = 0; i < search.outputs.size(); ++i) {
    const Shape& s = search.outputs[i].shape;
    if (s.size() != 3) continue;
    spec.strides = search.strides_of(s[1]);
    spec.outputs = {i};
    if (!spec.strides.empty() && set_classes(spec, s[2] - 5)) return true;
  }
  return false;
}

// The two outputs of a level, in their order: [N, cells, channels] or [cells, channels].
std::vector<std::size_t> level_pair(const Search& search, std::int64_t cells) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < search.outputs.size(); ++i) {
    const Shape& s = search.outputs[i].shape;
    if ((s.size() == 2 || s.size() == 3) && s[s.size() - 2] == cells) found.push_back(i);
  }
  return found;
}

bool fit_nanodet(const Search& search, HeadSpec& spec) {
  constexpr std::int64_t kUsualSides = 32;  // 4 sides of 8 bins
  spec.strides.clear();
  spec.outputs.clear();
  std::int64_t classes = 0, sides = 0;
  for (const int stride : known_strides()[1]) {
    const auto pair = level_pair(search, search.level_cells(stride));
    if (pair.size() != 2) break;
    std::size_t score = pair[0], side = pair[1];
    const auto channels = [&](std::size_t i) { return search.outputs[i].shape.back(); };
    if (channels(score) == kUsualSides && channels(side) != kUsualSides) std::swap(score, side);
    if (spec.strides.empty()) {
      classes = channels(score);
      sides = channels(side);
    } else if (channels(score) != classes || channels(side) != sides) {
      return false;
    }
    spec.strides.push_back(stride);
    spec.outputs.insert(spec.outputs.end(), {score, side});
  }
  if (spec.strides.size() < 3 || sides < 8 || sides % 4 != 0 || sides / 4 > kMaxBins) return false;
  spec.bins = static_cast<int>(sides / 4);
  return set_classes(spec, classes);
}

bool fit_rows(const Search& search, HeadSpec& spec, std::size_t rank, std::int64_t columns) {
  for (std::size_t i = 0; i < search.outputs.size(); ++i) {
    const Shape& s = search.outputs[i].shape;
    if (s.size() != rank || s.back() != columns) continue;
    spec.outputs = {i};
    return true;
  }
  return false;
}

bool fit(const Search& search, HeadSpec& spec) {
  switch (spec.kind) {
    case HeadKind::kYolov5:
      return fit_yolov5(search, spec);
    case HeadKind::kYolov5Raw:
      return fit_yolov5_raw(search, spec);
    case HeadKind::kYolov8:
      return fit_yolov8(search, spec);
    case HeadKind::kYolox:
      return (search.forced || !search.has_exp) && fit_yolox(search, spec);
    case HeadKind::kYoloxDecoded:
      return (search.forced || search.has_exp) && fit_yolox(search, spec);
    case HeadKind::kNanodet:
      return fit_nanodet(search, spec);
    case HeadKind::kEndToEnd:
      return fit_rows(search, spec, 3, 6);
    case HeadKind::kNmsRows:
      return fit_rows(search, spec, 2, 7);
    case HeadKind::kAuto:
      break;
  }
  return false;
}

// Those that a shape can be mistaken for come last.
constexpr HeadKind kOrder[] = {HeadKind::kYolov5,  HeadKind::kYolov8,    HeadKind::kYolox,    HeadKind::kYoloxDecoded,
                               HeadKind::kNanodet, HeadKind::kYolov5Raw, HeadKind::kEndToEnd, HeadKind::kNmsRows};

std::string needed_shapes(const Search& search, HeadKind kind) {
  const std::int64_t cells = search.total_cells(known_strides()[0]);
  const auto rows = [&](int stride) { return cells_along(search.height, stride); };
  const auto columns = [&](int stride) { return cells_along(search.width, stride); };
  switch (kind) {
    case HeadKind::kYolov5:
      return fmt::format("[N, {}, 5+classes]", 3 * cells);
    case HeadKind::kYolov5Raw:
      return fmt::format(
          "[N, 3, {}, {}, 5+classes], [N, 3, {}, {}, 5+classes], [N, 3, {}, {}, 5+classes], or each as "
          "[N, 3*(5+classes), H, W]",
          rows(8), columns(8), rows(16), columns(16), rows(32), columns(32));
    case HeadKind::kYolov8:
      return fmt::format("[N, 4+classes, {0}] or [N, {0}, 4+classes]", cells);
    case HeadKind::kYolox:
      return fmt::format("[N, {}, 5+classes], boxes not decoded", cells);
    case HeadKind::kYoloxDecoded:
      return fmt::format("[N, {}, 5+classes], boxes decoded", cells);
    case HeadKind::kNanodet:
      return fmt::format("[N, C, classes] and [N, C, 4*bins] for each C of {}, {}, {}", search.level_cells(8),
                         search.level_cells(16), search.level_cells(32));
    case HeadKind::kEndToEnd:
      return "[N, boxes, 6]";
    case HeadKind::kNmsRows:
      return "[boxes, 7]";
    case HeadKind::kAuto:
      break;
  }
  return "";
}

std::string list_outputs(const Search& search) {
  std::string text;
  for (const OutputInfo& output : search.outputs) {
    text += fmt::format("\n  {} {}", output.name, to_string(output.shape));
  }
  return text.empty() ? "\n  none" : text;
}

Error no_head(const Search& search, HeadKind wanted) {
  std::string text;
  if (wanted == HeadKind::kAuto) {
    text = fmt::format(
        "no known head fits the model's outputs at an input of {}x{} (height x width):{}\n"
        "the heads and the outputs they need at this size:",
        search.height, search.width, list_outputs(search));
    for (const HeadKind kind : kOrder) {
      text += fmt::format("\n  {}: {}", head_name(kind), needed_shapes(search, kind));
    }
    text += "\nif the outputs are one of these under another reading, name it with `head`";
  } else {
    text = fmt::format(
        "`head` {} does not fit: at an input of {}x{} (height x width) it needs {}; the model's outputs "
        "are:{}",
        head_name(wanted), search.height, search.width, needed_shapes(search, wanted), list_outputs(search));
  }
  return {ErrorCode::kUnsupported, text, "head"};
}

}  // namespace

Result<HeadSpec> find_head(std::span<const OutputInfo> outputs, int input_height, int input_width,
                           const std::map<std::string, int>& operators, HeadKind wanted) {
  if (input_height <= 0 || input_width <= 0) {
    return Error{ErrorCode::kInvalid, fmt::format("an input of {}x{} has no head", input_height, input_width)};
  }
  const Search search = {outputs, input_height, input_width, operators.contains("Exp"), wanted != HeadKind::kAuto};
  for (const HeadKind kind : kOrder) {
    if (wanted != HeadKind::kAuto && wanted != kind) continue;
    HeadSpec spec;
    spec.kind = kind;
    spec.input_height = input_height;
    spec.input_width = input_width;
    if (fit(search, spec)) return spec;
  }
  return no_head(search, wanted);
}

}  // namespace saker
