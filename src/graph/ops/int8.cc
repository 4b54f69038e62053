// ConvInt8, Lookup and SumInt8 (ops.h): what the passes make of quantized layers.
#include <algorithm>
#include <cmath>

#include "base/activation_math.h"
#include "graph/ops/convert.h"
#include "graph/ops/ops.h"
#include "graph/ops/window.h"

namespace saker::ops {
namespace {

Status check_table(const std::vector<std::uint8_t>& table, bool required) {
  if (table.size() == 256 || (table.empty() && !required)) return {};
  return invalid("a table of {} entries", table.size());
}

Status check_count(const char* what, std::size_t count, std::int64_t wanted) {
  if (count == as_size(wanted)) return {};
  return invalid("{} {} for {} channels", count, what, wanted);
}

Result<Window> plan_conv(const Args& args) {
  const auto& attrs = args.as<ConvInt8Attrs>();
  const Shape& x = *args.shape(0);
  const Shape& w = *args.shape(1);
  if (x.size() != 4 || w.size() != 4) return invalid("it is 2-D, the input is {}", to_string(x));
  if (attrs.conv.group < 1 || w[0] % attrs.conv.group != 0)
    return invalid("{} output channels in {} groups", w[0], attrs.conv.group);
  if (x[1] != saturating_mul(w[1], attrs.conv.group)) return invalid("{} channels, weights {}", x[1], to_string(w));
  SAKER_TRY(check_count("multipliers", attrs.multiplier.size(), w[0]));
  SAKER_TRY(check_count("biases", attrs.bias.size(), w[0]));
  SAKER_TRY(check_count("zero points", attrs.zero_points.size(), args.has(4) ? 0 : x[1]));
  if (args.has(2)) SAKER_TRY(check_count("residual scales", attrs.residual_scale.size(), w[0]));
  if (!attrs.out_scale.empty()) SAKER_TRY(check_count("scales", attrs.out_scale.size(), w[0]));
  SAKER_TRY(check_count("offsets", attrs.out_offset.size(), as_int(attrs.out_scale.size())));
  return plan_window(attrs.conv.window, {x[2], x[3]}, {w[2], w[3]}, false);
}

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::nearbyint(std::clamp(value, 0.0, 255.0)));
}

double at(const std::vector<float>& values, std::int64_t i) {
  return static_cast<double>(values[as_size(i)]);
}
double channel_value(const std::vector<float>& values, std::int64_t channel) {
  return static_cast<double>(values[values.size() == 1 ? 0 : as_size(channel)]);
}

int zero_point_of(const Args& args, std::int64_t channel) {
  return args.has(4) ? *args.tensor(4).data<std::uint8_t>() : args.as<ConvInt8Attrs>().zero_points[as_size(channel)];
}

// The sum of one output: exact, as numbers this small are in a double.
double convolve_at(const Args& args, const Window& window, std::int64_t n, std::int64_t m, std::int64_t y,
                   std::int64_t x) {
  const auto& attrs = args.as<ConvInt8Attrs>();
  const Shape& ws = *args.shape(1);
  const std::int64_t group = m / (ws[0] / attrs.conv.group);
  const std::int8_t* w = args.tensor(1).data<std::int8_t>() + m * ws[1] * ws[2] * ws[3];
  double sum = 0;
  for (std::int64_t c = 0; c < ws[1]; ++c) {
    const std::int64_t channel = group * ws[1] + c;
    const std::uint8_t* plane =
        args.tensor(0).data<std::uint8_t>() + (n * (*args.shape(0))[1] + channel) * window.in[0] * window.in[1];
    const int zero = zero_point_of(args, channel);
    for (std::int64_t r = 0; r < ws[2]; ++r) {
      const std::int64_t in_y = y * window.stride[0] - window.before[0] + r * window.dilation[0];
      if (in_y < 0 || in_y >= window.in[0]) continue;
      for (std::int64_t q = 0; q < ws[3]; ++q) {
        const std::int64_t in_x = x * window.stride[1] - window.before[1] + q * window.dilation[1];
        if (in_x < 0 || in_x >= window.in[1]) continue;
        sum += (plane[in_y * window.in[1] + in_x] - zero) * w[(c * ws[2] + r) * ws[3] + q];
      }
    }
  }
  return sum;
}

}  // namespace

