// Convolution layers in words, written and read.
#include "plan/conv_key.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "base/try.h"
#include "graph/printer.h"

namespace saker {
namespace {

constexpr std::int64_t kMaxExtent = 1 << 16;  // the product of four of them fits

std::string steps(std::string_view name, std::int64_t h, std::int64_t w) {
  return h == w ? fmt::format(" {} {}", name, h) : fmt::format(" {} {}x{}", name, h, w);
}

// What is left of a key; each call takes its part off the front or returns false.
struct Cursor {
  std::string_view rest;

  bool word(std::string_view expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
  }
  bool number(std::int64_t& value) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || value < 0 || value > kMaxExtent) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
  }
  // "3x3"
  bool pair(std::int64_t& h, std::int64_t& w) { return number(h) && word("x") && number(w); }
  // " stride 1" or " stride 1x2"
  bool step(std::string_view name, std::int64_t& h, std::int64_t& w) {
    if (!word(" ") || !word(name) || !word(" ") || !number(h)) return false;
    w = h;
    return !word("x") || number(w);
  }
  // "64x80x80" or, of two pictures, "2x64x80x80"
  bool input(ConvShape& shape) {
    std::vector<std::int64_t> extents(1);
    if (!number(extents[0])) return false;
    while (word("x")) {
      if (!number(extents.emplace_back())) return false;
    }
    if (extents.size() == 3) extents.insert(extents.begin(), 1);
    if (extents.size() != 4) return false;
    shape.batch = extents[0], shape.in_c = extents[1], shape.in_h = extents[2], shape.in_w = extents[3];
    return true;
  }
  bool activation(Activation& activation) {
    if (rest.empty()) return true;
    for (int kind = 1; kind <= static_cast<int>(ActivationKind::kHardSigmoid); ++kind) {
      activation.kind = static_cast<ActivationKind>(kind);
      if (rest == fmt::format(" {}", activation_name(activation.kind))) return true;
    }
    return false;
  }
};

std::int64_t out_extent(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                        std::int64_t pad) {
  const std::int64_t room = in + 2 * pad - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace

std::string conv_key(const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  std::string key = s.batch == 1 ? "" : fmt::format("{}x", s.batch);
  key += fmt::format("{}x{}x{} to {}, {}x{}", s.in_c * conv.groups, s.in_h, s.in_w, s.out_c * conv.groups, s.kernel_h,
                     s.kernel_w);
  key += steps("stride", s.stride_h, s.stride_w);
  key += steps("pad", s.pad_top, s.pad_left);
  if (s.dilation_h != 1 || s.dilation_w != 1) key += steps("dilation", s.dilation_h, s.dilation_w);
  if (conv.groups != 1) key += fmt::format(" groups {}", conv.groups);
  if (conv.activation.kind != ActivationKind::kNone) key += fmt::format(" {}", activation_name(conv.activation.kind));
  // What is fastest of such a layer holds of no other.
  if (conv.is_sparse()) key += fmt::format(" {} blocks", fmt::join(conv.sparse.blocks, "/"));
  return key;
}

std::string conv_key_of_one(const ConvNode& conv) {
  ConvNode one = conv;
  one.shape.batch = 1;
  return conv_key(one) + (conv.has_coarse ? " coarse" : "") + (conv.int8 != nullptr ? " int8" : "");
}

Result<ConvNode> parse_conv_key(std::string_view text) {
  ConvNode conv;
  ConvShape& s = conv.shape;
  Cursor cursor{text};
  bool good = cursor.input(s) && cursor.word(" to ") && cursor.number(s.out_c) && cursor.word(", ") &&
              cursor.pair(s.kernel_h, s.kernel_w) && cursor.step("stride", s.stride_h, s.stride_w) &&
              cursor.step("pad", s.pad_top, s.pad_left);
  if (good && cursor.rest.starts_with(" dilation")) good = cursor.step("dilation", s.dilation_h, s.dilation_w);
  if (good && cursor.word(" groups ")) good = cursor.number(conv.groups);
  if (!good || !cursor.activation(conv.activation)) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("'{}' is no layer, such as '64x80x80 to 64, 3x3 stride 1 pad 1 silu'", text)};
  }
  for (const std::int64_t extent : {s.batch, s.in_c, s.in_h, s.in_w, s.out_c, s.kernel_h, s.kernel_w, s.stride_h,
                                    s.stride_w, s.dilation_h, s.dilation_w, conv.groups}) {
    if (extent == 0) return Error{ErrorCode::kInvalid, fmt::format("'{}': only the padding may be 0", text)};
  }
  if (s.in_c % conv.groups != 0 || s.out_c % conv.groups != 0) {
    return Error{ErrorCode::kInvalid, fmt::format("'{}': {} groups do not divide the channels", text, conv.groups)};
  }
  s.in_c /= conv.groups, s.out_c /= conv.groups;
  s.out_h = out_extent(s.in_h, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top);
  s.out_w = out_extent(s.in_w, s.kernel_w, s.stride_w, s.dilation_w, s.pad_left);
  if (s.out_h == 0 || s.out_w == 0 || s.pad_top >= s.kernel_h * s.dilation_h || s.pad_left >= s.kernel_w * s.dilation_w)
    return Error{ErrorCode::kInvalid, fmt::format("'{}': the window does not fit the picture", text)};
  return conv;
}

Result<std::vector<ConvNode>> conv_layers(const Graph& graph) {
  std::vector<ConvNode> layers;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConv || !graph.value(node.inputs[0]).shape) continue;
    ConvNode conv;
    SAKER_ASSIGN(const std::string reason, describe_conv(graph, node, conv));
    if (reason.empty()) layers.push_back(conv);
  }
  return layers;
}

}  // namespace saker
