#include "settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace saker::train_cli {
namespace {

constexpr const char *kWhat = "Model and data", *kHow = "Training", *kRates = "Learning rates",
                     *kLooks = "Augmentation", *kGains = "Losses", *kWhere = "Output";
constexpr double kMany = 1e9;

#define SAKER_AT(member) [](Setup& s) -> Place { return &s.member; }

const auto kSettings = std::to_array<Setting>({
    {"model m n", kWhat, "yolov8n, yolov5s, yolo11n, yolox-nano, ... from nothing; a checkpoint to go on from; a YAML",
     0, 0, SAKER_AT(model)},
    {"cfg", kWhat, "a model's YAML, of YOLOv5 or Ultralytics", 0, 0, SAKER_AT(cfg)},
    {"weights c ckpt", kWhat, "a checkpoint whose weights are taken where they fit", 0, 0, SAKER_AT(weights)},
    {"data", kWhat, "data.yaml, COCO .json, or a folder with images and labels", 0, 0, SAKER_AT(data)},
    {"val_data", kWhat, "the pictures to validate with, where `data` does not say", 0, 0, SAKER_AT(val_data)},
    {"images", kWhat, "folder of the pictures of a COCO .json", 0, 0, SAKER_AT(images)},
    {"val_images", kWhat, "the same for val-data", 0, 0, SAKER_AT(val_images)},
    {"exp_file f", kWhat, "experiment file: YAML with the fields of YOLOX's Exp", 0, 0, SAKER_AT(experiment)},
    {"hyp", kWhat, "hyper-parameter file of YOLOv5", 0, 0, SAKER_AT(hyp)},
    {"recipe", kWhat, "what to prune and how to learn meanwhile: YAML or Markdown as SparseML writes it", 0, 0,
     SAKER_AT(recipe)},
    {"recipe_args", kWhat, "values of the recipe's variables: '{\"num_epochs\": 50}', or a file with such", 0, 0,
     SAKER_AT(recipe_args)},
    {"recipe_text", kWhat, "the recipe itself; a run that goes on has it from its checkpoint", 0, 0,
     SAKER_AT(recipe_text)},
    {"teacher distillation_teacher", kWhat, "a checkpoint that a recipe's distillation learns from; or self, disable",
     0, 0, SAKER_AT(teacher)},
    {"one_shot", kWhat, "apply the recipe's end at once, without a training", 0, 0, SAKER_AT(one_shot)},
    {"activation act", kWhat, "SiLU, Hardswish, LeakyReLU, ReLU: in place of the family's own", 0, 0,
     SAKER_AT(activation)},
    {"single_cls", kWhat, "every box is of one class", 0, 0, SAKER_AT(single_class)},

    {"epochs max_epoch", kHow, "times that every picture is seen", 1, 1e6, SAKER_AT(options.epochs)},
    {"batch b batch_size", kHow, "pictures at a time", 1, 4096, SAKER_AT(options.batch)},
    {"imgsz img img_size input_size", kHow, "the longer side of the pictures, pixels", 32, 8192,
     SAKER_AT(options.size)},
    {"patience", kHow, "end after so many epochs without a better one; 0: never", 0, kMany, SAKER_AT(options.patience)},
    {"optimizer", kHow, "auto, SGD, Adam, AdamW", 0, 0, SAKER_AT(optimizer)},
    {"adam", kHow, "optimizer=Adam", 0, 0, SAKER_AT(adam)},
    {"seed", kHow, "of everything that is drawn", 0, kMany, SAKER_AT(options.seed)},
    {"freeze", kHow, "the first N layers stay as they are; or a list of layers: 0,1,2", 0, 0, SAKER_AT(freeze)},
    {"amp fp16", kHow, "convolutions in bfloat16, where the CPU gains by it", 0, 0, SAKER_AT(options.bfloat16)},
    {"rect", kHow, "batches of like shapes, no larger than they need", 0, 0, SAKER_AT(options.rect)},
    {"multi_scale", kHow, "sizes from 1-X to 1+X of imgsz; a plain flag: 0.5", 0, 0.95, SAKER_AT(options.multi_scale)},
    {"nbs", kHow, "gradients of so many pictures are added up before a step", 1, kMany,
     SAKER_AT(options.schedule.nominal_batch)},
    {"threads", kHow, "0: all CPUs", 0, 1024, SAKER_AT(options.threads)},
    {"workers data_num_workers", kHow, "threads that make pictures ready; 0: as many as help", 0, 256,
     SAKER_AT(options.workers)},
    {"device d devices", kHow, "cpu; it is the only one", 0, 0, SAKER_AT(device)},
    {"cache", kHow, "memory for decoded pictures, in MB; True: 4096", 0, 0, SAKER_AT(cache)},
    {"val", kHow, "validate after each epoch", 0, 0, SAKER_AT(options.validate)},
    {"eval_interval", kHow, "epochs from one validation to the next", 1, kMany, SAKER_AT(options.eval_interval)},
    {"skip_bad", kHow, "leave pictures out that cannot be read, rather than end", 0, 0, SAKER_AT(options.skip_bad)},
    {"autoanchor", kHow, "YOLOv5: other anchors where its own do not fit the boxes", 0, 0, SAKER_AT(autoanchor)},
    {"resume", kHow, "go on with a run: its folder, its last.safetensors, or nothing for the newest", 0, 0,
     SAKER_AT(resume)},

    {"lr0", kRates, "the first learning rate (YOLOX: basic_lr_per_img times batch)", 0, 10,
     SAKER_AT(options.schedule.lr0)},
    {"lrf min_lr_ratio", kRates, "the last one is lr0 * lrf", 0, 1, SAKER_AT(options.schedule.lrf)},
    {"momentum", kRates, "of SGD; beta 1 of Adam", 0, 0.9999, SAKER_AT(options.schedule.momentum)},
    {"cos_lr", kRates, "by half a cosine instead of a straight line", 0, 0, SAKER_AT(cos_lr)},
    {"weight_decay", kRates, "of convolutions' weights", 0, 1, SAKER_AT(options.weight_decay)},
    {"warmup_epochs", kRates, "in which rates grow", 0, 1000, SAKER_AT(options.schedule.warmup_epochs)},
    {"warmup_momentum", kRates, "what momentum begins with", 0, 0.9999, SAKER_AT(options.schedule.warmup_momentum)},
    {"warmup_bias_lr", kRates, "what the biases' rate begins with", 0, 10, SAKER_AT(options.schedule.warmup_bias_lr)},

    {"close_mosaic no_aug_epochs", kLooks, "the last so many epochs without mosaic and mixup", 0, kMany,
     SAKER_AT(options.close_mosaic)},
    {"hsv_h", kLooks, "hue changes by this share at most", 0, 1, SAKER_AT(options.augmentation.hsv_h)},
    {"hsv_s", kLooks, "saturation", 0, 1, SAKER_AT(options.augmentation.hsv_s)},
    {"hsv_v", kLooks, "brightness", 0, 1, SAKER_AT(options.augmentation.hsv_v)},
    {"degrees", kLooks, "rotation by at most", 0, 180, SAKER_AT(options.augmentation.degrees)},
    {"translate", kLooks, "moved by this share at most", 0, 1, SAKER_AT(options.augmentation.translate)},
    {"scale", kLooks, "sizes from 1-X to 1+X", 0, 0.99, SAKER_AT(options.augmentation.scale)},
    {"shear", kLooks, "by at most so many degrees", 0, 89, SAKER_AT(options.augmentation.shear)},
    {"perspective", kLooks, "0 to 0.001", 0, 0.001, SAKER_AT(options.augmentation.perspective)},
    {"flipud", kLooks, "probability of upside down", 0, 1, SAKER_AT(options.augmentation.flipud)},
    {"fliplr flip_prob", kLooks, "of left to right", 0, 1, SAKER_AT(options.augmentation.fliplr)},
    {"mosaic mosaic_prob", kLooks, "of four pictures in one", 0, 1, SAKER_AT(options.augmentation.mosaic)},
    {"mixup mixup_prob", kLooks, "of two pictures over each other", 0, 1, SAKER_AT(options.augmentation.mixup)},
    {"hsv_prob", kLooks, "YOLOX: of other colours", 0, 1, SAKER_AT(options.augmentation.hsv_prob)},

    {"box", kGains, "gain of the boxes", 0, 1000, SAKER_AT(options.box)},
    {"cls", kGains, "of the classes", 0, 1000, SAKER_AT(options.cls)},
    {"dfl", kGains, "of the distributions of distances (v8, 11)", 0, 1000, SAKER_AT(options.dfl)},
    {"obj", kGains, "of objectness (v5)", 0, 1000, SAKER_AT(options.obj)},
    {"cls_pw", kGains, "v5: weight of true classes", 0, 1000, SAKER_AT(options.cls_pw)},
    {"obj_pw", kGains, "v5: weight of true objects", 0, 1000, SAKER_AT(options.obj_pw)},
    {"anchor_t", kGains, "v5: an anchor fits a box less than so many times larger or smaller", 1, 100,
     SAKER_AT(options.anchor_t)},
    {"fl_gamma", kGains, "v5: of the focal loss; 0: none", 0, 10, SAKER_AT(options.fl_gamma)},
    {"label_smoothing", kGains, "v5", 0, 0.99, SAKER_AT(options.label_smoothing)},
    {"iou nmsthre", kGains, "overlap from which the validation drops the lesser box", 0, 1, SAKER_AT(options.iou)},

    {"project output_dir", kWhere, "folder of runs", 0, 0, SAKER_AT(project)},
    {"name exp_name experiment_name expn", kWhere, "of this run; a number is added where it is taken", 0, 0,
     SAKER_AT(name)},
    {"exist_ok", kWhere, "into the folder of that name even if it is there", 0, 0, SAKER_AT(exist_ok)},
    {"save_period", kWhere, "a file of weights every so many epochs", -1, kMany, SAKER_AT(options.save_period)},
    {"plots", kWhere, "draw curves and pictures", 0, 0, SAKER_AT(plots)},
    {"quiet", kWhere, "say errors only", 0, 0, SAKER_AT(quiet)},
});

#undef SAKER_AT

// Names of YOLOv5's and YOLOX's own, of settings that are there by another name and sense.
struct Known {
  std::string_view name;
  const char* why;
};
constexpr auto kIgnored = std::to_array<Known>({
    {"mode", "there is one"},
    {"task", "there is one"},
    {"deterministic", "a training is always deterministic"},
    {"verbose", "losses are always said"},
    {"pretrained", "a checkpoint named as model or weights is what is gone on from"},
    {"occupy", "it is for GPUs"},
    {"o", "it is for GPUs"},
    {"iou_t", "the losses of YOLOv5 do not read it"},
    {"single_process", "it is for several GPUs"},
    {"sync_bn", "it is for several GPUs"},
    {"local_rank", "it is for several GPUs"},
    {"num_machines", "it is for several machines"},
    {"machine_rank", "it is for several machines"},
    {"dist_backend", "it is for several machines"},
    {"dist_url", "it is for several machines"},
    {"save", "weights are always kept"},
    {"nosave", "weights are always kept"},
    {"print_interval", "losses are said all the time"},
    {"test_size", "validation is of the size of training"},
    {"test_conf", "validation counts all boxes from 0.001 on"},
    {"warmup_lr", "it is 0"},
    {"random_size", "multi_scale says it"},
    {"multiscale_range", "multi_scale says it"},
    {"save_history_ckpt", "save_period says it"},
    {"logger", "TensorBoard's events are always written"},
    {"overlap_mask", "it is for outlines"},
    {"mask_ratio", "it is for outlines"},
    {"pose", "it is for keypoints"},
    {"kobj", "it is for keypoints"},
    {"max_det", "it is 300"},
    {"profile", "there is saker bench"},
    {"quad", "it is for several GPUs"},
});
constexpr auto kRefused = std::to_array<Known>({
    {"copy_paste", "it needs outlines of the objects"},
    {"cutmix", "saker has no cutmix"},
    {"evolve", "saker does not search hyper-parameters"},
    {"image_weights", "saker draws every picture equally often"},
    {"fraction", "name a data set with fewer pictures"},
    {"time", "say epochs"},
    {"bgr", "saker does not turn colours round at random"},
});

bool names_it(const Setting& setting, std::string_view wanted) {
  const std::vector<std::string> names = split(setting.names, ' ');
  return std::ranges::any_of(names, [&](const std::string& name) { return name == wanted; });
}

Error no_value(const Setting& setting, const std::string& value, const std::string& wanted) {
  return {ErrorCode::kInvalid, fmt::format("{}={}: {}", split(setting.names, ' ')[0], printable_name(value), wanted)};
}

std::optional<bool> truth_of(const std::string& value) {
  const std::string lower = lower_case(value);
  if (lower == "true" || lower == "1" || lower == "yes" || lower.empty()) return true;
  if (lower == "false" || lower == "0" || lower == "no" || lower == "none") return false;
  return std::nullopt;
}

// "320", "[320, 320]", "416 416": the larger, as the families do.
std::string first_of_list(std::string value) {
  std::erase_if(value, [](char c) { return c == '[' || c == ']' || c == '(' || c == ')' || c == '"'; });
  std::ranges::replace(value, ' ', ',');
  std::string largest;
  for (const std::string& part : split(value, ',')) {
    const auto number = parse_whole(part), most = parse_whole(largest);
    if (largest.empty() || (number && most && *number > *most)) largest = part.empty() ? largest : part;
  }
  return largest;
}

}  // namespace