Result<Outputs> conv_int8_rule(const Args& args) {
  const auto& attrs = args.as<ConvInt8Attrs>();
  SAKER_TRY(args.check_type(0, type_set({DType::kUint8})));
  SAKER_TRY(args.check_type(1, type_set({DType::kInt8})));
  if (args.has(2)) SAKER_TRY(args.check_type(2, type_set({DType::kUint8})));
  if (args.has(3) != args.has(4)) return invalid("a scale without a zero point, or the other way round");
  if (args.has(3)) {
    SAKER_TRY(args.check_type(3, type_set({DType::kFloat32})));
    SAKER_TRY(args.check_type(4, type_set({DType::kUint8})));
    for (const std::size_t i : {3U, 4U}) {
      if (args.shape(i) != nullptr && element_count(*args.shape(i)).value() != 1)
        return invalid("scales or zero points of shape {}", to_string(*args.shape(i)));
    }
  }
  SAKER_TRY(check_table(attrs.table, false));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(attrs.to, std::nullopt);
  SAKER_ASSIGN(const Window window, plan_conv(args));
  Shape shape{(*args.shape(0))[0], (*args.shape(1))[0], window.out[0], window.out[1]};
  if (args.has(2) && args.shape(2) != nullptr && *args.shape(2) != shape)
    return invalid("the residual has shape {}, the output {}", to_string(*args.shape(2)), to_string(shape));
  return one(attrs.to, std::move(shape));
}

Status conv_int8_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<ConvInt8Attrs>();
  SAKER_ASSIGN(const Window window, plan_conv(args));
  const Shape& out = outputs[0].shape();
  const double scale = args.has(3) ? static_cast<double>(*args.tensor(3).data<float>()) : 1;
  std::int64_t i = 0;
  for (std::int64_t n = 0; n < out[0]; ++n) {
    for (std::int64_t m = 0; m < out[1]; ++m) {
      for (std::int64_t pixel = 0; pixel < out[2] * out[3]; ++pixel, ++i) {
        const double sum = convolve_at(args, window, n, m, pixel / out[3], pixel % out[3]);
        double v = activate(attrs.conv.activation, sum * scale * at(attrs.multiplier, m) + at(attrs.bias, m));
        if (!attrs.out_scale.empty()) v = v * at(attrs.out_scale, m) + at(attrs.out_offset, m);
        if (args.has(2)) v += args.tensor(2).data<std::uint8_t>()[i] * at(attrs.residual_scale, m);
        if (attrs.to == DType::kFloat32) {
          outputs[0].data<float>()[i] = static_cast<float>(v);
        } else {
          const std::uint8_t byte = to_byte(v);
          outputs[0].data<std::uint8_t>()[i] = attrs.table.empty() ? byte : attrs.table[byte];
        }
      }
    }
  }
  return {};
}

Result<Outputs> lookup_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, type_set({DType::kUint8})));
  SAKER_TRY(check_table(args.as<LookupAttrs>().table, true));
  return one(DType::kUint8, args.shape(0) == nullptr ? std::nullopt : std::optional(*args.shape(0)));
}

Status lookup_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& table = args.as<LookupAttrs>().table;
  const std::uint8_t* x = args.tensor(0).data<std::uint8_t>();
  for (std::int64_t i = 0; i < outputs[0].elements(); ++i) outputs[0].data<std::uint8_t>()[i] = table[x[i]];
  return {};
}

Result<Outputs> sum_int8_rule(const Args& args) {
  const auto& attrs = args.as<SumInt8Attrs>();
  SAKER_TRY(args.check_same_types(type_set({DType::kUint8})));
  if (attrs.terms.size() != args.count()) return invalid("{} terms for {} inputs", attrs.terms.size(), args.count());
  if (args.shape(0) == nullptr) return one(DType::kUint8, std::nullopt);
  const Shape& shape = *args.shape(0);
  const std::int64_t channels = shape.size() < 2 ? 1 : shape[1];
  const auto fits = [&](const std::vector<float>& values) {
    return values.size() == 1 || values.size() == as_size(channels);
  };
  for (std::size_t i = 0; i < args.count(); ++i) {
    if (args.shape(i) != nullptr && *args.shape(i) != shape)
      return invalid("inputs of shapes {} and {}", to_string(shape), to_string(*args.shape(i)));
    if (!fits(attrs.terms[i].scale) || !fits(attrs.terms[i].shift))
      return invalid("parameters do not fit its channels");
  }
  if (!fits(attrs.out_scale) || !fits(attrs.out_offset)) return invalid("parameters do not fit its channels");
  return one(DType::kUint8, shape);
}

Status sum_int8_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<SumInt8Attrs>();
  const Shape& shape = outputs[0].shape();
  const std::int64_t inner = shape.size() < 2 ? 1 : extent_product(shape, 2, shape.size());
  const std::int64_t channels = shape.size() < 2 ? 1 : shape[1];
  for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
    const std::int64_t c = i / inner % channels;
    double sum = 0;
    for (std::size_t k = 0; k < attrs.terms.size(); ++k) {
      const auto& term = attrs.terms[k];
      const double x = args.tensor(k).data<std::uint8_t>()[i];
      sum += activate(term.activation, x * channel_value(term.scale, c) + channel_value(term.shift, c));
    }
    outputs[0].data<std::uint8_t>()[i] =
        to_byte(sum * channel_value(attrs.out_scale, c) + channel_value(attrs.out_offset, c));
  }
  return {};
}

}  // namespace saker::ops
