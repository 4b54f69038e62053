// saker detect: pictures in, boxes out.
#include <fmt/format.h>
#include <saker/detector.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "base/clock.h"
#include "base/plural.h"
#include "base/try.h"
#include "command.h"
#include "detect_flags.h"
#include "output.h"
#include "pipeline/detect_frames.h"
#include "pipeline/picture_files.h"
#include "pipeline/picture_saver.h"
#include "pipeline/result_writers.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

// Where results go: at most one format to stdout.
struct Destination {
  ResultFormat format;
  std::string path;  // "-": stdout
};

Result<std::vector<Destination>> choose_destinations(const DetectFlags& flags) {
  const ResultFormat format = *result_format_from_name(flags.format);
  std::vector<Destination> destinations;
  if (flags.json == "-") {
    if (flags.out == "-" && format != ResultFormat::kTable && format != ResultFormat::kJson) {
      return Error{ErrorCode::kInvalid, fmt::format("--json and --format {} both go to stdout: give one a file (--json "
                                                    "FILE or --out FILE)",
                                                    flags.format)};
    }
    destinations.push_back({ResultFormat::kJson, "-"});
    if (flags.out != "-") destinations.push_back({format, flags.out});
    return destinations;
  }
  const bool unwanted = flags.quiet && format == ResultFormat::kTable && flags.out == "-";
  if (!unwanted) destinations.push_back({format, flags.out});
  if (!flags.json.empty()) destinations.push_back({ResultFormat::kJson, flags.json});
  return destinations;
}

