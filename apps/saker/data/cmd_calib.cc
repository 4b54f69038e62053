// saker data calib: pictures drawn so that each class is in so many of them.
#include <fmt/format.h>

#include <memory>

#include "base/plural.h"
#include "base/try.h"
#include "command.h"
#include "data/calib.h"
#include "data_flags.h"
#include "detect/class_choice.h"
#include "output.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker data calib --data instances_train2017.json --images train2017 --per-class 20 --out calib\n"
    "  saker data calib --data data.yaml --split train --classes-file 15.txt --per-class 20 --out calib\n"
    "\n"
    "Makes FOLDER/images, FOLDER/annotations.json (COCO, the listed classes only) and FOLDER/manifest.json.\n"
    "Classes are served in turn, the rarest first, with random pictures that contain them; a picture counts for all\n"
    "its classes. The same seed draws the same pictures on every machine. Pictures are hard links, which take no\n"
    "space, or copies where the file system cannot link and of what lies outside their folder.";

struct CalibFlags {
  DataFlags data;
  std::string classes_file, out;
  std::vector<std::string> classes;
  int per_class = 20;
  std::uint64_t seed = 1;
  bool copy = false, force = false;
};

// Names, or the ids that the dataset has, to indices of its categories.
Result<std::vector<std::int32_t>> find_classes(const CalibFlags& flags, const Dataset& dataset) {
  std::vector<std::string> wanted = flags.classes, names;
  if (!flags.classes_file.empty()) {
    auto listed = read_class_file(flags.classes_file);
    if (!listed.ok()) return listed.error().with_context("--classes-file");
    wanted.insert(wanted.end(), listed->begin(), listed->end());
  }
  for (const Category& category : dataset.categories) names.push_back(category.name);
  auto found = resolve_classes(wanted, names);
  if (!found.ok()) return found.error().with_context(flags.classes_file.empty() ? "--classes" : flags.classes_file);
  for (const int index : *found) {
    if (index >= static_cast<int>(names.size()))
      return Error{ErrorCode::kInvalid, fmt::format("there is no class {}: the numbers of {} are 0 to {}", index,
                                                    dataset.path, names.size() - 1)};
  }
  return std::vector<std::int32_t>(found->begin(), found->end());
}

std::string result_text(const CalibFlags& flags, const Dataset& dataset, const CalibChoice& choice) {
  std::size_t width = 5;
  for (const ClassShare& share : choice.classes)
    width = std::max(width, dataset.categories[static_cast<std::size_t>(share.category)].name.size());
  std::string text = fmt::format("{:<{}}  {:>9}  {:>6}\n", "class", width, "available", "chosen");
  std::size_t short_of = 0;
  for (const ClassShare& share : choice.classes) {
    const bool too_few = share.chosen < flags.per_class;
    short_of += too_few ? 1 : 0;
    text += fmt::format("{:<{}}  {:>9}  {:>6}{}\n", dataset.categories[static_cast<std::size_t>(share.category)].name,
                        width, share.available, share.chosen, too_few ? "  fewer than wanted" : "");
  }
  text +=
      fmt::format("\n{}: {} of {}\n", flags.out, counted(choice.pictures.size(), "picture"), dataset.pictures.size());
  if (short_of > 0) text += fmt::format("{} of {} fell short\n", short_of, counted(choice.classes.size(), "class"));
  if (choice.missing > 0)
    text += fmt::format("{} of the annotations not found in {}\n", counted(choice.missing, "picture"), dataset.folder);
  return text;
}

Result<std::string> make_calib(const CalibFlags& flags) {
  SAKER_ASSIGN(const Dataset dataset, read_data(flags.data, {.folder = true, .files = flags.data.reading.skip_bad}));
  CalibOptions options;
  options.per_class = flags.per_class;
  options.seed = flags.seed;
  SAKER_ASSIGN(options.categories, find_classes(flags, dataset));
  SAKER_ASSIGN(const CalibChoice choice, choose_pictures(dataset, options));
  if (choice.pictures.empty())
    return Error{ErrorCode::kInvalid, dataset.path + ": no picture has a box of these classes"};
  SAKER_TRY(
      write_calib(dataset, options, choice, {flags.out, flags.copy ? Placing::kCopy : Placing::kLink, flags.force}));
  return result_text(flags, dataset, choice);
}

int run_calib(const CalibFlags& flags) {
  const auto text = make_calib(flags);
  if (!text.ok()) return fail(text.error());
  if (auto status = show(*text); !status.ok()) return fail(status.error());
  return kSuccess;
}

}  // namespace

std::function<int()> add_data_calib(CLI::App& app) {
  auto flags = std::make_shared<CalibFlags>();
  add_value(app, "--data,--ann", "DATA", flags->data.data,
            "COCO annotations (.json), a YOLO data.yaml, a folder of VOC .xml files")
      ->required();
  add_reading_flags(app, flags->data.reading);
  add_value(app, "--classes-file", "FILE", flags->classes_file, "only these classes: one a line, # comments [all]");
  add_list(app, "--classes", "LIST", flags->classes, "the same, joined by commas; names, or numbers from 0");
  add_value(app, "--per-class", "N", flags->per_class, "pictures that contain each class [20]")
      ->check(whole_number(1, 1'000'000));
  add_seed(app, flags->seed);
  add_value(app, "--out", "FOLDER", flags->out, "the new folder")->required();
  app.add_flag("--copy", flags->copy, "copy the pictures instead of linking them");
  app.add_flag("--force", flags->force, "replace FOLDER if it was made by this command");
  add_skip_bad(app, flags->data.reading);
  app.footer(kExamples);
  return [flags] { return run_calib(*flags); };
}

}  // namespace saker::cli
