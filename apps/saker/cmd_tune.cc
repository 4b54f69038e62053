// saker tune: how many streams, threads and pictures at a time suit a model on this machine.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/knobs.h"
#include "command.h"
#include "flags.h"
#include "measure/machine.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "report/document.h"
#include "report/json.h"
#include "serve/tuning.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker tune yolov8n.onnx                          half a minute the first time\n"
    "  saker tune yolov8n.onnx --latency-budget 50      the most pictures a second within 50 ms\n"
    "  saker tune yolov8n.onnx --retune --seconds 120 --json tuning.json\n"
    "\n"
    "Each line runs so many streams side by side, each with so many threads and batches of so many\n"
    "pictures: JPEG files of 1280x720 decoded, fitted, detected. p50 and p99 are of a batch; a request\n"
    "that finds its worker busy waits for one batch more, so that its p99 is twice that (\"request p99\"),\n"
    "which --latency-budget holds below its bound. The table is kept in the cache folder (SAKER_CACHE)\n"
    "for this file, CPU, number of CPUs and version, and `saker serve --tune` reads it from there.\n"
    "\n"
    "Exit code: 0 all well; 1 it failed; 2 wrong flags.";

struct TuneFlags {
  std::string model, json;
  std::string backend = "auto", precision, isa;
  Size size;
  bool low_memory = false, autotune = false, retune = false;
  double seconds = serve::TuneOptions{}.seconds;
  double budget_ms = 0;  // 0: none
};

// What the table's rows are chosen for.
struct Purpose {
  std::string name;
  serve::TuningChoice choice;
};

std::vector<Purpose> purposes(const TuneFlags& flags, const serve::TuningTable& table) {
  std::vector<Purpose> all = {{"throughput", serve::choose(table, serve::TuningMode::kThroughput)},
                              {"latency", serve::choose(table, serve::TuningMode::kLatency)}};
  if (flags.budget_ms > 0) {
    all.push_back({fmt::format("{:g} ms", flags.budget_ms),
                   serve::choose(table, serve::TuningMode::kThroughput, flags.budget_ms)});
  }
  return all;
}

Table rows_of(const serve::TuningTable& tuning, const std::vector<Purpose>& all) {
  Table table;
  table.columns = {"streams", "threads", "batch", "pictures/s", "p50 ms", "p99 ms", "request p99 ms", "best for"};
  table.numeric = {true, true, true, true, true, true, true, false};
  for (std::size_t i = 0; i < tuning.rows.size(); ++i) {
    const serve::TunedShape& row = tuning.rows[i];
    std::string marks;
    for (const Purpose& purpose : all) {
      if (purpose.choice.row == i) marks += (marks.empty() ? "<- " : ", ") + purpose.name;
    }
    table.rows.push_back({fmt::format("{}", row.shape.streams), fmt::format("{}", row.shape.threads),
                          fmt::format("{}", row.shape.batch), fmt::format("{:.1f}", row.pictures_per_s),
                          fmt::format("{:.1f}", row.p50_ms), fmt::format("{:.1f}", row.p99_ms),
                          fmt::format("{:.1f}", serve::request_p99_ms(row)), marks});
  }
  return table;
}

std::vector<std::string> remarks(const TuneFlags& flags, const serve::TuningTable& table,
                                 const std::vector<Purpose>& all) {
  std::vector<std::string> notes;
  const Purpose& wanted = flags.budget_ms > 0 ? all.back() : all.front();
  if (!wanted.choice.within_budget) {
    notes.push_back(fmt::format("nothing keeps requests within {:g} ms; this comes closest", flags.budget_ms));
  }
  const serve::WorkShape& shape = table.rows[wanted.choice.row].shape;
  notes.push_back(fmt::format("saker serve --model {} --streams {} --threads {} --batch {}", flags.model, shape.streams,
                              shape.threads, shape.batch));
  if (table.fixed_batch) notes.emplace_back("the file fixes the batch: `saker export --dynamic` opens it");
  if (table.from_cache) notes.emplace_back("measured before; --retune measures again");
  return notes;
}

