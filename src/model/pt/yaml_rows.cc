#include "model/pt/yaml_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "base/try.h"
#include "nets/heads.h"

namespace saker::pt {
namespace {

using nets::Module;
using Name = std::string_view;

constexpr std::int64_t kWidthStep = 8;  // widths that are no multiple of it are rounded up by the frameworks

const Module kNone;

// A part of a part; an empty module where there is none.
const Module& at(const Module& module, std::initializer_list<Name> names) {
  const Module* found = &module;
  for (const Name name : names) {
    found = found->child(name);
    if (found == nullptr) return kNone;
  }
  return *found;
}

// The convolution of a block of convolution and normalization, or itself.
const Module& conv_of(const Module& block) {
  return block.child("conv") != nullptr ? conv_of(*block.child("conv")) : block;
}

std::int64_t extent(const Module& conv, std::size_t axis) {
  const Tensor* weight = conv.weight("weight");
  return weight == nullptr || weight->shape().size() <= axis ? 0 : weight->shape()[axis];
}

std::int64_t width(const Module& block) {
  return extent(conv_of(block), 0);
}

// Of the whole block: of its last convolution; 0: it has none.
std::int64_t outputs_of(const Module& block) {
  for (const char* last : {"cv5", "cv4", "cv3", "cv2"}) {
    if (const Module* found = block.child(last)) return width(*found);
  }
  return width(block);
}

// The share of `whole` that the framework's int(whole * share) makes `part` of.
double share(std::int64_t part, std::int64_t whole) {
  const double exact = static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(whole, 1));
  const bool is_exact = static_cast<std::int64_t>(exact * static_cast<double>(whole)) == part;
  return is_exact ? exact : (static_cast<double>(part) + 0.5) / static_cast<double>(whole);
}

// Whether the blocks of `m` add what they are given.
bool adds(const Module& block) {
  return at(block, {"m", "0"}).flag("add", false);
}

std::int64_t groups(const Module& block) {
  return conv_of(at(block, {"m", "0", "cv2"})).integer("groups", 1);
}

std::int64_t repeats(const Module& block) {
  return static_cast<std::int64_t>(at(block, {"m"}).children.size());
}

std::int64_t once(const Module& /*block*/) {
  return 1;
}

// ---- arguments by class: the width first, then what the constructor takes ----

void conv(PickleWriter& out, const Module& block) {
  const Module& conv = conv_of(block);
  out.put(width(block));
  out.put(extent(conv, 2));
  out.put(conv.integer("stride", 1));
  out.put(conv.integer("padding", 0));
  out.put(conv.integer("groups", 1));
}

void depthwise(PickleWriter& out, const Module& block) {
  const Module& conv = conv_of(block);
  out.put(width(block));
  out.put(extent(conv, 2));
  out.put(conv.integer("stride", 1));
}

// C3 and its like: whether they add, groups, and the width within.
void csp(PickleWriter& out, const Module& block) {
  const std::int64_t outputs = outputs_of(block);
  out.put(outputs);
  out.put(adds(block));
  out.put(groups(block));
  out.put(share(width(at(block, {"cv1"})), outputs));
}

void c2f(PickleWriter& out, const Module& block) {
  const std::int64_t outputs = outputs_of(block);
  out.put(outputs);
  out.put(adds(block));
  out.put(groups(block));
  out.put(share(width(at(block, {"cv1"})) / 2, outputs));
}

void c3k2(PickleWriter& out, const Module& block) {
  const std::int64_t outputs = outputs_of(block);
  const Name inner = at(block, {"m", "0"}).type;
  out.put(outputs);
  out.put(inner == "C3k");
  out.put(share(width(at(block, {"cv1"})) / 2, outputs));
  if (inner == "Sequential") out.put(true);  // attention
}

// RepNCSPELAN4 and ELAN1: the widths within.
void elan(PickleWriter& out, const Module& block) {
  const Module &first = at(block, {"cv1"}), &third = at(block, {"cv3"});
  const bool repeated = third.type == "Sequential";
  out.put(outputs_of(block));
  out.put(width(first));
  out.put(width(repeated ? at(third, {"1"}) : third));
  if (repeated) out.put(repeats(at(third, {"0"})));
}

void a2c2f(PickleWriter& out, const Module& block) {
  const Module& inner = at(block, {"m", "0"});
  const std::int64_t outputs = outputs_of(block), within = width(at(block, {"cv1"}));
  const bool attends = inner.type == "Sequential";
  const Module& first = at(inner, {"0"});
  out.put(outputs);
  out.put(attends);
  out.put(attends ? at(first, {"attn"}).integer("area", 1) : std::int64_t{-1});
  out.put(block.weight("gamma") != nullptr);
  out.put(attends ? share(width(at(first, {"mlp", "0"})), within) : 2.0);
  out.put(share(within, outputs));
}

// What a block of two 1x1 convolutions around others is: its width alone.
void width_alone(PickleWriter& out, const Module& block) {
  out.put(outputs_of(block));
}

void sppf(PickleWriter& out, const Module& block) {
  out.put(outputs_of(block));
  out.put(at(block, {"m"}).integer("kernel_size", 5));
  const std::int64_t times = block.integer("n", 3);
  if (times == 3 && !block.flag("add", false)) return;  // YOLOv5's knows no more
  out.put(times);
  out.put(block.flag("add", false));
}

void spp(PickleWriter& out, const Module& block) {
  out.put(outputs_of(block));
  std::vector<std::int64_t> kernels;
  for (const Module& pool : at(block, {"m"}).children) kernels.push_back(pool.integer("kernel_size", 5));
  out.put_list(kernels);
}

void upsample(PickleWriter& out, const Module& block) {
  out.put("None");
  out.put(block.number("scale_factor", 2));
  out.put("nearest");
}

void head(PickleWriter& out, const Module& block) {
  out.put("nc");  // as their files have it: the frameworks put the number in
  if (nets::head_family(block) == nets::HeadFamily::kAnchors) out.put("anchors");
}

struct Row {
  Name type;
  void (*arguments)(PickleWriter&, const Module&);
  std::int64_t (*repeated)(const Module&);
};

constexpr auto kRows = std::to_array<Row>({
    {"A2C2f", a2c2f, repeats},
    {"AConv", [](PickleWriter& out, const Module& m) { out.put(width(at(m, {"cv1"}))); }, once},
    {"ADown", [](PickleWriter& out, const Module& m) { out.put(2 * width(at(m, {"cv1"}))); }, once},
    {"BottleneckCSP", csp, repeats},
    {"Bottleneck",
     [](PickleWriter& out, const Module& m) {
       out.put(outputs_of(m));
       out.put(m.flag("add", false));
     },
     once},
    {"C2PSA", width_alone, repeats},
    {"C2f", c2f, repeats},
    {"C2fCIB",
     [](PickleWriter& out, const Module& m) {
       out.put(outputs_of(m));
       out.put(adds(m));
       out.put(at(m, {"m", "0", "cv1", "2"}).type == "RepVGGDW");
     },
     repeats},
    {"C3", csp, repeats},
    {"C3k2", c3k2, repeats},
    {"C3x", csp, repeats},
    {"CBFuse", [](PickleWriter& out, const Module& m) { out.put_list(m.integers("idx")); }, once},
    {"CBLinear", [](PickleWriter& out, const Module& m) { out.put_list(m.integers("c2s")); }, once},
    {"Concat", [](PickleWriter& out, const Module& m) { out.put(m.integer("d", 1)); }, once},
    {"Conv", conv, once},
    {"DWConv", depthwise, once},
    {"Detect", head, once},
    {"ELAN1", elan, once},
    {"Focus", conv, once},
    {"Identity", [](PickleWriter& /*out*/, const Module& /*m*/) {}, once},
    {"MaxPool2d",
     [](PickleWriter& out, const Module& m) {
       out.put(m.integer("kernel_size", 1));
       out.put(m.integer("stride", m.integer("kernel_size", 1)));
       out.put(m.integer("padding", 0));
     },
     once},
    {"PSA", width_alone, once},
    {"RepNCSPELAN4", elan, once},
    {"SCDown",
     [](PickleWriter& out, const Module& m) {
       const Module& last = conv_of(at(m, {"cv2"}));
       out.put(width(at(m, {"cv1"})));
       out.put(extent(last, 2));
       out.put(last.integer("stride", 1));
     },
     once},
    {"SPP", spp, once},
    {"SPPELAN",
     [](PickleWriter& out, const Module& m) {
       out.put(outputs_of(m));
       out.put(width(at(m, {"cv1"})));
       out.put(at(m, {"cv2"}).integer("kernel_size", 5));
     },
     once},
    {"SPPF", sppf, once},
    {"Upsample", upsample, once},
    {"ZeroPad2d", [](PickleWriter& out, const Module& m) { out.put_list(m.integers("padding")); }, once},
    {"v10Detect", head, once},
});

// Several of a class that has no repeats of its own stand in a Sequential.
const Module& repeated_module(const Module& module) {
  return module.type == "Sequential" && !module.children.empty() ? module.children[0] : module;
}

// [from, how many, class, [arguments]]
Status put_row(PickleWriter& out, const nets::Layer& layer) {
  const Module& module = repeated_module(layer.module);
  const auto row = std::ranges::find(kRows, Name(module.type), &Row::type);
  if (row == kRows.end()) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("{}: saker does not know how a training framework builds this class", layer.module.describe())};
  }
  if (row->arguments != head && outputs_of(module) % kWidthStep != 0) {
    return Error{ErrorCode::kUnsupported, fmt::format("{} has {} filters: the training frameworks build multiples of "
                                                      "{} only",
                                                      layer.module.describe(), outputs_of(module), kWidthStep)};
  }
  const bool several = &module != &layer.module;
  out.begin_list();
  if (layer.from.size() == 1) {
    out.put(layer.from[0]);
  } else {
    out.put_list(layer.from);
  }
  out.put(several ? static_cast<std::int64_t>(layer.module.children.size()) : row->repeated(module));
  out.put(module.class_path.starts_with("torch.nn.") ? "nn." + module.type : module.type);
  out.begin_list();
  row->arguments(out, module);
  out.end_list();
  out.end_list();
  return {};
}

