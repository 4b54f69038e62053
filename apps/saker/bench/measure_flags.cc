// The flags of the commands that measure: bench, compare and memory.
#include "bench/measure_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "api/engine_file.h"
#include "api/input_shapes.h"
#include "base/text.h"
#include "base/try.h"
#include "measure/bench.h"
#include "output.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr std::size_t kMaxConfigurations = 256;
constexpr int kLayerRuns = 20;
constexpr std::int64_t kDefaultRuns = 50;

CLI::Validator streams_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto count = parse_whole(text);
        if (text == "auto" || (count && *count >= 1 && *count <= 256)) return std::string();
        return fmt::format("'{}' is not a number from 1 to 256, and not auto", text);
      },
      "");
}

// Numbers that their validators have seen; `none` if the flag was not given.
std::vector<int> numbers(const std::vector<std::string>& words, int none) {
  std::vector<int> values;
  for (const std::string& word : words) values.push_back(static_cast<int>(parse_whole(word).value_or(0)));
  return values.empty() ? std::vector<int>{none} : values;
}

std::vector<std::string> or_else(const std::vector<std::string>& words, const std::string& none) {
  return words.empty() ? std::vector<std::string>{none} : words;
}

struct NamedOutput {
  const char* flag;
  const std::string& path;
};

std::vector<NamedOutput> outputs(const MeasureFlags& flags) {
  std::vector<NamedOutput> all;
  for (const NamedOutput& each : {NamedOutput{"--json", flags.json}, {"--md", flags.md}, {"--html", flags.html}}) {
    if (!each.path.empty()) all.push_back(each);
  }
  return all;
}

Status check_overwriting(const MeasureFlags& flags) {
  const auto all = outputs(flags);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<std::string> read = flags.models;
    for (const std::string* path : {&flags.input, &flags.data}) {
      if (!path->empty()) read.push_back(*path);
    }
    for (const std::string& path : read) {
      if (same_file(all[i].path, path))
        return Error{ErrorCode::kInvalid, fmt::format("{} would overwrite {}, which is read", all[i].flag, path)};
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (same_file(all[i].path, all[k].path) && !is_special(all[i].path))
        return Error{ErrorCode::kInvalid, fmt::format("{} and {} name the same file", all[k].flag, all[i].flag)};
    }
  }
  return {};
}

// "NAME=COMMAND" as NAME and the words of COMMAND; empty: neither.
std::pair<std::string, std::vector<std::string>> parse_engine_command(const std::string& text) {
  const std::size_t at = text.find('=');
  if (at == 0 || at == std::string::npos) return {};
  std::vector<std::string> words;
  for (std::string& word : split(text.substr(at + 1), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.empty()) return {};
  return {text.substr(0, at), std::move(words)};
}

void say_remarks(const std::vector<Measured>& results, std::vector<std::string>& said) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Measured& each = results[i];
    std::vector<std::string> lines;
    for (const std::string& assumed : each.loaded.assumed)
      lines.push_back(
          fmt::format("note: {}: {} (--imgsz, --batch or --shape changes that)", each.configuration.model, assumed));
    if (!each.loaded.note.empty())
      lines.push_back(fmt::format("note: {}: {}", each.configuration.model, each.loaded.note));
    if (!each.ok()) {
      const bool named = each.error.message.find(each.configuration.model) != std::string::npos;
      const std::string who = results.size() > 1 ? result_name(results, i) + ": " : "";
      lines.push_back(fmt::format("{}{}{}", named ? "" : each.configuration.model + ": ", who, in_flags(each.error)));
    }
    for (const std::string& line : lines) {
      if (std::find(said.begin(), said.end(), line) != said.end()) continue;
      say(line);
      said.push_back(line);
    }
  }
}

}  // namespace

