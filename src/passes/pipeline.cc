#include "passes/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/try.h"
#include "graph/verifier.h"
#include "passes/passes.h"

namespace saker {
namespace {

constexpr std::array kPortable = {
    Pass{"fold_constants", "infer shapes; compute what depends on constants only", infer_and_fold},
    Pass{"widen_float16", "compute 16-bit floats in float32", widen_float16},
    Pass{"remove_identities", "drop nodes that change nothing", remove_identities},
    Pass{"simplify_arithmetic", "cheaper forms of operators with a constant operand", simplify_arithmetic},
    Pass{"scale_integers", "the scales behind convolutions of integers into their inputs", scale_integers},
    Pass{"fold_batch_normalization", "batch normalization into convolution weights", fold_batch_normalization},
    Pass{"merge_parallel_convs", "convolutions side by side that are added into one", merge_parallel_convs},
    Pass{"fold_focus", "the 2x2 blocks as channels of YOLOX into the first convolution", fold_focus},
    Pass{"recognise_activations", "SiLU and HardSwish written out as arithmetic", recognise_activations},
};

constexpr std::array kEngine = {
    Pass{"fuse_activations", "activations into convolutions", fuse_activations},
    Pass{"fuse_residuals", "residual additions into convolutions", fuse_residuals},
    Pass{"unsign_activations", "8-bit activations without sign", unsign_activations},
    Pass{"raise_quantization", "quantization before data movement instead of behind it", raise_quantization},
    Pass{"lower_qdq", "8-bit layers instead of float ones between quantizations", lower_qdq},
    Pass{"fold_dequantized", "8-bit weights of layers that stay float", fold_dequantized},
    Pass{"convolve_before_upsampling", "1x1 convolutions of what is upsampled at its own size",
         convolve_before_upsampling},
    Pass{"untranspose_softmax", "softmax between transpositions as one over another axis", untranspose_softmax},
    Pass{"fuse_expectations", "weighted sums of a softmax into it", fuse_expectations},
    Pass{"slices_to_split", "neighbouring slices as one split", slices_to_split},
    Pass{"fuse_decoding", "the arithmetic on YOLOv5's boxes as one step", fuse_decoding},
    Pass{"split_anchors", "the convolutions of YOLOv5's boxes anchor by anchor", split_anchors},
    Pass{"remove_dead", "drop what no output needs", remove_dead},
};

constexpr auto kAll = [] {
  std::array<Pass, kPortable.size() + kEngine.size()> all{};
  std::ranges::copy(kEngine, std::ranges::copy(kPortable, all.begin()).out);
  return all;
}();

Status check_name(std::span<const Pass> passes, const std::string& name) {
  std::string names;
  for (const Pass& pass : passes) {
    if (name == pass.name) return {};
    names += fmt::format("{}{}", names.empty() ? "" : ", ", pass.name);
  }
  return Error{ErrorCode::kInvalid, fmt::format("unknown pass '{}'; there are: {}", name, names)};
}

}  // namespace

std::span<const Pass> portable_passes() {
  return kPortable;
}
std::span<const Pass> engine_passes() {
  return kEngine;
}
std::span<const Pass> all_passes() {
  return kAll;
}

Status bind_input_shapes(Graph& graph, std::span<const Shape> shapes) {
  if (shapes.size() != graph.inputs.size()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the model has {} inputs, {} shapes were given", graph.inputs.size(), shapes.size())};
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    Value& value = graph.value(graph.inputs[i]);
    const auto& declared = graph.declared_inputs[i];
    const auto context = fmt::format("input '{}'", value.name);
    if (shapes[i].size() != declared.size()) {
      return Error{ErrorCode::kInvalid, fmt::format("{} has {} dimensions, the shape {} has {}", context,
                                                    declared.size(), to_string(shapes[i]), shapes[i].size())};
    }
    for (std::size_t k = 0; k < declared.size(); ++k) {
      if (shapes[i][k] < 0) {
        return Error{ErrorCode::kInvalid,
                     fmt::format("{}: dimension {}{} is dynamic: give it a size", context, k,
                                 declared[k].symbol.empty() ? "" : " '" + declared[k].symbol + "'")};
      }
      if (declared[k].size >= 0 && declared[k].size != shapes[i][k]) {
        return Error{ErrorCode::kInvalid, fmt::format("{}: dimension {} is fixed at {} in the file, {} was asked",
                                                      context, k, declared[k].size, shapes[i][k])};
      }
    }
    if (auto count = element_count(shapes[i]); !count.ok()) return count.error().with_context(context);
    value.shape = shapes[i];
  }
  return {};
}

Status run_passes(Graph& graph, std::span<const Pass> passes, const PassOptions& options) {
  for (const std::string& name : options.without) SAKER_TRY(check_name(passes, name));
  if (!options.stop_after.empty()) SAKER_TRY(check_name(passes, options.stop_after));
  SAKER_TRY(verify(graph));
  for (const Pass& pass : passes) {
    if (std::ranges::find(options.without, pass.name) == options.without.end()) {
      PassRun run{.nodes_before = graph.nodes.size()};
      const Stopwatch watch;
      SAKER_TRY(pass.run(graph));
      run.ms = watch.ms();
      run.nodes_after = graph.nodes.size();
      if (auto status = verify(graph); !status.ok())
        return status.error().with_context(fmt::format("after pass {}", pass.name));
      if (options.observe) options.observe(pass, run);
    }
    if (options.stop_after == pass.name) break;
  }
  return {};
}

}  // namespace saker
