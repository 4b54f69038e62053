// Layers: convolutions, pools, normalizations.
#include <algorithm>

#include "base/try.h"
#include "graph/ops/window.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

// A window whose pads are the same at both ends, of an input that is padded before where they were not.
struct Sliding {
  ops::Window window;
  std::string x;
  std::string dims;  // "2d"
};

// The last axis comes first.
std::string pad_list(const Shape& before, const Shape& after) {
  std::vector<std::int64_t> pads;
  for (std::size_t i = before.size(); i-- > 0;) pads.insert(pads.end(), {before[i], after[i]});
  return literal(pads);
}

// Pads that depend on the input's extents need those.
Result<ops::Window> window_of(const ScriptNode& n, const WindowAttrs& attrs, std::size_t axes, const Shape& kernel,
                              bool ceil_mode) {
  const Shape* shape = n.shape(0);
  if (shape != nullptr && shape->size() == axes + 2)
    return ops::plan_window(attrs, {shape->begin() + 2, shape->end()}, kernel, ceil_mode);
  if (attrs.auto_pad == AutoPad::kSameUpper || attrs.auto_pad == AutoPad::kSameLower)
    return unsupported("pads of an input whose size is open");
  return ops::read_window(attrs, Shape(axes, 0), kernel);
}

Result<Sliding> sliding(const ScriptNode& n, const WindowAttrs& attrs, const Shape& kernel, bool ceil_mode,
                        const char* outside) {
  const std::size_t axes = kernel.size();
  if (axes < 1 || axes > 3) return unsupported("a window of that many axes");
  Sliding out;
  SAKER_ASSIGN(out.window, window_of(n, attrs, axes, kernel, ceil_mode));
  out.dims = fmt::format("{}d", axes);
  out.x = n.in(0);
  ops::Window& w = out.window;
  bool fits = true;  // torch's pools take pads of up to half the window
  for (std::size_t i = 0; i < axes; ++i)
    fits = fits && w.before[i] == w.after[i] && (n.op() == Op::kConv || w.before[i] <= w.kernel[i] / 2);
  if (fits) return out;
  if (ceil_mode) return unsupported("its pads together with ceil_mode");
  if (outside == nullptr) return unsupported("its pads");
  out.x = call("constant_pad_nd", out.x, pad_list(w.before, w.after), outside);
  w.before.assign(axes, 0);
  w.after.assign(axes, 0);
  return out;
}

Result<Shape> kernel_of_weights(const ScriptNode& n) {
  const Shape* weights = n.shape(1);
  if (weights == nullptr || weights->size() < 3) return unsupported("weights whose shape is not known");
  return Shape(weights->begin() + 2, weights->end());
}

}  // namespace

Status add_conv(ScriptNode& n) {
  const auto& attrs = n.as<ConvAttrs>();
  if (attrs.activation.kind != ActivationKind::kNone || n.has(3) || n.has(4))
    return unsupported("a convolution fused with what follows it");
  SAKER_ASSIGN(const Shape kernel, kernel_of_weights(n));
  SAKER_ASSIGN(const Sliding s, sliding(n, attrs.window, kernel, false, "0"));
  n.assign(call("conv" + s.dims, s.x, n.in(1), n.in(2), literal(s.window.stride), literal(s.window.before),
                literal(s.window.dilation), literal(attrs.group)));
  return {};
}

Status add_conv_transpose(ScriptNode& n) {
  const auto& attrs = n.as<ConvTransposeAttrs>();
  SAKER_ASSIGN(const Shape kernel, kernel_of_weights(n));
  if (kernel.size() > 3) return unsupported("a window of that many axes");
  if (!attrs.output_shape.empty() ||
      (attrs.window.auto_pad != AutoPad::kExplicit && attrs.window.auto_pad != AutoPad::kValid))
    return unsupported("an output of a named size");
  SAKER_ASSIGN(const ops::Window w, ops::read_window(attrs.window, Shape(kernel.size(), 0), kernel));
  if (w.before != w.after) return unsupported("pads that differ at both ends");
  const Shape more = attrs.output_padding.empty() ? Shape(kernel.size(), 0) : attrs.output_padding;
  n.assign(call(fmt::format("conv_transpose{}d", kernel.size()), n.in(0), n.in(1), n.in(2), literal(w.stride),
                literal(w.before), literal(more), literal(attrs.group), literal(w.dilation)));
  return {};
}

