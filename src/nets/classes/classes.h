// The classes of YOLOv5 and Ultralytics made rather than read: each with the attributes, the parts and the order of
// parts that its own constructor gives it (flow.h says what flows through them). Weights are only named here;
// initialise() makes them.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nets/module.h"

namespace saker::nets {

constexpr std::int64_t kMaxChannels = 1 << 16;  // of YOLOv5x6: 1,280
constexpr std::int64_t kMaxKernel = 64;         // of A2C2f: 7

// What the modules of a network have in common.
struct Style {
  bool ultralytics = true;  // else YOLOv5
  Module activation;
};

// "SiLU", "nn.SiLU()", "torch.nn.LeakyReLU(0.1)"; empty: SiLU. Errors: kUnsupported, kInvalid.
Result<Module> activation_of(const Style& style, std::string_view text);

// ---- arguments of a layer, as its row in the table has them ----

using Argument = std::vector<std::string>;  // a word ("64", "True", "None"), or the words of a list

// Reads them by their places; what is missing or None is the fallback. The first that is wrong stays as the problem.
class Arguments {
 public:
  explicit Arguments(std::vector<Argument> list) : list_(std::move(list)) {}

  bool has(std::size_t at) const;
  std::size_t size() const { return list_.size(); }
  std::int64_t whole(std::size_t at, std::int64_t fallback, std::int64_t low = 1, std::int64_t high = kMaxChannels);
  std::vector<std::int64_t> wholes(std::size_t at, std::vector<std::int64_t> fallback);
  double number(std::size_t at, double fallback, double low, double high);
  bool flag(std::size_t at, bool fallback);
  std::string word(std::size_t at, const std::string& fallback) const;

  void refuse(std::string what);
  const std::string& problem() const { return problem_; }  // empty: none

 private:
  std::vector<Argument> list_;
  std::string problem_;
};

// ---- layers ----

struct Source {
  std::int64_t channels = 0;
  double cell = 1;  // side in pixels of what one cell stands for
};

// What a layer is to be made of.
struct Site {
  const Style& style;
  std::vector<Source> inputs;
  std::int64_t out = 0;      // channels, where the first argument says them; it is not in `arguments`
  std::int64_t repeats = 1;  // of the blocks inside
  Arguments& arguments;
  bool large = false, very_large = false;  // scales m, l, x; l, x

  std::int64_t in() const { return inputs.front().channels; }
};

struct Made {
  Module module;
  std::int64_t channels = 0;
  double shrink = 1;  // how many cells of the input lie side by side in one of the output; < 1: it grows
};

struct ClassEntry {
  std::string_view type;
  Made (*make)(const Site&);
  bool channels = false;  // the first argument says how many come out; the width's factor applies
  bool repeats = false;   // it has its repeats inside
};
std::span<const ClassEntry> basic_classes();
std::span<const ClassEntry> pool_classes();
std::span<const ClassEntry> csp_classes();
std::span<const ClassEntry> attention_classes();

const ClassEntry* find_class(std::string_view type);  // null: none
std::string buildable_classes();                      // "A2C2f, AConv, ..."

// ---- heads ----

struct HeadPlan {
  std::int64_t classes = 0;
  std::int64_t anchors = 0;  // YOLOv5: of each level
  std::int64_t reg_max = 16;
  bool end_to_end = false;
  bool light = false;  // scores by depthwise convolutions: since YOLO11
};
// Detect, v10Detect.
Module make_detect(const Style& style, std::string_view type, std::span<const Source> levels, const HeadPlan& plan);

// ---- parts ----

Module make_module(const Style& style, std::string_view type);
void add_part(Module& to, std::string name, Module part);
Module make_list(const Style& style, std::string_view type, std::vector<Module> parts);  // called "0", "1", ...

struct Sides {
  std::int64_t height, width;
  Sides(std::int64_t both) : height(both), width(both) {}  // NOLINT(google-explicit-constructor): 3 means 3 x 3
  Sides(std::int64_t h, std::int64_t w) : height(h), width(w) {}
};

struct ConvPlan {
  std::int64_t in, out;
  Sides kernel = 1, stride = 1, pad = kSame;
  std::int64_t groups = 1, dilation = 1;
  static constexpr std::int64_t kSame = -1;  // half the kernel on each side
};
Module make_convolution(const Style& style, const ConvPlan& plan, bool bias);
Module make_batch_norm(const Style& style, std::int64_t channels);
// Convolution, normalization, activation.
Module make_conv(const Style& style, const ConvPlan& plan, bool activation = true, std::string_view type = "Conv");
Module make_max_pool(const Style& style, std::int64_t kernel, std::int64_t stride, std::int64_t padding);

Module make_bottleneck(const Style& style, std::int64_t in, std::int64_t out, bool shortcut, std::int64_t groups,
                       Sides first, Sides second, double expansion);
Module make_psa_block(const Style& style, std::int64_t channels);
// C3 with whatever blocks.
Module make_csp3(const Style& style, std::string_view type, std::int64_t in, std::int64_t out, std::int64_t hidden,
                 std::vector<Module> blocks);
Module make_c3k(const Style& style, std::int64_t channels, bool shortcut, std::int64_t groups);

}  // namespace saker::nets
