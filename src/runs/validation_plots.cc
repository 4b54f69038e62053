#include <filesystem>

#include "base/try.h"
#include "eval/eval_plots.h"
#include "runs/run_folder.h"

namespace saker::runs {

Status plot_validation(const Evaluated& evaluated, const std::string& folder) {
  const Dataset& truth = evaluated.dataset;
  const std::filesystem::path path(folder);
  for (const NamedPlot& plot : curve_plots(truth, evaluated.model.yolo)) {
    SAKER_TRY(write_image((path / ("Box" + plot.file)).string(), plot.image.view()));
  }
  for (const NamedPlot& plot : confusion_plots(truth, confusion_matrix(truth, evaluated.model.boxes))) {
    SAKER_TRY(write_image((path / plot.file).string(), plot.image.view()));
  }
  return {};
}

}  // namespace saker::runs
