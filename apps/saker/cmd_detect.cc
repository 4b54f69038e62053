// saker detect: pictures in, boxes out.
#include <fmt/format.h>
#include <saker/detector.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "base/try.h"
#include "command.h"
#include "detect_flags.h"
#include "detect_run.h"
#include "plural.h"
#include "progress.h"
#include "report.h"
#include "sources.h"
#include "suggest.h"
#include "writers.h"

namespace saker::cli {
namespace {

// Where results go: at most one format to stdout.
struct Sink {
  Format format;
  std::string path;  // "-": stdout
};

Result<std::vector<Sink>> choose_sinks(const DetectFlags& flags) {
  const Format format = *format_from_name(flags.format);
  std::vector<Sink> sinks;
  if (flags.json == "-") {
    if (flags.out == "-" && format != Format::kTable && format != Format::kJson) {
      return Error{ErrorCode::kInvalid, fmt::format("--json and --format {} both go to stdout: give one a file (--json "
                                                    "FILE or --out FILE)",
                                                    flags.format)};
    }
    sinks.push_back({Format::kJson, "-"});
    if (flags.out != "-") sinks.push_back({format, flags.out});
    return sinks;
  }
  const bool unwanted = flags.quiet && format == Format::kTable && flags.out == "-";
  if (!unwanted) sinks.push_back({format, flags.out});
  if (!flags.json.empty()) sinks.push_back({Format::kJson, flags.json});
  return sinks;
}

// What the flags ask for must not destroy what they read.
Status check_outputs(const DetectFlags& flags, const std::vector<Sink>& sinks, const std::vector<Source>& sources) {
  for (const Sink& sink : sinks) {
    if (sink.path == "-") continue;
    const std::string flag = sink.path == flags.json ? "--json" : "--out";
    std::vector<std::string> read = {flags.model, flags.labels, flags.allowed_classes_file};
    read.insert(read.end(), flags.sources.begin(), flags.sources.end());
    for (const Source& source : sources) read.push_back(source.path);
    const bool clash =
        std::any_of(read.begin(), read.end(), [&](const std::string& path) { return same_file(path, sink.path); });
    if (clash && sink.path != "/dev/null")
      return Error{ErrorCode::kInvalid, fmt::format("{} would overwrite {}, which is read", flag, sink.path)};
    SAKER_TRY(check_output(flag, sink.path));
  }
  if (sinks.size() > 1 && sinks[0].path != "-" && same_file(sinks[0].path, sinks[1].path))
    return Error{ErrorCode::kInvalid, "--out and --json name the same file"};
  return {};
}

// saker detect bus.jpg model.onnx
Status check_order(const DetectFlags& flags) {
  const auto onnx = [](const std::string& path) { return path.ends_with(".onnx"); };
  const auto model = std::find_if(flags.sources.begin(), flags.sources.end(), onnx);
  if (onnx(flags.model) || model == flags.sources.end()) return {};
  return Error{ErrorCode::kInvalid, fmt::format("the model comes first: saker detect {} {}", *model, flags.model)};
}

class DetectCommand {
 public:
  explicit DetectCommand(const DetectFlags& flags) : flags_(flags) {}

  int run() {
    for (const Status& status : {check_order(flags_), check_json(flags_.json)}) {
      if (!status.ok()) return usage_error("detect", status.error().message);
    }
    auto sinks = choose_sinks(flags_);
    if (!sinks.ok()) return usage_error("detect", sinks.error().message);
    auto status = prepare(*sinks);
    if (status.ok()) status = detect(*sinks);
    if (!status.ok()) return fail(status.error());
    return summary_.failed > 0 || trouble_ ? kFailure : kSuccess;
  }

 private:
  // All that can be refused before the model is read.
  Status prepare(const std::vector<Sink>& sinks) {
    SAKER_TRY(check_model_path("detect", flags_.model, flags_.backend));
    sources_ = expand_sources(flags_.sources);
    SAKER_TRY(check_outputs(flags_, sinks, sources_));
    SAKER_ASSIGN(saver_, Saver::create(flags_.save, sources_));
    return {};
  }

  Status open_writers(const std::vector<Sink>& sinks, const Detector& detector) {
    for (const Sink& sink : sinks) {
      SAKER_ASSIGN(Output output, Output::open(sink.path));
      const WriterOptions options{sink.format, flags_.save.conf, sources_.size() > 1};
      writers_.push_back(std::make_unique<Writer>(options, std::move(output), detector.labels()));
      writers_.back()->begin();
      shares_terminal_ = shares_terminal_ || (sink.path == "-" && ::isatty(STDOUT_FILENO) != 0);
    }
    return {};
  }

  Status detect(const std::vector<Sink>& sinks) {
    SAKER_ASSIGN(Detector detector, make_detector(flags_));
    const std::string& precision_note = detector.session().precision_note();
    if (!precision_note.empty() && !flags_.quiet) say("note: " + precision_note);
    const auto model_batch = static_cast<int>(detector.session().input(0).shape()[0]);
    if (detector.batch_is_fixed() && flags_.batch > model_batch && !flags_.quiet) {
      say(fmt::format("note: {} takes {} a run, as its file fixes it; --batch {} runs it {} times", flags_.model,
                      counted(static_cast<std::size_t>(model_batch), "picture"), flags_.batch,
                      (flags_.batch + model_batch - 1) / model_batch));
    }
    SAKER_TRY(open_writers(sinks, detector));
    RunOptions options;
    options.in_flight = static_cast<std::size_t>(flags_.inter);
    options.batch = static_cast<std::size_t>(flags_.batch > 0 ? flags_.batch : model_batch);
    options.warmup = flags_.warmup;
    options.read = read_options(flags_, detector);
    Progress progress(sources_.size(), !flags_.quiet);
    const Stopwatch watch;
    SAKER_TRY(run_pictures(std::move(detector), sources_, options, saver_,
                           [&](const PictureResult& result) { return take(result, progress); }));
    progress.clear();
    summary_.wall_ms = watch.ms();
    for (const auto& writer : writers_) SAKER_TRY(writer->end(summary_));
    report_failures();
    return {};
  }

  // False stops the work: there is nowhere to write to.
  bool take(const PictureResult& result, Progress& progress) {
    if (shares_terminal_ || !result.error.empty() || !result.save_error.empty()) progress.clear();
    if (!result.error.empty()) {
      ++summary_.failed;
      say(result.error);
    } else {
      summary_.add(result);
      for (const auto& writer : writers_) writer->add(result);
    }
    if (!result.save_error.empty()) {
      trouble_ = true;
      say(result.save_error);
    }
    progress.show(summary_.pictures + summary_.failed, summary_.failed);
    return std::none_of(writers_.begin(), writers_.end(), [](const auto& writer) { return writer->failed(); });
  }

  void report_failures() const {
    if (summary_.failed > 0 && sources_.size() > 1) {
      say(fmt::format("{} of {} failed", summary_.failed, counted(sources_.size(), "picture")));
    }
  }

  const DetectFlags& flags_;
  std::vector<Source> sources_;
  Saver saver_;
  std::vector<std::unique_ptr<Writer>> writers_;
  Summary summary_;
  bool trouble_ = false;          // something could not be saved
  bool shares_terminal_ = false;  // results and the progress bar go to the same screen
};

}  // namespace

std::function<int()> add_detect(CLI::App& app) {
  auto flags = std::make_shared<DetectFlags>();
  add_detect_flags(app, *flags);
  return [flags] { return DetectCommand(*flags).run(); };
}

}  // namespace saker::cli