Json json_of(const TuneFlags& flags, const serve::TuningTable& table, const std::vector<Purpose>& all) {
  Json json = Json::object();
  json["model"] = flags.model;
  json["cpu"] = table.cpu;
  json["cpus"] = table.cpus;
  json["fixed_batch"] = table.fixed_batch;
  json["from_cache"] = table.from_cache;
  const auto shape_of = [](const serve::WorkShape& shape) {
    Json made = Json::object();
    made["streams"] = shape.streams;
    made["threads"] = shape.threads;
    made["batch"] = shape.batch;
    return made;
  };
  json["rows"] = Json::array();
  for (const serve::TunedShape& row : table.rows) {
    Json made = shape_of(row.shape);
    made["pictures_per_s"] = row.pictures_per_s;
    made["p50_ms"] = row.p50_ms;
    made["p99_ms"] = row.p99_ms;
    made["request_p99_ms"] = serve::request_p99_ms(row);
    made["rounds"] = row.rounds;
    json["rows"].push_back(std::move(made));
  }
  json["throughput"] = shape_of(table.rows[all[0].choice.row].shape);
  json["latency"] = shape_of(table.rows[all[1].choice.row].shape);
  if (flags.budget_ms > 0) {
    Json made = shape_of(table.rows[all[2].choice.row].shape);
    made["ms"] = flags.budget_ms;
    made["within"] = all[2].choice.within_budget;
    json["budget"] = std::move(made);
  }
  return json;
}

Result<serve::TuningTable> measure(const TuneFlags& flags) {
  serve::TuneOptions options;
  options.model.backend = flags.backend;
  options.session.precision = flags.precision;
  options.session.isa = flags.isa;
  options.session.low_memory = flags.low_memory;
  options.session.autotune = flags.autotune;
  options.spec.height = flags.size.height;
  options.spec.width = flags.size.width;
  options.spec.isa = flags.isa;
  options.seconds = flags.seconds;
  options.retune = flags.retune;
  options.cache = knobs().cache;
  std::optional<Progress> progress;
  options.progress = [&](std::size_t done, std::size_t total, const serve::WorkShape&) {
    if (!progress) progress.emplace(total, true, "measurements");
    progress->show(done, 0);
  };
  return serve::tune(flags.model, options);
}

int run_tune(const TuneFlags& flags) {
  if (auto status = check_json(flags.json); !status.ok()) return usage_error("tune", status.error().message);
  if (!flags.json.empty() && same_file(flags.json, flags.model))
    return usage_error("tune", "--json would overwrite the model");
  if (auto status = check_model_path("tune", flags.model); !status.ok()) return fail(status.error());
  if (!flags.json.empty()) {
    if (auto status = check_output("--json", flags.json); !status.ok()) return fail(status.error());
  }
  const Json machine = machine_json();
  const auto table = measure(flags);
  if (!table.ok()) return fail(table.error());
  if (!table->from_cache) {
    for (const std::string& warning : machine_warnings(machine, table->cpus)) say(warning);
  }
  const std::vector<Purpose> all = purposes(flags, *table);
  Status status;
  if (!flags.json.empty()) status = write_output(flags.json, dump(json_of(flags, *table, all)));
  if (status.ok() && flags.json != "-") {
    Document document;
    document.title = flags.model;
    document.lead = {machine_line(machine)};
    document.sections = {{"", rows_of(*table, all), remarks(flags, *table, all), {}}};
    status = show(as_text(document));
  }
  return status.ok() ? kSuccess : fail(status.error());
}

}  // namespace

std::function<int()> add_tune(CLI::App& app) {
  auto flags = std::make_shared<TuneFlags>();
  app.add_option("MODEL", flags->model, "an ONNX file, or what another engine takes")->option_text(" ")->required();
  add_value(app, "--latency-budget", "MS", flags->budget_ms,
            "the most pictures a second with the p99 of requests below this")
      ->check(number_between(0.001, 1e6));
  app.add_flag("--retune", flags->retune, "measure again what was measured before");
  add_value(app, "--seconds", "S", flags->seconds, fmt::format("about so long [{:g}]", flags->seconds))
      ->check(number_between(1, 3600));
  add_size(app, flags->size);
  add_backend(app, flags->backend, flags->precision);
  add_isa(app, flags->isa);
  add_kernel_choice(app, flags->low_memory, flags->autotune);
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_tune(*flags); };
}

}  // namespace saker::cli
