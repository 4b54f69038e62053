// Attention among the cells of a picture: PSA (YOLOv10, Wang et al. 2024) and area attention (YOLOv12, Tian et al.
// 2025).
#include <array>
#include <cmath>

#include "nets/flow.h"

namespace saker::nets {
namespace {

// softmax(q^T k / sqrt(d)) applied to v, which is [..., d, cells] as q and k are: [..., values, cells].
Var attend(Builder& b, Var q, Var k, Var v, std::int64_t d) {
  const Var products = b.matmul(b.transpose(q, {0, 1, 3, 2}), k);
  const Var shares = b.softmax(b.scale(products, 1.0 / std::sqrt(static_cast<double>(d))), -1);
  return b.matmul(v, b.transpose(shares, {0, 1, 3, 2}));
}

// qkv has, head by head, key_dim channels of queries, as many of keys, and head_dim of values.
Var attention(Builder& b, const Module& m, Var x) {
  const std::int64_t heads = m.integer("num_heads", 0), keys = m.integer("key_dim", 0);
  const std::int64_t values = m.integer("head_dim", 0);
  if (heads < 1 || keys < 1 || values < 1) return b.fail(m, "its number of heads, or their size, is missing");
  const Var all = b.reshape(run(b, m, "qkv", x), {0, heads, 2 * keys + values, -1});
  const std::vector<Var> qkv = b.split(all, {keys, keys, values}, 2);
  const auto picture = [&](Var v) { return b.as_picture(b.reshape(v, {0, heads * values, -1}), x); };
  const Var attended = picture(attend(b, qkv[0], qkv[1], qkv[2], keys));
  return run(b, m, "proj", b.add(attended, run(b, m, "pe", picture(qkv[2]))));
}

// The cells of a picture in `area` groups, each attended on its own; heads hold their queries, keys and values
// together.
Var area_attention(Builder& b, const Module& m, Var x) {
  const std::int64_t heads = m.integer("num_heads", 0), size = m.integer("head_dim", 0);
  const std::int64_t area = m.integer("area", 1);
  if (heads < 1 || size < 1 || area < 1) return b.fail(m, "its number of heads, or their size, is missing");
  const std::int64_t channels = heads * size;
  // [N, C, cells] -> [N * area, heads, 3 * size, cells / area]
  const Var flat = b.reshape(run(b, m, "qkv", x), {0, 3 * channels, area, -1});
  const Var groups = b.reshape(b.transpose(flat, {0, 2, 1, 3}), {-1, heads, 3 * size, 0});
  const std::vector<Var> qkv = b.split(groups, {size, size, size}, 2);
  const auto picture = [&](Var v) {  // [N * area, heads, size, cells / area]
    const Var apart = b.transpose(b.reshape(v, {-1, area, channels, 0}), {0, 2, 1, 3});
    return b.as_picture(b.reshape(apart, {0, channels, -1}), x);
  };
  const Var attended = picture(attend(b, qkv[0], qkv[1], qkv[2], size));
  return run(b, m, "proj", b.add(attended, run(b, m, "pe", picture(qkv[2]))));
}

// PSABlock; ABlock calls its second part mlp, and always adds.
Var attention_block(Builder& b, const Module& m, Var x) {
  const bool adds = m.flag("add", true);
  const auto step = [&](std::string_view part) {
    const Var y = run(b, m, part, x);
    x = adds ? b.add(x, y) : y;
  };
  step("attn");
  step(m.child("ffn") != nullptr ? "ffn" : "mlp");
  return x;
}

Var psa(Builder& b, const Module& m, Var x) {
  const std::vector<Var> halves = b.chunk(run(b, m, "cv1", x), 2);
  Var y = b.add(halves.back(), run(b, m, "attn", halves.back()));
  y = b.add(y, run(b, m, "ffn", y));
  return run(b, m, "cv2", b.concat({halves.front(), y}, 1));
}

Var c2psa(Builder& b, const Module& m, Var x) {
  const std::vector<Var> halves = b.chunk(run(b, m, "cv1", x), 2);
  return run(b, m, "cv2", b.concat({halves.front(), run(b, m, "m", halves.back())}, 1));
}

constexpr auto kFlows = std::to_array<FlowEntry>({
    {"AAttn", area_attention},
    {"ABlock", attention_block},
    {"Attention", attention},
    {"C2PSA", c2psa},
    {"PSA", psa},
    {"PSABlock", attention_block},
});

}  // namespace

std::span<const FlowEntry> attention_flows() {
  return kFlows;
}

}  // namespace saker::nets
