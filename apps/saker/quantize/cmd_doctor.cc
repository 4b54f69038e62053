// saker doctor: what is wrong with a quantized model.
#include <fmt/format.h>

#include "api/internals.h"
#include "base/try.h"
#include "command.h"
#include "detector_flags.h"
#include "guard/agreement.h"
#include "guard/calibration_pictures.h"
#include "guard/model_check.h"
#include "output.h"
#include "passes/passes.h"
#include "quantize/quantize.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker doctor model.int8.onnx\n"
    "  saker doctor model.int8.onnx --data-dir pictures --float model.onnx\n"
    "\n"
    "Exit code 1 if something is wrong.";

struct DoctorFlags : DetectorFlags {
  std::string folder, full;
};

bool boxes_beside_scores(HeadKind head) {
  return head == HeadKind::kYolov5 || head == HeadKind::kYolov8 || head == HeadKind::kEndToEnd ||
         head == HeadKind::kYoloxDecoded;
}

// What it finds in pictures, beside the float model if there is one.
Status check_on_pictures(const DoctorFlags& flags, Detector& detector, Findings& findings) {
  constexpr std::size_t kPictures = 32;
  const ImageReadOptions read = read_options(flags, detector);
  const auto pictures = find_calibration_pictures(flags.folder, kPictures, 0, read, 0);
  if (!pictures.ok()) return pictures.error().with_context("--data-dir");
  for (const std::string& why : pictures->unreadable) say("left out: " + why);
  if (!flags.full.empty()) {
    DetectorFlags own = flags;
    own.model = flags.full;
    own.loaded.reset();
    SAKER_ASSIGN(Detector full, make_detector(own));
    SAKER_ASSIGN(const Agreement agreement, compare(full, detector, pictures->paths, read));
    say(fmt::format("{} pictures: the float model finds {} boxes, this one {}; {}", agreement.pictures,
                    agreement.float_boxes, agreement.int8_boxes, in_words(agreement)));
    const Findings found = check_agreement(agreement);
    findings.insert(findings.end(), found.begin(), found.end());
    return {};
  }
  std::size_t boxes = 0;
  for (const std::string& path : pictures->paths) {
    SAKER_ASSIGN(const Image image, read_image(path, read));
    SAKER_ASSIGN(const Detections found, detector.detect(image.view()));
    boxes += found.boxes.size();
  }
  say(fmt::format("{} pictures: {} boxes", pictures->paths.size(), boxes));
  if (boxes == 0 && pictures->paths.size() >= 8)
    findings.push_back({"nothing found", true, fmt::format("no box in {} pictures", pictures->paths.size()),
                        "compare it with the float model: --float FILE"});
  return {};
}

Result<Findings> examine(DoctorFlags& flags) {
  flags.backend = "saker";
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
  flags.loaded = model;
  SAKER_ASSIGN(Detector detector, make_detector(flags));
  SAKER_ASSIGN(Graph graph, prepare_float_graph(*graph_of(model), detector.spec().input_shapes()));
  SAKER_TRY(unsign_activations(graph));
  if (!is_quantized(graph)) say("the model is not quantized");
  Findings findings = check_quantized_model(graph, {detector.preprocess(), boxes_beside_scores(detector.head())});
  if (!flags.folder.empty()) SAKER_TRY(check_on_pictures(flags, detector, findings));
  return findings;
}

int run(DoctorFlags& flags) {
  if (const Status status = check_model_path("doctor", flags.model); !status.ok())
    return usage_error("doctor", status.error().message);
  if (!flags.full.empty()) {
    if (const Status status = check_model_path("doctor", flags.full); !status.ok())
      return fail(status.error().with_context("--float"));
    if (flags.folder.empty())
      return usage_error("doctor", "--float needs --data-dir FOLDER: the models are compared on pictures");
  }
  const auto findings = examine(flags);
  if (!findings.ok()) return fail(findings.error());
  std::string text;
  for (const Finding& finding : *findings) {
    text += fmt::format("{}: {}\n", finding.name, finding.what);
    if (!finding.remedy.empty()) text += fmt::format("  try: {}\n", in_flags(finding.remedy, finding.setting));
  }
  if (text.empty()) text = "nothing wrong found\n";
  if (const Status status = show(text); !status.ok()) return fail(status.error());
  return findings->empty() ? kSuccess : kFailure;
}

}  // namespace

std::function<int()> add_doctor(CLI::App& app) {
  auto flags = std::make_shared<DoctorFlags>();
  app.add_option("MODEL", flags->model, "an ONNX file, quantized by anybody")->option_text(" ")->required();
  add_value(app, "--data-dir", "FOLDER", flags->folder, "look at what it finds in these pictures, too");
  add_value(app, "--float", "FILE", flags->full, "and compare that with this model");
  add_value(app, "--threads", "N", flags->threads, "CPU threads [all CPUs]")->check(whole_number(1, 1024));
  add_model_flags(app, *flags);
  app.footer(kExamples);
  return [flags] { return run(*flags); };
}

}  // namespace saker::cli
