// Finds the head of a model by evidence: shapes, names, operators, and where those leave a choice the values of a run.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.h"
#include "detect/heads/evidence.h"

namespace saker {
namespace {

std::string list_outputs(const HeadEvidence& evidence) {
  std::string text;
  for (const OutputInfo& output : evidence.outputs) {
    text += fmt::format("\n  {} {}", output.name, to_string(output.shape));
  }
  return text.empty() ? "\n  none" : text;
}

std::string list_candidates(const std::vector<CandidateHead>& candidates) {
  std::string text;
  for (const CandidateHead& candidate : candidates) {
    text += fmt::format("\n  {}", head_name(candidate.spec.kind));
    if (candidate.spec.classes > 0) text += fmt::format(", {} classes", candidate.spec.classes);
    if (!candidate.against.empty()) text += ": " + candidate.against;
  }
  return text;
}

Error nothing_fits(const HeadEvidence& evidence) {
  std::string text = fmt::format(
      "no known head fits the model's outputs at an input of {}x{} (height x width):{}\n"
      "the heads and the outputs they need at this size:",
      evidence.height, evidence.width, list_outputs(evidence));
  for (const HeadKind kind : known_heads())
    text += fmt::format("\n  {}: {}", head_name(kind), needed_shapes(evidence, kind));
  text += "\nif the outputs are one of these under another reading, name it with `head`";
  return {ErrorCode::kUnsupported, text, "head"};
}

Error wanted_does_not_fit(const HeadEvidence& evidence, HeadKind wanted) {
  return {ErrorCode::kUnsupported,
          fmt::format("`head` {} does not fit: at an input of {}x{} (height x width) it needs {}; the model's outputs "
                      "are:{}",
                      head_name(wanted), evidence.height, evidence.width, needed_shapes(evidence, wanted),
                      list_outputs(evidence)),
          "head"};
}

Error all_ruled_out(const HeadEvidence& evidence, const std::vector<CandidateHead>& candidates) {
  return {ErrorCode::kUnsupported,
          fmt::format("no known head fits the model's outputs:{}\nby their shapes they could be these, but:{}\n"
                      "keypoints, rotated boxes and other tasks than detection are not read; if you know better, name "
                      "the head with `head`",
                      list_outputs(evidence), list_candidates(candidates)),
          "head"};
}

Error several_fit(const HeadEvidence& evidence, const std::vector<CandidateHead>& candidates) {
  return {
      ErrorCode::kUnsupported,
      fmt::format("several heads fit the model's outputs equally well:{}\nthey could be:{}\nname the right one with "
                  "`head`",
                  list_outputs(evidence), list_candidates(candidates)),
      "head"};
}

// The only thing that speaks against a head is the number of names.
Error names_contradict(const HeadEvidence& evidence, const CandidateHead& candidate) {
  return {
      ErrorCode::kInvalid,
      fmt::format("the outputs are those of a {} head with {} classes, but {} names {}:{}\ngive the right names with "
                  "`labels`, or say that the head is meant with `head`",
                  head_name(candidate.spec.kind), candidate.spec.classes, evidence.named_by, evidence.names,
                  list_outputs(evidence)),
      "labels"};
}

Status check_task(const HeadEvidence& evidence) {
  struct Task {
    const char* name;
    const char* what;
  };
  constexpr std::array kOthers = {Task{"obb", "a model of rotated boxes (task obb)"},
                                  Task{"classify", "a model that classifies whole pictures (task classify)"},
                                  Task{"semantic", "a model of semantic segmentation (task semantic)"}};
  for (const Task& task : kOthers) {
    if (evidence.task == task.name)
      return Error{ErrorCode::kUnsupported, fmt::format("this is {}; saker finds upright boxes", task.what)};
  }
  if (evidence.task == "pose" && evidence.keypoint_values == 0) {
    return Error{ErrorCode::kUnsupported,
                 "this is a pose model (task pose) that does not say how many keypoints it has (kpt_shape), so that "
                 "classes cannot be told from keypoints"};
  }
  return {};
}

bool open(const CandidateHead& candidate) {
  return candidate.against.empty();
}

std::vector<const CandidateHead*> still_open(const std::vector<CandidateHead>& candidates) {
  std::vector<const CandidateHead*> left;
  for (const CandidateHead& candidate : candidates) {
    if (open(candidate)) left.push_back(&candidate);
  }
  return left;
}

// Heads whose rows are the end result have no classes to count, and nothing that values could contradict.
bool is_final(HeadKind kind) {
  return !head_family(kind).needs_nms && kind != HeadKind::kDetr;
}

// Without a run: one candidate, whose every detail is known and for which more speaks than its shape.
bool needs_run(const std::vector<CandidateHead>& candidates) {
  const auto left = still_open(candidates);
  if (left.size() != 1) return true;
  return !left[0]->settled || (left[0]->agrees.empty() && !is_final(left[0]->spec.kind));
}

bool share_outputs(const CandidateHead& a, const CandidateHead& b) {
  return std::ranges::any_of(a.spec.outputs, [&](std::size_t output) {
    return std::ranges::find(b.spec.outputs, output) != b.spec.outputs.end();
  });
}

// Scores whose boxes stand in an output of their own are no boxes themselves, nor are these boxes with scores.
void prefer_pairs(std::vector<CandidateHead>& candidates) {
  for (const CandidateHead& pair : candidates) {
    const HeadSpec& spec = pair.spec;
    const bool apart = spec.kind == HeadKind::kBoxesScores || spec.kind == HeadKind::kYolov8Raw;
    if (!open(pair) || !apart || spec.outputs.size() != 2 || spec.outputs[0] == spec.outputs[1]) continue;
    for (CandidateHead& other : candidates) {
      if (open(other) && other.spec.outputs.size() == 1 && share_outputs(pair, other))
        other.against = "one output has the boxes of the other's scores, cell by cell";
    }
  }
}

// Of several that are left: those that more speaks for than the shapes; of these, the first of those that read other
// outputs than the rest (decoded boxes beside the maps they come from).
const CandidateHead* choose(const std::vector<CandidateHead>& candidates, bool have_values) {
  auto left = still_open(candidates);
  const auto named = [](const CandidateHead* c) { return c->agrees.find("classes") != std::string::npos; };
  if (std::ranges::any_of(left, named)) std::erase_if(left, [&](const CandidateHead* c) { return !named(c); });
  if (left.empty()) return nullptr;
  const bool contested =
      std::any_of(left.begin() + 1, left.end(), [&](const CandidateHead* c) { return share_outputs(*c, *left[0]); });
  return have_values && contested ? nullptr : left[0];
}

std::vector<std::string> notes_of(const HeadEvidence& evidence, const HeadSpec& spec) {
  std::vector<std::string> notes;
  if (spec.kind == HeadKind::kYolov5Raw && evidence.anchors.empty())
    notes.emplace_back("the file does not tell its anchors: those of YOLOv5's COCO models are taken (`anchors`)");
  if (spec.kind == HeadKind::kBoxesScores || spec.kind == HeadKind::kRows)
    notes.emplace_back(
        "how models of this kind want their pictures differs: they are letterboxed as YOLOv8 wants them");
  if (spec.imagenet) {
    notes.emplace_back("pictures are normalized with ImageNet's mean and deviation, as DETR and RF-DETR want them");
  } else if (spec.kind == HeadKind::kDetr && spec.logits) {
    notes.emplace_back(
        "pictures are fed as RT-DETR and D-FINE want them; DETR and RF-DETR want ImageNet's mean and deviation "
        "(`mean`, `std`)");
  }
  if (evidence.task == "pose") notes.emplace_back("a pose model: its boxes are given, its keypoints left out");
  return notes;
}

std::string reason_of(const CandidateHead& chosen, const std::vector<CandidateHead>& candidates) {
  std::string reason =
      candidates.size() == 1 ? "the only head of these shapes" : "by shape, and no other that fits them is left";
  if (!chosen.agrees.empty()) reason += "; " + chosen.agrees;
  return reason;
}

FoundHead found(const HeadEvidence& evidence, const CandidateHead& chosen, std::vector<CandidateHead> candidates) {
  return {chosen.spec, reason_of(chosen, candidates), candidates, notes_of(evidence, chosen.spec)};
}

bool shapes_are_open(const HeadEvidence& evidence) {
  return std::ranges::any_of(evidence.outputs, [](const OutputInfo& output) {
    return output.shape.empty() || std::ranges::any_of(output.shape, [](std::int64_t size) { return size <= 0; });
  });
}

// Only the data decide the outputs' shapes: those of a run are taken.
Result<FoundHead> find_head_by_run(const HeadEvidence& evidence, HeadKind wanted) {
  SAKER_ASSIGN(ProbedOutputs outputs, evidence.probe());
  HeadEvidence known = evidence;
  for (std::size_t i = 0; i < known.outputs.size() && i < outputs.size(); ++i)
    known.outputs[i].shape = outputs[i].shape;
  known.probe = [&outputs]() -> Result<ProbedOutputs> { return outputs; };
  auto candidates = candidates_by_shape(known, wanted);
  if (candidates.empty()) return wanted == HeadKind::kAuto ? nothing_fits(known) : wanted_does_not_fit(known, wanted);
  return find_head(known, wanted);
}

}  // namespace

Result<FoundHead> find_head(const HeadEvidence& evidence, HeadKind wanted) {
  if (evidence.height <= 0 || evidence.width <= 0) {
    return Error{ErrorCode::kInvalid, fmt::format("an input of {}x{} has no head", evidence.height, evidence.width)};
  }
  const bool any = wanted == HeadKind::kAuto;
  if (any) SAKER_TRY(check_task(evidence));
  std::vector<CandidateHead> candidates = candidates_by_shape(evidence, wanted);
  if (candidates.empty() && evidence.probe && shapes_are_open(evidence)) return find_head_by_run(evidence, wanted);
  if (candidates.empty()) return any ? nothing_fits(evidence) : wanted_does_not_fit(evidence, wanted);
  for (CandidateHead& candidate : candidates) judge_by_graph(evidence, candidate);
  prefer_pairs(candidates);
  if (!any) {  // who names a head knows better
    for (CandidateHead& candidate : candidates) candidate.against.clear();
  }
  const bool run = needs_run(candidates) && evidence.probe;
  if (run) {
    SAKER_ASSIGN(const ProbedOutputs outputs, evidence.probe());
    for (CandidateHead& candidate : candidates) {
      if (open(candidate)) judge_by_values(evidence, outputs, candidate);
      if (!any) candidate.against.clear();
    }
  }
  if (const CandidateHead* chosen = choose(candidates, run && any)) return found(evidence, *chosen, candidates);
  if (!still_open(candidates).empty()) return several_fit(evidence, candidates);
  if (candidates.size() == 1 && evidence.names > 0 && !evidence.names_may_differ && candidates[0].spec.classes > 0 &&
      candidates[0].spec.classes != evidence.names)
    return names_contradict(evidence, candidates[0]);
  return all_ruled_out(evidence, candidates);
}

}  // namespace saker
