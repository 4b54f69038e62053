// saker export: a checkpoint or model to a file of another format.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "base/try.h"
#include "command.h"
#include "exports/export.h"
#include "flags.h"
#include "model/compressed_size.h"
#include "model/onnx/exporter.h"
#include "output.h"
#include "report.h"
#include "report/json.h"

namespace saker::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker export best.pt\n"
    "  saker export best.pt --imgsz 416 --opset 12 --out small.onnx\n"
    "  saker export best.pt --dynamic --half\n"
    "  saker export best.pt --format onnx,openvino,torchscript\n"
    "  saker export old.onnx --out simplified.onnx\n"
    "  saker export --weights best.pt --include onnx --dynamic      (as YOLOv5 has it)\n"
    "  saker export model=best.pt format=onnx imgsz=320 half=True   (as Ultralytics has it)\n"
    "\n"
    "Batch normalization and parallel branches go into the convolutions, and what is constant is computed. The file "
    "is\n"
    "best.onnx beside best.pt unless --out says otherwise; it appears when it is complete.";

constexpr std::int64_t kMaxBatch = 1024, kMostBoxes = 100'000;

struct ExportFlags {
  std::vector<std::string> words;  // MODEL, or settings as Ultralytics writes them
  std::string model, out, folder, data_type, json;
  std::vector<std::string> formats;
  std::vector<ExportFormat> chosen;
  Size size;
  ExportOptions options;
  bool raw_head = false, end_to_end = false, nms = false, simplify = false;
};

Result<bool> truth(const std::string& key, const std::string& value) {
  const std::string lower = lower_case(value);
  if (lower == "true" || lower == "1") return true;
  if (lower == "false" || lower == "0") return false;
  return Error{ErrorCode::kInvalid, fmt::format("{}={}: neither True nor False", key, value)};
}

// "imgsz=320" or "imgsz=320,416", "[320, 416]".
Result<Size> size_setting(std::string value) {
  std::erase_if(value, [](char c) { return c == '[' || c == ']' || c == ' '; });
  std::ranges::replace(value, ',', 'x');
  if (const auto size = parse_size(value)) return *size;
  return Error{ErrorCode::kInvalid, fmt::format("imgsz={}: no size", value)};
}

Result<std::int64_t> whole_setting(const std::string& key, const std::string& value, std::int64_t low,
                                   std::int64_t high) {
  if (const auto number = parse_whole(value); number && *number >= low && *number <= high) return *number;
  return Error{ErrorCode::kInvalid, fmt::format("{}={}: no number from {} to {}", key, value, low, high)};
}

Result<float> share_setting(const std::string& key, const std::string& value) {
  if (const auto number = parse_number(value); number && *number >= 0 && *number <= 1)
    return static_cast<float>(*number);
  return Error{ErrorCode::kInvalid, fmt::format("{}={}: no number from 0 to 1", key, value)};
}

Status apply_setting(const std::string& key, const std::string& value, ExportFlags& flags) {
  if (key == "model") {
    flags.model = value;
  } else if (key == "format") {
    flags.formats = split(value, ',');
  } else if (key == "imgsz") {
    SAKER_ASSIGN(flags.size, size_setting(value));
  } else if (key == "opset") {
    SAKER_ASSIGN(flags.options.opset, whole_setting(key, value, onnx::kMinExportOpset, onnx::kMaxExportOpset));
  } else if (key == "batch") {
    SAKER_ASSIGN(flags.options.batch, whole_setting(key, value, 1, kMaxBatch));
  } else if (key == "dynamic") {
    SAKER_ASSIGN(flags.options.dynamic, truth(key, value));
  } else if (key == "half") {
    SAKER_ASSIGN(flags.options.half, truth(key, value));
  } else if (key == "nms") {
    SAKER_ASSIGN(flags.nms, truth(key, value));
  } else if (key == "max_det") {
    SAKER_ASSIGN(flags.options.head.most_boxes, whole_setting(key, value, 1, kMostBoxes));
  } else if (key == "conf" || key == "iou") {
    SAKER_ASSIGN((key == "conf" ? flags.options.head.confidence : flags.options.head.iou), share_setting(key, value));
  } else if (key == "simplify") {
    SAKER_ASSIGN(flags.simplify, truth(key, value));
  } else if (key == "device" || key == "mode" || key == "task") {
    return {};  // there is one of each
  } else {
    return Error{ErrorCode::kInvalid, fmt::format("{}={}: no setting of saker export", key, value)};
  }
  return {};
}

