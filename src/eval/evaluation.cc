#include "eval/evaluation.h"

#include <fmt/format.h>

#include "eval/eval_report.h"

namespace saker {
namespace {

std::vector<bool> either(std::vector<bool> a, const std::vector<bool>& b) {
  if (a.empty()) return b;
  for (std::size_t i = 0; i < b.size(); ++i) a[i] = a[i] || b[i];
  return a;
}

// The data without these pictures and what is on them; `lists` are boxes found there.
void leave_out(Dataset& dataset, const std::vector<std::vector<ScoredBox>*>& lists, const std::vector<bool>& failed) {
  std::vector<std::int32_t> moved(dataset.pictures.size(), -1);
  std::vector<Picture> kept;
  for (std::size_t i = 0; i < dataset.pictures.size(); ++i) {
    if (failed[i]) continue;
    moved[i] = static_cast<std::int32_t>(kept.size());
    kept.push_back(std::move(dataset.pictures[i]));
  }
  dataset.skipped += dataset.pictures.size() - kept.size();
  dataset.pictures = std::move(kept);
  const auto move = [&](auto& list) {
    for (auto& each : list) each.picture = moved[static_cast<std::size_t>(each.picture)];
    std::erase_if(list, [](const auto& each) { return each.picture < 0; });
  };
  move(dataset.annotations);
  for (std::vector<ScoredBox>* boxes : lists) move(*boxes);
}

// What to know of the boxes and of the truth.
std::vector<std::string> collect_notes(const Dataset& dataset, const FoundBoxes& found, const FoundBoxes& other,
                                       const Scored& model) {
  std::vector<std::string> notes = dataset.notes;
  if (all_crowds(dataset)) {
    notes.push_back(
        "every box is a crowd (CVAT writes masks so), and COCO's scoring ignores crowds: there is nothing to find; "
        "`crowd_as_object` takes them as objects");
  }
  notes.insert(notes.end(), found.notes.begin(), found.notes.end());
  notes.insert(notes.end(), other.notes.begin(), other.notes.end());
  if (model.coco.zero_ids() > 0) {
    notes.push_back(
        fmt::format("{} true boxes have the id 0, which pycocotools takes for none: boxes that find them count as "
                    "mistakes, here as there; number the annotations from 1",
                    model.coco.zero_ids()));
  }
  return notes;
}

}  // namespace

Scored::Scored(std::string title, const Dataset& dataset, std::vector<ScoredBox> found, std::size_t left_out,
               int threads)
    : name(std::move(title)),
      boxes(std::move(found)),
      skipped(left_out),
      coco(CocoEvaluation::match(dataset, boxes, threads)),
      numbers(coco.numbers()),
      yolo(evaluate_yolo(dataset, boxes, threads)) {}

Result<Evaluated> evaluate(Dataset dataset, Candidates model, std::optional<Candidates> against,
                           const EvaluationOptions& options) {
  FoundBoxes& found = model.found;
  FoundBoxes other = against ? std::move(against->found) : FoundBoxes();
  const auto failed = either(std::move(found.failed), other.failed);
  const bool has_boxes = !dataset.annotations.empty();
  if (!failed.empty()) leave_out(dataset, {&found.boxes, &other.boxes}, failed);
  if (!failed.empty() && dataset.pictures.empty())
    return Error{ErrorCode::kIo, dataset.path + ": none of its pictures can be read"};
  if (has_boxes && dataset.annotations.empty())
    return Error{ErrorCode::kIo, dataset.path + ": none of its pictures with boxes can be read"};

  Scored scored(std::move(model.name), dataset, std::move(found.boxes), found.skipped, options.threads);
  std::vector<std::string> notes = collect_notes(dataset, found, other, scored);
  Evaluated result{std::move(dataset), std::move(scored), {}, {}, found.pictures_per_second, {}, std::move(notes)};
  if (against) {
    result.against.emplace(std::move(against->name), result.dataset, std::move(other.boxes), other.skipped,
                           options.threads);
    result.differences =
        bootstrap_difference(result.against->coco, result.model.coco, options.samples, options.seed, options.threads);
  }
  return result;
}

double average_precision(const Dataset& dataset, const FoundBoxes& found, int threads) {
  if (!found.failed.empty()) {
    Dataset looked_at = dataset;
    std::vector<ScoredBox> boxes = found.boxes;
    leave_out(looked_at, {&boxes}, found.failed);
    return CocoEvaluation::match(looked_at, boxes, threads).numbers().ap;
  }
  return CocoEvaluation::match(dataset, found.boxes, threads).numbers().ap;
}

Status write_eval_report(const Evaluated& evaluated, const std::string& folder, int worst) {
  const Dataset& data = evaluated.dataset;
  const Scored& model = evaluated.model;
  const ConfusionMatrix confusion = confusion_matrix(data, model.boxes);
  std::optional<EvalComparison> comparison;
  if (evaluated.against) {
    comparison = {evaluated.against->name, evaluated.against->numbers, *evaluated.differences};
  }
  const EvalReportInput input{fmt::format("{} on {}", model.name, data.path),
                              evaluated.settings,
                              evaluated.notes,
                              data,
                              model.boxes,
                              model.coco,
                              model.yolo,
                              confusion,
                              std::move(comparison),
                              worst};
  return write_eval_report(input, folder);
}

}  // namespace saker
