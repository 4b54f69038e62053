// Names, defaults and dispatch of the heads.
#include "detect/heads/head.h"

#include <fmt/format.h>

#include <utility>

#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr std::pair<HeadKind, const char*> kNames[] = {
    {HeadKind::kAuto, "auto"},
    {HeadKind::kYolov5, "yolov5"},
    {HeadKind::kYolov5Raw, "yolov5-raw"},
    {HeadKind::kYolov8, "yolov8"},
    {HeadKind::kEndToEnd, "end-to-end"},
    {HeadKind::kNmsRows, "nms-rows"},
    {HeadKind::kYolox, "yolox"},
    {HeadKind::kYoloxDecoded, "yolox-decoded"},
    {HeadKind::kNanodet, "nanodet"},
};

}  // namespace

const char* head_name(HeadKind head) {
  for (const auto& [kind, name] : kNames) {
    if (kind == head) return name;
  }
  return "unknown";
}

std::optional<HeadKind> head_from_name(std::string_view name) {
  for (const auto& [kind, known] : kNames) {
    if (name == known) return kind;
  }
  return std::nullopt;
}

bool head_needs_nms(HeadKind kind) {
  return kind != HeadKind::kEndToEnd && kind != HeadKind::kNmsRows;
}

Preprocess default_preprocess(HeadKind kind) {
  Preprocess preprocess;
  if (kind == HeadKind::kYolox || kind == HeadKind::kYoloxDecoded) {
    preprocess.fit = Fit::kLetterboxTopLeft;
    preprocess.bgr = true;
    preprocess.scale = 1;
  } else if (kind == HeadKind::kNanodet) {
    preprocess.fit = Fit::kStretch;
    preprocess.bgr = true;
    preprocess.scale = 1;
    preprocess.mean = {103.53F, 116.28F, 123.675F};
    preprocess.std = {57.375F, 57.12F, 58.395F};
  }
  return preprocess;
}

Status decode(const HeadSpec& spec, std::span<const TensorView> outputs, int picture, const DecodeOptions& options,
              std::vector<Candidate>& candidates) {
  for (const std::size_t output : spec.outputs) {
    if (output >= outputs.size()) return Error{ErrorCode::kInternal, "the head refers to an output that is not there"};
  }
  switch (spec.kind) {
    case HeadKind::kYolov5:
      return decode_yolov5(spec, outputs, picture, options, candidates);
    case HeadKind::kYolov5Raw:
      return decode_yolov5_raw(spec, outputs, picture, options, candidates);
    case HeadKind::kYolov8:
      return decode_yolov8(spec, outputs, picture, options, candidates);
    case HeadKind::kEndToEnd:
      return decode_end_to_end(spec, outputs, picture, options, candidates);
    case HeadKind::kNmsRows:
      return decode_nms_rows(spec, outputs, picture, options, candidates);
    case HeadKind::kYolox:
    case HeadKind::kYoloxDecoded:
      return decode_yolox(spec, outputs, picture, options, candidates);
    case HeadKind::kNanodet:
      return decode_nanodet(spec, outputs, picture, options, candidates);
    case HeadKind::kAuto:
      break;
  }
  return Error{ErrorCode::kInternal, "decode: no head was chosen"};
}

}  // namespace saker
