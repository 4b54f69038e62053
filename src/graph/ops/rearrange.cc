// CenterCropPad, Col2Im, MaxUnpool and ReverseSequence: elements at other places.

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"
#include "graph/ops/window.h"

namespace saker::ops {
namespace {

Result<Shape> cropped_shape(const Args& args) {
  Shape shape = *args.shape(0);
  const auto& listed = args.as<AxesAttrs>().axes;
  SAKER_ASSIGN(const Shape wanted, int_list(args.tensor(1), "the shape"));
  SAKER_ASSIGN(std::vector<std::size_t> axes, normalize_axes(listed, shape.size()));
  for (std::size_t i = 0; listed.empty() && i < shape.size(); ++i) axes.push_back(i);
  if (axes.size() != wanted.size()) return invalid("{} extents for {} axes", wanted.size(), axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (wanted[i] < 0) return invalid("the shape is {}", to_string(wanted));
    shape[axes[i]] = wanted[i];
  }
  return shape;
}

}  // namespace

Result<Outputs> center_crop_pad_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, kIndexTypes));
  if (args.shape(0) == nullptr || args.has_unknown_data(1)) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(Shape shape, cropped_shape(args));
  return one(args.dtype(0), std::move(shape));
}

// The middle of an axis, or the axis between zeros; the odd element more stands at the end.
Status center_crop_pad_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& from = *args.shape(0);
  const Shape& to = outputs[0].shape();
  const auto source = [&](std::size_t axis, std::int64_t i) {
    const std::int64_t cut = from[axis] - to[axis];
    const std::int64_t at = cut >= 0 ? i + cut / 2 : i - -cut / 2;
    return at < from[axis] ? at : -1;
  };
  copy_mapped(args.tensor(0), source, nullptr, outputs[0]);
  return {};
}

namespace {

// The picture's extents and the block's, which slides over it as a convolution's kernel does.
Result<Window> plan_blocks(const Args& args) {
  const auto& attrs = args.as<WindowAttrs>();
  SAKER_ASSIGN(Shape image, int_list(args.tensor(1), "the image's shape"));
  SAKER_ASSIGN(Shape block, int_list(args.tensor(2), "the block's shape"));
  if (image.empty() || image.size() != block.size())
    return invalid("blocks {} of an image {}", to_string(block), to_string(image));
  for (const std::int64_t extent : image) {
    if (extent < 0 || extent > INT32_MAX) return invalid("the image's shape is {}", to_string(image));
  }
  return plan_window(attrs, std::move(image), std::move(block), false);
}

std::int64_t saturating_product(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) product = saturating_mul(product, extent);
  return product;
}

}  // namespace

// Inputs: columns [N, C x block, blocks], the extents of the image, those of a block. Output: [N, C, image].
Result<Outputs> col2im_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  for (const std::size_t i : {1U, 2U}) SAKER_TRY(args.check_type(i, type_set({DType::kInt64})));
  if (args.shape(0) == nullptr || args.has_unknown_data(1) || args.has_unknown_data(2))
    return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Window window, plan_blocks(args));
  const Shape& columns = *args.shape(0);
  const std::int64_t taps = saturating_product(window.kernel), blocks = saturating_product(window.out);
  if (columns.size() != 3 || columns[1] % taps != 0 || columns[2] != blocks)
    return invalid("columns {} for {} blocks of {} elements", to_string(columns), blocks, taps);
  Shape shape{columns[0], columns[1] / taps};
  shape.insert(shape.end(), window.in.begin(), window.in.end());
  return one(args.dtype(0), std::move(shape));
}

// Each element of the image is the sum of the columns' elements that stand for it.
Status col2im_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  if (out.bytes() > 0) std::memset(out.raw(), 0, out.bytes());
  if (out.elements() == 0 || args.tensor(0).elements() == 0) return {};
  SAKER_ASSIGN(const Window w, plan_blocks(args));
  const Shape strides = dense_strides(w.in);
  const std::int64_t plane = extent_product(w.in, 0, w.in.size());
  return visit_number(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* from = args.tensor(0).data<T>();
    for (std::int64_t i = 0; i < out.shape()[0] * out.shape()[1]; ++i) {
      T* to = out.data<T>() + i * plane;
      Shape tap(w.kernel.size(), 0);
      do {
        Shape block(w.out.size(), 0);
        do {
          std::int64_t offset = 0;
          bool inside = true;
          for (std::size_t k = 0; k < block.size(); ++k) {
            const std::int64_t at = block[k] * w.stride[k] - w.before[k] + tap[k] * w.dilation[k];
            inside = inside && at >= 0 && at < w.in[k];
            offset += at * strides[k];
          }
          if (inside) to[offset] = add(to[offset], *from);
          ++from;
        } while (next_index(block, w.out, block.size()));
      } while (next_index(tap, w.kernel, tap.size()));
    }
    return {};
  });
}

