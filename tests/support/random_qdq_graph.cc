#include "support/random_qdq_graph.h"

#include "support/qdq_graphs.h"
#include "support/random_graph.h"

namespace saker {
namespace {

// A float value that lies on a grid, and the scale of each of its channels.
struct Picture {
  ValueId id = kNoValue;
  std::vector<float> scales;
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed), per_channel_(random_.chance(50)) {}

  Graph make() {
    input();
    if (random_.chance(30)) input();
    const std::int64_t layers = random_.in(2, 10);
    for (std::int64_t i = 0; i < layers; ++i) layer();
    const std::int64_t outputs = random_.in(1, 3);
    for (std::int64_t i = 0; i < outputs; ++i) output();
    return b_.graph();
  }

 private:
  using Options = QdqBuilder::ConvOptions;

  const Picture& any() { return random_.pick(pictures_); }
  const Shape& shape(const Picture& picture) { return b_.shape(picture.id); }

  void input() {
    const Shape shape = {batch_, random_.pick({1, 2, 3, 5, 8, 16}), random_.in(3, 12), random_.in(3, 12)};
    keep(b_.input(shape), 1);
  }

  // Signed and unsigned, with and without zero points.
  Grid grid(std::int64_t channels, float reach) {
    Grid result;
    const bool is_signed = random_.chance(25);
    if (is_signed) result.dtype = DType::kInt8;
    const bool asymmetric = random_.chance(50);
    const std::int64_t count = per_channel_ ? channels : 1;
    for (std::int64_t c = 0; c < count; ++c) {
      result.scale.push_back(reach / 127 * random_.real(0.6F, 1.2F));
      result.zero.push_back((is_signed ? 0 : 128) + static_cast<int>(asymmetric ? random_.in(-40, 40) : 0));
    }
    if (!is_signed && random_.chance(5)) result.zero.clear();
    return result;
  }

  // On a grid of its own, as a value of the graph.
  void keep(ValueId x, float reach) {
    const std::int64_t channels = b_.shape(x)[1];
    const Grid on = grid(channels, reach);
    Picture picture{b_.snap(x, on), on.scale};
    picture.scales.resize(static_cast<std::size_t>(channels), on.scale[0]);
    pictures_.push_back(picture);
  }

  // Moved: on the grid it was; some writers quantize it again.
  void keep_moved(ValueId x, std::vector<float> scales) {
    pictures_.push_back({x, std::move(scales)});
    if (!per_channel_ && random_.chance(50)) keep(x, random_.real(1, 3));
  }

  ValueId conv_of(const Picture& x, std::int64_t channels, Options options) {
    ByteWeights weights;
    weights.per_output = random_.chance(80);
    if (random_.chance(20)) weights = {DType::kUint8, 1, 255, 128, weights.per_output, {}};
    weights.input_scales = x.scales;
    options.bias = random_.chance(80);
    return b_.conv8(x.id, channels, options, weights);
  }

  ValueId activated(ValueId x) {
    switch (random_.below(9)) {
      case 0:
        return b_.add(Op::kRelu, {x});
      case 1:
        return b_.add(Op::kLeakyRelu, {x}, LeakyReluAttrs{0.1F});
      case 2:
        return b_.add(Op::kHardSwish, {x});
      case 3:
        return b_.add(Op::kClip, {x, b_.scalar(0), b_.scalar(6)});
      case 4:
        return b_.add(Op::kSigmoid, {x});
      case 5:
        return b_.add(Op::kHardSigmoid, {x}, HardSigmoidAttrs{});
      case 6:
      case 7:
        return b_.add(Op::kMul, {x, b_.add(Op::kSigmoid, {x})});
      default:
        return x;
    }
  }