Status choose_formats(ExportFlags& flags) {
  std::string known;
  for (const ExportFormatInfo& info : export_formats()) known += (known.empty() ? "" : ", ") + std::string(info.name);
  for (const std::string& name : flags.formats) {
    const auto info = std::ranges::find(export_formats(), std::string_view(name), &ExportFormatInfo::name);
    if (info == export_formats().end())
      return Error{ErrorCode::kInvalid,
                   fmt::format("--format {}: this version writes {}", printable_name(name), known)};
    if (std::ranges::find(flags.chosen, info->format) == flags.chosen.end()) flags.chosen.push_back(info->format);
  }
  if (flags.chosen.empty()) flags.chosen = {ExportFormat::kOnnx};
  const bool is_ir = flags.chosen.front() == ExportFormat::kOpenVino;
  if (is_ir && !flags.out.empty() && !flags.out.ends_with(".xml"))
    return Error{ErrorCode::kInvalid,
                 fmt::format("--out {}: OpenVINO wants a name that ends in .xml, with the .bin beside it", flags.out)};
  if (flags.chosen.size() > 1 && !flags.out.empty())
    return Error{ErrorCode::kInvalid,
                 "--out names one file, and several formats are wanted: --output-dir names a folder"};
  return {};
}

std::string target_of(const ExportFlags& flags, ExportFormat format) {
  if (!flags.out.empty()) return flags.out;
  fs::path model(flags.model);
  if (model.filename().empty()) model = model.parent_path();  // "best_openvino_model/"
  const fs::path folder = flags.folder.empty() ? model.parent_path() : fs::path(flags.folder);
  return (folder / fmt::format(fmt::runtime(info_of(format).beside), model.stem().string())).string();
}

// The words that are no flags: one model, and settings.
Status read_words(ExportFlags& flags) {
  for (const std::string& word : flags.words) {
    const std::size_t equals = word.find('=');
    std::error_code ignored;
    if (equals != std::string::npos && !fs::exists(word, ignored)) {
      SAKER_TRY(apply_setting(word.substr(0, equals), word.substr(equals + 1), flags));
    } else if (word != "export" || flags.words.size() == 1) {
      if (!flags.model.empty())
        return Error{ErrorCode::kInvalid, fmt::format("two models: {} and {}", flags.model, word)};
      flags.model = word;
    }
  }
  if (flags.model.empty()) return Error{ErrorCode::kInvalid, "MODEL is missing: a checkpoint (.pt, .pth) or a model"};
  SAKER_TRY(choose_formats(flags));
  if (int{flags.raw_head} + int{flags.end_to_end} + int{flags.nms} > 1)
    return Error{ErrorCode::kInvalid, "--raw-head, --end-to-end and --nms are different heads: name one"};
  flags.options.height = flags.size.height, flags.options.width = flags.size.width;
  flags.options.head.head = flags.raw_head     ? nets::HeadForm::kRaw
                            : flags.end_to_end ? nets::HeadForm::kEndToEnd
                            : flags.nms        ? nets::HeadForm::kSuppressed
                                               : nets::HeadForm::kDecoded;
  SAKER_TRY(check_json(flags.json));
  if (flags.out == "-" && flags.json == "-")
    return Error{ErrorCode::kInvalid, "--out and --json both go to stdout: give one a file"};
  if (!flags.data_type.empty()) flags.options.half = flags.data_type == "FP16" || flags.data_type == "half";
  for (const ExportFormat format : flags.chosen) {
    const std::string target = target_of(flags, format);
    if (same_file(target, flags.model))
      return Error{ErrorCode::kInvalid, fmt::format("{} would be overwritten: name another file with --out", target)};
    if (!flags.json.empty() && flags.json != "-" && same_file(flags.json, target))
      return Error{ErrorCode::kInvalid, fmt::format("--json {} would overwrite the exported model", flags.json)};
  }
  return {};
}

std::string described(const ExportedModel& exported, const std::string& target, const ExportOptions& options) {
  std::string text;
  const std::vector<std::string> paths = paths_of(exported, target);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    text += fmt::format("{}  {:.1f} MB", paths[i], static_cast<double>(exported.files[i].bytes.size()) / 1e6);
    if (exported.eight_bits)
      text += fmt::format(" ({:.1f} MB as a zip)", static_cast<double>(compressed_size(exported.files[i].bytes)) / 1e6);
    if (i == 0 && exported.format == ExportFormat::kOnnx) text += fmt::format(", opset {}", options.opset);
    text += i == 0 ? fmt::format(", {} nodes\n", exported.nodes) : "\n";
  }
  if (exported.eight_bits) text += "  in 8 bits, as it was trained for\n";
  return text + fmt::format("  {}\n  {}\n", exported.input, exported.outputs);
}

Json described_json(const ExportedModel& exported, const std::string& target, const ExportOptions& options) {
  Json json = Json::object();
  json["format"] = info_of(exported.format).name;
  json["path"] = target;
  json["files"] = Json::array();
  const std::vector<std::string> paths = paths_of(exported, target);
  for (std::size_t i = 0; i < paths.size(); ++i)
    json["files"].push_back({{"path", paths[i]}, {"bytes", exported.files[i].bytes.size()}});
  if (exported.format == ExportFormat::kOnnx) json["opset"] = options.opset;
  json["nodes"] = exported.nodes;
  json["eight_bits"] = exported.eight_bits;
  json["input"] = exported.input;
  json["outputs"] = exported.outputs;
  return json;
}