// The first activation that is one, as Python calls it; empty: SiLU, which is the frameworks' own.
std::string activation_of(const Module& module) {
  if (module.name == "act" && module.type != "Identity") {
    if (module.type == "SiLU") return {};
    if (module.type == "LeakyReLU") return fmt::format("nn.LeakyReLU({})", module.number("negative_slope", 0.1));
    return fmt::format("nn.{}()", module.type);
  }
  for (const Module& child : module.children) {
    if (std::string found = activation_of(child); !found.empty()) return found;
  }
  return {};
}

// Widths and heights in pixels, level by level; the head keeps them in cells.
void put_anchors(PickleWriter& out, const nets::Network& network) {
  const Tensor& anchors = *network.layers.back().module.weight("anchors");
  const std::vector<float> cells = nets::numbers_of(anchors);
  const std::size_t levels = network.strides.size(), each = cells.size() / std::max<std::size_t>(levels, 1);
  out.put("anchors");
  out.begin_list();
  for (std::size_t level = 0; level < levels; ++level) {
    out.begin_list();
    for (std::size_t i = 0; i < each; ++i)
      out.put(static_cast<double>(cells[level * each + i]) * network.strides[level]);
    out.end_list();
  }
  out.end_list();
}

Status put_rows(PickleWriter& out, const char* key, std::span<const nets::Layer> layers) {
  out.put(key);
  out.begin_list();
  for (const nets::Layer& layer : layers) SAKER_TRY(put_row(out, layer));
  out.end_list();
  return {};
}

}  // namespace

Status put_yaml(PickleWriter& out, const nets::Network& network) {
  const bool anchors = nets::head_family(network.layers.back().module) == nets::HeadFamily::kAnchors;
  out.begin_dict();
  const auto put = [&](const char* key, const auto& value) {
    out.put(key);
    out.put(value);
  };
  put("nc", network.classes);
  if (anchors) {
    put("depth_multiple", 1.0);
    put("width_multiple", 1.0);
    put_anchors(out, network);
  }
  const Module& last = network.layers.back().module;
  if (last.integer("reg_max", 16) != 16) put("reg_max", last.integer("reg_max", 16));
  if (nets::is_end_to_end(last) && last.type == "Detect") put("end2end", true);  // v10's class is so by itself
  if (const std::string activation = activation_of(network.layers[0].module); !activation.empty())
    put("activation", activation);
  const std::span<const nets::Layer> layers(network.layers);
  SAKER_TRY(put_rows(out, "backbone", layers.first(layers.size() - 1)));
  SAKER_TRY(put_rows(out, "head", layers.last(1)));
  put(anchors ? "ch" : "channels", std::int64_t{3});
  if (!network.name.empty()) put("yaml_file", network.name + ".yaml");
  out.end_dict();
  return {};
}

}  // namespace saker::pt
