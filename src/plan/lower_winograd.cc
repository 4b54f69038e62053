// Conv by Winograd's F(4x4, 3x3): when it is taken, and how the tiles are cut for caches and threads.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "plan/conv_node.h"

namespace saker {
namespace {

// Fewer channels leave the products too small to pay for the transforms.
constexpr std::int64_t kMinChannels = 16;
constexpr std::int64_t kMinTiles = 9;
// Transformed inputs and products of a block of tiles: half of a 1 MB L2, the weights stream through the rest.
constexpr std::int64_t kBlockBytes = 512 << 10;

std::string refusal(const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  if (s.kernel_h != 3 || s.kernel_w != 3) return fmt::format("it is for 3x3, not {}x{}", s.kernel_h, s.kernel_w);
  if (s.stride_h != 1 || s.stride_w != 1) return fmt::format("it is for stride 1, not {}x{}", s.stride_h, s.stride_w);
  if (s.dilation_h != 1 || s.dilation_w != 1) return "it is for dilation 1";
  if (conv.groups != 1) return fmt::format("it is for one group, not {}", conv.groups);
  if (s.in_c < kMinChannels || s.out_c < kMinChannels) {
    return fmt::format("{} to {} channels: below {} the transforms cost more than they save", s.in_c, s.out_c,
                       kMinChannels);
  }
  const std::int64_t tiles = WinogradTiles(s).count;
  if (tiles < kMinTiles) return fmt::format("{} tiles of 4x4: too few", tiles);
  return "";
}

// Tiles of one job.
std::int64_t block_tiles(const ConvShape& s, std::int64_t tiles, int threads, std::int64_t row) {
  const std::int64_t cached = kBlockBytes / 4 / kWinogradPositions / (s.in_c + s.out_c);
  const std::int64_t jobs = std::max<std::int64_t>(threads / s.batch, 1);
  const std::int64_t shared = (tiles + jobs - 1) / jobs;
  const std::int64_t wanted = std::clamp<std::int64_t>(std::min(cached, shared), 1, 96);
  return std::max<std::int64_t>(wanted / row, 1) * row;
}

}  // namespace

Result<bool> lower_winograd(Planner& planner, const Node& node) {
  const WinogradKernel& kernel = planner.kernels().winograd;
  const ConvKernel& multiply = planner.kernels().conv;
  ConvNode conv;
  SAKER_ASSIGN(std::string reason, describe_conv(planner, node, conv));
  if (reason.empty()) reason = refusal(conv);
  if (!reason.empty()) return planner.refuse(kernel.name, reason);

  const ConvShape s = conv.shape;
  const ConvBlocks blocks(multiply, s.out_c);
  SAKER_ASSIGN(const auto weights, planner.weights(winograd_packed_weights(multiply, s.out_c, s.in_c)));
  SAKER_ASSIGN(const auto bias, planner.weights(conv_packed_bias(multiply, s.out_c)));
  SAKER_ASSIGN(const auto zeros, zero_row(planner, std::max(s.in_c, conv_packed_bias(multiply, s.out_c))));
  winograd_pack_weights(multiply, s.out_c, s.in_c, conv.weights, weights.get());
  conv_pack_bias(multiply, s.out_c, conv.bias, bias.get());

  const std::int64_t tiles = WinogradTiles(s).count;
  const std::int64_t block = block_tiles(s, tiles, planner.threads(), multiply.tile_pixels[blocks.first_vector(1) - 1]);
  const std::int64_t in_step = block * s.in_c, out_step = block * s.out_c;
  const std::int64_t per_thread = kWinogradPositions * (in_step + out_step);
  const ConvViews views = open_conv_views(planner, node);
  const PlanView scratch = planner.scratch(DType::kFloat32, {planner.threads(), per_thread});
  const ConvArgs args = conv_args(conv, views);
  const std::int64_t jobs = (tiles + block - 1) / block;
  const std::int64_t weights_step = conv_packed_weights(multiply, s.out_c, 1, s.in_c);
  const auto transform_input = kernel.transform_input;
  const auto transform_output = kernel.transform_output;
  const auto run = multiply.run;
  emit_conv(planner, node, kernel.name, conv, views, {scratch}, [=](RunContext& context) -> Status {
    ConvArgs bound = args;
    bind_conv(bound, context, views);
    bound.bias = bias.get();
    bound.zeros = zeros.get();
    float* memory = context.at<float>(scratch);
    context.pool().run(s.batch * jobs, [&](std::int64_t job, int thread) {
      const std::int64_t n = job / jobs, begin = job % jobs * block, end = std::min(begin + block, tiles);
      float* inputs = memory + thread * per_thread;
      float* products = inputs + kWinogradPositions * in_step;
      transform_input(bound, n, begin, end, in_step, inputs);
      ConvArgs product = winograd_product(end - begin, s.in_c, s.out_c, zeros.get());
      product.bias = zeros.get();
      for (int p = 0; p < kWinogradPositions; ++p) {
        product.src = inputs + p * in_step;
        product.dst = products + p * out_step;
        product.weights = weights.get() + p * weights_step;
        run(product, 0, 0, end - begin, 0, blocks.blocks);
      }
      transform_output(bound, n, begin, end, out_step, products);
    });
    return {};
  });
  return true;
}

}  // namespace saker
