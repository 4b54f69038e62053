// QuantizeLinear, DynamicQuantizeLinear, DequantizeLinear, Lookup and SumInt8 over pictures and dense tensors.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/dynamic_range.h"
#include "base/try.h"
#include "plan/planner.h"

namespace saker {
namespace {

constexpr std::int64_t kMinJob = 16384;  // elements worth handing to another thread

// Runs over which parameters have a step of 0 or 1: the pixels of a picture, or the whole of a dense tensor.
struct Rows {
  std::int64_t pictures = 1, rows = 1, columns = 1, length = 1;  // elements of a run
  std::int64_t step = 0;                                         // of parameters
};

std::int64_t job_count(const Rows& rows, int threads) {
  const std::int64_t total = rows.pictures * rows.rows;
  return std::clamp<std::int64_t>(total * rows.columns * rows.length / kMinJob, 1,
                                  std::min<std::int64_t>(total, 4 * threads));
}

// Calls body(picture, row, column, thread) for each run, in so many jobs.
template <typename Body>
void for_each_run(ThreadPool& pool, const Rows& rows, std::int64_t jobs, Body&& body) {
  const std::int64_t total = rows.pictures * rows.rows;
  pool.run(jobs, [&](std::int64_t job, int thread) {
    for (std::int64_t i = job * total / jobs; i < (job + 1) * total / jobs; ++i) {
      for (std::int64_t x = 0; x < rows.columns; ++x) body(i / rows.rows, i % rows.rows, x, thread);
    }
  });
}

// Where element runs begin, in elements.
std::int64_t run_start(const PlanView& view, std::int64_t n, std::int64_t y, std::int64_t x) {
  if (view.shape.size() != 4) return 0;  // a dense tensor is one run
  return n * view.strides[0] + y * view.strides[2] + x * view.strides[3];
}

// Parameters as constants of the plan.
struct Parameters {
  std::shared_ptr<const float> scale, offset;
};

Result<std::shared_ptr<const float>> keep(Planner& planner, const std::vector<float>& values, std::int64_t size) {
  return planner.weights(size, [&](float* kept) {
    for (std::int64_t i = 0; i < size; ++i) kept[i] = values[values.size() == 1 ? 0 : static_cast<std::size_t>(i)];
  });
}

// Views as runs: pictures pixel by pixel, or row by row where pixels follow one another and parameters are one for all.
Rows runs_of(const Shape& shape, std::initializer_list<const PlanView*> views, bool per_channel) {
  Rows rows;
  if (shape.size() != 4) {
    rows.length = element_count(shape).value();
    return rows;
  }
  rows.pictures = shape[0], rows.rows = shape[2], rows.columns = shape[3], rows.length = shape[1];
  rows.step = per_channel ? 1 : 0;
  const bool joined =
      !per_channel && std::ranges::all_of(views, [&](const PlanView* view) { return view->strides[3] == shape[1]; });
  if (joined) {
    rows.length *= rows.columns;
    rows.columns = 1;
  }
  return rows;
}

// Whether a run of whole rows has gaps between its pixels in this view.
bool is_scattered(const PlanView& view, const Rows& rows) {
  return view.shape.size() == 4 && rows.columns == 1 && view.shape[3] > 1 && view.strides[3] != view.shape[1];
}

void copy_pixels(const std::uint8_t* from, std::int64_t from_step, std::int64_t pixels, std::int64_t channels,
                 std::uint8_t* to, std::int64_t to_step) {
  for (std::int64_t i = 0; i < pixels; ++i)
    std::memcpy(to + i * to_step, from + i * from_step, static_cast<std::size_t>(channels));
}

// The row at `from` without gaps: there, or packed into `packed`.
const std::uint8_t* pack_row(const PlanView& view, const Rows& rows, const std::uint8_t* from, std::uint8_t* packed) {
  if (!is_scattered(view, rows)) return from;
  copy_pixels(from, view.strides[3], view.shape[3], view.shape[1], packed, view.shape[1]);
  return packed;
}

struct Quantizer {
  std::vector<float> scale;
  std::vector<float> zero;  // as many
};

// Empty: the kernels can run it; else why not.
std::string describe(const Planner& planner, const Node& node, const Value& bytes, Quantizer& found) {
  const Value& scale = planner.value(node.inputs[1]);
  if (bytes.dtype != DType::kUint8) return fmt::format("it takes uint8, not {}", dtype_name(bytes.dtype));
  if (scale.dtype != DType::kFloat32 || node.as<AxisAttrs>().block != 0) return "its scales are not one or a list";
  if (!scale.constant || (node.has_input(2) && !planner.value(node.inputs[2]).constant))
    return "its scales and zero points are not constant";
  found.scale.assign(scale.constant->data<float>(), scale.constant->data<float>() + scale.constant->elements());
  found.zero.assign(found.scale.size(), 0);
  if (node.has_input(2)) {
    const auto* zero = planner.value(node.inputs[2]).constant->data<std::uint8_t>();
    for (std::size_t i = 0; i < found.zero.size(); ++i) found.zero[i] = static_cast<float>(zero[i]);
  }
  const std::size_t rank = bytes.shape->size();
  if (found.scale.size() > 1 && (rank != 4 || axis_index(node.as<AxisAttrs>().axis, rank) != 1))
    return "its scales belong to another axis than a picture's channels";
  return "";
}

Need need_of(const Shape& shape) {
  return shape.size() == 4 ? Need::kChannelsInnermost : Need::kDense;
}

// Scales and offsets of a Quantizer: 1/scale and zero point, or scale and -scale * zero point.
Result<Parameters> parameters(Planner& planner, const Quantizer& q, bool to_bytes, std::int64_t size) {
  std::vector<float> scale, offset;
  for (std::size_t i = 0; i < q.scale.size(); ++i) {
    scale.push_back(to_bytes ? 1 / q.scale[i] : q.scale[i]);
    offset.push_back(to_bytes ? q.zero[i] : -q.scale[i] * q.zero[i]);
  }
  Parameters result;
  SAKER_ASSIGN(result.scale, keep(planner, scale, size));
  SAKER_ASSIGN(result.offset, keep(planner, offset, size));
  return result;
}

// A picture of few channels as it comes, plane by plane.
bool is_planar(const PlanView& src) {
  return src.shape.size() == 4 && src.shape[1] <= 4 && src.strides[3] == 1 && src.strides[1] != 1;
}

// Pixels of four bytes, and from there the output's place if that has others.
Output write_planes(Planner& planner, ValueId id) {
  const Output dst = planner.write(id, Need::kQuads);
  if (dst.view.strides[3] == 4) return dst;
  return {planner.allocate(dst.view.dtype, dst.view.shape, channels_last(4)), dst.copy_to.value_or(dst.view)};
}

Result<bool> quantize_planes(Planner& planner, const Node& node, const Quantizer& q) {
  const QuantizeKernel& kernel = planner.kernels().quantize;
  const PlanView src = planner.read(node.inputs[0]);
  SAKER_ASSIGN(const Parameters own, parameters(planner, q, true, src.shape[1]));
  const Output dst = write_planes(planner, node.outputs[0]);
  const auto run = kernel.quantize_planes;
  Rows rows;
  rows.pictures = src.shape[0], rows.rows = src.shape[2];
  rows.length = src.shape[3];
  const std::int64_t jobs = job_count(rows, planner.threads());
  if (!dst.copy_to) planner.offer_bytes(node, {0, dst.view, &kernel, own.scale, own.offset});
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    const float* from = context.at<float>(src);
    auto* bytes = context.at<std::uint8_t>(to);
    for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t, int) {
      run(rows.length, static_cast<int>(src.shape[1]), from + run_start(src, n, y, 0), src.strides[1], own.scale.get(),
          own.offset.get(), bytes + run_start(to, n, y, 0));
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

}  // namespace

Result<bool> lower_quantize(Planner& planner, const Node& node) {
  const QuantizeKernel& kernel = planner.kernels().quantize;
  Quantizer q;
  const Value& bytes = planner.value(node.outputs[0]);
  if (std::string reason = describe(planner, node, bytes, q); !reason.empty())
    return planner.refuse(kernel.name, std::move(reason));
  const Shape& shape = *bytes.shape;
  if (is_planar(planner.read(node.inputs[0]))) return quantize_planes(planner, node, q);
  const PlanView src = planner.read(node.inputs[0], need_of(shape));
  const Output dst = planner.write(node.outputs[0], need_of(shape));
  const Rows rows = runs_of(shape, {&src, &dst.view}, q.scale.size() > 1);
  const std::int64_t jobs = job_count(rows, planner.threads());
  SAKER_ASSIGN(const Parameters own, parameters(planner, q, true, static_cast<std::int64_t>(q.scale.size())));
  const auto run = kernel.quantize;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t x, int) {
      run(rows.length, context.at<float>(src) + run_start(src, n, y, x), own.scale.get(), own.offset.get(), rows.step,
          context.at<std::uint8_t>(to) + run_start(to, n, y, x));
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

Result<bool> lower_dynamic_quantize(Planner& planner, const Node& node) {
  const QuantizeKernel& kernel = planner.kernels().quantize;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i >= node.outputs.size() || node.outputs[i] == kNoValue)
      return planner.refuse(kernel.name, "its scale or zero point has no name");
  }
  const Shape& shape = *planner.value(node.outputs[0]).shape;
  const bool planar = is_planar(planner.read(node.inputs[0]));
  const PlanView src = planar ? planner.read(node.inputs[0]) : planner.read(node.inputs[0], need_of(shape));
  const Output dst = planar ? write_planes(planner, node.outputs[0]) : planner.write(node.outputs[0], need_of(shape));
  const Output scale = planner.write(node.outputs[1]), zero = planner.write(node.outputs[2]);
  Rows rows = runs_of(shape, {&src, &dst.view}, false);
  if (planar) rows.columns = 1, rows.length = shape[3];
  const std::int64_t jobs = job_count(rows, planner.threads());
  const int planes = planar ? static_cast<int>(shape[1]) : 1;
  constexpr std::int64_t kApart = 16;  // floats: threads do not share a line of the cache
  const PlanView ranges = planner.scratch(DType::kFloat32, {planner.threads(), kApart});
  planner.emit(
      node, kernel.name, {src, dst.view, scale.view, zero.view, ranges},
      [=, kernel = &kernel, to = dst.view, threads = planner.threads()](RunContext& context) -> Status {
        const auto* from = context.at<float>(src);
        auto* found = context.at<float>(ranges);
        std::fill_n(found, threads * kApart, 0.0F);
        for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t x, int thread) {
          for (int k = 0; k < planes; ++k)
            kernel->range(rows.length, from + run_start(src, n, y, x) + k * (planar ? src.strides[1] : 0),
                          found + thread * kApart);
        });
        for (int t = 1; t < threads; ++t) kernel->range(2, found + t * kApart, found);
        const auto own = DynamicRange::of(found[0], found[1]);
        *context.at<float>(scale.view) = own.scale;
        *context.at<std::uint8_t>(zero.view) = static_cast<std::uint8_t>(own.zero_point);
        for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t x, int) {
          const float* run = from + run_start(src, n, y, x);
          auto* bytes = context.at<std::uint8_t>(to) + run_start(to, n, y, x);
          planar ? kernel->divide_planes(rows.length, planes, run, src.strides[1], own.scale, own.zero_point, bytes)
                 : kernel->divide(rows.length, run, own.scale, own.zero_point, bytes);
        });
        return {};
      });
  for (const Output* output : {&dst, &scale, &zero}) planner.finish(node, *output);
  return true;
}

