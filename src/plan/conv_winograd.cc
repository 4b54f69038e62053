// Conv by Winograd's F(4x4, 3x3): what it costs, and how the tiles are cut for caches and threads.
#include <fmt/format.h>

#include <algorithm>

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
// With fewer tiles for each thread the products are cut by positions rather than by tiles: no thread works on
// a part of a register tile, and the weights are read once.
constexpr std::int64_t kTilesForBlocks = 32;

std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  if (conv.has_coarse) return kNoCoarse;
  if (s.kernel_h != 3 || s.kernel_w != 3) return fmt::format("it is for 3x3, not {}x{}", s.kernel_h, s.kernel_w);
  if (s.stride_h != 1 || s.stride_w != 1) return fmt::format("it is for stride 1, not {}x{}", s.stride_h, s.stride_w);
  if (s.dilation_h != 1 || s.dilation_w != 1) return "it is for dilation 1";
  if (conv.groups != 1) return fmt::format("it is for one group, not {}", conv.groups);
  if (options.low_memory) return "its weights take four times the memory, which is to be low";
  return "";
}

// The constants are fitted to bench/kernel_lab on Emerald Rapids, AVX-512 and AVX2 together: the detectors' layers and
// a grid of 730 (5 to 160 pixels, 6 to 512 channels). Mean time lost by the picks: 0.7 %.
double cost(const Kernels& kernels, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  const std::int64_t width = kernels.conv.width;
  const double tiles = static_cast<double>(s.batch * WinogradTiles(s).count);
  const double in_vectors = static_cast<double>((s.in_c + width - 1) / width);
  const double out_vectors = static_cast<double>(ConvBlocks(kernels.conv, s.out_c).vectors);
  constexpr double kTransformInput = 200;      // a tile's 36 inputs of one vector
  constexpr double kTransformOutput = 30;      // its 16 results, without their activation
  constexpr double kMultipliesPerCycle = 1.7;  // of 2
  constexpr double kProduct = 2.5;             // what a result costs beside its multiplications
  constexpr double kWeightBytesPerCycle = 12;  // from L3
  const double products = tiles * kWinogradPositions * out_vectors;
  const double weights =
      kWinogradPositions * static_cast<double>(s.in_c) * out_vectors * static_cast<double>(width) * 4;
  return tiles * (in_vectors * kTransformInput + out_vectors * (kTransformOutput + 16 * kActivationCycles)) +
         products * (static_cast<double>(s.in_c) / kMultipliesPerCycle + kProduct) + weights / kWeightBytesPerCycle;
}

// One layer: what does not change between runs.
struct WinogradLayer {
  WinogradKernel transform;
  ConvKernel multiply;
  ConvArgs args;
  std::shared_ptr<float> weights, bias, zeros;
  std::int64_t tiles = 0;  // of a picture
  std::int64_t block = 0;  // tiles that scratch memory holds
  std::int64_t product_blocks = 0, weights_step = 0;

  // A cache line more than the values need: at a multiple of 4096 bytes the 36 positions would share few cache sets.
  std::int64_t in_step() const { return block * args.shape.in_c + 16; }
  std::int64_t out_step() const { return block * args.shape.out_c + 16; }
  std::int64_t scratch_floats() const { return kWinogradPositions * (in_step() + out_step()); }

  void product(int position, std::int64_t count, const float* inputs, float* products) const {
    ConvArgs own = winograd_product(count, args.shape.in_c, args.shape.out_c, zeros.get());
    own.src = inputs + position * in_step();
    own.dst = products + position * out_step();
    own.weights = weights.get() + position * weights_step;
    own.more_weights = true;
    own.bias = position == kWinogradBiasPosition ? bias.get() : zeros.get();
    multiply.run(own, 0, 0, count, 0, product_blocks);
  }
};

