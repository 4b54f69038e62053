// saker bench: speed and memory of a model, without pictures.
#include <fmt/format.h>
#include <saker/session.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <numeric>
#include <random>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/half.h"
#include "base/try.h"
#include "command.h"
#include "facts.h"
#include "flags.h"
#include "output.h"
#include "plan/plan.h"
#include "report.h"
#include "shapes.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker bench yolov8n.onnx --threads 2\n"
    "  saker bench yolov8n.onnx --layers                  where the time goes\n"
    "  saker bench yolov5n.onnx --imgsz 416 --runs 200 --json bench.json\n"
    "\n"
    "One picture a run, random values, the model only. Memory is what the whole process\n"
    "has in RAM (VmRSS; MB = 10^6 bytes).";

struct BenchFlags {
  std::string model, isa, json;
  std::vector<std::string> shapes;
  Size size;
  int threads = 0, runs = 50, warmup = 5;
  bool layers = false;
};

struct BenchResult {
  int threads = 0;
  Isa isa = Isa::kBaseline;
  std::vector<double> ms;  // of each run, sorted
  double load_ms = 0, rss_before = 0, rss_loaded = 0, rss_warm = 0;
  std::vector<Step> steps;  // --layers
  std::vector<double> step_ms;

  double mean() const { return std::accumulate(ms.begin(), ms.end(), 0.0) / static_cast<double>(ms.size()); }
  double median() const {
    const std::size_t middle = ms.size() / 2;
    return ms.size() % 2 == 1 ? ms[middle] : (ms[middle - 1] + ms[middle]) / 2;
  }
  // The smallest value that is at least as large as this share of them.
  double percentile(double share) const {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(ms.size()));
    return ms[std::min(rank, ms.size() - 1)];
  }
};

double resident_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmRSS:" && status >> kibibytes) return kibibytes * 1024 / 1e6;
  }
  return 0;
}

void fill_random(Tensor tensor, std::mt19937& random) {
  std::uniform_real_distribution<float> unit(0, 1);
  const auto count = static_cast<std::size_t>(tensor.elements());
  if (tensor.dtype() == DType::kFloat32) {
    std::generate_n(tensor.data<float>(), count, [&] { return unit(random); });
  } else if (tensor.dtype() == DType::kFloat16) {
    std::generate_n(tensor.data<std::uint16_t>(), count, [&] { return float_to_half(unit(random)); });
  } else if (tensor.dtype() == DType::kUint8) {
    std::generate_n(tensor.data<std::uint8_t>(), count, [&] { return static_cast<std::uint8_t>(random() & 255U); });
  } else {
    std::fill_n(static_cast<std::byte*>(tensor.raw()), tensor.bytes(), std::byte{0});
  }
}

Status time_layers(Session& session, int runs, BenchResult& result) {
  result.steps = session.plan().steps;
  result.step_ms.assign(result.steps.size(), 0);
  for (int i = 0; i < runs; ++i) {
    SAKER_ASSIGN(const auto profile, session.run_profiled());
    for (std::size_t k = 0; k < profile.size(); ++k) result.step_ms[k] += profile[k].ms / runs;
  }
  return {};
}

Result<BenchResult> bench(const BenchFlags& flags) {
  SAKER_TRY(check_model_path("bench", flags.model));
  if (!flags.json.empty()) SAKER_TRY(check_output("--json", flags.json));
  BenchResult result;
  result.rss_before = resident_megabytes();
  result.threads = flags.threads > 0 ? flags.threads : usable_cpus();
  Stopwatch watch;
  auto loaded = [&]() -> Result<Session> {
    SAKER_ASSIGN(const Model model, Model::load(flags.model));
    SAKER_ASSIGN(ChosenShapes chosen, choose_shapes(model, flags.size, flags.shapes));
    for (const std::string& note : chosen.notes) say("note: " + note + " (--imgsz or --shape changes that)");
    SessionOptions options;
    options.threads = result.threads;
    options.isa = flags.isa;
    options.input_shapes = std::move(chosen.shapes);
    return Session::create(model, options);
  }();
  if (!loaded.ok()) return loaded.error();
  Session session = std::move(*loaded);
  result.load_ms = watch.ms();
  result.rss_loaded = resident_megabytes();
  result.isa = session.plan().isa;
  std::mt19937 random(42);
  for (std::size_t i = 0; i < session.input_count(); ++i) fill_random(session.input(i), random);
  for (int i = 0; i < flags.warmup; ++i) SAKER_TRY(session.run());
  for (int i = 0; i < flags.runs; ++i) {
    watch.lap();
    SAKER_TRY(session.run());
    result.ms.push_back(watch.lap());
    if (i == 0) result.rss_warm = resident_megabytes();
  }
  std::sort(result.ms.begin(), result.ms.end());
  if (flags.layers) SAKER_TRY(time_layers(session, std::min(flags.runs, 20), result));
  return result;
}

