// The flags of the commands that measure: bench, compare and memory.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "flags.h"
#include "measure/bench_report.h"

namespace saker::cli {

struct MeasureFlags {
  std::string command;  // "bench", for messages
  std::vector<std::string> models;
  std::vector<std::string> backends, precisions, threads, streams, batches;  // each may be a list
  std::vector<std::string> shapes;
  std::vector<std::string> engine_commands;  // NAME=COMMAND; not of memory
  Size size;
  int inter = 1, warmup = 5, rounds = 10;
  std::int64_t runs = 0;  // 0: not given
  double seconds = 0;     // 0: not given
  int timeout = 600;      // seconds
  std::string hint = "latency", isa, input;
  std::vector<std::string> values;  // of inputs beside the picture, NAME=VALUES
  std::string data;                 // compare: what the models are evaluated on
  bool pairwise = false;            // compare: the first backend for the first model, and so on
  bool pipeline = false, layers = false, low_memory = false, autotune = false;
  std::string json, md, html;
};

// MODEL and what is done with it: threads, streams, sizes, input, how it is warmed up.
void add_work_flags(CLI::App& app, MeasureFlags& flags);
// How often and how long, and with what other engine.
void add_run_flags(CLI::App& app, MeasureFlags& flags);
// --json, --md, --html.
void add_report_flags(CLI::App& app, MeasureFlags& flags, bool documents);

// What can be refused before anything is loaded, but for the models. Usage errors.
Status check_flags(const MeasureFlags& flags);
// Errors of files: models that are not there, outputs that cannot be written.
Status check_files(const MeasureFlags& flags);

// Every combination, model by model; of models and backends those that stand in one place if `pairwise`.
std::vector<Configuration> configurations(const MeasureFlags& flags);

// All of them, group by group: what is in one group is measured in turns. Says what was assumed of open inputs and what
// failed, and shows how far it is.
BenchReport run_groups(const MeasureFlags& flags, const std::vector<std::vector<Configuration>>& groups);

// Writes what --json, --md and --html ask for; with `text` the document to stdout too, unless one of them goes there.
Status write_reports(const MeasureFlags& flags, const Json& json, const Document& document, bool text);

}  // namespace saker::cli