// A job is a block of tiles from input to output; each thread has scratch memory of its own.
void run_blocks(const WinogradLayer& layer, const ConvArgs& args, float* scratch, ThreadPool& pool) {
  const std::int64_t jobs = (layer.tiles + layer.block - 1) / layer.block;
  pool.run(args.shape.batch * jobs, [&](std::int64_t job, int thread) {
    const std::int64_t n = job / jobs, begin = job % jobs * layer.block;
    const std::int64_t end = std::min(begin + layer.block, layer.tiles);
    float* inputs = scratch + thread * layer.scratch_floats();
    float* products = inputs + kWinogradPositions * layer.in_step();
    layer.transform.transform_input(args, n, begin, end, layer.in_step(), inputs);
    for (int p = 0; p < kWinogradPositions; ++p) layer.product(p, end - begin, inputs, products);
    layer.transform.transform_output(args, n, begin, end, layer.out_step(), products);
  });
}

// All tiles of a picture go through each of the three parts together.
void run_parts(const WinogradLayer& layer, const ConvArgs& args, float* scratch, ThreadPool& pool) {
  float* inputs = scratch;
  float* products = inputs + kWinogradPositions * layer.in_step();
  const std::int64_t parts = std::min<std::int64_t>(4 * pool.threads(), layer.tiles);
  const auto cut = [&](std::int64_t part) { return part * layer.tiles / parts; };
  for (std::int64_t n = 0; n < args.shape.batch; ++n) {
    pool.run(parts, [&](std::int64_t part, int) {
      layer.transform.transform_input(args, n, cut(part), cut(part + 1), layer.in_step(),
                                      inputs + cut(part) * args.shape.in_c);
    });
    pool.run(kWinogradPositions,
             [&](std::int64_t p, int) { layer.product(static_cast<int>(p), layer.tiles, inputs, products); });
    pool.run(parts, [&](std::int64_t part, int) {
      layer.transform.transform_output(args, n, cut(part), cut(part + 1), layer.out_step(),
                                       products + cut(part) * args.shape.out_c);
    });
  }
}

// Tiles of a block: whole register tiles, as many as the cache holds, and the same number of jobs for each thread.
std::int64_t block_tiles(const ConvShape& s, std::int64_t tiles, int threads, std::int64_t row) {
  const std::int64_t weights = kWinogradPositions * s.in_c * s.out_c * 4;
  const std::int64_t bytes = weights <= kResidentWeights ? kBlockBytes : std::min(weights, kMaxBlockBytes);
  const std::int64_t cached =
      std::max<std::int64_t>(bytes / 4 / kWinogradPositions / (s.in_c + s.out_c) / row, 1) * row;
  std::int64_t jobs = (tiles + cached - 1) / cached;
  jobs = (jobs + threads - 1) / threads * threads;
  const std::int64_t even = (tiles + jobs - 1) / jobs;
  return std::min((even + row - 1) / row * row, tiles);
}

Result<WinogradLayer> make_layer(Planner& planner, const ConvNode& conv, const ConvViews& views) {
  const ConvShape& s = conv.shape;
  const ConvKernel& multiply = planner.kernels().conv;
  WinogradLayer layer{planner.kernels().winograd, multiply, conv_args(conv, views), {}, {}, {}};
  const std::int64_t bias_size = conv_packed_bias(multiply, s.out_c);
  SAKER_ASSIGN(layer.weights, planner.weights(winograd_packed_weights(multiply, s.out_c, s.in_c)));
  SAKER_ASSIGN(layer.bias, planner.weights(bias_size));
  SAKER_ASSIGN(layer.zeros, zero_row(planner, std::max(s.in_c, bias_size)));
  winograd_pack_weights(multiply, s.out_c, s.in_c, conv.weights, layer.weights.get());
  conv_pack_bias(multiply, s.out_c, conv.bias, layer.bias.get());
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
  layer.block = by_parts ? layer.tiles : block_tiles(s, layer.tiles, threads, row);

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

const ConvMethod kConvWinograd = {"winograd", [](const Kernels& kernels) { return kernels.winograd.name; }, refusal,
                                  cost, lower};

}  // namespace saker