void add_work_flags(CLI::App& app, MeasureFlags& flags) {
  app.add_option("MODEL", flags.models, "model files: ONNX, checkpoints, or what the other backends take")
      ->option_text("...")
      ->required();
  add_list(app, "--backend", "LIST", flags.backends,
           fmt::format("engines: saker, onnxruntime, openvino, torchscript, or auto: the first\n"
                       "that takes the file; saker backends lists what is installed [{}]",
                       flags.command == "bench" ? "saker" : "auto"));
  add_list(app, "--precision", "LIST", flags.precisions, kPrecisionHelp)->check(precision_name());
  add_list(app, "--threads,--intra", "LIST", flags.threads,
           "CPU threads of a stream; with --streams auto of all streams [all CPUs, shared by the streams]")
      ->check(whole_number(1, 1024));
  add_value(app, "--inter", "N", flags.inter, "operators at a time; onnxruntime and torchscript [1]")
      ->check(whole_number(1, 1024));
  add_list(app, "--streams", "LIST", flags.streams,
           "requests at a time, each on a thread of its own; auto: the engine's choice [1]")
      ->check(streams_validator());
  add_value(app, "--hint", "NAME", flags.hint,
            "what the engine is set up for: latency, or throughput (then --streams auto) [latency]")
      ->check(one_of({"latency", "throughput"}));
  add_list(app, "--batch", "LIST", flags.batches, "pictures a run [the model's own, or 1]")
      ->check(whole_number(1, 1024));
  add_size(app, flags.size);
  add_shapes(app, flags.shapes);
  add_isa(app, flags.isa);
  add_kernel_choice(app, flags.low_memory, flags.autotune);
  add_value(app, "--warmup", "N", flags.warmup, "untimed runs of each stream before the first [5]")
      ->check(whole_number(0, 1'000'000));
  add_value(app, "--timeout", "SECONDS", flags.timeout, "give an engine up that does not answer for so long [600]")
      ->check(whole_number(1, 1'000'000));
}

// What is written as values, and names no file, are values.
static void take_input(const std::string& text, MeasureFlags& flags) {
  std::error_code ignored;
  const bool is_values = parse_values({text}).ok() && !std::filesystem::exists(text, ignored);
  if (is_values) {
    flags.values.push_back(text);
  } else {
    flags.input = text;
  }
}

