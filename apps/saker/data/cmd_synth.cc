// saker data synth: data sets drawn by our own code, with labels.
#include <fmt/format.h>

#include <memory>

#include "base/plural.h"
#include "base/try.h"
#include "command.h"
#include "flags.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "synth/write.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker data synth --theme signs --out signs\n"
    "  saker data synth --theme fashion --train 2000 --val 500 --size 640 --out fashion\n"
    "  saker data synth --theme plates --train 40 --val 10 --to coco --out plates\n"
    "\n"
    "YOLO: FOLDER/images, FOLDER/labels and FOLDER/data.yaml. COCO: FOLDER/images and FOLDER/instances_train.json,\n"
    "instances_val.json. The same seed draws the same pictures on every machine; the first N of a larger set are "
    "those\n"
    "of a set of N. The folder appears when it is complete.";

struct SynthFlags {
  std::string theme = "signs", out, to = "yolo";
  int train = 800, val = 200;
  Size size = {480, 640};
  std::uint64_t seed = 1;
  int threads = 0;
  bool quiet = false;
};

std::vector<std::string> theme_names() {
  std::vector<std::string> names;
  for (const synth::Theme& theme : synth::themes()) names.emplace_back(theme.name);
  return names;
}

Result<std::string> make_dataset(const SynthFlags& flags) {
  const synth::Theme& theme = *synth::find_theme(flags.theme);
  synth::SynthOptions options;
  options.train = static_cast<std::size_t>(flags.train);
  options.val = static_cast<std::size_t>(flags.val);
  options.size = {flags.size.width, flags.size.height};
  options.seed = flags.seed;
  options.labels = flags.to == "coco" ? synth::Labels::kCoco : synth::Labels::kYolo;
  options.threads = flags.threads;
  Progress progress(options.train + options.val, !flags.quiet);
  options.progress = [&](std::size_t done) { progress.show(done, 0); };
  SAKER_ASSIGN(const synth::SynthWritten written, write_synthetic(theme, options, flags.out));
  return fmt::format("{}: {}, {}, {}\n", flags.out, counted(written.pictures, "picture"), counted(written.boxes, "box"),
                     counted(theme.classes.size(), "class"));
}

int run_synth(const SynthFlags& flags) {
  const auto text = make_dataset(flags);
  if (!text.ok()) return fail(text.error());
  if (auto status = show(*text); !status.ok()) return fail(status.error());
  return kSuccess;
}

}  // namespace

std::function<int()> add_data_synth(CLI::App& app) {
  auto flags = std::make_shared<SynthFlags>();
  std::string what = "what it shows [signs]";
  for (const synth::Theme& theme : synth::themes()) what += fmt::format("\n{}: {}", theme.name, theme.what);
  add_value(app, "--theme", "NAME", flags->theme, what)->check(one_of(theme_names()));
  add_value(app, "--train", "N", flags->train, "pictures to train with [800]")
      ->check(whole_number(0, synth::kMostPictures));
  add_value(app, "--val", "N", flags->val, "pictures to validate with [200]")
      ->check(whole_number(0, synth::kMostPictures));
  add_size(app, flags->size, "--size", "height x width in pixels [480x640]");
  add_seed(app, flags->seed);
  add_value(app, "--to", "FORMAT", flags->to, "yolo or coco [yolo]")->check(one_of({"yolo", "coco"}));
  add_value(app, "--out", "FOLDER", flags->out, "the new folder")->required();
  add_value(app, "--threads", "N", flags->threads, "CPU threads [all CPUs]")->check(whole_number(1, 1024));
  app.add_flag("--quiet", flags->quiet, "no progress bar");
  app.footer(kExamples);
  return [flags] { return run_synth(*flags); };
}

}  // namespace saker::cli
