// The flags of `saker detect`.
#include "detect_flags.h"

#include <fmt/format.h>

#include <array>

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker detect yolov8n.onnx bus.jpg                            a table of boxes\n"
    "  saker detect yolov8n.onnx pictures/ --save-vis out           draw them\n"
    "  saker detect yolov8n.onnx 'cam/*.jpg' --classes person,car --json boxes.json\n"
    "  saker detect yolov8n.onnx list.txt --inter 4 --format coco --out results.json\n"
    "  curl -s https://example.org/a.jpg | saker detect yolov8n.onnx -\n"
    "\n"
    "Exit code: 0 all well; 1 failed, or some pictures failed (the others are done); 2 wrong flags.";

CLI::Validator one_of(std::vector<std::string> names) {
  return CLI::Validator(
      [names = std::move(names)](std::string& text) {
        std::string all;
        for (const std::string& name : names) {
          if (text == name) return std::string();
          all += (all.empty() ? "" : ", ") + name;
        }
        return fmt::format("'{}' is not one of {}", text, all);
      },
      "");
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

void add_box_flags(CLI::App& app, DetectFlags& flags) {
  const std::string group = "Which boxes";
  add_value(app, "--conf", "NUMBER", flags.conf, "drop boxes with a lower score [0.25]")
      ->check(number_between(0, 1))
      ->group(group);
  add_value(app, "--iou", "NUMBER", flags.iou, "boxes that overlap more are the same object [0.45]")
      ->check(number_between(0, 1))
      ->group(group);
  add_value(app, "--max-det", "N", flags.max_det, "at most so many boxes a picture [300]")
      ->check(whole_number(1, 1'000'000))
      ->group(group);
  app.add_flag("--multi-label", flags.multi_label, "one box may carry several classes")->group(group);
  app.add_flag("--agnostic", flags.agnostic, "overlapping boxes are the same object whatever their class")
      ->group(group);
  add_list(app, "--classes", "LIST", flags.classes, "only these: names or ids, 0,2 or person,car; repeatable")
      ->group(group);
  add_value(app, "--allowed-classes-file", "FILE", flags.allowed_classes_file,
            "only these: names or ids, one a line, # comments; added to --classes")
      ->group(group);
}

void add_model_flags(CLI::App& app, DetectFlags& flags) {
  const std::string group = "How the model is fed and read (default: as its family was trained)";
  add_size(app, flags.size);
  app.get_option("--imgsz")->group(group);
  std::vector<std::string> heads;
  for (int kind = 0; kind <= static_cast<int>(HeadKind::kNanodet); ++kind)
    heads.emplace_back(head_name(static_cast<HeadKind>(kind)));
  std::string names;
  for (const std::string& name : heads) names += (names.empty() ? "" : ", ") + name;
  add_value(app, "--head", "NAME", flags.head, "what the outputs mean:\n" + names)->check(one_of(heads))->group(group);
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
  app.get_option("--mean")->group(group);
  app.get_option("--std")->group(group);
}

void add_work_flags(CLI::App& app, DetectFlags& flags) {
  const std::string group = "How the work is done";
  add_value(app, "--threads,--intra", "N", flags.threads, "CPU threads, shared by the pictures in flight [all CPUs]")
      ->check(whole_number(1, 1024))
      ->group(group);
  add_value(app, "--inter", "N", flags.inter, "pictures in flight [1]")->check(whole_number(1, 256))->group(group);
  add_value(app, "--batch", "N", flags.batch, "pictures a run of the model [1]")
      ->check(whole_number(1, 1024))
      ->group(group);
  add_value(app, "--warmup", "N", flags.warmup, "runs before the first picture [0]")
      ->check(whole_number(0, 10000))
      ->group(group);
  add_isa(app, flags.isa);
  app.get_option("--isa")->group(group);
  add_value(app, "--max-pixels", "N", flags.max_pixels, "refuse larger pictures [100000000]")
      ->check(whole_number(1, std::int64_t{1} << 36))
      ->group(group);
}

void add_output_flags(CLI::App& app, DetectFlags& flags) {
  const std::string group = "What comes out";
  add_value(app, "--format", "NAME", flags.format, "table, json, jsonl, coco or yolo [table]")
      ->check(one_of({"table", "json", "jsonl", "coco", "yolo"}))
      ->group(group);
  add_value(app, "--out", "FILE", flags.out, "write that to FILE instead of stdout")->group(group);
  add_json(app, flags.json)->group(group);
  add_value(app, "--save-vis", "DIR", flags.save.vis, "pictures with the boxes drawn")->group(group);
  add_value(app, "--save-txt", "DIR", flags.save.txt, "a text file a picture: class x y w h, as fractions")
      ->group(group);
  app.add_flag("--save-conf", flags.save.conf, "add the score to those lines, and to --format yolo")->group(group);
  add_value(app, "--save-crop", "DIR", flags.save.crop, "every object cut out: DIR/class/picture.jpg")->group(group);
  app.add_flag("--quiet", flags.quiet, "no table, no progress bar, no notes; errors only")->group(group);
}

}  // namespace

void add_detect_flags(CLI::App& app, DetectFlags& flags) {
  app.add_option("MODEL", flags.model, "an ONNX file: YOLOv5, v8, v9, v10, 11, 12, 26, YOLOX or NanoDet")
      ->option_text(" ")
      ->required();
  app.add_option("SOURCE", flags.sources, "pictures, folders, globs, lists (.txt), or - for stdin")
      ->option_text("...")
      ->required();
  add_box_flags(app, flags);
  add_model_flags(app, flags);
  add_work_flags(app, flags);
  add_output_flags(app, flags);
  app.footer(kExamples);
}

}  // namespace saker::cli
