#include "finish.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/files.h"
#include "base/try.h"
#include "exports/export.h"
#include "model/pt/import.h"
#include "model/pt/write.h"
#include "runs/run_folder.h"
#include "show.h"
#include "train/loss_of.h"
#include "train/validate.h"

namespace saker::train_cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxFile = std::size_t{4} << 30;

Result<nets::Network> read_weights(const std::string& path) {
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kMaxFile));
  return pt::read_network(file);
}

// The file that the family's own tools open, beside ours.
Status write_pt(const fs::path& ours, const Prepared& prepared) {
  SAKER_ASSIGN(const nets::Network network, read_weights(ours.string()));
  pt::TrainingFacts facts;
  facts.arguments = prepared.options.arguments;
  SAKER_ASSIGN(const std::vector<std::byte> bytes, pt::write_checkpoint(network, facts));
  return write_file(fs::path(ours).replace_extension(".pt").string(), bytes);
}

Status write_onnx(const fs::path& ours) {
  constexpr std::array kOnnx = {ExportFormat::kOnnx};
  SAKER_ASSIGN(const std::vector<ExportedModel> models, export_model(ours.string(), kOnnx, {}));
  return write_files(models.front(), fs::path(ours).replace_extension(".onnx").string());
}

Result<Evaluated> evaluate_best(const fs::path& best, const Prepared& prepared) {
  SAKER_ASSIGN(const nets::Network network, read_weights(best.string()));
  const train::TrainOptions& o = prepared.options;
  train::ValidateOptions options;
  options.size = o.size;
  options.iou = o.iou;
  options.threads = o.threads;
  SAKER_ASSIGN(train::Validation validation, train::validate(network, *prepared.validation, options,
                                                             [&] { return train::make_loss(network, o, true); }));
  return evaluate(*prepared.validation, {"best", std::move(validation.found)}, std::nullopt, {});
}

}  // namespace

Result<std::string> finish(const Prepared& prepared, std::vector<std::string>& notes) {
  const fs::path weights = fs::path(prepared.options.folder) / "weights";
  const auto keep = [&](const char* what, const Status& status) {
    if (!status.ok()) notes.push_back(fmt::format("{} was not written: {}", what, status.error().message));
  };
  std::error_code ignored;
  fs::path best = weights / "best.safetensors";
  if (!fs::exists(best, ignored)) best = weights / "last.safetensors";
  keep("best.pt", write_pt(best, prepared));
  if (fs::exists(weights / "last.safetensors", ignored))
    keep("last.pt", write_pt(weights / "last.safetensors", prepared));
  keep("best.onnx", write_onnx(best));
  if (prepared.setup.plots) {
    if (!prepared.setup.one_shot) keep("results.png", runs::plot_results(prepared.options.folder));
    keep("labels.jpg", runs::plot_labels(prepared.training, prepared.options.folder));
  }
  std::string tables;
  if (prepared.recipe) {
    SAKER_ASSIGN(nets::Network network, read_weights(best.string()));
    tables = sparsity_table(network);
  }
  if (!prepared.validation || !prepared.options.validate) return tables;
  SAKER_ASSIGN(const Evaluated evaluated, evaluate_best(best, prepared));
  if (prepared.setup.plots) keep("the validation's plots", runs::plot_validation(evaluated, prepared.options.folder));
  return tables + (tables.empty() ? "" : "\n") + class_table(evaluated);
}

}  // namespace saker::train_cli
