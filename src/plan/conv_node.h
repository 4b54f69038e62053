// What the lowerings of Conv share: the node read into kernel terms, its views, its step.
#pragma once

#include <memory>
#include <string>

#include "graph/ops/window.h"
#include "plan/planner.h"

namespace saker {

// Below this share of zeros no blocks pay; none are counted then.
constexpr double kFewZeros = 0.3;

// The blocks that kernels/conv_sparse would multiply.
struct SparseBlockCounts {
  double zeros = 0;             // share of the weights
  std::int64_t blocks[3] = {};  // of 1, 2 and 4 output channels; none is counted of other layers
  std::int64_t all = 0;         // of one output channel, zero or not
  std::int64_t of(int outputs) const { return blocks[sparse_size_index(outputs)]; }
};

struct ConvNode {
  ConvShape shape;  // in_c, out_c: of one group
  std::int64_t groups = 1;
  Activation activation;

  // Of Conv. Weights are [out_c * groups][in_c][taps].
  const float* weights = nullptr;
  const float* bias = nullptr;
  bool has_coarse = false;  // CoarsePicture

  SparseBlockCounts sparse;

  // Of ConvInt8, else null and empty. Weights as above.
  const ConvInt8Attrs* int8 = nullptr;
  const std::int8_t* int8_weights = nullptr;
  std::vector<std::uint8_t> zero_points;  // of the input channels; 1 where the real one is a factor at run time

  Op op() const { return int8 == nullptr ? Op::kConv : Op::kConvInt8; }
  bool is_sparse() const { return sparse.all > 0; }
  bool is_depthwise() const { return groups > 1 && shape.in_c == 1 && shape.out_c == 1; }
};

// Of a 2-D window.
ConvShape shape_of_window(const ops::Window& window, std::int64_t batch, std::int64_t in_c, std::int64_t out_c);

// Of a Conv or ConvInt8. Empty: there are kernels for it; else why not.
Result<std::string> describe_conv(const Graph& graph, const Node& node, ConvNode& conv);

struct ConvViews {
  PlanView src, residual, coarse;
  Output dst;
  bool has_residual = false, has_coarse = false;
};
ConvViews open_conv_views(Planner& planner, const Node& node, Need src = Need::kChannelsInnermost);

// What kernels/conv_sparse packs: the weights as cells, and the shape that counts them.
std::vector<float> sparse_cells(const ConvNode& conv);
ConvShape shape_in_cells(const ConvNode& conv);

double conv_flops(const ConvNode& conv);
void emit_conv(Planner& planner, const Node& node, const KernelName& kernel, const ConvNode& conv,
               const ConvViews& views, std::vector<PlanView> scratch, std::function<Status(RunContext&)> run);

// Everything but pointers; bind_conv sets those of one run.
ConvArgs conv_args(const ConvNode& conv, const ConvViews& views);
ConvBf16Args conv_bf16_args(const ConvNode& conv, const ConvViews& views);
void bind_conv(ConvArgs& args, const RunContext& context, const ConvViews& views);

// The bias of all groups, as conv_pack_bias packs each.
Result<std::shared_ptr<const float>> packed_bias(Planner& planner, const ConvKernel& kernel, const ConvNode& conv);
// A row of zeros, for taps outside the picture.
Result<std::shared_ptr<const float>> zero_row(Planner& planner, std::int64_t channels);

}  // namespace saker
