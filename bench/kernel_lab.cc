// kernel_lab: every method of every convolution of real detectors, how near it comes to the CPU's peak, and whether
// the planner picks the fastest. Weights come from beyond L2 as in a network (compile/conv_timing.cc).
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "base/try.h"
#include "lab_report.h"
#include "measure/peak.h"
#include "plan/bf16.h"
#include "shape_file.h"

namespace saker::lab {
namespace {

struct LabFlags {
  std::vector<std::string> shapes = {"bench/shapes"}, models;
  std::string out = "bench/shapes", isa, filter, json;
  int threads = 1;
  double ms = 150;
  bool check = false, low_memory = false, bf16 = false;
};

Status write_shapes(const LabFlags& flags) {
  for (const std::string& model : flags.models) {
    SAKER_ASSIGN(const std::string text, shape_file_of(model));
    const auto path =
        std::filesystem::path(flags.out) / std::filesystem::path(model).filename().replace_extension(".txt");
    SAKER_TRY(write_file(path.string(), text));
  }
  return {};
}

// Each layer once, with all models that have it, in the order in which they are met.
Result<std::vector<LayerResult>> layers_to_measure(const LabFlags& flags) {
  SAKER_ASSIGN(const std::vector<std::string> files, shape_files(flags.shapes));
  std::vector<LayerResult> layers;
  std::map<std::string, std::size_t> known;
  for (const std::string& file : files) {
    SAKER_ASSIGN(const std::vector<LayerShape> shapes, read_shape_file(file));
    for (const LayerShape& shape : shapes) {
      const std::string key = conv_key(shape.layer);
      if (key.find(flags.filter) == std::string::npos) continue;
      const auto [at, added] = known.emplace(key, layers.size());
      if (added) layers.emplace_back().key = key;
      layers[at->second].models.emplace_back(std::filesystem::path(file).stem().string(), shape.count);
    }
  }
  if (layers.empty()) return Error{ErrorCode::kInvalid, fmt::format("no layer has '{}' in its name", flags.filter)};
  return layers;
}

Status measure(LayerResult& layer, const PlanOptions& options, double ms) {
  SAKER_ASSIGN(const ConvNode conv, parse_conv_key(layer.key));
  const ConvShape& s = conv.shape;
  layer.flops =
      2.0 * static_cast<double>(s.batch * s.pixels() * s.taps()) * static_cast<double>(s.in_c * s.out_c * conv.groups);
  const std::vector<const ConvMethod*> methods = usable_conv_methods(options, conv);
  for (const ConvMethod* method : methods) layer.estimates.push_back(method->cost(kernels_for(options.isa), conv));
  layer.pick = choose_conv_method(options, conv);
  SAKER_ASSIGN(layer.timings, time_conv_methods(conv, methods, options, ms));
  return {};
}

// For people who watch; nothing stays of it.
void show_progress(std::size_t done, std::size_t all) {
  if (::isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r{}\x1b[K", done < all ? fmt::format("{}/{} layers", done, all) : "");
  std::fflush(stderr);
}

Result<LabReport> run_lab(const LabFlags& flags) {
  LabReport report;
  PlanOptions options;
  SAKER_ASSIGN(options.isa, choose_isa(flags.isa));
  options.threads = flags.threads;
  options.low_memory = flags.low_memory;
  options.bf16 = flags.bf16;
  if (flags.bf16) SAKER_TRY(check_bf16(options.isa));
  SAKER_ASSIGN(report.layers, layers_to_measure(flags));
  report.isa = options.isa;
  report.threads = flags.threads;
  report.peaks = all_peaks(options.isa, flags.threads);
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    show_progress(i, report.layers.size());
    SAKER_TRY(measure(report.layers[i], options, flags.ms));
  }
  show_progress(report.layers.size(), report.layers.size());
  return report;
}

int complain(const Error& error) {
  fmt::print(stderr, "kernel_lab: {}\n", error.message);
  return 1;
}

int run(const LabFlags& flags) {
  if (!flags.models.empty()) {
    const Status written = write_shapes(flags);
    return written.ok() ? 0 : complain(written.error());
  }
  const auto report = run_lab(flags);
  if (!report.ok()) return complain(report.error());
  const std::string json = lab_json(*report).dump(1) + "\n";
  if (flags.json == "-") {
    fmt::print("{}", json);
  } else {
    if (const Status status = flags.json.empty() ? Status() : write_file(flags.json, json); !status.ok())
      return complain(status.error());
    fmt::print("{}", lab_text(*report));
  }
  if (!flags.check) return 0;
  const std::vector<std::string> wrong = wrong_picks(*report, 0.05);
  for (const std::string& line : wrong) fmt::print(stderr, "kernel_lab: {}\n", line);
  return wrong.empty() ? 0 : 1;
}

void add_flags(CLI::App& app, LabFlags& flags) {
  app.add_option("--shapes", flags.shapes, "files of layers, or folders of them [bench/shapes]")
      ->option_text("FILE...");
  app.add_option("--filter", flags.filter, "only layers with this in their name, such as '3x3 stride 1'")
      ->option_text("TEXT");
  app.add_option("--isa", flags.isa, isa_names() + " [the best of this CPU]")->option_text("LEVEL");
  app.add_option("--threads", flags.threads, "[1]")->option_text("N")->check(CLI::Range(1, 1024));
  app.add_option("--ms", flags.ms, "time for each method of a layer [150]")
      ->option_text("MS")
      ->check(CLI::Range(0.0, 1e6));
  app.add_flag("--low-memory", flags.low_memory, "only methods that need no larger weights");
  app.add_flag("--bf16", flags.bf16,
               "methods in bfloat16 besides, as precision bf16 has them; SAKER_TILES=1: by tiles");
  app.add_flag("--assert", flags.check, "fail if a pick is more than 5 % behind the best");
  app.add_option("--json", flags.json, "JSON to FILE, or to stdout and nothing else there")
      ->option_text("[FILE]")
      ->expected(0, 1)
      ->default_str("-");
  app.add_option("--write-shapes", flags.models,
                 "measure nothing; write the layers of these models to the folder --out")
      ->option_text("MODEL...");
  app.add_option("--out", flags.out, "[bench/shapes]")->option_text("FOLDER");
}

}  // namespace
}  // namespace saker::lab

int main(int argc, char** argv) {
  CLI::App app("Every method of every convolution of real detectors, against the CPU's peak.");
  saker::lab::LabFlags flags;
  saker::lab::add_flags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return saker::lab::run(flags);
}