std::span<const Setting> settings() {
  return kSettings;
}

const Setting* find_setting(std::string_view name) {
  std::string wanted(name);
  std::ranges::replace(wanted, '-', '_');
  const auto found = std::ranges::find_if(kSettings, [&](const Setting& one) { return names_it(one, wanted); });
  return found == kSettings.end() ? nullptr : &*found;
}

Status apply(Setup& setup, const Setting& setting, const std::string& value) {
  const Place place = setting.place(setup);
  if (auto* const* text = std::get_if<std::string*>(&place)) {
    **text = value;
    return {};
  }
  if (auto* const* flag = std::get_if<bool*>(&place)) {
    const auto truth = truth_of(value);
    if (!truth) return no_value(setting, value, "neither True nor False");
    **flag = *truth;
    return {};
  }
  if (auto* const* number = std::get_if<double*>(&place)) {
    std::string said = value;
    if (*number == &setup.options.multi_scale && truth_of(value) && !parse_number(value))
      said = *truth_of(value) ? "0.5" : "0";
    const auto real = parse_number(said);
    if (!real || *real < setting.low || *real > setting.high)
      return no_value(setting, value, fmt::format("no number from {:g} to {:g}", setting.low, setting.high));
    **number = *real;
    return {};
  }
  const auto whole = parse_whole(first_of_list(value));
  if (!whole || static_cast<double>(*whole) < setting.low || static_cast<double>(*whole) > setting.high)
    return no_value(setting, value, fmt::format("no whole number from {:g} to {:g}", setting.low, setting.high));
  if (auto* const* small = std::get_if<int*>(&place)) **small = static_cast<int>(*whole);
  if (auto* const* large = std::get_if<std::int64_t*>(&place)) **large = *whole;
  if (auto* const* plain = std::get_if<std::uint64_t*>(&place)) **plain = static_cast<std::uint64_t>(*whole);
  return {};
}

