// saker data classes: the class names of COCO or of a data set, all or some of them.
#include <fmt/format.h>
#include <saker/detector_spec.h>

#include <memory>

#include "base/try.h"
#include "command.h"
#include "data/classes.h"
#include "flags.h"
#include "output.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker data classes                                    the 80 names of COCO\n"
    "  saker data classes --count 15 --seed 3 --out 15.txt   for --allowed-classes-file and data calib\n"
    "  saker data classes --from data.yaml\n"
    "\n"
    "Names are listed in the order of their ids. The same seed draws the same names on every machine.";

struct ClassesFlags {
  std::string from, out = "-";
  std::size_t count = 0;  // 0: all
  std::uint64_t seed = 1;
};

Status list_classes(const ClassesFlags& flags) {
  std::vector<std::string> names = coco80_labels();
  if (!flags.from.empty()) {
    auto read = read_class_names(flags.from);
    if (!read.ok()) return read.error().with_context("--from");
    names = std::move(*read);
  }
  if (flags.count > 0) {
    auto drawn = draw_classes(names, flags.count, flags.seed);
    if (!drawn.ok()) return drawn.error().with_context("--count");
    names = std::move(*drawn);
  }
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  SAKER_TRY(check_output("--out", flags.out));
  return flags.out == "-" ? show(text) : write_output(flags.out, text);
}

int run_classes(const ClassesFlags& flags) {
  if (flags.out != "-" && !flags.from.empty() && same_file(flags.out, flags.from))
    return usage_error("data classes", "--out would overwrite " + flags.from);
  if (auto status = list_classes(flags); !status.ok()) return fail(status.error());
  return kSuccess;
}

}  // namespace

std::function<int()> add_data_classes(CLI::App& app) {
  auto flags = std::make_shared<ClassesFlags>();
  add_value(app, "--count", "N", flags->count, "only so many, drawn at random [all]")
      ->check(whole_number(1, 1'000'000));
  add_seed(app, flags->seed);
  add_value(app, "--from", "FILE", flags->from,
            "a YOLO data.yaml, a text file with one name a line,\nor COCO annotations (.json) [COCO's 80 classes]");
  add_value(app, "--out", "FILE", flags->out, "where to write them [stdout]");
  app.footer(kExamples);
  return [flags] { return run_classes(*flags); };
}

}  // namespace saker::cli
