// RoiAlign and MaxRoiPool: each region of a feature map as a small grid of cells.
#include <algorithm>
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Status check_cells(std::int64_t height, std::int64_t width, float spatial_scale) {
  if (height < 1 || width < 1) return invalid("regions of {}x{} cells", height, width);
  if (!std::isfinite(spatial_scale)) return invalid("spatial_scale is {}", spatial_scale);
  return {};
}

// x [N, C, H, W] and regions of `columns` numbers to [R, C, height, width].
Result<Outputs> region_outputs(const Args& args, std::int64_t columns, std::int64_t height, std::int64_t width) {
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  const Shape& rois = *args.shape(1);
  if (x.size() != 4) return invalid("the input has shape {}, not [N, C, H, W]", to_string(x));
  if (rois.size() != 2 || rois[1] != columns)
    return invalid("the regions have shape {}, not [R, {}]", to_string(rois), columns);
  if (rois[0] > 0 && (x[2] == 0 || x[3] == 0)) return invalid("the input {} has no pixels", to_string(x));
  return one(args.dtype(0), Shape{rois[0], x[1], height, width});
}

Status check_picture(std::int64_t picture, std::int64_t region, const Shape& x) {
  if (picture >= 0 && picture < x[0]) return {};
  return invalid("region {} is of picture {}, there are {}", region, picture, x[0]);
}

}  // namespace

// Inputs: x, regions [R, 4] as corners, the picture of each.
Result<Outputs> roi_align_rule(const Args& args) {
  const auto& attrs = args.as<RoiAlignAttrs>();
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_TRY(args.check_type(2, type_set({DType::kInt64})));
  if (args.dtype(1) != args.dtype(0)) return invalid("x and the regions differ in type");
  SAKER_TRY(check_cells(attrs.height, attrs.width, attrs.spatial_scale));
  if (attrs.samples < 0) return invalid("sampling_ratio is {}", attrs.samples);
  SAKER_ASSIGN(Outputs outputs, region_outputs(args, 4, attrs.height, attrs.width));
  if (outputs[0].shape && args.shape(2) != nullptr && *args.shape(2) != Shape{(*outputs[0].shape)[0]})
    return invalid("{} regions but batch_indices of shape {}", (*outputs[0].shape)[0], to_string(*args.shape(2)));
  return outputs;
}

namespace {

// One axis of a region: its cells, each with samples at the middles of equal parts.
struct RegionAxis {
  double start = 0, cell = 0;
  std::int64_t samples = 0;
};

Result<RegionAxis> region_axis(double from, double to, std::int64_t cells, std::int64_t extent,
                               const RoiAlignAttrs& attrs) {
  const double offset = attrs.half_pixel ? 0.5 : 0;
  const double scale = static_cast<double>(attrs.spatial_scale);
  const double start = from * scale - offset;
  double length = to * scale - offset - start;
  if (!attrs.half_pixel) length = std::max(length, 1.0);
  RegionAxis axis{start, length / static_cast<double>(cells), attrs.samples};
  // Regions may reach beyond the map, but not so far that visiting them takes forever.
  const double most = 16 * (static_cast<double>(extent) + 16);
  if (!std::isfinite(start) || !(std::fabs(length) <= most) || static_cast<double>(attrs.samples) > most)
    return invalid("a region from {} to {} on a map of extent {}, {} samples a cell", from, to, extent, attrs.samples);
  if (axis.samples == 0) axis.samples = std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(axis.cell)), 0);
  return axis;
}

// The two pixels of an axis around a sample; further than one outside there is nothing.
struct Neighbours {
  std::int64_t low = 0, high = 0;
  double low_weight = 0, high_weight = 0;
};

Neighbours neighbours(const RegionAxis& axis, std::int64_t cell, std::int64_t sample, std::int64_t extent) {
  const double within = (static_cast<double>(sample) + 0.5) / static_cast<double>(axis.samples);
  const double at = axis.start + (static_cast<double>(cell) + within) * axis.cell;
  if (at < -1 || at > static_cast<double>(extent)) return {};
  const double x = std::clamp(at, 0.0, static_cast<double>(extent - 1));
  const auto low = static_cast<std::int64_t>(x);
  const double t = x - static_cast<double>(low);
  return {low, std::min(low + 1, extent - 1), 1 - t, t};
}