Status write(const ExportedModel& exported, const std::string& target) {
  if (target == "-") return write_output(target, exported.files[0].bytes);
  const std::string folder = fs::path(target).parent_path().string();
  std::error_code ignored;
  const bool is_new = !folder.empty() && !fs::exists(folder, ignored);
  if (!folder.empty()) SAKER_TRY(make_folder(folder));
  const Status written = write_files(exported, target);
  if (!written.ok() && is_new) fs::remove(folder, ignored);  // it is empty
  return written;
}

// What was written, for people and for programs.
struct Written {
  std::string text;
  Json json = Json::object();
};

Result<Written> run(const ExportFlags& flags) {
  SAKER_TRY(check_model_path("export", flags.model));
  if (!flags.out.empty()) SAKER_TRY(check_output("--out", flags.out));
  if (!flags.json.empty()) SAKER_TRY(check_output("--json", flags.json));
  SAKER_ASSIGN(auto all, export_model(flags.model, flags.chosen, flags.options));
  Written written;
  written.json["model"] = flags.model;
  written.json["exports"] = Json::array();
  for (ExportedModel& exported : all) {
    const std::string target = target_of(flags, exported.format);
    // A file that is named may lie among others': what belongs to a folder of its own stays away.
    if (!flags.out.empty()) std::erase_if(exported.files, [](const auto& file) { return !file.name.starts_with('.'); });
    SAKER_TRY(write(exported, target));
    written.text += described(exported, target, flags.options);
    written.json["exports"].push_back(described_json(exported, target, flags.options));
  }
  written.text += fmt::format("try: saker detect {} picture.jpg\n", target_of(flags, flags.chosen.front()));
  return written;
}

int run_export(ExportFlags& flags) {
  if (const Status words = read_words(flags); !words.ok()) return usage_error("export", words.error().message);
  const auto written = run(flags);
  if (!written.ok()) return fail(written.error());
  Status said;
  if (!flags.json.empty()) said = write_output(flags.json, dump(written->json));
  if (said.ok() && flags.out != "-" && flags.json != "-") said = show(written->text);
  return said.ok() ? kSuccess : fail(said.error());
}

}  // namespace

std::function<int()> add_export(CLI::App& app) {
  auto flags = std::make_shared<ExportFlags>();
  app.add_option("MODEL", flags->words, "a checkpoint (.pt, .pth), an .onnx or OpenVINO model")->option_text(" ");
  add_value(app, "--weights,--input_model", "FILE", flags->model, "MODEL by the names that other exporters give it");
  add_list(app, "--format,--include", "NAMES", flags->formats,
           "onnx, openvino, torchscript; several with commas [onnx]");
  add_value(app, "--out", "FILE", flags->out, "the new file, - for stdout [MODEL with the format's suffix]");
  add_value(app, "--output-dir,--output_dir", "FOLDER", flags->folder, "where new files go [beside MODEL]");
  add_size(app, flags->size, kSizeFlag, "size of the input [what the checkpoint was trained on, else 640]");
  add_value(app, "--batch,--batch-size", "N", flags->options.batch, "pictures at a time [1]")
      ->check(whole_number(1, kMaxBatch));
  app.add_flag("--dynamic", flags->options.dynamic, "leave batch, height and width open");
  app.add_flag("--half", flags->options.half, "float16: weights, of ONNX input and outputs too");
  app.add_flag("--float-io", flags->options.float32_ends, "with --half: ONNX's input and outputs stay float32");
  add_value(app, "--data_type", "NAME", flags->data_type, "FP32, or FP16: --half by the name that OpenVINO had for it")
      ->check(one_of({"FP32", "FP16", "float", "half"}));
  add_value(app, "--opset", "N", flags->options.opset, "of ONNX, 11 to 20 [17]")
      ->check(whole_number(onnx::kMinExportOpset, onnx::kMaxExportOpset));
  app.add_flag("--raw-head", flags->raw_head, "the maps of the last convolutions instead of boxes");
  app.add_flag("--end-to-end", flags->end_to_end, "YOLOv10 and 26: rows [x1, y1, x2, y2, score, class] of the best");
  app.add_flag("--nms", flags->nms, "of a checkpoint: rows [x1, y1, x2, y2, score, class] that suppression has left");
  nets::GraphOptions& head = flags->options.head;
  add_value(app, "--conf,--conf-thres", "P", head.confidence, "for --nms: least score [0.25]")
      ->check(number_between(0, 1));
  add_value(app, "--iou,--iou-thres", "P", head.iou, "for --nms: overlap above which the lesser box goes [0.7]")
      ->check(number_between(0, 1));
  add_value(app, "--max-det", "N", head.most_boxes, "rows of --nms and --end-to-end [300]")
      ->check(whole_number(1, kMostBoxes));
  app.add_flag("--simplify", flags->simplify, "what other exporters need it for is always done");
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_export(*flags); };
}

}  // namespace saker::cli