void add_run_flags(CLI::App& app, MeasureFlags& flags) {
  add_value(app, "--runs", "N", flags.runs, "timed runs of each stream [50, unless --seconds]")
      ->check(whole_number(1, 1'000'000));
  add_value(app, "--seconds", "S", flags.seconds, "time of each line; with --runs whichever ends first")
      ->check(number_between(1e-3, 1e6));
  add_value(app, "--rounds", "N", flags.rounds, "turns in which they are measured; fewer than 3 give no interval [10]")
      ->check(whole_number(1, 10'000));
  app.add_option_function<std::string>(
         "--input", [&flags](const std::string& text) { take_input(text, flags); },
         "a picture, or a folder (64 of its pictures), rather than random values; the model\n"
         "alone sees the first --batch of them. NAME=VALUES: of an input beside the picture;\nrepeatable")
      ->option_text("PATH")
      ->type_name("PATH")
      ->trigger_on_parse();
  app.add_flag("--pipeline", flags.pipeline, "from decoded picture to boxes, with the time of each stage");
  app.add_option("--engine-command", flags.engine_commands,
                 "one more engine that --backend may name, and the program that runs it, its words separated by\n"
                 "spaces; it answers as bench/deepsparse_engine.py does. Repeatable")
      ->option_text("NAME=COMMAND")
      ->type_name("NAME=COMMAND")
      ->allow_extra_args(false)
      ->take_all();
}

void add_report_flags(CLI::App& app, MeasureFlags& flags, bool documents) {
  add_json(app, flags.json);
  if (!documents) return;
  add_value(app, "--md", "FILE", flags.md, "the tables as Markdown");
  add_value(app, "--html", "FILE", flags.html, "the tables with plots, one page without links to elsewhere");
}

Status check_flags(const MeasureFlags& flags) {
  SAKER_TRY(check_json(flags.json));
  SAKER_TRY(check_overwriting(flags));
  for (const std::string& text : flags.engine_commands) {
    if (parse_engine_command(text).first.empty())
      return Error{ErrorCode::kInvalid, fmt::format("--engine-command {}: write NAME=COMMAND", text)};
  }
  if (!flags.shapes.empty() && (flags.pipeline || !flags.input.empty()))
    return Error{ErrorCode::kInvalid, "--shape is for random values; pictures are fitted to --imgsz"};
  if (!flags.values.empty() && !flags.pipeline && flags.input.empty())
    return Error{ErrorCode::kInvalid, "--input NAME=VALUES is for pictures: add --input PATH or --pipeline"};
  if (flags.pairwise && flags.backends.size() != flags.models.size())
    return Error{ErrorCode::kInvalid, fmt::format("--pairwise: {} files and {} engines; name an engine for each file",
                                                  flags.models.size(), flags.backends.size())};
  const std::size_t count = configurations(flags).size();
  if (count > kMaxConfigurations)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} combinations of model, backend, threads, ...: at most {}", count, kMaxConfigurations)};
  return {};
}

Status check_files(const MeasureFlags& flags) {
  std::error_code error;
  if (std::filesystem::symlink_status("/proc/self", error).type() == std::filesystem::file_type::not_found)
    return Error{ErrorCode::kNotFound, "/proc is not mounted: without it nothing can be measured"};
  for (const std::string& model : flags.models) SAKER_TRY(check_model_path(flags.command, model));
  for (const auto& [flag, path] : {std::pair("--input", &flags.input), {"--data", &flags.data}}) {
    std::error_code ignored;
    if (!path->empty() && !std::filesystem::exists(*path, ignored))
      return Error{ErrorCode::kNotFound, fmt::format("{} {}: no such file or folder", flag, *path)};
  }
  for (const NamedOutput& each : outputs(flags)) SAKER_TRY(check_output(each.flag, each.path));
  return {};
}

std::vector<Configuration> configurations(const MeasureFlags& flags) {
  std::vector<Configuration> all;
  Configuration next;
  next.isa = flags.isa;
  next.low_memory = flags.low_memory;
  next.autotune = flags.autotune;
  next.inter_threads = flags.inter;
  next.throughput = flags.hint == "throughput";
  next.height = flags.size.height;
  next.width = flags.size.width;
  next.shapes = flags.shapes;
  next.input = flags.input;
  next.values = flags.values;
  next.pipeline = flags.pipeline;
  next.warmup = flags.warmup;
  std::map<std::string, std::vector<std::string>> engines;
  for (const std::string& text : flags.engine_commands) engines.insert(parse_engine_command(text));
  for (std::size_t i = 0; i < flags.models.size(); ++i) {
    const auto backends = flags.pairwise ? std::vector{flags.backends[i]}
                                         : or_else(flags.backends, flags.command == "bench" ? "saker" : "auto");
    for (const int batch : numbers(flags.batches, 0)) {
      for (const int streams : numbers(flags.streams, next.throughput ? 0 : 1)) {
        for (const int threads : numbers(flags.threads, 0)) {
          for (const std::string& precision : or_else(flags.precisions, "")) {
            for (const std::string& backend : backends) {
              next.model = flags.models[i];
              next.batch = batch;
              next.streams = streams;
              next.threads = threads;
              next.precision = precision;
              next.backend = backend;
              next.command = engines.contains(backend) ? engines.at(backend) : std::vector<std::string>();
              all.push_back(next);
            }
          }
        }
      }
    }
  }
  return all;
}

BenchReport run_groups(const MeasureFlags& flags, const std::vector<std::vector<Configuration>>& groups) {
  MeasureOptions options;
  options.runs = flags.runs > 0 ? flags.runs : flags.seconds > 0 ? 0 : kDefaultRuns;
  options.seconds = flags.seconds;
  options.rounds = flags.rounds;
  options.layer_runs = flags.layers ? kLayerRuns : 0;
  options.timeout_ms = flags.timeout * 1e3;
  // What a checkpoint exports for other engines is no part of their loading, which says what is wrong with it.
  for (const std::vector<Configuration>& group : groups) {
    for (const Configuration& each : group) {
      if (each.command.empty() && each.backend != "auto") (void)engine_file(each.model, each.backend);
    }
  }
  std::vector<std::string> said;
  std::optional<Progress> progress;
  BenchReport report = run_bench(groups, options, {"/proc/self/exe", "bench-child"},
                                 {.step =
                                      [&](std::size_t done, std::size_t all) {
                                        if (!progress) progress.emplace(all, true, "steps");
                                        progress->show(done, 0);
                                      },
                                  .group =
                                      [&](const std::vector<Measured>& results) {
                                        progress->clear();
                                        say_remarks(results, said);
                                      }});
  for (Measured& each : report.results) each.error.message = in_flags(each.error);
  return report;
}

Status write_reports(const MeasureFlags& flags, const Json& json, const Document& document, bool text) {
  if (!flags.json.empty()) SAKER_TRY(write_output(flags.json, dump(json)));
  if (!flags.md.empty()) SAKER_TRY(write_output(flags.md, as_markdown(document)));
  if (!flags.html.empty()) {
    SAKER_ASSIGN(const std::string page, as_html(document));
    SAKER_TRY(write_output(flags.html, page));
  }
  const bool stdout_taken = flags.json == "-" || flags.md == "-" || flags.html == "-";
  return stdout_taken || !text ? Status() : show(as_text(document));
}

}  // namespace saker::cli
