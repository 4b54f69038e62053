#include "arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"

namespace saker::train_cli {
namespace {

constexpr const char* kHead =
    "usage: saker train --data DATA --model MODEL [--NAME VALUE | NAME=VALUE]...\n"
    "\n"
    "Trains a detector on labelled pictures, in runs/train/NAME: weights that Ultralytics and YOLOv5 open, curves, "
    "and\n"
    "best.onnx.\n"
    "\n"
    "Examples:\n"
    "  saker train --data data.yaml --model yolov8n --epochs 5 --batch 8 --imgsz 128\n"
    "  saker train --data data.yaml --model best.pt                     goes on from a checkpoint's weights\n"
    "  saker train --data train.json --val-data val.json --model yolox-nano\n"
    "  saker train --resume                                             the newest run\n"
    "  saker train --cfg models/yolov5s.yaml --data data.yaml --hyp hyp.scratch.yaml --weights yolov5s.pt --img 416\n"
    "              --batch-size 64 --optimizer SGD --epochs 240 --project P --name N      (as YOLOv5 has it)\n"
    "  saker train data=data.yaml epochs=5 batch=8 imgsz=128 model=yolov8n                (as Ultralytics has it)\n"
    "  saker train -f yolox_s.yaml -d 1 -b 64 -o -c yolox_s.pth                           (as YOLOX has it)\n";

bool is_flag(const Setting& setting) {
  Setup scratch;
  return std::holds_alternative<bool*>(setting.place(scratch));
}

std::string first_name(const Setting& setting) {
  return split(setting.names, ' ')[0];
}

bool is_whole(const std::string& word) {
  return parse_whole(word).has_value();
}

// Flags after which a value may be missing.
bool may_stand_alone(const Setting& setting) {
  constexpr std::array<std::string_view, 3> kAlone = {"resume", "cache", "multi_scale"};
  return is_flag(setting) || std::ranges::find(kAlone, first_name(setting)) != kAlone.end();
}

bool takes_several(const Setting& setting) {
  return first_name(setting) == "freeze" || first_name(setting) == "imgsz";
}

bool looks_like_truth(const std::string& word) {
  const std::string lower = lower_case(word);
  return lower == "true" || lower == "false";
}

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_(words) {}

  Result<Arguments> read() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      if (word == "-h" || word == "--help") {
        arguments_.help = true;
      } else if (word.size() > 1 && word[0] == '-') {
        SAKER_TRY(read_flag(word.substr(word.starts_with("--") ? 2 : 1), word));
      } else if (const std::size_t equals = word.find('='); equals != std::string::npos) {
        SAKER_TRY(take(word.substr(0, equals), word.substr(equals + 1), word));
      } else if (word != "train" && word != "detect") {
        return Error{ErrorCode::kInvalid, fmt::format("{}: no flag and no NAME=VALUE", printable_name(word))};
      }
    }
    return std::move(arguments_);
  }

 private:
  Status take(const std::string& name, const std::string& value, const std::string& word) {
    if (const Setting* setting = find_setting(name)) {
      arguments_.given.push_back({setting, value});
      return {};
    }
    if (const char* why = why_ignored(name)) {
      arguments_.notes.push_back(fmt::format("{} changes nothing: {}", word, why));
      return {};
    }
    if (const char* why = why_refused(name, value)) return Error{ErrorCode::kInvalid, fmt::format("{}: {}", word, why)};
    if (why_refused(name, "") != nullptr) return {};
    return unknown(name, word);
  }

  Status unknown(const std::string& name, const std::string& word) const {
    std::vector<std::string> names;
    for (const Setting& setting : settings()) {
      for (const std::string& one : split(setting.names, ' ')) names.push_back(one);
    }
    const auto near = nearest(name, names);
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} is no setting of saker train{}\nsaker train --help lists them", printable_name(word),
                             near ? fmt::format("; did you mean {}?", *near) : "")};
  }

  Status read_flag(std::string name, const std::string& word) {
    if (const std::size_t equals = name.find('='); equals != std::string::npos)
      return take(name.substr(0, equals), name.substr(equals + 1), word);
    const Setting* setting = find_setting(name);
    if (setting == nullptr && name.starts_with("no")) {  // --noval, --no-val, --noautoanchor
      const Setting* turned = find_setting(name.substr(name.starts_with("no-") ? 3 : 2));
      if (turned != nullptr && is_flag(*turned)) {
        arguments_.given.push_back({turned, "False"});
        return {};
      }
    }
    const bool has_next = at_ + 1 < words_.size() &&
                          (words_[at_ + 1].empty() || words_[at_ + 1][0] != '-' || parse_number(words_[at_ + 1]));
    if (setting == nullptr) return skip_or_refuse(name, word, has_next);
    if (is_flag(*setting))
      return take(name, has_next && looks_like_truth(words_[at_ + 1]) ? words_[++at_] : "True", word);
    const bool next_is_value =
        has_next && !(may_stand_alone(*setting) && words_[at_ + 1].find('=') != std::string::npos);
    if (!next_is_value) {
      if (may_stand_alone(*setting)) return take(name, "True", word);
      return Error{ErrorCode::kInvalid, fmt::format("{}: its value is missing", word)};
    }
    std::string value = words_[++at_];
    while (takes_several(*setting) && is_whole(value.substr(value.rfind(',') + 1)) && at_ + 1 < words_.size() &&
           is_whole(words_[at_ + 1]))
      value += "," + words_[++at_];
    return take(name, value, word);
  }

  // The other families' flags: most of those that change nothing take a value, the rest none.
  Status skip_or_refuse(const std::string& name, const std::string& word, bool has_next) {
    constexpr std::array<std::string_view, 9> kPlain = {
        "o", "occupy", "nosave", "quad", "sync-bn", "single-process", "image-weights", "evolve", "profile"};
    const bool plain = std::ranges::find(kPlain, std::string_view(name)) != kPlain.end();
    return take(name, !plain && has_next ? words_[++at_] : "", word);
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  Arguments arguments_;
};

}  // namespace

Result<Arguments> read_arguments(const std::vector<std::string>& words) {
  return Reader(words).read();
}

std::string help_text() {
  std::string text = kHead, group;
  for (const Setting& setting : settings()) {
    if (group != setting.group) text += fmt::format("\n{}:\n", group = setting.group);
    std::string flags;
    for (std::string name : split(setting.names, ' ')) {
      std::ranges::replace(name, '_', '-');
      flags += fmt::format("{}{}{}", flags.empty() ? "" : ", ", name.size() == 1 ? "-" : "--", name);
    }
    text += flags.size() > 34 ? fmt::format("  {}\n{:38}{}\n", flags, "", setting.what)
                              : fmt::format("  {:36}{}\n", flags, setting.what);
  }
  return text + "\nDefaults are the model's family's own: Ultralytics 8.4, YOLOv5 7.0, YOLOX 0.3.\n";
}

}  // namespace saker::train_cli