Result<bool> lower_dequantize(Planner& planner, const Node& node) {
  const QuantizeKernel& kernel = planner.kernels().quantize;
  Quantizer q;
  const Value& bytes = planner.value(node.inputs[0]);
  if (std::string reason = describe(planner, node, bytes, q); !reason.empty())
    return planner.refuse(kernel.name, std::move(reason));
  const Shape& shape = *bytes.shape;
  const PlanView src = planner.read(node.inputs[0], need_of(shape));
  const Output dst = planner.write(node.outputs[0], need_of(shape));
  const Rows rows = runs_of(shape, {&src, &dst.view}, q.scale.size() > 1);
  const std::int64_t jobs = job_count(rows, planner.threads());
  SAKER_ASSIGN(const Parameters own, parameters(planner, q, false, static_cast<std::int64_t>(q.scale.size())));
  const auto run = kernel.dequantize;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t x, int) {
      run(rows.length, context.at<std::uint8_t>(src) + run_start(src, n, y, x), own.scale.get(), own.offset.get(),
          rows.step, context.at<float>(to) + run_start(to, n, y, x));
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

Result<bool> lower_lookup(Planner& planner, const Node& node) {
  const LookupKernel& kernel = planner.kernels().lookup;
  const Shape& shape = *planner.value(node.outputs[0]).shape;
  const PlanView src = planner.read(node.inputs[0], need_of(shape));
  const Output dst = planner.write(node.outputs[0], need_of(shape));
  const Rows rows = runs_of(shape, {&src, &dst.view}, false);
  const std::int64_t jobs = job_count(rows, planner.threads());
  const auto table = std::make_shared<std::vector<std::uint8_t>>(node.as<LookupAttrs>().table);
  const auto run = kernel.run;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t x, int) {
      auto* bytes = context.at<std::uint8_t>(to) + run_start(to, n, y, x);
      std::memcpy(bytes, context.at<std::uint8_t>(src) + run_start(src, n, y, x),
                  static_cast<std::size_t>(rows.length));
      run(table->data(), bytes, rows.length);
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

Result<bool> lower_sum_int8(Planner& planner, const Node& node) {
  const QuantizeKernel& kernel = planner.kernels().quantize;
  const auto& attrs = node.as<SumInt8Attrs>();
  if (attrs.terms.size() > kMaxByteTerms)
    return planner.refuse(kernel.name,
                          fmt::format("it takes {} terms, here are {}", kMaxByteTerms, attrs.terms.size()));
  const Shape& shape = *planner.value(node.outputs[0]).shape;
  bool per_channel = attrs.out_scale.size() > 1 || attrs.out_offset.size() > 1;
  for (const auto& term : attrs.terms) {
    if (!int8_can_apply(term.activation.kind)) return planner.refuse(kernel.name, "an activation it does not have");
    per_channel = per_channel || term.scale.size() > 1 || term.shift.size() > 1;
  }
  if (per_channel && shape.size() != 4) return planner.refuse(kernel.name, "of channels it takes pictures only");
  const std::int64_t size = per_channel ? shape[1] : 1;

  const Output dst = planner.write(node.outputs[0], need_of(shape));
  std::vector<PlanView> views;
  std::vector<Parameters> parameters;
  for (std::size_t k = 0; k < attrs.terms.size(); ++k) {
    views.push_back(planner.read(node.inputs[k], need_of(shape)));
    parameters.emplace_back();
    SAKER_ASSIGN(parameters.back().scale, keep(planner, attrs.terms[k].scale, size));
    SAKER_ASSIGN(parameters.back().offset, keep(planner, attrs.terms[k].shift, size));
  }
  // With one scale for all, rows whose pixels do not follow one another are packed first: a run of 16 bytes costs as
  // much as one of 200 (104x104x16: 0.61 ms pixel by pixel).
  const Rows rows = runs_of(shape, {}, per_channel);
  const std::int64_t jobs = job_count(rows, planner.threads());
  SAKER_ASSIGN(const auto scale, keep(planner, attrs.out_scale, size));
  SAKER_ASSIGN(const auto offset, keep(planner, attrs.out_offset, size));
  std::vector<Activation> activations;
  for (const auto& term : attrs.terms) activations.push_back(term.activation);
  // For each thread a row of each term and of the result.
  const auto scratch_rows = static_cast<std::int64_t>(views.size() + 1);
  const PlanView scratch = planner.scratch(DType::kUint8, {planner.threads(), scratch_rows * rows.length});
  std::vector<PlanView> touched = views;
  touched.insert(touched.end(), {dst.view, scratch});
  const auto run = kernel.sum;
  planner.emit(node, kernel.name, std::move(touched), [=, to = dst.view](RunContext& context) -> Status {
    for_each_run(context.pool(), rows, jobs, [&](std::int64_t n, std::int64_t y, std::int64_t x, int thread) {
      std::uint8_t* packed = context.at<std::uint8_t>(scratch) + thread * scratch.strides[0];
      ByteTerm terms[kMaxByteTerms];
      for (std::size_t k = 0; k < views.size(); ++k, packed += rows.length) {
        const auto* from = context.at<std::uint8_t>(views[k]) + run_start(views[k], n, y, x);
        terms[k] = {pack_row(views[k], rows, from, packed), parameters[k].scale.get(), parameters[k].offset.get(),
                    rows.step, activations[k]};
      }
      auto* out = context.at<std::uint8_t>(to) + run_start(to, n, y, x);
      const bool scattered = is_scattered(to, rows);
      run(rows.length, terms, static_cast<int>(views.size()), scale.get(), offset.get(), rows.step,
          scattered ? packed : out);
      if (scattered) copy_pixels(packed, to.shape[1], to.shape[3], to.shape[1], out, to.strides[3]);
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

}  // namespace saker
