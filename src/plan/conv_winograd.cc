// Conv by Winograd's products (kernels/winograd/): what it costs, and how its products are run.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/try.h"
#include "plan/conv_method.h"
#include "plan/winograd_jobs.h"

namespace saker {
namespace {

const WinogradKernel& kernel_for(const Kernels& kernels, std::int64_t stride) {
  return stride == 1 ? kernels.winograd : kernels.winograd_stride2;
}

// The constants are fitted to bench/kernel_lab on Emerald Rapids, AVX-512 and AVX2 together: the detectors' layers and
// a grid of 730 (5 to 160 pixels, 6 to 512 channels). Mean time lost by the picks: 0.7 %.
double cost(const Kernels& kernels, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  const std::int64_t width = kernels.conv.width;
  const WinogradForm& form = kernel_for(kernels, s.stride_h).form;
  const double per_tile = form.products(), scale = per_tile / kWinogradStride1.products();
  const double tiles = static_cast<double>(s.batch * WinogradTiles(s).count);
  const double in_vectors = static_cast<double>((s.in_c + width - 1) / width);
  const double out_vectors = static_cast<double>(ConvBlocks(kernels.conv, s.out_c).vectors);
  // Of stride 1; the other form's go with its products.
  constexpr double kTransformInput = 200;      // a tile's 36 inputs of one vector
  constexpr double kTransformOutput = 30;      // its 16 results, without their activation
  constexpr double kMultipliesPerCycle = 1.7;  // of 2
  // What a result costs beside its multiplications; 81 products leave room for few tiles at a time.
  const double product_cost = s.stride_h == 1 ? 2.5 : 4 + static_cast<double>(width) * 5 / 8;
  constexpr double kWeightBytesPerCycle = 12;  // from L3
  const double products = tiles * per_tile * out_vectors;
  const double weights = kWinogradMatrices * static_cast<double>(s.in_c) * out_vectors * static_cast<double>(width) * 4;
  return tiles * (in_vectors * kTransformInput * scale +
                  out_vectors * (kTransformOutput * scale + 16 * kActivationCycles)) +
         products * (static_cast<double>(s.in_c) / kMultipliesPerCycle + product_cost) + weights / kWeightBytesPerCycle;
}

// Stride 2 saves less than half of the products: a byte of memory has to save so many cycles a run. (3x3 64 to 128 at
// 40x40 saves 1.1 for each, 64 to 64 0.9, 128 to 256 at 20x20 0.4, by the estimates.)
bool costs_memory_for_little(const Kernels& kernels, const ConvNode& conv) {
  constexpr double kFewestCycles = 1;
  constexpr double kLittleMemory = 256 << 10;
  const ConvShape& s = conv.shape;
  const double packed = static_cast<double>(conv_packed_weights(kernels.conv, s.out_c, 1, s.in_c)) * 4;
  const double more = packed * static_cast<double>(kWinogradMatrices - s.taps());
  return more > kLittleMemory && kConvDirect.cost(kernels, conv) - cost(kernels, conv) < more * kFewestCycles;
}

template <std::int64_t kStride>
std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  if (conv.has_coarse) return kNoCoarse;
  if (std::string why = refusal_of_3x3(conv, kStride); !why.empty()) return why;
  if (kStride == 2 && costs_memory_for_little(kernels_for(options.isa), conv))
    return "its weights take four times the memory, for little time";
  if (options.low_memory) return "its weights take four times the memory, which is to be low";
  return "";
}

// Products that share weights are neighbours.
std::vector<int> by_weights(const WinogradForm& form) {
  std::vector<int> order(static_cast<std::size_t>(form.products()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int product) { return form.matrix(product); });
  return order;
}

// One layer: what does not change between runs.
struct WinogradLayer {
  WinogradKernel transform;
  ConvKernel multiply;
  ConvArgs args;
  std::shared_ptr<const float> weights, bias, zeros;
  std::vector<int> order;  // of the products
  WinogradCut cut;
  std::int64_t product_blocks = 0, weights_step = 0;

  // The i-th in order. `last`: the layer is done with its weights after these products.
  void product(std::int64_t i, std::int64_t count, const float* inputs, float* products, bool last) const {
    const auto at = static_cast<std::size_t>(i);
    const int p = order[at], matrix = transform.form.matrix(p);
    ConvArgs own = winograd_product(count, args.shape.in_c, args.shape.out_c, zeros.get());
    own.src = inputs + p * cut.in_step();
    own.dst = products + p * cut.out_step();
    own.weights = weights.get() + matrix * weights_step;
    own.more_weights = at + 1 == order.size() ? last : transform.form.matrix(order[at + 1]) != matrix;
    own.bias = p == transform.form.bias_product() ? bias.get() : zeros.get();
    multiply.run(own, 0, 0, count, 0, product_blocks);
  }
};

WinogradCut cut_of(const WinogradForm& form, const ConvKernel& multiply, const ConvShape& s, int threads) {
  WinogradWork work;
  work.tiles = WinogradTiles(s).count;
  work.products = form.products();
  work.in_row = s.in_c;
  work.out_row = s.out_c;
  work.weight_bytes = kWinogradMatrices * s.in_c * s.out_c * 4;
  work.register_tiles = multiply.tile_pixels[ConvBlocks(multiply, s.out_c).first_vector(1) - 1];
  work.threads = threads;
  return cut_winograd(work);
}

Result<WinogradLayer> make_layer(Planner& planner, const ConvNode& conv, const ConvViews& views) {
  const ConvShape& s = conv.shape;
  const ConvKernel& multiply = planner.kernels().conv;
  const WinogradKernel& kernel = kernel_for(planner.kernels(), s.stride_h);
  WinogradLayer layer{kernel, multiply, conv_args(conv, views),  {},
                      {},     {},       by_weights(kernel.form), cut_of(kernel.form, multiply, s, planner.threads())};
  const std::int64_t bias_size = conv_packed_bias(multiply, s.out_c);
  SAKER_ASSIGN(layer.weights, planner.weights(winograd_packed_weights(multiply, s.out_c, s.in_c), [&](float* packed) {
    winograd_pack_weights(kernel.form, multiply, s.out_c, s.in_c, conv.weights, packed);
  }));
  SAKER_ASSIGN(layer.bias, packed_bias(planner, multiply, conv));
  SAKER_ASSIGN(layer.zeros, zero_row(planner, std::max(s.in_c, bias_size)));
  layer.product_blocks = ConvBlocks(multiply, s.out_c).blocks;
  layer.weights_step = conv_packed_weights(multiply, s.out_c, 1, s.in_c);
  layer.args.zeros = layer.zeros.get();
  return layer;
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvViews views = open_conv_views(planner, node);
  SAKER_ASSIGN(WinogradLayer layer, make_layer(planner, conv, views));
  const PlanView scratch = winograd_scratch(planner, layer.cut);
  emit_conv(planner, node, layer.transform.name, conv, views, {scratch},
            [layer = std::move(layer), views, scratch](RunContext& context) -> Status {
              ConvArgs args = layer.args;
              bind_conv(args, context, views);
              run_winograd(layer, args, context.at<float>(scratch), context.pool());
              return {};
            });
  return {};
}

}  // namespace

const ConvMethod kConvWinograd = {
    "winograd", Op::kConv, [](const Kernels& kernels) { return kernels.winograd.name.text(); },
    refusal<1>, cost,      lower};
const ConvMethod kConvWinogradStride2 = {
    "winograd_stride2", Op::kConv, [](const Kernels& kernels) { return kernels.winograd_stride2.name.text(); },
    refusal<2>,         cost,      lower};

}  // namespace saker
