// The heads of the families: the maps of their last convolutions, and those decoded to boxes by the graph itself, in
// the forms that the families' own exporters write.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "nets/graph_builder.h"
#include "nets/network.h"

namespace saker::nets {

enum class HeadFamily {
  kNone,       // no head that is known
  kAnchors,    // YOLOv3 to v5: a convolution for each level
  kDistances,  // Ultralytics since v8: distances to the four sides, plain or as distributions; v10 and 26 have it twice
  kYolox,
};

HeadFamily head_family(const Module& head);

// Whether it has a one-to-one head, whose boxes need no suppression.
bool is_end_to_end(const Module& head);

// Of the levels' maps, the outputs in the wanted form, named as the family's exporter names them. After a failure the
// builder's status says why.
void add_head(GraphBuilder& b, const Network& network, std::span<const Var> levels, const GraphOptions& options);

// heads_maps.cc: what the last convolutions give, level by level, for whoever trains. kDistances: boxes [N, 4 *
// reg_max, h, w], then scores [N, classes, h, w]; kAnchors: [N, anchors * (5 + classes), h, w]; kYolox: boxes [N, 4, h,
// w], objectness [N, 1, h, w], scores [N, classes, h, w]. Empty after a failure.
std::vector<Var> head_maps(Builder& b, const Module& head, std::span<const Var> levels);
// Whether the head has all its parts for so many levels; if not, it fails. `which`: "", or "one2one_" for the second
// head of kDistances.
bool has_levels(Builder& b, const Module& head, std::size_t levels, const std::string& which);
// The maps of one level; has_levels() first.
std::vector<Var> level_maps(Builder& b, const Module& head, std::size_t level, Var x, const std::string& which);

// heads_distances.cc, heads_anchors.cc, heads_yolox.cc
void add_distance_head(GraphBuilder& b, const Network& network, std::span<const Var> levels,
                       const GraphOptions& options);
void add_anchor_head(GraphBuilder& b, const Network& network, std::span<const Var> levels, const GraphOptions& options);
void add_yolox_head(GraphBuilder& b, const Network& network, std::span<const Var> levels, const GraphOptions& options);

// heads_suppressed.cc: boxes [batch, cells, 4] as corners in pixels and scores [batch, cells, classes] to the output
// "output0" [batch, most_boxes or the number of cells, 6]. Each cell counts for its best class.
void add_suppressed_rows(GraphBuilder& b, Var boxes, Var scores, const GraphOptions& options);
// Corners of boxes [batch, cells, 4] that are centre and size.
Var as_corners(GraphBuilder& b, Var boxes);

// YOLOv5's anchors, width and height of each, level by level; the network holds them in cells. Empty: it has none.
std::vector<float> anchors_in_pixels(const Network& network);

// ---- shared by the heads ----

// A level's maps as outputs, where options.maps_too.
void output_maps(GraphBuilder& b, std::size_t level, std::span<const Var> maps, const GraphOptions& options);

// Numbers of a floating-point tensor; empty of any other.
std::vector<float> numbers_of(const Tensor& tensor);

// The cells of a map, row by row: x and y of each plus `offset`, as float32 [1, 2, height * width].
Var cell_points(GraphBuilder& b, Var map, float offset);
// The same number for every cell, [1, 1, height * width].
Var for_each_cell(GraphBuilder& b, Var map, float value);
// Rows of x [batch, rows, n] by their numbers [batch, wanted, 1].
Var rows_at(GraphBuilder& b, Var x, Var numbers, std::int64_t n);

}  // namespace saker::nets
