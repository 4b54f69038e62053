// ConvInt8 by Winograd's products in whole numbers (kernels/winograd_int8/): what it costs, and how it is packed.
#include <fmt/format.h>

#include "base/try.h"
#include "plan/conv_method.h"
#include "plan/int8_layer.h"
#include "plan/winograd_jobs.h"
// (the product as a convolution)
#include "kernels/winograd/winograd.h"

namespace saker {
namespace {

std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  if (kernels_for(options.isa).winograd_int8 == nullptr) return "the level has no products of 16 bits";
  if (std::string why = refusal_of_3x3(conv, 1); !why.empty()) return why;
  if (int8_quads(s.in_c) * kInt8Quad < kWinogradInt8Channels || s.out_c < kWinogradInt8Channels)
    return fmt::format("it is for {} channels and more", kWinogradInt8Channels);
  if (options.low_memory) return "its weights take five times the memory, which is to be low";
  if (!winograd_int8_is_exact(s.out_c, s.in_c, conv.int8_weights)) return "sums of its weights could reach 2^31 / 48";
  return "";
}

// Fitted to bench/kernel_lab; cycles.
double cost(const Kernels& kernels, const ConvNode& conv) {
  constexpr double kTransformInput = 100;  // a tile's 24 inputs of one vector of cells
  constexpr double kTransformOutput = 80;  // its 8 results, without what follows the sums
  constexpr double kFinishCycles = kInt8FinishCycles + kActivationCycles;
  constexpr double kProductCycles = 2.5;  // of a result of a product, beside its multiplications
  const WinogradInt8Kernel& kernel = *kernels.winograd_int8;
  const ConvShape& s = conv.shape;
  const double cells = static_cast<double>(winograd_int8_cells(s.in_c));
  const double vectors = static_cast<double>(ConvBlocks(kernel.multiply, s.out_c).vectors);
  const double tiles = static_cast<double>(s.batch * WinogradInt8Tiles(s).count);
  const double per_cycle = kernel.name.isa.has(Isa::kVnni) ? 1.33 : 1.1;
  const double products = kWinogradInt8Products * vectors * (cells / per_cycle + kProductCycles);
  return tiles * (products + cells / kernel.multiply.width * kTransformInput +
                  vectors * (kTransformOutput + kWinogradInt8Rows * kWinogradInt8Columns * kFinishCycles));
}

struct Layer {
  WinogradInt8Kernel transform;
  WinogradCut cut;
  Int8Layer packed;
  std::shared_ptr<const float> no_bias;
  std::int64_t cells = 0, out_c = 0, blocks = 0, weights_step = 0;

  void product(std::int64_t i, std::int64_t tiles, const float* inputs, float* products, bool last) const {
    ConvArgs own = winograd_product(tiles, cells, out_c, no_bias.get());
    own.src = inputs + i * cut.in_step();
    own.dst = products + i * cut.out_step();
    own.weights = packed.weights.get() + i * weights_step;
    own.more_weights = i + 1 < cut.products || last;
    own.bias = no_bias.get();
    transform.multiply.run(own, 0, 0, tiles, 0, blocks);
  }
};

WinogradCut cut_of(const ConvKernel& multiply, const ConvShape& s, int threads) {
  WinogradWork work;
  work.tiles = WinogradInt8Tiles(s).count;
  work.products = kWinogradInt8Products;
  work.in_row = winograd_int8_cells(s.in_c);
  work.out_row = s.out_c;
  work.weight_bytes = kWinogradInt8Products * work.in_row * s.out_c * 4;
  work.register_tiles = multiply.tile_pixels[ConvBlocks(multiply, s.out_c).first_vector(1) - 1];
  work.threads = threads;
  return cut_winograd(work);
}

Result<Layer> make_layer(Planner& planner, const ConvNode& conv) {
  const WinogradInt8Kernel& kernel = *planner.kernels().winograd_int8;
  const ConvShape& s = conv.shape;
  Layer layer{kernel, cut_of(kernel.multiply, s, planner.threads()), {}, {}};
  layer.cells = winograd_int8_cells(s.in_c);
  layer.out_c = s.out_c;
  layer.blocks = ConvBlocks(kernel.multiply, s.out_c).blocks;
  layer.weights_step = conv_packed_weights(kernel.multiply, s.out_c, 1, layer.cells);
  Int8Layer& packed = layer.packed;
  packed.padded = conv_packed_bias(kernel.multiply, s.out_c);
  packed.weights_size = winograd_int8_packed_weights(kernel.multiply, s.out_c, s.in_c);
  packed.starts_size = conv_int8_start_sets(s.kernel_h) * packed.padded;
  SAKER_ASSIGN(packed.weights, planner.weights(packed.weights_size, [&](float* to) {
    winograd_int8_pack_weights(kernel.multiply, s.out_c, s.in_c, conv.int8_weights, to);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(packed.starts_size, [&](float* to) {
    conv_int8_pack_starts(kernel.multiply, s, conv.int8_weights, conv.zero_points.data(), to);
  }));
  SAKER_TRY(pack_int8_finish(planner, conv, 1, packed));
  SAKER_ASSIGN(layer.no_bias, zero_row(planner, std::max(layer.cells, packed.padded)));
  return layer;
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  SAKER_ASSIGN(Layer layer, make_layer(planner, conv));
  const Int8Views views = open_int8_views(planner, node, layer.packed, 1);
  const ConvInt8Args args = int8_args(planner, conv, conv.shape, views, layer.packed.padded);
  const PlanView scratch = winograd_scratch(planner, layer.cut);
  emit_int8(planner, node, layer.transform.name, conv, views, {scratch},
            [=, layer = std::move(layer)](RunContext& context) -> Status {
              const ConvInt8Args own = start_int8(args, context, views, layer.packed);
              run_winograd(layer, own, context.at<float>(scratch), context.pool());
              return {};
            });
  return {};
}

}  // namespace

const ConvMethod kConvInt8Winograd = {
    "int8_winograd",
    Op::kConvInt8,
    [](const Kernels& kernels) { return name_of(kernels.winograd_int8, "conv_int8_winograd"); },
    refusal,
    cost,
    lower};

}  // namespace saker
