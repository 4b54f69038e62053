// Conv by Winograd's products (kernels/winograd/): what it costs, and how the tiles are cut for caches and threads.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/try.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

// Transformed inputs and products of a block of tiles: half of a 1 MB L2 while the weights fit beside it. Larger
// weights come from L3 once for each block: then as many bytes of tiles as of weights balance the two (128 to 128
// channels at 80x80 on a 2 MB L2: 4.5 ms with blocks of 512 KB, 3.6 ms so).
constexpr std::int64_t kBlockBytes = 512 << 10;
constexpr std::int64_t kResidentWeights = 1 << 20;
constexpr std::int64_t kMaxBlockBytes = 4 << 20;
// With fewer tiles for each thread the products are cut one by one rather than by tiles: no thread works on
// a part of a register tile, and the weights are read once.
constexpr std::int64_t kTilesForBlocks = 32;

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
  const ConvShape& s = conv.shape;
  if (conv.has_coarse) return kNoCoarse;
  if (s.kernel_h != 3 || s.kernel_w != 3) return fmt::format("it is for 3x3, not {}x{}", s.kernel_h, s.kernel_w);
  if (s.stride_h != kStride || s.stride_w != kStride)
    return fmt::format("it is for stride {}, not {}x{}", kStride, s.stride_h, s.stride_w);
  if (s.dilation_h != 1 || s.dilation_w != 1) return "it is for dilation 1";
  if (conv.groups != 1) return fmt::format("it is for one group, not {}", conv.groups);
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
  std::int64_t tiles = 0;  // of a picture
  std::int64_t jobs = 1;   // blocks of tiles
  std::int64_t block = 0;  // tiles that scratch memory holds, the most of a block
  std::int64_t parts = 1;  // of a picture's tiles, in run_parts' transforms
  std::int64_t product_blocks = 0, weights_step = 0;

  // A cache line more than the values need: at a multiple of 4096 bytes the products would share few cache sets.
  std::int64_t in_step() const { return block * args.shape.in_c + 16; }
  std::int64_t out_step() const { return block * args.shape.out_c + 16; }
  std::int64_t scratch_floats() const { return products() * (in_step() + out_step()); }
  std::int64_t products() const { return transform.form.products(); }

  // The i-th in order. `last`: the layer is done with its weights after these products.
  void product(std::size_t i, std::int64_t count, const float* inputs, float* products, bool last) const {
    const int p = order[i], matrix = transform.form.matrix(p);
    ConvArgs own = winograd_product(count, args.shape.in_c, args.shape.out_c, zeros.get());
    own.src = inputs + p * in_step();
    own.dst = products + p * out_step();
    own.weights = weights.get() + matrix * weights_step;
    own.more_weights = i + 1 == order.size() ? last : transform.form.matrix(order[i + 1]) != matrix;
    own.bias = p == transform.form.bias_product() ? bias.get() : zeros.get();
    multiply.run(own, 0, 0, count, 0, product_blocks);
  }
};

// A job is a block of tiles from input to output; each thread has scratch memory of its own.
void run_blocks(const WinogradLayer& layer, const ConvArgs& args, float* scratch, ThreadPool& pool) {
  const std::int64_t jobs = layer.jobs;
  pool.run(args.shape.batch * jobs, [&](std::int64_t job, int thread) {
    const std::int64_t n = job / jobs, own = job % jobs;
    const std::int64_t begin = own * layer.tiles / jobs, end = (own + 1) * layer.tiles / jobs;
    float* inputs = scratch + thread * layer.scratch_floats();
    float* products = inputs + layer.products() * layer.in_step();
    layer.transform.transform_input(args, n, begin, end, layer.in_step(), inputs);
    for (std::size_t i = 0; i < layer.order.size(); ++i)
      layer.product(i, end - begin, inputs, products, end == layer.tiles);
    layer.transform.transform_output(args, n, begin, end, layer.out_step(), products);
  });
}

