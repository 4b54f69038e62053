// Convolutions whose weights are mostly zero, of floats and of bytes: which blocks pay, how the work is cut.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"
#include "plan/int8_layer.h"

namespace saker {
namespace {

constexpr std::int64_t kPlanesBytes = 192 << 10;  // of a job: with its weights and results they stay in L2
constexpr std::int64_t kJobsPerThread = 2;        // rows at the border of two jobs are turned into planes twice

// Cycles, fitted to what bench/sparse_lab measures of YOLOv5s (35 to 85 % zero, blocks of 1x4, 2x4, 4x4) on Zen 4, in
// units in which the dense forms' estimates are right on average.
constexpr double kProductsPerCycle = 1.7;
constexpr double kBlockCycles = 0.75;  // besides its products, of one vector: the input's load, a share of the offset's
constexpr double kFinishCycles = 10;   // of one vector of results: activation, rounding, back to pixels
constexpr double kToPlanesCycles = 10;  // of one vector of the input
constexpr double kCallCycles = 20;      // of each list and tile of pixels
constexpr double kLayerCycles = 5000;   // of a layer: rows that two jobs turn, jobs that are not alike
constexpr double kDoubt = 1.06;         // the estimate errs by more of some layers: in doubt they stay dense

// Of a job's planes, which offsets of 32 bits count: what a file asks for may be far more than any number holds.
constexpr double kMostCells = 1 << 30;
constexpr std::int64_t kMostLanes = 16;

double cells_of_least_job(const ConvShape& s) {
  const SparsePlanes planes = sparse_planes(s, kMostLanes);
  return static_cast<double>(planes.phases_h) * static_cast<double>(planes.phases_w) *
         static_cast<double>(planes.cells) * static_cast<double>(planes.height) * static_cast<double>(planes.pitch);
}

std::string refusal(const PlanOptions&, const ConvNode& conv) {
  if (conv.groups != 1) return "it takes one group";
  if (!conv.is_sparse())
    return fmt::format("{:.0f} % of the weights are zero, it may pay from {:.0f} % on", 100 * conv.sparse.zeros,
                       100 * kFewZeros);
  if (conv.has_coarse) return kNoCoarse;
  const ConvShape s = shape_in_cells(conv);
  if (s.taps() * s.in_c > kSparseMostInputs)
    return fmt::format("{} inputs of a result, at most {} can be listed", s.taps() * s.in_c, kSparseMostInputs);
  if (cells_of_least_job(s) > kMostCells) return "its rows are too long, or its taps too far apart";
  return "";
}

struct Choice {
  int outputs = 1;
  double cycles = 0;
};

// Rows of pixels become planes vector by vector; those of a 1x1 kernel are one long row.
double vectors_to_fill(const ConvShape& s, const SparsePlanes& planes, double width) {
  const bool one_row = s.taps() == 1 && s.stride_h == 1 && s.stride_w == 1;
  const auto rows = static_cast<double>(one_row ? 1 : planes.height);
  const auto length = static_cast<double>(one_row ? planes.height * planes.pitch : planes.pitch);
  const auto all = static_cast<double>(s.batch * planes.cells * planes.phases_h * planes.phases_w);
  return all * rows * std::ceil(length / width);
}

template <typename Kernel>
Choice best_blocks(const Kernel& kernel, const ConvNode& conv, double products_per_cycle) {
  const ConvShape s = shape_in_cells(conv);
  const SparsePlanes planes = sparse_planes(s, s.out_h);
  const double width = kernel.width;
  // Of one job; small maps fill no vector.
  const double vectors =
      static_cast<double>(s.batch) * std::ceil(static_cast<double>((s.out_h - 1) * planes.pitch + s.out_w) / width);
  const double finish = static_cast<double>(sparse_padded(s.out_c)) * kFinishCycles;
  const double fill = vectors_to_fill(s, planes, width) * kToPlanesCycles;
  Choice best;
  for (const int i : {0, 1, 2}) {
    const double outputs = 1 << i;
    const double blocks = static_cast<double>(conv.sparse.blocks[i]) * (outputs / products_per_cycle + kBlockCycles);
    const double tiles = std::ceil(vectors / kernel.tile_vectors[i]);
    const double calls = static_cast<double>(sparse_padded(s.out_c)) / outputs * tiles * kCallCycles;
    const double cycles = kDoubt * (vectors * (blocks + finish) + fill + calls + kLayerCycles);
    if (i == 0 || cycles < best.cycles) best = {1 << i, cycles};
  }
  return best;
}

Choice choose_float(const Kernels& kernels, const ConvNode& conv) {
  return best_blocks(kernels.conv_sparse, conv, kProductsPerCycle);
}

// Without the dot product three instructions do its work.
Choice choose_int8(const Kernels& kernels, const ConvNode& conv) {
  const bool has_dots = kernels.conv_sparse_int8.name.isa.has(Isa::kVnni);
  return best_blocks(kernels.conv_sparse_int8, conv, has_dots ? kProductsPerCycle : kProductsPerCycle / 3);
}

// width: pixels of a vector, which a job has at least. Weights are walked once a tile, whatever the rows of a job.
ConvJobs cut(const ConvShape& s, std::int64_t width, int threads) {
  const SparsePlanes one = sparse_planes(s, 1), two = sparse_planes(s, 2);
  const std::int64_t row_bytes = std::max<std::int64_t>((two.all() - one.all()) * 4, 1);
  ConvWork work;
  work.extent = s.out_h;
  work.unit = std::clamp<std::int64_t>((width + one.pitch - 1) / std::max<std::int64_t>(one.pitch, 1), 1,
                                       std::max<std::int64_t>(s.out_h, 1));
  work.cached = std::max<std::int64_t>((kPlanesBytes - one.all() * 4) / row_bytes + 1, 1);
  work.pictures = s.batch;
  work.blocks = sparse_padded(s.out_c) / kSparseQuad;
  work.threads = threads;
  work.jobs_per_thread = kJobsPerThread;
  return cut_conv(work);
}

// "86 % zero, 14.8 % of the blocks of 4x4 are multiplied"
std::string remark(const ConvNode& conv, int outputs) {
  const std::int64_t all = conv.sparse.all / conv.shape.out_c * (sparse_padded(conv.shape.out_c) / outputs);
  return fmt::format("{:.0f} % zero, {:.1f} % of the blocks of {}x{} are multiplied", 100 * conv.sparse.zeros,
                     100.0 * static_cast<double>(conv.sparse.of(outputs)) / static_cast<double>(all), outputs,
                     conv.int8 == nullptr ? 1 : kInt8Quad);
}

// A layer ready to run but for the pictures' pointers.
struct Packed {
  std::shared_ptr<const float> lists;
  std::shared_ptr<std::vector<std::int32_t>> offsets;
  SparseLayer layer;
  ConvJobs jobs;
};

Result<Packed> pack(Planner& planner, const ConvNode& conv, int outputs, std::int64_t width) {
  const ConvShape s = shape_in_cells(conv);
  const std::vector<float> cells = sparse_cells(conv);
  const std::int64_t blocks = conv.sparse.of(outputs), size = sparse_packed(s, blocks, outputs);
  planner.remark(remark(conv, outputs));
  Packed packed;
  SAKER_ASSIGN(packed.lists,
               planner.weights(size, [&](float* to) { sparse_pack(s, cells.data(), blocks, outputs, to); }));
  packed.jobs = cut(s, width, planner.threads());
  packed.layer.planes = sparse_planes(s, packed.jobs.longest());
  packed.layer.lists = sparse_lists(s, blocks, outputs, packed.lists.get());
  packed.offsets = std::make_shared<std::vector<std::int32_t>>(sparse_offsets(s, packed.layer.planes));
  packed.layer.offsets = packed.offsets->data();
  return packed;
}

// Of each thread; staged_cells: of a quad of output channels.
template <typename Kernel>
PlanView scratch_of(Planner& planner, const Kernel& kernel, const Packed& packed, std::int64_t staged_cells) {
  constexpr std::int64_t kLine = 16;  // floats
  const std::int64_t floats = sparse_scratch(kernel, packed.layer, packed.jobs.blocks * staged_cells);
  return planner.scratch(DType::kFloat32, {planner.threads(), (floats + kLine - 1) / kLine * kLine});
}

template <typename Run, typename Args>
void run_jobs(ThreadPool& pool, const Packed& packed, const Args& args, float* scratch, std::int64_t scratch_step,
              Run run) {
  pool.run(packed.jobs.count(), [&](std::int64_t i, int thread) {
    const ConvJobs::Job job = packed.jobs.job(i);
    run(args, packed.layer,
        {job.picture, job.begin, job.end, job.first_block, job.last_block, scratch + thread * scratch_step});
  });
}

Status lower_float(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvSparseKernel& kernel = planner.kernels().conv_sparse;
  const ConvShape& s = conv.shape;
  SAKER_ASSIGN(const Packed packed, pack(planner, conv, choose_float(planner.kernels(), conv).outputs, kernel.width));
  SAKER_ASSIGN(const auto starts, planner.weights(sparse_padded(s.out_c), [&](float* to) {
    std::fill_n(to, sparse_padded(s.out_c), 0.0F);
    if (conv.bias != nullptr) std::copy_n(conv.bias, s.out_c, to);
  }));
  SAKER_ASSIGN(const auto zeros, zero_row(planner, s.in_c));
  const ConvViews views = open_conv_views(planner, node);
  const PlanView scratch = scratch_of(planner, kernel, packed, kSparseQuad * (views.has_residual ? 2 : 1));
  const ConvArgs args = conv_args(conv, views);
  emit_conv(planner, node, kernel.name, conv, views, {scratch}, [=, run = kernel.run](RunContext& context) -> Status {
    ConvArgs bound = args;
    bind_conv(bound, context, views);
    bound.bias = starts.get();
    bound.zeros = zeros.get();
    run_jobs(context.pool(), packed, bound, context.at<float>(scratch), scratch.strides[0], run);
    return {};
  });
  return {};
}

Status lower_int8(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvSparseInt8Kernel& kernel = planner.kernels().conv_sparse_int8;
  const ConvShape& s = conv.shape;
  SAKER_ASSIGN(const Packed packed, pack(planner, conv, choose_int8(planner.kernels(), conv).outputs, kernel.width));
  Int8Layer layer;
  layer.padded = layer.starts_size = sparse_padded(s.out_c);
  layer.weights = packed.lists;
  SAKER_ASSIGN(layer.starts, planner.weights(layer.starts_size, [&](float* to) {
    sparse_int8_starts(s.out_c, s.in_c, s.taps(), conv.int8_weights, conv.zero_points.data(), to);
  }));
  SAKER_TRY(pack_int8_finish(planner, conv, 1, layer));
  const Int8Views views = open_int8_views(planner, node, layer, 1);
  const std::int64_t staged =
      (views.dst.view.dtype == DType::kFloat32 ? kSparseQuad : 1) + (views.has_residual ? 1 : 0);
  const PlanView scratch = scratch_of(planner, kernel, packed, staged);
  const ConvInt8Args args = int8_args(planner, conv, s, views, layer.padded);
  emit_int8(planner, node, kernel.name, conv, views, {scratch}, [=, run = kernel.run](RunContext& context) -> Status {
    const ConvInt8Args bound = start_int8(args, context, views, layer);
    run_jobs(context.pool(), packed, bound, context.at<float>(scratch), scratch.strides[0], run);
    return {};
  });
  return {};
}

}  // namespace

const ConvMethod kConvSparse = {
    "sparse",
    Op::kConv,
    [](const Kernels& kernels) { return kernels.conv_sparse.name.text(); },
    refusal,
    [](const Kernels& kernels, const ConvNode& conv) { return choose_float(kernels, conv).cycles; },
    lower_float};
const ConvMethod kConvInt8Sparse = {
    "int8_sparse",
    Op::kConvInt8,
    [](const Kernels& kernels) { return kernels.conv_sparse_int8.name.text(); },
    refusal,
    [](const Kernels& kernels, const ConvNode& conv) { return choose_int8(kernels, conv).cycles; },
    lower_int8};

}  // namespace saker
