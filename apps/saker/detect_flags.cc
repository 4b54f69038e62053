// The flags of `saker detect`.
#include "detect_flags.h"

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
  add_detector_flags(app, flags);
  app.add_option("SOURCE", flags.sources, "pictures, folders, globs, lists (.txt), or - for stdin")
      ->option_text("...")
      ->required();
  add_output_flags(app, flags);
  for (const char* whole : {"--save-vis", "--save-crop"})
    app.get_option("--jpeg-scale")->excludes(app.get_option(whole));
  app.footer(kExamples);
}

}  // namespace saker::cli