// All tiles of a picture go through each of the three parts together.
void run_parts(const WinogradLayer& layer, const ConvArgs& args, float* scratch, ThreadPool& pool) {
  float* inputs = scratch;
  float* products = inputs + layer.products() * layer.in_step();
  const std::int64_t parts = layer.parts;
  const auto cut = [&](std::int64_t part) { return part * layer.tiles / parts; };
  for (std::int64_t n = 0; n < args.shape.batch; ++n) {
    pool.run(parts, [&](std::int64_t part, int) {
      layer.transform.transform_input(args, n, cut(part), cut(part + 1), layer.in_step(),
                                      inputs + cut(part) * args.shape.in_c);
    });
    pool.run(layer.products(), [&](std::int64_t i, int) {
      layer.product(static_cast<std::size_t>(i), layer.tiles, inputs, products, true);
    });
    pool.run(parts, [&](std::int64_t part, int) {
      layer.transform.transform_output(args, n, cut(part), cut(part + 1), layer.out_step(),
                                       products + cut(part) * args.shape.out_c);
    });
  }
}

// Blocks of a picture's tiles: as large as the cache holds of whole register tiles, and as many for each thread.
std::int64_t block_count(const WinogradForm& form, const ConvShape& s, std::int64_t tiles, int threads,
                         std::int64_t row) {
  const std::int64_t weights = kWinogradMatrices * s.in_c * s.out_c * 4;
  const std::int64_t bytes = weights <= kResidentWeights ? kBlockBytes : std::min(weights, kMaxBlockBytes);
  const std::int64_t cached = std::max<std::int64_t>(bytes / 4 / form.products() / (s.in_c + s.out_c) / row, 1) * row;
  const std::int64_t blocks = (tiles + cached - 1) / cached;
  return std::min((blocks + threads - 1) / threads * threads, tiles);
}

Result<WinogradLayer> make_layer(Planner& planner, const ConvNode& conv, const ConvViews& views) {
  const ConvShape& s = conv.shape;
  const ConvKernel& multiply = planner.kernels().conv;
  const WinogradKernel& kernel = kernel_for(planner.kernels(), s.stride_h);
  WinogradLayer layer{kernel, multiply, conv_args(conv, views), {}, {}, {}, by_weights(kernel.form)};
  const std::int64_t bias_size = conv_packed_bias(multiply, s.out_c);
  SAKER_ASSIGN(layer.weights, planner.weights(winograd_packed_weights(multiply, s.out_c, s.in_c), [&](float* packed) {
    winograd_pack_weights(kernel.form, multiply, s.out_c, s.in_c, conv.weights, packed);
  }));
  SAKER_ASSIGN(layer.bias, packed_bias(planner, multiply, conv));
  SAKER_ASSIGN(layer.zeros, zero_row(planner, std::max(s.in_c, bias_size)));
  layer.tiles = WinogradTiles(s).count;
  layer.product_blocks = ConvBlocks(multiply, s.out_c).blocks;
  layer.weights_step = conv_packed_weights(multiply, s.out_c, 1, s.in_c);
  layer.args.zeros = layer.zeros.get();
  return layer;
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  const ConvViews views = open_conv_views(planner, node);
  SAKER_ASSIGN(WinogradLayer layer, make_layer(planner, conv, views));
  const int threads = planner.threads();
  const bool by_parts = layer.tiles < kTilesForBlocks * threads;
  const ConvBlocks blocks(layer.multiply, s.out_c);
  const std::int64_t row = layer.multiply.tile_pixels[blocks.first_vector(1) - 1];
  layer.jobs = by_parts ? 1 : block_count(layer.transform.form, s, layer.tiles, threads, row);
  layer.block = (layer.tiles + layer.jobs - 1) / layer.jobs;
  layer.parts = std::min<std::int64_t>(4 * threads, layer.tiles);

  const PlanView scratch = planner.scratch(DType::kFloat32, {by_parts ? 1 : threads, layer.scratch_floats()});
  emit_conv(planner, node, layer.transform.name, conv, views, {scratch},
            [layer = std::move(layer), views, scratch, by_parts](RunContext& context) -> Status {
              ConvArgs args = layer.args;
              bind_conv(args, context, views);
              (by_parts ? run_parts : run_blocks)(layer, args, context.at<float>(scratch), context.pool());
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
