// The flags of every command that turns pictures into boxes, and the detector they describe.
#include "detector_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/input_shapes.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "detect/anchors.h"
#include "detect/class_choice.h"
#include "detect/heads/head.h"
#include "report.h"

namespace saker::cli {
namespace {

Result<DetectorOptions> detector_options(const DetectorFlags& flags, const Model& model) {
  DetectorOptions options;
  options.session.precision = flags.precision;
  options.session.streams = flags.inter;
  const int threads = flags.threads > 0 ? flags.threads : usable_cpus();
  options.session.threads = std::max(1, threads / flags.inter);
  options.session.isa = flags.isa;
  options.session.low_memory = flags.low_memory;
  options.session.autotune = flags.autotune;
  options.spec.height = flags.size.height;
  options.spec.width = flags.size.width;
  options.spec.batch = std::max(1, flags.batch);
  options.spec.head = *head_from_name(flags.head);
  SAKER_ASSIGN(options.spec.inputs, parse_values(flags.inputs));
  options.spec.anchors = flags.anchors;
  options.boxes.conf = flags.conf;
  options.boxes.iou = flags.iou;
  options.boxes.max_det = flags.max_det;
  options.boxes.multi_label = flags.multi_label;
  options.boxes.agnostic = flags.agnostic;
  if (!flags.labels.empty()) {
    auto labels = read_labels(flags.labels);
    if (!labels.ok()) return labels.error().with_context("--labels");
    options.spec.labels = std::move(*labels);
  }
  const std::vector<std::string> labels = expected_labels(model, options.spec.labels);
  auto classes = resolve_classes(flags.classes, labels);
  if (!classes.ok()) return classes.error().with_context("--classes");
  options.boxes.classes = std::move(*classes);
  if (!flags.allowed_classes_file.empty()) {
    const auto allowed = read_class_file(flags.allowed_classes_file);
    if (!allowed.ok()) return allowed.error().with_context("--allowed-classes-file");
    auto ids = resolve_classes(*allowed, labels);
    if (!ids.ok()) return ids.error().with_context(flags.allowed_classes_file);
    options.boxes.classes.insert(options.boxes.classes.end(), ids->begin(), ids->end());
  }
  return options;
}

Preprocess changed(Preprocess preprocess, const DetectorFlags& flags) {
  if (flags.stretch) preprocess.fit = Fit::kStretch;
  if (flags.letterbox && preprocess.fit == Fit::kStretch) preprocess.fit = Fit::kLetterboxCenter;
  if (!flags.color.empty()) preprocess.bgr = flags.color == "bgr";
  preprocess.scale = flags.scale.value_or(preprocess.scale);
  preprocess.mean = flags.mean.value_or(preprocess.mean);
  preprocess.std = flags.std.value_or(preprocess.std);
  return preprocess;
}

void add_triple(CLI::App& app, const std::string& flag, std::optional<std::array<float, 3>>& target,
                const std::string& what) {
  app.add_option_function<std::string>(
         flag, [&target](const std::string& text) { target = parse_triple(text); }, what)
      ->option_text("A,B,C")
      ->type_name("A,B,C")
      ->take_last()
      ->check(CLI::Validator(
          [flag](std::string& text) {
            const auto triple = parse_triple(text);
            if (!triple) return fmt::format("'{}' is not three numbers as in 0.485,0.456,0.406", text);
            if (flag == "--std" && ((*triple)[0] == 0 || (*triple)[1] == 0 || (*triple)[2] == 0))
              return std::string("pixels cannot be divided by 0");
            return std::string();
          },
          ""));
}

void add_anchors(CLI::App& app, std::vector<std::array<float, 2>>& target) {
  app.add_option_function<std::string>(
         "--anchors", [&target](const std::string& text) { target = parse_anchors(text).value_or(target); },
         "of yolov5-raw, whose files do not tell them: 9 pairs in\npixels of the input, small ones first")
      ->option_text("W,H,...")
      ->type_name("W,H,...")
      ->take_last()
      ->check(CLI::Validator(
          [](std::string& text) {
            if (parse_anchors(text)) return std::string();
            return fmt::format("'{}' is not nine pairs of positive numbers as in 10,13,16,30,33,23,...", text);
          },
          ""));
}

void add_box_flags(CLI::App& app, DetectorFlags& flags) {
  const std::string group = "Which boxes";
  add_value(app, "--conf,--conf-thres", "NUMBER", flags.conf,
            fmt::format("drop boxes with a lower score [{}]", flags.conf))
      ->check(number_between(0, 1))
      ->group(group);
  add_value(app, "--iou,--iou-thres", "NUMBER", flags.iou,
            fmt::format("boxes that overlap more are the same object [{}]", flags.iou))
      ->check(number_between(0, 1))
      ->each([&flags](const std::string&) { flags.iou_given = true; })
      ->group(group);
  add_value(app, "--max-det", "N", flags.max_det, "at most so many boxes a picture [300]")
      ->check(whole_number(1, 1'000'000))
      ->group(group);
  if (!flags.multi_label) {
    app.add_flag("--multi-label", flags.multi_label, "one box may carry several classes")->group(group);
  } else {
    app.add_flag_callback(
           "--single-label", [&flags] { flags.multi_label = false; }, "each box carries its best class only")
        ->group(group);
  }
  app.add_flag("--agnostic,--agnostic-nms", flags.agnostic,
               "overlapping boxes are the same object whatever their class")
      ->group(group);
  add_list(app, "--classes", "LIST", flags.classes, "only these: names or ids, 0,2 or person,car; repeatable")
      ->group(group);
  add_value(app, "--allowed-classes-file", "FILE", flags.allowed_classes_file,
            "only these: names or ids, one a line, # comments; added to --classes")
      ->group(group);
}

void add_work_flags(CLI::App& app, DetectorFlags& flags) {
  const std::string group = "How the work is done";
  add_backend(app, flags.backend, flags.precision);
  app.get_option("--backend")->group(group);
  app.get_option("--precision")->group(group);
  add_value(app, "--threads,--intra", "N", flags.threads, "CPU threads, shared by the pictures in flight [all CPUs]")
      ->check(whole_number(1, 1024))
      ->group(group);
  add_value(app, "--inter", "N", flags.inter, fmt::format("pictures in flight [{}]", flags.inter))
      ->check(whole_number(1, 256))
      ->group(group);
  add_value(app, "--batch,--batch-size", "N", flags.batch, "pictures a run of the model [1]")
      ->check(whole_number(1, 1024))
      ->group(group);
  add_value(app, "--warmup", "N", flags.warmup, "runs before the first picture [0]")
      ->check(whole_number(0, 10000))
      ->group(group);
  add_isa(app, flags.isa);
  add_kernel_choice(app, flags.low_memory, flags.autotune);
  for (const char* name : {"--isa", "--low-memory", "--autotune"}) app.get_option(name)->group(group);
  app.add_flag("--jpeg-scale", flags.jpeg_scale,
               "decode JPEG pictures at 1/2, 1/4 or 1/8 of their size where that is\nenough for the model's input: "
               "faster, boxes differ a little")
      ->group(group);
}

}  // namespace

void add_model_flags(CLI::App& app, DetectorFlags& flags) {
  const std::string group = "How the model is fed and read (default: as its family was trained)";
  add_size(app, flags.size);
  app.get_option("--imgsz")->group(group);
  const std::vector<std::string> heads = head_names();
  std::string names;
  for (const std::string& name : heads) names += (names.empty() ? "" : ", ") + name;
  add_value(app, "--head", "NAME", flags.head, "what the outputs mean:\n" + names)->check(one_of(heads))->group(group);
  add_anchors(app, flags.anchors);
  app.get_option("--anchors")->group(group);
  add_value(app, "--labels", "FILE", flags.labels, "class names: one a line, or a data.yaml with names")->group(group);
  auto* letterbox = app.add_flag("--letterbox", flags.letterbox, "keep the picture's proportions and pad");
  letterbox->group(group);
  app.add_flag("--stretch", flags.stretch, "do not: fill the whole input")->excludes(letterbox)->group(group);
  add_value(app, "--color", "ORDER", flags.color, "channels of the input: rgb or bgr")
      ->check(one_of({"rgb", "bgr"}))
      ->group(group);
  app.add_option_function<float>(
         "--scale", [&flags](float value) { flags.scale = value; },
         "input = (pixel * scale - mean) / std, pixels 0..255")
      ->option_text("NUMBER")
      ->type_name("NUMBER")
      ->take_last()
      ->check(number_between(1e-9, 1e9))
      ->group(group);
  add_triple(app, "--mean", flags.mean, "a number, or one for each channel of the input");
  add_triple(app, "--std", flags.std, "likewise");
  add_repeated(app, "--input", "NAME=VALUES", flags.inputs, "of an input that is no picture: size=640,640; repeatable")
      ->check(input_values_text())
      ->group(group);
  app.get_option("--mean")->group(group);
  app.get_option("--std")->group(group);
  add_value(app, "--max-pixels", "N", flags.max_pixels, "refuse larger pictures [100000000]")
      ->check(whole_number(1, std::int64_t{1} << 36))
      ->group(group);
}

Result<Detector> make_detector(const DetectorFlags& flags) {
  SAKER_ASSIGN(const Model model,
               flags.loaded ? Result<Model>(*flags.loaded) : Model::load(flags.model, {.backend = flags.backend}));
  if (!model.backend_note().empty() && !flags.quiet) say("note: " + model.backend_note());
  SAKER_ASSIGN(DetectorOptions options, detector_options(flags, model));
  auto detector = Detector::create(model, options);
  const bool plain = flags.precision.empty() || flags.precision == "f32";  // else it may be what is unsupported
  if (!detector.ok() && detector.error().code == ErrorCode::kUnsupported && plain) {
    Error error = detector.error();
    error.message += fmt::format("\nsaker inspect {} shows its inputs and outputs", flags.model);
    return error;
  }
  if (detector.ok() && flags.changes_preprocess())
    SAKER_TRY(detector->set_preprocess(changed(detector->preprocess(), flags)));
  if (detector.ok() && !flags.quiet) {
    for (const std::string& note : detector->spec().notes())
      say("note: " + in_flags(in_flags(note, "anchors"), "labels"));
  }
  return detector;
}

ImageReadOptions read_options(const DetectorFlags& flags, const Detector& detector) {
  ImageReadOptions options;
  options.max_pixels = flags.max_pixels;
  if (!flags.jpeg_scale) return options;
  options.target_width = detector.input_width();
  options.target_height = detector.input_height();
  options.fill = detector.preprocess().fit == Fit::kStretch;
  return options;
}

void add_detector_flags(CLI::App& app, DetectorFlags& flags) {
  app.add_option("MODEL", flags.model,
                 "an ONNX file, an OpenVINO .xml or its folder: YOLOv5, v8, v9, v10, 11, 12, 26, YOLOX or NanoDet")
      ->option_text(" ")
      ->required();
  add_box_flags(app, flags);
  add_model_flags(app, flags);
  add_work_flags(app, flags);
}

}  // namespace saker::cli