Status add_pool(ScriptNode& n) {
  const auto& attrs = n.as<PoolAttrs>();
  if (n.wants(1)) return unsupported("the places of its maxima");
  const bool average = n.op() == Op::kAveragePool;
  const bool half = n.dtype(0) == DType::kFloat16;
  const char* outside = !average                  ? (half ? "-65504." : "-3.4028234663852886e+38")
                        : attrs.count_include_pad ? "0"
                                                  : nullptr;
  SAKER_ASSIGN(const Sliding s, sliding(n, attrs.window, attrs.window.kernel, attrs.ceil_mode, outside));
  const ops::Window& w = s.window;
  const std::string ceil = literal(attrs.ceil_mode);
  if (!average) {
    n.assign(call("max_pool" + s.dims, s.x, literal(w.kernel), literal(w.stride), literal(w.before),
                  literal(w.dilation), ceil));
    return {};
  }
  if (std::ranges::any_of(w.dilation, [](std::int64_t d) { return d != 1; })) return unsupported("its dilations");
  n.assign(call("avg_pool" + s.dims, s.x, literal(w.kernel), literal(w.stride), literal(w.before), ceil,
                literal(attrs.count_include_pad)));
  return {};
}

Status add_global_pool(ScriptNode& n) {
  const Shape* shape = n.shape(0);
  std::vector<std::int64_t> axes = {2, 3};
  if (shape != nullptr) {
    axes.clear();
    for (std::size_t i = 2; i < shape->size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  n.assign(call(n.op() == Op::kGlobalMaxPool ? "amax" : "mean", n.in(0), literal(axes), "True"));
  return {};
}

Status add_batch_norm(ScriptNode& n) {
  n.assign(call("batch_norm", n.in(0), n.in(1), n.in(2), n.in(3), n.in(4), "False", "0.",
                literal(double{n.as<BatchNormalizationAttrs>().epsilon}), "False"));
  return {};
}

Status add_normalization(ScriptNode& n) {
  const auto& attrs = n.as<NormalizationAttrs>();
  const std::string epsilon = literal(double{attrs.epsilon});
  if (n.op() == Op::kInstanceNormalization) {
    n.assign(call("instance_norm", n.in(0), n.in(1), n.in(2), "None", "None", "True", "0.", epsilon, "False"));
    return {};
  }
  const Shape *x = n.shape(0), *scale = n.shape(1);
  if (x == nullptr || scale == nullptr) return unsupported("an input whose shape is not known");
  if (n.op() == Op::kGroupNormalization) {
    if (scale->size() != 1 || scale->front() != (*x)[1]) return unsupported("a scale for each group");
    n.assign(call("group_norm", n.in(0), literal(attrs.groups), n.in(1), n.in(2), epsilon, "False"));
    return {};
  }
  if (n.wants(1) || n.wants(2)) return unsupported("its mean and deviation as outputs");
  const auto first = static_cast<std::ptrdiff_t>(axis_index(attrs.axis, x->size()));
  const Shape normalized(x->begin() + first, x->end());
  if (*scale != normalized || (n.has(2) && *n.shape(2) != normalized)) return unsupported("a scale that is broadcast");
  n.assign(call("layer_norm", n.in(0), literal(normalized), n.in(1), n.in(2), epsilon, "False"));
  return {};
}

// alpha * A B + beta * C
Status add_gemm(ScriptNode& n) {
  const auto& attrs = n.as<GemmAttrs>();
  const std::string a = attrs.trans_a ? call("t", n.in(0)) : n.in(0);
  const std::string b = attrs.trans_b ? call("t", n.in(1)) : n.in(1);
  const std::string alpha = literal(double{attrs.alpha});
  if (!n.has(2)) {
    n.assign(attrs.alpha == 1 ? call("mm", a, b) : call("mul", call("mm", a, b), alpha));
    return {};
  }
  n.assign(call("addmm", n.in(2), a, b, "beta=" + literal(double{attrs.beta}), "alpha=" + alpha));
  return {};
}

Status add_grid_sample(ScriptNode& n) {
  const auto& attrs = n.as<GridSampleAttrs>();  // torch counts modes and paddings in the same order
  const Shape* shape = n.shape(0);
  if (attrs.mode == GridSampleMode::kCubic && shape != nullptr && shape->size() != 4)
    return unsupported("cubic samples of a volume");
  n.assign(call("grid_sampler", n.in(0), n.in(1), literal(static_cast<std::int64_t>(attrs.mode)),
                literal(static_cast<std::int64_t>(attrs.padding)), literal(attrs.align_corners)));
  return {};
}

Status add_softmax(ScriptNode& n) {
  const auto& attrs = n.as<SoftmaxAttrs>();
  const Shape* shape = n.shape(0);
  const bool last =
      attrs.axis == -1 || (shape != nullptr && axis_index(attrs.axis, shape->size()) + 1 == shape->size());
  if (!attrs.expectation.empty() || (attrs.flatten_trailing && !last))
    return unsupported("a Softmax over several axes");
  n.assign(call(n.op() == Op::kLogSoftmax ? "log_softmax" : "softmax", n.in(0), literal(attrs.axis)));
  return {};
}

}  // namespace saker::torchscript
