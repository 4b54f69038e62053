// saker bench: speed and memory of models and engines.
#include <fmt/format.h>

#include <memory>

#include "bench/measure_flags.h"
#include "command.h"
#include "measure/bench_report.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker bench yolov8n.onnx --threads 2\n"
    "  saker bench yolov8n.onnx --layers                      where the time goes\n"
    "  saker bench yolov8n.onnx --backend saker,onnxruntime,openvino --html bench.html\n"
    "  saker bench yolov8n.onnx --threads 1,2 --batch 1,4 --json bench.json\n"
    "  saker bench yolov8n.onnx --streams 4 --threads 1 --seconds 20\n"
    "  saker bench yolov8n.onnx --pipeline --input pictures/  picture to boxes\n"
    "\n"
    "Every line of the result is measured in a process of its own, which is suspended while\n"
    "others are at work. Loading is reading, compiling and the engine's own library; for\n"
    "torchscript, and for any other engine than saker with --pipeline or --input, it has one run\n"
    "in it, which tells what the outputs are. Memory is what that process has in RAM (VmRSS; MB =\n"
    "10^6 bytes): before loading, after it, and after the warm-up. FPS counts pictures, of all\n"
    "streams together.\n"
    "A ratio of 1.2 means 1.2 times as fast. Its interval is Student's t on the logarithms of the\n"
    "rounds' ratios; where it includes 1, no winner is named.\n"
    "\n"
    "Exit code: 0 all well; 1 some failed (the others are in the result); 2 wrong flags.";

int run_bench(const MeasureFlags& flags) {
  if (auto status = check_flags(flags); !status.ok()) return usage_error("bench", status.error().message);
  if (auto status = check_files(flags); !status.ok()) return fail(status.error());
  // What is compared is one model's; a group a model keeps the number of processes small.
  std::vector<std::vector<Configuration>> groups;
  for (Configuration& each : configurations(flags)) {
    if (groups.empty() || groups.back()[0].model != each.model) groups.emplace_back();
    groups.back().push_back(std::move(each));
  }
  BenchReport report = run_groups(flags, groups);
  report.ratios = ratios_by_engine(report.results);
  const auto status = write_reports(flags, bench_json(report), bench_document(report, !flags.html.empty()),
                                    !all_failed(report.results));
  if (!status.ok()) return fail(status.error());
  return any_failed(report.results) ? kFailure : kSuccess;
}

}  // namespace

std::function<int()> add_bench(CLI::App& app) {
  auto flags = std::make_shared<MeasureFlags>();
  flags->command = "bench";
  add_work_flags(app, *flags);
  add_run_flags(app, *flags);
  app.add_flag("--layers", flags->layers, "the time of each step of saker, from 20 further runs");
  add_report_flags(app, *flags, true);
  app.footer(kExamples);
  return [flags] { return run_bench(*flags); };
}

}  // namespace saker::cli