template <typename T>
double pool_cell(const T* plane, std::int64_t width, std::int64_t height, const RegionAxis& down,
                 const RegionAxis& across, std::int64_t row, std::int64_t column, bool maximum) {
  double sum = 0, most = 0;
  bool first = true;
  for (std::int64_t i = 0; i < down.samples; ++i) {
    const Neighbours y = neighbours(down, row, i, height);
    for (std::int64_t j = 0; j < across.samples; ++j) {
      const Neighbours x = neighbours(across, column, j, width);
      const auto part = [&](std::int64_t at_y, double by_y, std::int64_t at_x, double by_x) {
        return by_y * by_x * static_cast<double>(plane[at_y * width + at_x]);
      };
      const double parts[] = {
          part(y.low, y.low_weight, x.low, x.low_weight), part(y.low, y.low_weight, x.high, x.high_weight),
          part(y.high, y.high_weight, x.low, x.low_weight), part(y.high, y.high_weight, x.high, x.high_weight)};
      sum += parts[0] + parts[1] + parts[2] + parts[3];
      const double largest = *std::max_element(parts, parts + 4);
      most = first ? largest : std::max(most, largest);
      first = false;
    }
  }
  return maximum ? most : sum / static_cast<double>(std::max<std::int64_t>(down.samples * across.samples, 1));
}

}  // namespace

// The mean of a cell's samples, or as ONNX defines the maximum: the largest of their weighted neighbours.
Status roi_align_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<RoiAlignAttrs>();
  const Shape& x = *args.shape(0);
  if (outputs[0].elements() == 0) return {};
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    T* to = outputs[0].data<T>();
    for (std::int64_t r = 0; r < outputs[0].shape()[0]; ++r) {
      const T* roi = args.tensor(1).data<T>() + 4 * r;
      const std::int64_t picture = args.tensor(2).data<std::int64_t>()[r];
      SAKER_TRY(check_picture(picture, r, x));
      const auto corner = [&](int i) { return static_cast<double>(roi[i]); };
      SAKER_ASSIGN(const RegionAxis down, region_axis(corner(1), corner(3), attrs.height, x[2], attrs));
      SAKER_ASSIGN(const RegionAxis across, region_axis(corner(0), corner(2), attrs.width, x[3], attrs));
      for (std::int64_t c = 0; c < x[1]; ++c) {
        const T* plane = args.tensor(0).data<T>() + (picture * x[1] + c) * x[2] * x[3];
        for (std::int64_t row = 0; row < attrs.height; ++row) {
          for (std::int64_t column = 0; column < attrs.width; ++column)
            *to++ = static_cast<T>(pool_cell(plane, x[3], x[2], down, across, row, column, attrs.maximum));
        }
      }
    }
    return {};
  });
}

// Inputs: x, regions [R, 5]: the picture, then corners in whole pixels, the last one inside.
Result<Outputs> max_roi_pool_rule(const Args& args) {
  const auto& attrs = args.as<MaxRoiPoolAttrs>();
  SAKER_TRY(args.check_same_types(kFloatTypes));
  SAKER_TRY(check_cells(attrs.height, attrs.width, attrs.spatial_scale));
  return region_outputs(args, 5, attrs.height, attrs.width);
}

namespace {

struct Pixels {
  std::int64_t begin = 0, end = 0;
};

// The pixels of a cell, of an axis of a region from `from` to `to`.
Pixels cell_pixels(double from, double to, std::int64_t cells, std::int64_t cell, std::int64_t extent) {
  const double start = std::round(from);
  const double size = std::max(std::round(to) - start + 1, 1.0) / static_cast<double>(cells);
  const auto pixel = [&](double at) {
    return std::clamp<std::int64_t>(number_cast<std::int64_t>(at + start), 0, extent);
  };
  return {pixel(std::floor(static_cast<double>(cell) * size)), pixel(std::ceil(static_cast<double>(cell + 1) * size))};
}

}  // namespace

// A cell without pixels is 0.
Status max_roi_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<MaxRoiPoolAttrs>();
  const Shape& x = *args.shape(0);
  if (outputs[0].elements() == 0) return {};
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const Shape& shape = outputs[0].shape();
    T* to = outputs[0].data<T>();
    for (std::int64_t r = 0; r < shape[0]; ++r) {
      const T* roi = args.tensor(1).data<T>() + 5 * r;
      const auto picture = number_cast<std::int64_t>(roi[0]);
      SAKER_TRY(check_picture(picture, r, x));
      const auto corner = [&](int i) { return static_cast<double>(roi[i]) * static_cast<double>(attrs.spatial_scale); };
      for (std::int64_t i = 0; i < shape[1] * shape[2] * shape[3]; ++i) {
        const std::int64_t c = i / (shape[2] * shape[3]), row = i / shape[3] % shape[2], column = i % shape[3];
        const T* plane = args.tensor(0).data<T>() + (picture * x[1] + c) * x[2] * x[3];
        const Pixels rows = cell_pixels(corner(2), corner(4), shape[2], row, x[2]);
        const Pixels columns = cell_pixels(corner(1), corner(3), shape[3], column, x[3]);
        bool first = true;
        T most = 0;
        for (std::int64_t h = rows.begin; h < rows.end; ++h) {
          for (std::int64_t w = columns.begin; w < columns.end; ++w) {
            const T value = plane[h * x[3] + w];
            most = first || value > most ? value : most;
            first = false;
          }
        }
        *to++ = most;
      }
    }
    return {};
  });
}

}  // namespace saker::ops