std::string text_of(Setup& setup, const Setting& setting) {
  const Place place = setting.place(setup);
  if (auto* const* text = std::get_if<std::string*>(&place)) return (*text)->empty() ? "null" : **text;
  if (auto* const* flag = std::get_if<bool*>(&place)) return **flag ? "true" : "false";
  if (auto* const* number = std::get_if<double*>(&place)) return fmt::format("{}", **number);
  if (auto* const* small = std::get_if<int*>(&place)) return std::to_string(**small);
  if (auto* const* large = std::get_if<std::int64_t*>(&place)) return std::to_string(**large);
  return std::to_string(**std::get_if<std::uint64_t*>(&place));
}

const char* why_ignored(std::string_view name) {
  std::string wanted(name);
  std::ranges::replace(wanted, '-', '_');
  const auto found = std::ranges::find(kIgnored, std::string_view(wanted), &Known::name);
  return found == kIgnored.end() ? nullptr : found->why;
}

const char* why_refused(std::string_view name, std::string_view value) {
  std::string wanted(name);
  std::ranges::replace(wanted, '-', '_');
  const auto found = std::ranges::find(kRefused, std::string_view(wanted), &Known::name);
  if (found == kRefused.end()) return nullptr;
  const auto number = parse_number(value);
  const std::string lower = lower_case(value);
  const bool is_off = (number && *number == 0) || lower == "false" || lower == "none" || lower == "null" ||
                      (wanted == "fraction" && number && *number == 1);
  return is_off && !value.empty() ? nullptr : found->why;
}

}  // namespace saker::train_cli