  void conv() {
    const Picture x = any();
    const std::int64_t in = shape(x)[1];
    Options options{.kernel = random_.pick({1, 1, 3, 3, 5}), .stride = random_.pick({1, 1, 1, 2})};
    std::int64_t channels = random_.in(1, 40);
    if (random_.chance(25)) options.group = channels = in;
    if (random_.chance(10) && in % 2 == 0) options.group = 2, channels = 2 * random_.in(1, 9);
    const ValueId y = conv_of(x, channels, options);
    keep(activated(y), random_.real(1.5F, 4));
  }

  void residual() {
    const Picture x = any();
    const ValueId y = conv_of(x, shape(x)[1], {.kernel = random_.pick({1, 3})});
    const ValueId sum = b_.add(Op::kAdd, {activated(y), x.id});
    keep(random_.chance(20) ? activated(sum) : sum, random_.real(2, 4));
  }

  std::vector<Picture> like(const Shape& wanted, bool channels_too) {
    std::vector<Picture> result;
    for (const Picture& picture : pictures_) {
      const Shape& own = shape(picture);
      if (own[2] == wanted[2] && own[3] == wanted[3] && (!channels_too || own[1] == wanted[1]))
        result.push_back(picture);
    }
    return result;
  }

  void sum() {
    const Picture x = any();
    const Picture y = random_.pick(like(shape(x), true));
    keep(b_.add(Op::kAdd, {random_.chance(30) ? activated(x.id) : x.id, y.id}), random_.real(2, 4));
  }

  void concat() {
    const Picture x = any();
    const auto partners = like(shape(x), false);
    Picture all = x;
    std::vector<ValueId> parts = {x.id};
    for (std::int64_t i = random_.in(1, 3); i > 0; --i) {
      const Picture& part = random_.pick(partners);
      if (all.scales.size() + part.scales.size() > 64) break;
      parts.push_back(part.id);
      all.scales.insert(all.scales.end(), part.scales.begin(), part.scales.end());
    }
    keep_moved(b_.concat(parts), all.scales);
  }

  void split() {
    const Picture x = any();
    const std::int64_t channels = shape(x)[1];
    if (channels < 2) return;
    const std::int64_t first = random_.in(1, channels - 1);
    const auto middle = x.scales.begin() + first;
    if (random_.chance(50)) {
      keep_moved(b_.slice(x.id, 1, first, channels), {middle, x.scales.end()});
      return;
    }
    const auto parts = b_.split(x.id, {first, channels - first});
    keep_moved(parts[0], {x.scales.begin(), middle});
    keep_moved(parts[1], {middle, x.scales.end()});
  }

  void pool_or_resize() {
    const Picture x = any();
    if (shape(x)[2] * shape(x)[3] < 40 && random_.chance(50)) {
      keep_moved(b_.upsample(x.id), x.scales);
    } else {
      keep_moved(b_.max_pool(x.id, random_.pick({3, 5}), random_.pick({1, 2})), x.scales);
    }
  }

  void layer() {
    const std::int64_t kind = random_.below(10);
    if (kind < 3) return conv();
    if (kind < 5) return residual();
    if (kind < 6) return sum();
    if (kind < 7) return concat();
    if (kind < 8) return split();
    if (kind < 9) return pool_or_resize();
    keep(activated(any().id), random_.real(1, 3));
  }

  void output() {
    const Picture x = random_.chance(50) ? pictures_.back() : any();
    ValueId y = random_.chance(50) ? x.id : conv_of(x, random_.in(1, 9), {});
    const Shape own = b_.shape(y);
    if (random_.chance(30)) y = b_.transpose(b_.reshape(y, {own[0], own[1], own[2] * own[3]}), {0, 2, 1});
    b_.output(y);
  }

  Random random_;
  bool per_channel_;
  std::int64_t batch_ = random_.chance(20) ? 2 : 1;
  QdqBuilder b_;
  std::vector<Picture> pictures_;
};

}  // namespace

Graph random_qdq_graph(std::uint64_t seed) {
  return Maker(seed).make();
}

}  // namespace saker
