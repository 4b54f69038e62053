// saker memory: what a model takes in RAM.
#include <memory>

#include "bench/measure_flags.h"
#include "command.h"
#include "measure/memory_report.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker memory yolov8n.onnx\n"
    "  saker memory yolov8n.onnx --backend saker,onnxruntime --threads 1 --json memory.json\n"
    "\n"
    "Each line is a process of its own. \"before\", \"loaded\" and \"warm\" are what it has in RAM\n"
    "(VmRSS; MB = 10^6 bytes), \"peak\" is the most it ever had (VmHWM): loading may take more\n"
    "than running. \"weights\" and \"activations\" are what saker's own plan asks for.\n"
    "\n"
    "Exit code: 0 all well; 1 some failed (the others are in the result); 2 wrong flags.";

int run_memory(const MeasureFlags& flags) {
  if (auto status = check_flags(flags); !status.ok()) return usage_error("memory", status.error().message);
  if (auto status = check_files(flags); !status.ok()) return fail(status.error());
  // One at a time: nothing is compared by time.
  std::vector<std::vector<Configuration>> groups;
  for (Configuration& each : configurations(flags)) groups.push_back({std::move(each)});
  const BenchReport report = run_groups(flags, groups);
  if (auto status = write_reports(flags, memory_json(report), memory_document(report), !all_failed(report.results));
      !status.ok())
    return fail(status.error());
  return any_failed(report.results) ? kFailure : kSuccess;
}

}  // namespace

std::function<int()> add_memory(CLI::App& app) {
  auto flags = std::make_shared<MeasureFlags>();
  flags->command = "memory";
  flags->runs = flags->rounds = 1;
  add_work_flags(app, *flags);
  add_report_flags(app, *flags, false);
  app.footer(kExamples);
  return [flags] { return run_memory(*flags); };
}

}  // namespace saker::cli