// What the flags ask for must not destroy what they read.
Status check_outputs(const DetectFlags& flags, const std::vector<Destination>& destinations,
                     const std::vector<PictureFile>& files) {
  for (const Destination& destination : destinations) {
    if (destination.path == "-") continue;
    const std::string flag = destination.path == flags.json ? "--json" : "--out";
    std::vector<std::string> read = {flags.model, flags.labels, flags.allowed_classes_file};
    read.insert(read.end(), flags.sources.begin(), flags.sources.end());
    for (const PictureFile& file : files) read.push_back(file.path);
    const bool clash = std::any_of(read.begin(), read.end(),
                                   [&](const std::string& path) { return same_file(path, destination.path); });
    if (clash && destination.path != "/dev/null")
      return Error{ErrorCode::kInvalid, fmt::format("{} would overwrite {}, which is read", flag, destination.path)};
    SAKER_TRY(check_output(flag, destination.path));
  }
  if (destinations.size() > 1 && destinations[0].path != "-" && same_file(destinations[0].path, destinations[1].path))
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

Status check_stdin(const DetectFlags& flags) {
  if (std::ranges::count(flags.sources, "-") < 2) return {};
  return Error{ErrorCode::kInvalid, "- twice: standard input can be read once"};
}

class DetectCommand {
 public:
  explicit DetectCommand(const DetectFlags& flags) : flags_(flags) {}

  int run() {
    for (const Status& status : {check_order(flags_), check_stdin(flags_), check_json(flags_.json)}) {
      if (!status.ok()) return usage_error("detect", status.error().message);
    }
    auto destinations = choose_destinations(flags_);
    if (!destinations.ok()) return usage_error("detect", destinations.error().message);
    auto status = prepare(*destinations);
    if (status.ok()) status = detect(*destinations);
    if (!status.ok()) return fail(status.error());
    return summary_.failed > 0 || trouble_ ? kFailure : kSuccess;
  }

 private:
  // All that can be refused before the model is read.
  Status prepare(const std::vector<Destination>& destinations) {
    SAKER_TRY(check_model_path("detect", flags_.model));
    std::vector<std::string> notes;
    files_ = list_pictures(flags_.sources, &notes);
    if (!flags_.quiet) {
      for (const std::string& note : notes) say("note: " + note);
    }
    SAKER_TRY(check_outputs(flags_, destinations, files_));
    return prepare_saver();
  }

  Status prepare_saver() {
    const SaveOptions& save = flags_.save;
    for (const auto& [flag, folder] :
         {std::pair("--save-vis", save.vis), std::pair("--save-txt", save.txt), std::pair("--save-crop", save.crop)}) {
      if (!folder.empty()) SAKER_TRY(check_folder(flag, folder));
    }
    auto saver = PictureSaver::create(save, files_);
    if (!saver.ok()) return saver.error().with_context("--save-vis " + save.vis);
    saver_ = std::move(*saver);
    return {};
  }

  Status open_writers(const std::vector<Destination>& destinations, const Detector& detector) {
    for (const Destination& destination : destinations) {
      SAKER_ASSIGN(Output opened, Output::open(destination.path));
      Output& output = outputs_.emplace_back(std::move(opened));
      const WriterOptions options{destination.format, flags_.save.conf, files_.size() > 1};
      writers_.push_back(
          make_writer(options, detector.labels(), [&output](std::string_view text) { output.write(text); }));
      writers_.back()->begin();
      shares_terminal_ = shares_terminal_ || (destination.path == "-" && ::isatty(STDOUT_FILENO) != 0);
    }
    return {};
  }

  Status detect(const std::vector<Destination>& destinations) {
    SAKER_ASSIGN(Detector detector, make_detector(flags_));
    const std::string& precision_note = detector.session().precision_note();
    if (!precision_note.empty() && !flags_.quiet) say("note: " + precision_note);
    const int model_batch = detector.spec().batch();
    if (detector.batch_is_fixed() && flags_.batch > model_batch && !flags_.quiet) {
      say(fmt::format("note: {} takes {} a run, as its file fixes it; --batch {} runs it {} times", flags_.model,
                      counted(static_cast<std::size_t>(model_batch), "picture"), flags_.batch,
                      (flags_.batch + model_batch - 1) / model_batch));
    }
    SAKER_TRY(open_writers(destinations, detector));
    DetectFramesOptions options;
    options.in_flight = static_cast<std::size_t>(flags_.inter);
    options.batch = static_cast<std::size_t>(flags_.batch > 0 ? flags_.batch : model_batch);
    options.warmup = flags_.warmup;
    options.read = read_options(flags_, detector);
    if (saver_.wanted()) {
      options.save = [this, labels = detector.labels()](const PictureResult& result, Image image) {
        return saver_.save(result, std::move(image), labels);
      };
    }
    Progress progress(files_.size(), !flags_.quiet);
    PictureFiles source(files_);
    const Stopwatch watch;
    SAKER_TRY(detect_frames(source, std::move(detector), options,
                            [&](const PictureResult& result) { return take(result, progress); }));
    progress.clear();
    summary_.wall_ms = watch.ms();
    SAKER_TRY(finish_writers());
    report_failures();
    return {};
  }

  // False stops the work: there is nowhere to write to.
  bool take(const PictureResult& result, Progress& progress) {
    if (shares_terminal_ || !result.error.empty() || !result.save_error.empty()) progress.clear();
    if (!result.error.empty()) {
      ++summary_.failed;
      say(in_flags(result.error, "max_pixels"));
    } else {
      summary_.add(result);
      for (const auto& writer : writers_) writer->add(result);
    }
    if (!result.save_error.empty()) {
      trouble_ = true;
      say(result.save_error);
    }
    progress.show(summary_.pictures + summary_.failed, summary_.failed);
    return std::none_of(outputs_.begin(), outputs_.end(), [](const Output& output) { return output.failed(); });
  }

  Status finish_writers() {
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      writers_[i]->end(summary_);
      SAKER_TRY(outputs_[i].finish());
    }
    return {};
  }

  void report_failures() const {
    if (summary_.failed > 0 && files_.size() > 1) {
      say(fmt::format("{} of {} failed", summary_.failed, counted(files_.size(), "picture")));
    }
  }

  const DetectFlags& flags_;
  std::vector<PictureFile> files_;
  PictureSaver saver_;
  std::deque<Output> outputs_;
  std::vector<std::unique_ptr<ResultWriter>> writers_;  // parallel to the outputs
  RunSummary summary_;
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