namespace {

// The shape whose pooling gives x: the indices are places in it.
Result<Shape> unpooled_shape(const Args& args) {
  const auto& attrs = args.as<WindowAttrs>();
  const Shape& x = *args.shape(0);
  if (x.size() < 3) return invalid("the input {} has no spatial axis", to_string(x));
  if (attrs.kernel.empty()) return invalid("kernel_shape is empty");
  SAKER_ASSIGN(const Window w, read_window(attrs, Shape(x.begin() + 2, x.end()), attrs.kernel));
  Shape shape = x;
  for (std::size_t i = 0; i < w.in.size(); ++i) {
    const std::int64_t whole = saturating_mul(w.in[i] - 1, w.stride[i]);
    shape[i + 2] = saturating_add(whole, w.kernel[i] - w.before[i] - w.after[i]);
    if (shape[i + 2] < 0) return invalid("spatial axis {} would have the extent {}", i, shape[i + 2]);
  }
  SAKER_TRY(element_count(shape));
  return shape;
}

}  // namespace

// Inputs: x, the places of its elements, optionally the shape of the output, which may be larger than needed.
Result<Outputs> max_unpool_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  for (std::size_t i = 1; i < args.count(); ++i) SAKER_TRY(args.check_type(i, type_set({DType::kInt64})));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr || args.has_unknown_data(2))
    return one(args.dtype(0), std::nullopt);
  if (*args.shape(1) != *args.shape(0))
    return invalid("x {} and its indices {}", to_string(*args.shape(0)), to_string(*args.shape(1)));
  SAKER_ASSIGN(Shape shape, unpooled_shape(args));
  if (!args.has(2)) return one(args.dtype(0), std::move(shape));
  SAKER_ASSIGN(Shape wanted, int_list(args.tensor(2), "the output's shape"));
  bool fits = wanted.size() == shape.size() && wanted[0] == shape[0] && wanted[1] == shape[1];
  for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = wanted[i] >= shape[i];
  if (!fits) return invalid("the output's shape {} for {}", to_string(wanted), to_string(shape));
  return one(args.dtype(0), std::move(wanted));
}

Status max_unpool_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  if (out.bytes() > 0) std::memset(out.raw(), 0, out.bytes());
  SAKER_ASSIGN(const Shape shape, unpooled_shape(args));
  const std::int64_t places = extent_product(shape, 0, shape.size());
  const Shape strides = dense_strides(out.shape());
  return visit_float(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < args.tensor(0).elements(); ++i) {
      std::int64_t place = args.tensor(1).data<std::int64_t>()[i], at = 0;
      if (place < 0 || place >= places) return invalid("index {} is out of range for {} elements", place, places);
      for (std::size_t axis = shape.size(); axis-- > 0; place /= shape[axis]) at += place % shape[axis] * strides[axis];
      out.data<T>()[at] = args.tensor(0).data<T>()[i];
    }
    return {};
  });
}

// Inputs: x, of each element of the batch how many steps of time are reversed.
Result<Outputs> reverse_sequence_rule(const Args& args) {
  const auto& attrs = args.as<ReverseSequenceAttrs>();
  SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  const bool fits = (attrs.batch_axis == 0 && attrs.time_axis == 1) || (attrs.batch_axis == 1 && attrs.time_axis == 0);
  if (!fits) return invalid("batch_axis {} and time_axis {}: one is 0, one is 1", attrs.batch_axis, attrs.time_axis);
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  if (x.size() < 2) return invalid("the input {} has no axes of time and batch", to_string(x));
  if (args.shape(1) != nullptr && *args.shape(1) != Shape{x[as_size(attrs.batch_axis)]})
    return invalid("sequence_lens {} for an input {}", to_string(*args.shape(1)), to_string(x));
  return one(args.dtype(0), x);
}

Status reverse_sequence_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& x = *args.shape(0);
  const bool time_first = args.as<ReverseSequenceAttrs>().time_axis == 0;
  const std::int64_t times = x[time_first ? 0 : 1], batches = x[time_first ? 1 : 0];
  const std::int64_t block = extent_product(x, 2, x.size()) * as_int(dtype_size(args.dtype(0)));
  const auto* from = static_cast<const std::byte*>(args.tensor(0).raw());
  auto* to = static_cast<std::byte*>(outputs[0].raw());
  for (std::int64_t b = 0; b < batches; ++b) {
    const std::int64_t length = args.tensor(1).data<std::int64_t>()[b];
    if (length < 0 || length > times) return invalid("a sequence of {} of {} steps", length, times);
    const auto place = [&](std::int64_t t) { return (time_first ? t * batches + b : b * times + t) * block; };
    for (std::int64_t t = 0; t < times; ++t)
      copy_bytes(to + place(t), from + place(t < length ? length - 1 - t : t), block);
  }
  return {};
}

}  // namespace saker::ops
