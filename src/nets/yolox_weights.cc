#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "nets/yolox.h"

namespace saker::nets {
namespace {

// Lists the weights of the blocks, each below its path.
class Lister {
 public:
  Lister(std::uint64_t seed, bool depthwise) : seed_(seed), depthwise_(depthwise) {}

  void convolution(const std::string& path, const Shape& shape, bool bias) {
    keep(path, first_convolution(shape, bias ? shape[0] : 0, seed_, path));
  }

  // BaseConv. `of_group`: input channels of a group.
  void base(const std::string& path, std::int64_t of_group, std::int64_t out, std::int64_t kernel) {
    convolution(path + ".conv", {out, of_group, kernel, kernel}, false);
    keep(path + ".bn", first_batch_norm(out));
  }

  // A BaseConv of 3x3, or a DWConv.
  void spatial(const std::string& path, std::int64_t in, std::int64_t out) {
    if (!depthwise_) return base(path, in, out, 3);
    base(path + ".dconv", 1, in, 3);
    base(path + ".pconv", in, out, 1);
  }

  // CSPLayer with its bottlenecks.
  void csp(const std::string& path, std::int64_t in, std::int64_t out, std::int64_t blocks) {
    const std::int64_t hidden = out / 2;
    base(path + ".conv1", in, hidden, 1);
    base(path + ".conv2", in, hidden, 1);
    base(path + ".conv3", 2 * hidden, out, 1);
    for (std::int64_t i = 0; i < blocks; ++i) {
      base(fmt::format("{}.m.{}.conv1", path, i), hidden, hidden, 1);
      spatial(fmt::format("{}.m.{}.conv2", path, i), hidden, hidden);
    }
  }

  Result<WeightMap> finish() {
    if (!status_.ok()) return status_.error();
    return std::move(weights_);
  }

 private:
  void keep(const std::string& path, Result<WeightMap> made) {
    if (!made.ok()) {
      if (status_.ok()) status_ = made.error();
      return;
    }
    for (auto& [name, tensor] : *made) weights_.insert_or_assign(path + "." + name, std::move(tensor));
  }

  std::uint64_t seed_;
  bool depthwise_;
  WeightMap weights_;
  Status status_;
};

// CSPDarknet: five stages, each half the size of the one before.
void list_backbone(Lister& list, std::int64_t base, std::int64_t blocks) {
  const std::string path = "backbone.backbone.";
  list.base(path + "stem.conv", 12, base, 3);  // Focus of three channels
  for (int stage = 2; stage <= 5; ++stage) {
    const std::int64_t in = base << (stage - 2), out = 2 * in;
    const std::string dark = fmt::format("{}dark{}.", path, stage);
    list.spatial(dark + "0", in, out);
    if (stage == 5) {
      list.base(dark + "1.conv1", out, out / 2, 1);  // SPPBottleneck
      list.base(dark + "1.conv2", 2 * out, out, 1);
    }
    const std::int64_t n = stage == 2 || stage == 5 ? blocks : 3 * blocks;
    list.csp(dark + (stage == 5 ? "2" : "1"), out, out, n);
  }
}

// YOLOPAFPN. c3, c4, c5: channels of the levels.
void list_pyramid(Lister& list, std::int64_t c3, std::int64_t c4, std::int64_t c5, std::int64_t blocks) {
  const std::string path = "backbone.";
  list.base(path + "lateral_conv0", c5, c4, 1);
  list.csp(path + "C3_p4", 2 * c4, c4, blocks);
  list.base(path + "reduce_conv1", c4, c3, 1);
  list.csp(path + "C3_p3", 2 * c3, c3, blocks);
  list.spatial(path + "bu_conv2", c3, c3);
  list.csp(path + "C3_n3", 2 * c3, c4, blocks);
  list.spatial(path + "bu_conv1", c4, c4);
  list.csp(path + "C3_n4", 2 * c4, c5, blocks);
}

void list_head(Lister& list, const std::vector<std::int64_t>& levels, std::int64_t hidden, std::int64_t classes) {
  const auto path = [](const char* part, std::size_t level) { return fmt::format("head.{}.{}", part, level); };
  for (std::size_t i = 0; i < levels.size(); ++i) {
    list.base(path("stems", i), levels[i], hidden, 1);
    for (const char* part : {"cls_convs", "reg_convs"}) {
      for (int j = 0; j < 2; ++j) list.spatial(fmt::format("{}.{}", path(part, i), j), hidden, hidden);
    }
    list.convolution(path("cls_preds", i), {classes, hidden, 1, 1}, true);
    list.convolution(path("reg_preds", i), {4, hidden, 1, 1}, true);
    list.convolution(path("obj_preds", i), {1, hidden, 1, 1}, true);
  }
}

}  // namespace

Result<WeightMap> yolox_weights(const YoloxPlan& plan) {
  // All widths are multiples of the stem's; where 64 times the width is no whole number, YOLOX's own do not fit.
  const auto base = static_cast<std::int64_t>(static_cast<double>(kYoloxStem) * plan.width);
  const std::int64_t c3 = 4 * base, c4 = 8 * base, c5 = 16 * base;
  const std::int64_t blocks = std::max<std::int64_t>(std::llrint(3 * plan.depth), 1);
  Lister list(plan.seed, plan.depthwise);
  list_backbone(list, base, blocks);
  list_pyramid(list, c3, c4, c5, blocks);
  list_head(list, {c3, c4, c5}, c3, plan.classes);
  return list.finish();
}

}  // namespace saker::nets
