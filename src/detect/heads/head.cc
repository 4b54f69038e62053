// Names, defaults and dispatch of the heads.
#include "detect/heads/head.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr float kIou = 0.45F;
// Ultralytics evaluates with 0.7 (cfg/default.yaml), YOLOX with 0.65 in its own repository (exps/default, nmsthre).
constexpr float kEvaluationIou = 0.7F, kYoloxIou = 0.65F;

constexpr HeadFamily kFamilies[] = {
    {HeadKind::kAuto, "auto", true, kIou, kEvaluationIou},
    {HeadKind::kYolov5, "yolov5", true, kIou, kEvaluationIou},
    {HeadKind::kYolov5Raw, "yolov5-raw", true, kIou, kEvaluationIou},
    {HeadKind::kYolov8, "yolov8", true, kIou, kEvaluationIou},
    {HeadKind::kEndToEnd, "end-to-end", false, kIou, kEvaluationIou},
    {HeadKind::kNmsRows, "nms-rows", false, kIou, kEvaluationIou},
    {HeadKind::kYolox, "yolox", true, kIou, kYoloxIou},
    {HeadKind::kYoloxDecoded, "yolox-decoded", true, kIou, kYoloxIou},
    {HeadKind::kNanodet, "nanodet", true, kIou, kEvaluationIou},
    {HeadKind::kNanodetPlus, "nanodet-plus", true, kIou, kEvaluationIou},
    {HeadKind::kYolov6, "yolov6", true, kIou, kEvaluationIou},
    {HeadKind::kYolov8Raw, "yolov8-raw", true, kIou, kEvaluationIou},
    {HeadKind::kBoxesScores, "boxes-scores", true, kIou, kEvaluationIou},
    {HeadKind::kRows, "rows", true, kIou, kEvaluationIou},
    {HeadKind::kDetr, "detr", false, kIou, kEvaluationIou},
    {HeadKind::kNmsOutputs, "nms-outputs", false, kIou, kEvaluationIou},
};

}  // namespace

const HeadFamily& head_family(HeadKind kind) {
  for (const HeadFamily& family : kFamilies) {
    if (family.kind == kind) return family;
  }
  return kFamilies[0];
}

const char* head_name(HeadKind head) {
  return head_family(head).name;
}

std::optional<HeadKind> head_from_name(std::string_view name) {
  for (const HeadFamily& family : kFamilies) {
    if (name == family.name) return family.kind;
  }
  return std::nullopt;
}

std::vector<std::string> head_names() {
  std::vector<std::string> names;
  for (const HeadFamily& family : kFamilies) names.emplace_back(family.name);
  return names;
}

Preprocess default_preprocess(HeadKind kind) {
  Preprocess preprocess;
  if (kind == HeadKind::kYolox || kind == HeadKind::kYoloxDecoded) {
    preprocess.fit = Fit::kLetterboxTopLeft;
    preprocess.bgr = true;
    preprocess.scale = 1;
  } else if (kind == HeadKind::kNanodet || kind == HeadKind::kNanodetPlus) {
    preprocess.fit = Fit::kStretch;
    preprocess.bgr = true;
    preprocess.scale = 1;
    preprocess.mean = {103.53F, 116.28F, 123.675F};
    preprocess.std = {57.375F, 57.12F, 58.395F};
  } else if (kind == HeadKind::kDetr) {
    preprocess.fit = Fit::kStretch;
  }
  return preprocess;
}

Preprocess default_preprocess(const HeadSpec& spec) {
  Preprocess preprocess = default_preprocess(spec.kind);
  if (spec.imagenet) {
    preprocess.mean = {0.485F, 0.456F, 0.406F};
    preprocess.std = {0.229F, 0.224F, 0.225F};
  }
  return preprocess;
}

namespace {

Status dispatch(const HeadSpec& spec, std::span<const TensorView> outputs, int picture, const DecodeOptions& options,
                std::vector<Candidate>& candidates) {
  for (const std::size_t output : spec.outputs) {
    if (output >= outputs.size()) return Error{ErrorCode::kInternal, "the head refers to an output that is not there"};
  }
  switch (spec.kind) {
    case HeadKind::kYolov5:
    case HeadKind::kYolov6:  // the same layout with one box a cell
      return decode_yolov5(spec, outputs, picture, options, candidates);
    case HeadKind::kYolov5Raw:
      return decode_yolov5_raw(spec, outputs, picture, options, candidates);
    case HeadKind::kYolov8:
      return decode_yolov8(spec, outputs, picture, options, candidates);
    case HeadKind::kEndToEnd:
      return decode_end_to_end(spec, outputs, picture, options, candidates);
    case HeadKind::kRows:
      return spec.outputs.size() > 1 ? decode_nms_outputs(spec, outputs, picture, options, candidates)
                                     : decode_end_to_end(spec, outputs, picture, options, candidates);
    case HeadKind::kNmsRows:
      return decode_nms_rows(spec, outputs, picture, options, candidates);
    case HeadKind::kYolox:
    case HeadKind::kYoloxDecoded:
      return decode_yolox(spec, outputs, picture, options, candidates);
    case HeadKind::kNanodet:
      return decode_nanodet(spec, outputs, picture, options, candidates);
    case HeadKind::kNanodetPlus:
      return decode_nanodet_plus(spec, outputs, picture, options, candidates);
    case HeadKind::kYolov8Raw:
      return decode_yolov8_raw(spec, outputs, picture, options, candidates);
    case HeadKind::kBoxesScores:
    case HeadKind::kDetr:
      return decode_boxes_scores(spec, outputs, picture, options, candidates);
    case HeadKind::kNmsOutputs:
      return decode_nms_outputs(spec, outputs, picture, options, candidates);
    case HeadKind::kAuto:
      break;
  }
  return Error{ErrorCode::kInternal, "decode: no head was chosen"};
}

}  // namespace

Status decode(const HeadSpec& spec, std::span<const TensorView> outputs, int picture, const DecodeOptions& options,
              std::vector<Candidate>& candidates) {
  constexpr float kMost = 1 + 1e-2F;  // 8-bit and half-precision scores are a little off
  const std::size_t before = candidates.size();
  SAKER_TRY(dispatch(spec, outputs, picture, options, candidates));
  const auto wrong = std::find_if(candidates.begin() + static_cast<std::ptrdiff_t>(before), candidates.end(),
                                  [](const Candidate& candidate) { return candidate.score > kMost; });
  if (wrong == candidates.end()) return {};
  return Error{ErrorCode::kInvalid,
               fmt::format("a score of {:g} is no probability: these outputs are not what the head {} takes them for; "
                           "name the right one with `head`",
                           wrong->score, head_name(spec.kind)),
               "head"};
}

}  // namespace saker
