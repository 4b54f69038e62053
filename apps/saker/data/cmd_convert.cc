// saker data convert: COCO, YOLO or VOC annotations into COCO or YOLO ones.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "base/plural.h"
#include "base/try.h"
#include "command.h"
#include "data_flags.h"
#include "output.h"
#include "report.h"
#include "report/json.h"

namespace saker::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker data convert instances_val2017.json --images val2017 --to yolo --out coco-yolo\n"
    "  saker data convert instances_train2017.json --images train2017 --to yolo --as train --out coco-yolo\n"
    "  saker data convert data.yaml --split val --to coco --out val.json\n"
    "  saker data convert voc/ --to coco --out voc.json\n"
    "\n"
    "COCO: --out is the .json file; pictures stay where they are. YOLO: --out is a folder, which gets images/SPLIT,\n"
    "labels/SPLIT and data.yaml; further splits can be added to it. Pictures are hard links, which take no space, or\n"
    "copies where the file system cannot link and of what lies outside their folder. A split appears when it is\n"
    "complete. Ids are kept where the format has them; YOLO numbers classes by their place in the list and has no\n"
    "crowds, which are left out.";

struct ConvertFlags {
  DataFlags data;
  std::string to, out, as = "val", json;
  bool no_images = false, copy = false, force = false;
};

// What was written, for people and for programs.
struct Converted {
  std::string text;
  Json json = Json::object();
};

Json counts_json(const ConvertFlags& flags, std::size_t pictures, std::size_t boxes, std::size_t classes) {
  return {{"out", flags.out}, {"pictures", pictures}, {"boxes", boxes}, {"classes", classes}};
}

Result<Converted> to_coco(const ConvertFlags& flags) {
  std::error_code ignored;
  if (fs::exists(flags.out, ignored) && !is_special(flags.out) && !flags.force)
    return Error{ErrorCode::kIo, flags.out + ": is there already; name another file, or replace it with --force"};
  SAKER_TRY(check_output("--out", flags.out));
  SAKER_ASSIGN(const Dataset dataset, read_data(flags.data, {}));
  SAKER_TRY(write_coco(dataset, flags.out));
  Converted converted;
  converted.text = fmt::format("{}: {}, {}, {}\nthe pictures are in {}\n", flags.out,
                               counted(dataset.pictures.size(), "picture"), counted(dataset.annotations.size(), "box"),
                               counted(dataset.categories.size(), "class"), dataset.folder);
  converted.json = counts_json(flags, dataset.pictures.size(), dataset.annotations.size(), dataset.categories.size());
  converted.json["folder"] = dataset.folder;
  return converted;
}

Result<Converted> to_yolo(const ConvertFlags& flags) {
  const bool images = !flags.no_images;
  SAKER_ASSIGN(
      const Dataset dataset,
      read_data(flags.data, {.folder = images, .sizes = true, .files = images && flags.data.reading.skip_bad}));
  YoloWriteOptions options;
  options.split = flags.as;
  options.pictures = !images ? Placing::kNone : flags.copy ? Placing::kCopy : Placing::kLink;
  SAKER_ASSIGN(const YoloWritten written, write_yolo(dataset, flags.out, options));
  Converted converted;
  std::string& text = converted.text;
  text = fmt::format("{}: {}, {}, {} in split {}\n", flags.out, counted(written.pictures, "picture"),
                     counted(written.boxes, "box"), counted(dataset.categories.size(), "class"), flags.as);
  if (written.crowds > 0) text += counted(written.crowds, "crowd") + " left out: YOLO has none\n";
  if (written.empty > 0) text += counted(written.empty, "box") + " left out: nothing of it is in its picture\n";
  if (written.clipped > 0) text += counted(written.clipped, "box") + " cut off at the edge of its picture\n";
  converted.json = counts_json(flags, written.pictures, written.boxes, dataset.categories.size());
  converted.json["split"] = flags.as;
  converted.json["crowds_left_out"] = written.crowds;
  converted.json["empty_left_out"] = written.empty;
  converted.json["clipped"] = written.clipped;
  return converted;
}

int run_convert(const ConvertFlags& flags) {
  if (flags.out == "-") return usage_error("data convert", "--out: name a file or folder; stdout has the summary");
  if (flags.to == "coco" && same_file(flags.out, flags.data.data))
    return usage_error("data convert", "--out would overwrite " + flags.data.data);
  if (auto status = check_json(flags.json); !status.ok()) return usage_error("data convert", status.error().message);
  for (const std::string& other : {flags.out, flags.data.data}) {
    if (!flags.json.empty() && flags.json != "-" && same_file(flags.json, other))
      return usage_error("data convert", "--json would overwrite " + other);
  }
  if (!flags.json.empty()) {
    if (auto status = check_output("--json", flags.json); !status.ok()) return fail(status.error());
  }
  const auto converted = flags.to == "coco" ? to_coco(flags) : to_yolo(flags);
  if (!converted.ok()) return fail(converted.error());
  Status said;
  if (!flags.json.empty()) said = write_output(flags.json, dump(converted->json));
  if (said.ok() && flags.json != "-") said = show(converted->text);
  return said.ok() ? kSuccess : fail(said.error());
}

}  // namespace

std::function<int()> add_data_convert(CLI::App& app) {
  auto flags = std::make_shared<ConvertFlags>();
  app.add_option("DATA", flags->data.data, "COCO annotations (.json), a YOLO data.yaml, a folder of VOC .xml files")
      ->option_text(" ")
      ->required();
  add_reading_flags(app, flags->data.reading);
  add_value(app, "--to", "FORMAT", flags->to, "coco or yolo")->check(one_of({"coco", "yolo"}))->required();
  add_value(app, "--out", "PATH", flags->out, "the new .json file, or the folder of the YOLO data")->required();
  add_value(app, "--as", "SPLIT", flags->as, "YOLO: train, val or test [val]")->check(one_of({"train", "val", "test"}));
  app.add_flag("--no-images", flags->no_images, "YOLO: labels and data.yaml only");
  app.add_flag("--copy", flags->copy, "YOLO: copy the pictures instead of linking them");
  app.add_flag("--force", flags->force, "COCO: replace a file that is there already");
  add_skip_bad(app, flags->data.reading);
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_convert(*flags); };
}

}  // namespace saker::cli
