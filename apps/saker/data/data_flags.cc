// What the `saker data` commands share, and `saker eval`: reading a dataset as the flags say.
#include "data_flags.h"

#include <fmt/format.h>

#include "base/plural.h"
#include "base/try.h"
#include "report.h"

namespace saker::cli {

void add_reading_flags(CLI::App& app, DatasetOptions& reading) {
  add_value(app, "--images", "FOLDER", reading.images, "where the pictures are [found beside the annotations]");
  add_value(app, "--split", "NAME", reading.split,
            "of a YOLO data.yaml: train, val or test [val]; of VOC's ImageSets [all]")
      ->check(one_of({"train", "val", "test"}));
  app.add_flag("--crowd-as-object", reading.crowd_as_object, "count crowds (VOC: difficult ones) as objects");
}

void add_skip_bad(CLI::App& app, DatasetOptions& reading) {
  app.add_flag("--skip-bad", reading.skip_bad, "leave out broken entries and pictures, and count them");
}

Result<Dataset> read_data(const DataFlags& flags, const PictureNeeds& needs) {
  constexpr std::size_t kShown = 5;
  std::size_t told = 0;
  DatasetOptions options = flags.reading;
  options.need_pictures = needs.folder;
  options.warn = [&](const std::string& message) {
    if (++told <= kShown) say("note: " + message);
  };
  options.hint =
      fmt::format("\nsaker data check {} lists all broken entries; --skip-bad goes on without them", flags.data);
  auto dataset = read_dataset(flags.data, options);
  if (!dataset.ok()) return dataset.error();
  for (const std::string& note : dataset->notes) say("note: " + note);
  if (needs.sizes || needs.files) SAKER_TRY(look_at_pictures(*dataset, options, needs.files));
  if (told > kShown) say(fmt::format("note: {} left out in all", counted(told, "entry")));
  return dataset;
}

}  // namespace saker::cli
