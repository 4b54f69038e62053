// Transpose, DepthToSpace and SpaceToDepth: permutations of axes.
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Result<std::vector<std::size_t>> permutation(const TransposeAttrs& attrs, std::size_t rank) {
  if (!attrs.perm.empty()) {
    if (attrs.perm.size() != rank)
      return invalid("perm has {} entries for a tensor of rank {}", attrs.perm.size(), rank);
    return normalize_axes(attrs.perm, rank);
  }
  std::vector<std::size_t> perm(rank);
  for (std::size_t i = 0; i < rank; ++i) perm[i] = rank - 1 - i;
  return perm;
}

// Reads x as `shape` (the same element count) and writes its axes in the order `perm`.
Status permute(const Tensor& x, const Shape& shape, const std::vector<std::size_t>& perm, Tensor& out) {
  if (out.elements() == 0) return {};
  const Shape dense = dense_strides(shape);
  Shape strides(perm.size());
  Shape extents(perm.size());
  for (std::size_t i = 0; i < perm.size(); ++i) {
    strides[i] = dense[perm[i]];
    extents[i] = shape[perm[i]];
  }
  Tensor view = out.reshaped(extents);
  copy_strided(x, 0, strides, view);
  return {};
}

}  // namespace

// out extent i = x extent perm[i]
Result<Outputs> transpose_rule(const Args& args) {
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const auto perm, permutation(args.as<TransposeAttrs>(), args.shape(0)->size()));
  Shape shape(perm.size());
  for (std::size_t i = 0; i < perm.size(); ++i) shape[i] = (*args.shape(0))[perm[i]];
  return one(args.dtype(0), std::move(shape));
}

Status transpose_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& x = args.tensor(0);
  SAKER_ASSIGN(const auto perm, permutation(args.as<TransposeAttrs>(), x.shape().size()));
  return permute(x, x.shape(), perm, outputs[0]);
}

namespace {

Status check_blocks(const Args& args) {
  const std::int64_t block = args.as<DepthSpaceAttrs>().block;
  if (block < 1 || block > (1 << 20)) return invalid("the block size is {}", block);
  if (args.shape(0) != nullptr && args.shape(0)->size() != 4) {
    return invalid("the input has rank {}, not 4", args.shape(0)->size());
  }
  return {};
}

}  // namespace

// [N, C, H, W] to [N, C / b^2, H * b, W * b]
Result<Outputs> depth_to_space_rule(const Args& args) {
  SAKER_TRY(check_blocks(args));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  const std::int64_t b = args.as<DepthSpaceAttrs>().block;
  if (x[1] % (b * b) != 0) return invalid("{} channels cannot be split into blocks of {} x {}", x[1], b, b);
  return one(args.dtype(0), Shape{x[0], x[1] / (b * b), saturating_mul(x[2], b), saturating_mul(x[3], b)});
}

// kDcr: channel = (block row, block column, depth); kCrd: (depth, block row, block column).
Status depth_to_space_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& s = args.tensor(0).shape();
  const auto& attrs = args.as<DepthSpaceAttrs>();
  const std::int64_t b = attrs.block;
  const std::int64_t depth = s[1] / (b * b);
  if (attrs.order == DepthOrder::kDcr) {
    return permute(args.tensor(0), {s[0], b, b, depth, s[2], s[3]}, {0, 3, 4, 1, 5, 2}, outputs[0]);
  }
  return permute(args.tensor(0), {s[0], depth, b, b, s[2], s[3]}, {0, 1, 4, 2, 5, 3}, outputs[0]);
}

// [N, C, H, W] to [N, C * b^2, H / b, W / b]; channel = (block row, block column, depth).
Result<Outputs> space_to_depth_rule(const Args& args) {
  SAKER_TRY(check_blocks(args));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  const std::int64_t b = args.as<DepthSpaceAttrs>().block;
  if (x[2] % b != 0 || x[3] % b != 0) return invalid("{} x {} cannot be cut into blocks of {} x {}", x[2], x[3], b, b);
  return one(args.dtype(0), Shape{x[0], saturating_mul(x[1], b * b), x[2] / b, x[3] / b});
}

Status space_to_depth_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& s = args.tensor(0).shape();
  const std::int64_t b = args.as<DepthSpaceAttrs>().block;
  return permute(args.tensor(0), {s[0], s[1], s[2] / b, b, s[3] / b, b}, {0, 3, 5, 1, 2, 4}, outputs[0]);
}

}  // namespace saker::ops
