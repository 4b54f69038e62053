// What the `saker data` commands share: reading a dataset as the flags say.
#include "data_flags.h"

#include <fmt/format.h>

#include "base/plural.h"
#include "base/try.h"
#include "report.h"

namespace saker::cli {

void add_data_flags(CLI::App& app, DataFlags& flags) {
  add_value(app, "--images", "FOLDER", flags.images, "where the pictures are [found beside the annotations]");
  add_value(app, "--split", "NAME", flags.split,
            "of a YOLO data.yaml: train, val or test [val]; of VOC's ImageSets [all]")
      ->check(one_of({"train", "val", "test"}));
}

void add_skip_bad(CLI::App& app, DataFlags& flags) {
  app.add_flag("--skip-bad", flags.skip_bad, "leave broken entries out instead of stopping at the first");
}

DatasetOptions reading_options(const DataFlags& flags) {
  DatasetOptions options;
  options.images = flags.images;
  options.split = flags.split;
  options.skip_bad = flags.skip_bad;
  return options;
}

Result<Dataset> read_data(const DataFlags& flags, const PictureNeeds& needs) {
  constexpr std::size_t kShown = 5;
  std::size_t told = 0;
  DatasetOptions options = reading_options(flags);
  options.need_pictures = needs.folder;
  options.warn = [&](const std::string& message) {
    if (++told <= kShown) say("note: " + message);
  };
  options.hint =
      fmt::format("\nsaker data check {} lists all broken entries; --skip-bad goes on without them", flags.data);
  auto dataset = read_dataset(flags.data, options);
  if (!dataset.ok()) return dataset.error();
  if (needs.sizes || needs.files) SAKER_TRY(look_at_pictures(*dataset, options, needs.files));
  if (told > kShown) say(fmt::format("note: {} left out in all", counted(told, "entry")));
  return dataset;
}

}  // namespace saker::cli