double gflops_per_second(double flops, double ms) {
  return ms > 0 ? flops / ms / 1e6 : 0;
}

std::string layer_table(const BenchResult& result) {
  const double total = std::accumulate(result.step_ms.begin(), result.step_ms.end(), 0.0);
  std::string text = fmt::format("\n{:>4} {:>8} {:>6} {:>9}  {:<30} {:<22} {}\n", "step", "ms", "%", "GFLOP/s",
                                 "kernel", "output", "node");
  double flops = 0;
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const Step& step = result.steps[i];
    const double ms = result.step_ms[i];
    flops += step.flops;
    text += fmt::format("{:>4} {:>8.3f} {:>6.1f} {:>9}  {:<30} {:<22} {}\n", i, ms, 100 * ms / std::max(total, 1e-9),
                        step.flops > 0 ? fmt::format("{:.1f}", gflops_per_second(step.flops, ms)) : "", step.kernel,
                        to_string(step.shape), step.name);
  }
  return text + fmt::format("{:>4} {:>8.3f} {:>6.1f} {:>9.1f}\n", "all", total, 100.0, gflops_per_second(flops, total));
}

std::string table(const BenchFlags& flags, const BenchResult& result) {
  std::string text = fmt::format("{}  {}, {} of {}\n", flags.model,
                                 result.threads == 1 ? "1 thread" : fmt::format("{} threads", result.threads),
                                 isa_name(result.isa), cpu_model_name());
  text += fmt::format(
      "  time    p50 {:.2f} ms, mean {:.2f}, p90 {:.2f}, min {:.2f}, max {:.2f}  ({} runs, {:.1f} a second)\n",
      result.median(), result.mean(), result.percentile(0.9), result.ms.front(), result.ms.back(), result.ms.size(),
      1e3 / result.mean());
  text += fmt::format("  load    {:.1f} ms to read and compile\n", result.load_ms);
  text += fmt::format("  memory  {:.1f} MB before, {:.1f} MB loaded, {:.1f} MB after the first runs\n",
                      result.rss_before, result.rss_loaded, result.rss_warm);
  if (flags.layers) text += layer_table(result);
  return text;
}

Json to_json(const BenchFlags& flags, const BenchResult& result) {
  Json entry = {{"model", flags.model},
                {"threads", result.threads},
                {"runs", flags.runs},
                {"warmup", flags.warmup},
                {"isa", isa_name(result.isa)},
                {"cpu", cpu_model_name()},
                {"p50_ms", result.median()},
                {"p90_ms", result.percentile(0.9)},
                {"min_ms", result.ms.front()},
                {"max_ms", result.ms.back()},
                {"mean_ms", result.mean()},
                {"load_ms", result.load_ms},
                {"rss_before_mb", result.rss_before},
                {"rss_loaded_mb", result.rss_loaded},
                {"rss_warm_mb", result.rss_warm}};
  if (flags.layers) {
    entry["layers"] = Json::array();
    for (std::size_t i = 0; i < result.steps.size(); ++i) {
      const Step& step = result.steps[i];
      entry["layers"].push_back({{"name", step.name},
                                 {"kernel", step.kernel},
                                 {"output", step.shape},
                                 {"ms", result.step_ms[i]},
                                 {"flops", step.flops}});
    }
  }
  return {{"results", Json::array({entry})}};
}

int run_bench(const BenchFlags& flags) {
  Status wrong = check_json(flags.json);
  if (wrong.ok() && !flags.json.empty() && same_file(flags.json, flags.model))
    wrong = Error{ErrorCode::kInvalid, "--json would overwrite the model"};
  if (!wrong.ok()) return usage_error("bench", wrong.error().message);
  auto result = bench(flags);
  if (!result.ok()) return fail(result.error());
  if (!flags.json.empty()) {
    const auto status = write_output(flags.json, dump(to_json(flags, *result)));
    if (!status.ok()) return fail(status.error());
  }
  if (flags.json != "-") {
    if (auto status = write_output("-", table(flags, *result)); !status.ok()) return fail(status.error());
  }
  return kSuccess;
}

}  // namespace

std::function<int()> add_bench(CLI::App& app) {
  auto flags = std::make_shared<BenchFlags>();
  app.add_option("MODEL", flags->model, "an ONNX file")->option_text(" ")->required();
  add_value(app, "--threads,--intra", "N", flags->threads, "CPU threads [all CPUs]")->check(whole_number(1, 1024));
  add_value(app, "--runs", "N", flags->runs, "timed runs [50]")->check(whole_number(1, 1'000'000));
  add_value(app, "--warmup", "N", flags->warmup, "runs before them [5]")->check(whole_number(0, 1'000'000));
  app.add_flag("--layers", flags->layers, "the time of each step, from further runs (at most 20)");
  add_size(app, flags->size);
  add_shapes(app, flags->shapes);
  add_isa(app, flags->isa);
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_bench(*flags); };
}

}  // namespace saker::cli
