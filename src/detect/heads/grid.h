// Cells x channels views of output tensors, and what the decoders share.
#pragma once

#include <cstdint>
#include <vector>

#include "detect/heads/head.h"

namespace saker {

// The values of one picture: float32 with any strides. Other types are converted.
struct FloatView {
  const float* data = nullptr;
  Shape shape, strides;
};

// Picture `picture` of a batched output without its batch axis. Half-precision values and, where they are allowed,
// integers are converted into `scratch`, which the result then refers to. Errors: kInvalid (rank, batch), kUnsupported
// (dtype).
Result<FloatView> picture_view(const TensorView& view, int picture, std::size_t rank, std::vector<float>& scratch,
                               bool integers = false);
// The same for outputs without a batch axis.
Result<FloatView> whole_view(const TensorView& view, std::size_t rank, std::vector<float>& scratch,
                             bool integers = false);

// Either stride may be the small one.
struct Grid {
  const float* data = nullptr;
  std::int64_t cells = 0, channels = 0;
  std::int64_t cell_stride = 0, channel_stride = 0;

  const float* cell(std::int64_t i) const { return data + i * cell_stride; }
  float at(std::int64_t i, std::int64_t channel) const { return data[i * cell_stride + channel * channel_stride]; }
};

Grid grid_of(const FloatView& view, std::size_t cell_axis, std::size_t channel_axis);
// Of an output [N, cells, channels] or [N, channels, cells].
Result<Grid> picture_grid(const TensorView& output, int picture, bool channels_first, std::vector<float>& scratch);
// Some cells and some channels of a grid.
Grid part_of(const Grid& grid, std::int64_t cell, std::int64_t cells, std::int64_t channel, std::int64_t channels);

Error shape_error(const HeadSpec& spec, const TensorView& view);

// Number of cells of a level; strides need not divide the input.
inline int cells_along(int pixels, int stride) {
  return (pixels + stride - 1) / stride;
}

// Appends, in order, the cells in which any of `count` channels from `first` is above the threshold.
void cells_above(const Grid& grid, std::int64_t first, std::int64_t count, float threshold,
                 std::vector<std::int64_t>& cells);

float sigmoid(float x);

struct Box {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

inline Box box_from_centre(float cx, float cy, float width, float height) {
  return {cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2};
}

// The first four channels of a cell: centre and size or corners, in pixels or in fractions of the input.
Box box_at(const HeadSpec& spec, const Grid& grid, std::int64_t cell);

// Adds one candidate unless a number is not finite or a side is below zero.
void add_candidate(const Box& box, float score, int class_id, std::vector<Candidate>& candidates);

// Adds the best class of a cell, or with multi_label all, with factor * score > conf. `first` is the channel
// of class 0.
void add_classes(const Grid& grid, std::int64_t cell, std::int64_t first, int classes, float factor, const Box& box,
                 const DecodeOptions& options, std::vector<Candidate>& candidates);

// What a score must be above to reach the threshold: a probability, or a logit where the head gives those.
float score_bound(const HeadSpec& spec, const DecodeOptions& options);
// add_classes for the head's classes, whose scores may be logits; `probabilities` is room to work in.
void add_scores(const HeadSpec& spec, const Grid& grid, std::int64_t cell, std::int64_t first, float factor,
                const Box& box, const DecodeOptions& options, std::vector<float>& probabilities,
                std::vector<Candidate>& candidates);

// Cells whose boxes are distances from a point to the four sides, each a distribution over `bins` distances in units of
// the stride (generalized focal loss: Li et al. 2020).
struct DistanceCells {
  Grid scores, sides;      // of the same cells; sides: left, top, right, bottom, `bins` logits each
  std::int64_t first = 0;  // which cell of the level the first is
  int columns = 0;         // of the level
  float stride = 0;
  float offset = 0;  // of the point in its cell, in strides
};
void add_by_distances(const DistanceCells& cells, const HeadSpec& spec, const DecodeOptions& options,
                      std::vector<Candidate>& candidates);
// The same for grids that hold the cells of all levels, one level after the other.
void add_levels_by_distances(const Grid& scores, const Grid& sides, float offset, const HeadSpec& spec,
                             const DecodeOptions& options, std::vector<Candidate>& candidates);
std::int64_t cells_of_all_levels(const HeadSpec& spec);

// The decoders, one a file.
using Outputs = std::span<const TensorView>;
Status decode_yolov5(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_yolov5_raw(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_yolov8(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_yolox(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_end_to_end(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_nms_rows(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_nanodet(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_nanodet_plus(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_yolov8_raw(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_boxes_scores(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);
Status decode_nms_outputs(const HeadSpec&, Outputs, int picture, const DecodeOptions&, std::vector<Candidate>&);

}  // namespace saker
