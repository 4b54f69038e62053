#include "prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "anchors.h"
#include "base/cpu.h"
#include "base/text.h"
#include "base/try.h"
#include "model/python_repr.h"
#include "model_choice.h"
#include "plan/bf16.h"
#include "recipe_setup.h"
#include "runs/run_folder.h"
#include "train/trainer.h"

namespace saker::train_cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kProject = "runs/train";

Status apply_all(const Arguments& arguments, Setup& setup) {
  for (const Given& one : arguments.given) SAKER_TRY(apply(setup, *one.setting, one.value));
  return {};
}

// ---- data ----

Result<Dataset> read(const std::string& path, const std::string& images, const char* split, bool skip_bad,
                     std::vector<std::string>& notes) {
  DatasetOptions options;
  options.split = split;
  options.images = images;
  options.need_pictures = true;
  options.skip_bad = skip_bad;
  options.hint = "saker data check lists all that is wrong";
  std::size_t said = 0;
  options.warn = [&](const std::string& what) {
    if (++said <= 5) notes.push_back(what);
  };
  SAKER_ASSIGN(Dataset dataset, read_dataset(path, options));
  SAKER_TRY(look_at_pictures(dataset, options, false));
  for (const std::string& note : dataset.notes) notes.push_back(note);
  if (said > 5)
    notes.push_back(fmt::format("{} broken entries in all are left out; `saker data check {}` lists them", said, path));
  if (dataset.annotations.empty())
    return Error{ErrorCode::kInvalid, fmt::format("{}: no picture has a box, so there is nothing to learn", path)};
  return dataset;
}

// YOLOX's layout: data_dir/annotations/train.json, pictures in data_dir/train2017 and the like.
void use_experiment_data(Setup& setup) {
  if (setup.data_dir.empty() || setup.train_ann.empty()) return;
  const fs::path folder = fs::path(setup.data_dir) / "annotations";
  const auto annotations = [&](const std::string& name) {
    std::error_code ignored;
    const fs::path beside = fs::path(setup.data_dir) / name;
    return (fs::exists(folder / name, ignored) ? folder / name : beside).string();
  };
  if (setup.data.empty()) setup.data = annotations(setup.train_ann);
  if (setup.val_data.empty() && !setup.val_ann.empty()) setup.val_data = annotations(setup.val_ann);
}

bool same_classes(const Dataset& a, const Dataset& b) {
  return std::ranges::equal(a.categories, b.categories, {}, &Category::name, &Category::name);
}

Status read_data(Setup& setup, Prepared& prepared) {
  use_experiment_data(setup);
  if (setup.data.empty())
    return Error{ErrorCode::kInvalid,
                 "no data are named: --data data.yaml, a COCO .json, or a folder with images and labels"};
  SAKER_ASSIGN(prepared.training, read(setup.data, setup.images, "train", setup.options.skip_bad, prepared.notes));
  const bool has_splits = lower_extension(setup.data) != ".json" && setup.val_data.empty();
  if (!setup.val_data.empty()) {
    SAKER_ASSIGN(prepared.validation, read(setup.val_data, setup.val_images, "val", true, prepared.notes));
  } else if (has_splits) {
    auto validation = read(setup.data, "", "val", true, prepared.notes);
    if (!validation) {
      prepared.notes.push_back(fmt::format("no validation: {}", validation.error().message));
    } else {
      if (validation->folder == prepared.training.folder &&
          validation->pictures.size() == prepared.training.pictures.size())
        prepared.notes.push_back("the validation's pictures are the training's: its figures say nothing about others");
      prepared.validation = std::move(*validation);
    }
  }
  if (prepared.validation && !same_classes(prepared.training, *prepared.validation))
    return Error{ErrorCode::kInvalid, "the classes of the validation are not those of the training"};
  const auto classes = static_cast<std::int64_t>(prepared.training.categories.size());
  if (setup.classes > 0 && setup.classes != classes && !setup.single_class)
    return Error{ErrorCode::kInvalid,
                 fmt::format("num_classes is {}, and the data have {} classes", setup.classes, classes)};
  return {};
}

std::vector<std::string> names_of(const Dataset& dataset, bool single_class) {
  std::vector<std::string> names;
  for (const Category& category : dataset.categories) names.push_back(category.name);
  if (single_class && names.size() > 1) names = {"object"};
  return names;
}

// One class: every box is of the first, in the data as well as in the network.
void merge_classes(Dataset& dataset) {
  dataset.categories = {{0, "object", ""}};
  for (Annotation& box : dataset.annotations) box.category = 0;
}

// ---- settings that stand for several ----

Status settle_freeze(Setup& setup) {
  if (setup.freeze.empty() || lower_case(setup.freeze) == "none") return {};
  std::string text = setup.freeze;
  std::erase_if(text, [](char c) { return c == '[' || c == ']' || c == ' ' || c == '\''; });
  const std::vector<std::string> parts = split(text, ',');
  if (const auto count = parse_whole(text); count && parts.size() == 1) {
    if (*count < 0 || *count > 1000)
      return Error{ErrorCode::kInvalid, fmt::format("freeze={}: no number of layers", text)};
    for (std::int64_t i = 0; i < *count; ++i) setup.options.freeze.push_back(fmt::format("model.{}.", i));
    return {};
  }
  for (const std::string& part : parts) {
    const auto layer = parse_whole(part);
    setup.options.freeze.push_back(layer ? fmt::format("model.{}.", *layer) : part);
  }
  return {};
}

Status settle_cache(Setup& setup, std::vector<std::string>& notes) {
  const std::string lower = lower_case(setup.cache);
  if (lower.empty() || lower == "false") return {};
  constexpr std::size_t kMega = 1'000'000, kAll = 4096;
  if (lower == "true" || lower == "ram") {
    setup.options.cache_bytes = kAll * kMega;
  } else if (lower == "disk") {
    notes.push_back("cache=disk changes nothing: pictures are kept in memory, as many as fit");
  } else if (const auto megabytes = parse_whole(lower); megabytes && *megabytes >= 0 && *megabytes < 10'000'000) {
    setup.options.cache_bytes = static_cast<std::size_t>(*megabytes) * kMega;
  } else {
    return Error{ErrorCode::kInvalid, fmt::format("cache={}: ram, or a number of MB", printable_name(setup.cache))};
  }
  return {};
}

Status settle_optimizer(Setup& setup) {
  const std::string lower = setup.adam ? "adam" : lower_case(setup.optimizer);
  auto& choice = setup.options.optimizer;
  if (lower == "sgd") {
    choice = train::OptimizerChoice::kSgd;
  } else if (lower == "adam") {
    choice = train::OptimizerChoice::kAdam;
  } else if (lower == "adamw") {
    choice = train::OptimizerChoice::kAdamW;
  } else if (lower != "auto") {
    return Error{ErrorCode::kInvalid,
                 fmt::format("optimizer={}: auto, SGD, Adam or AdamW", printable_name(setup.optimizer))};
  }
  return {};
}

Status settle_words(Setup& setup, std::vector<std::string>& notes) {
  SAKER_TRY(settle_freeze(setup));
  SAKER_TRY(settle_cache(setup, notes));
  SAKER_TRY(settle_optimizer(setup));
  if (setup.cos_lr && setup.options.recipe != train::Recipe::kYolox)
    setup.options.schedule.curve = train::Curve::kCosine;
  if (setup.lr_per_picture > 0)
    setup.options.schedule.lr0 = setup.lr_per_picture * static_cast<double>(setup.options.batch);
  // LibTorch uses AMX where there is. Without, an Emerald Rapids core trains YOLOv8n 1.4 times as fast in float32.
  if (setup.options.bfloat16 && !best_isa().has(Isa::kAmxBf16) && bf16_rate(best_isa()) <= 1) {
    setup.options.bfloat16 = false;
    notes.push_back("amp: this CPU computes bfloat16 no faster than float32, which is taken");
  }
  if (const std::string device = lower_case(setup.device); !device.empty() && device != "cpu")
    notes.push_back(fmt::format("device {}: saker trains on the CPU", printable_name(setup.device)));
  return {};
}

// ---- settings from all that names some ----

// YOLOv5's own hyper-parameter files, by the middle of their names.
Status use_known_hyp(const std::string& name, Setup& setup, std::vector<std::string>& notes) {
  auto& o = setup.options;
  if (name.find("hyp.scratch") == std::string::npos)
    return Error{ErrorCode::kNotFound,
                 fmt::format("there is no file {}; saker knows YOLOv5's hyp.scratch-low, -med and -high", setup.hyp)};
  const bool low = name.find("med") == std::string::npos && name.find("high") == std::string::npos;
  if (!low) {
    o.schedule.lrf = 0.1;
    o.cls = 0.3;
    o.obj = 0.7;
    o.augmentation.scale = 0.9;
    o.augmentation.mixup = 0.1;
  }
  notes.push_back(fmt::format("there is no file {}; saker's own figures of that name are taken", setup.hyp));
  return {};
}

// Defaults of the family, then the files, then what was given, each over what was before.
Result<Setup> settle_all(const Arguments& arguments, Prepared& prepared) {
  Setup first;
  SAKER_TRY(apply_all(arguments, first));
  Arguments of_experiment;
  if (!first.experiment.empty()) {
    SAKER_TRY(read_experiment(first.experiment, first, of_experiment));
    SAKER_TRY(apply_all(of_experiment, first));
  }
  ChosenModel chosen;
  train::Recipe recipe = train::Recipe::kUltralytics;
  if (prepared.resumed) {  // its file may be gone
    chosen.family = prepared.resumed->network.name;
    recipe = recipe_of(prepared.resumed->network);
  } else {
    SAKER_ASSIGN(chosen, choose_model(first));
    SAKER_ASSIGN(recipe, recipe_of(chosen));
  }
  Setup setup;
  setup.options = train::defaults_of(recipe);
  const bool small_yolox = chosen.family == "yolox-nano" || chosen.family == "yolox-tiny";
  if (small_yolox) setup.options.size = 416;
  if (chosen.family == "yolox-nano") {  // exps/default/yolox_nano.py
    setup.options.augmentation.mosaic = 0.5;
    setup.options.augmentation.mosaic_scale[0] = 0.5;
    setup.options.augmentation.mosaic_scale[1] = 1.5;
    setup.options.augmentation.mixup = 0;
  }
  if (!first.experiment.empty()) {
    SAKER_TRY(read_experiment(first.experiment, setup, of_experiment));
    SAKER_TRY(apply_all(of_experiment, setup));
  }
  if (!first.hyp.empty()) {
    setup.hyp = first.hyp;
    std::error_code ignored;
    if (fs::exists(first.hyp, ignored)) {
      SAKER_ASSIGN(const Arguments of_hyp, read_hyperparameters(first.hyp));
      SAKER_TRY(apply_all(of_hyp, setup));
    } else {
      SAKER_TRY(use_known_hyp(lower_case(first.hyp), setup, prepared.notes));
    }
  }
  SAKER_TRY(apply_all(arguments, setup));
  return setup;
}

// ---- a run that goes on ----

Result<std::string> state_file(const std::string& wanted) {
  std::error_code ignored;
  fs::path newest;
  if (lower_case(wanted) != "true") {
    newest = wanted;
    if (fs::is_directory(newest, ignored)) newest = newest / "weights" / "last.safetensors";
  } else {
    for (const auto& run : fs::directory_iterator(kProject, ignored)) {
      const fs::path file = run.path() / "weights" / "last.safetensors";
      if (fs::exists(file, ignored) && (newest.empty() || fs::last_write_time(file) > fs::last_write_time(newest)))
        newest = file;
    }
    if (newest.empty())
      return Error{ErrorCode::kNotFound, fmt::format("no run under {} has a weights/last.safetensors", kProject)};
  }
  if (lower_extension(newest) == ".pt") newest.replace_extension(".safetensors");
  return newest.string();
}

Result<Arguments> arguments_of(const train::SavedState& saved, const Arguments& given) {
  Arguments all;
  for (const auto& [name, value] : saved.arguments) {
    const Setting* setting = find_setting(name);
    if (setting != nullptr && value != "null") all.given.push_back({setting, value});
  }
  // What may be said anew.
  for (const Given& one : given.given) {
    const std::string name = split(one.setting->names, ' ')[0];
    if (name != "resume") all.given.push_back(one);
  }
  all.notes = given.notes;
  return all;
}

// ---- memory ----

Status check_memory(const Prepared& prepared) {
  const train::TrainOptions& o = prepared.options;
  const auto side = static_cast<std::int64_t>(static_cast<double>(o.size) * (1 + o.multi_scale)) / 32 * 32;
  SAKER_ASSIGN(const std::size_t of_picture,
               train::bytes_of_picture(prepared.network, std::max<std::int64_t>(side, 32)));
  const std::size_t there = train::available_memory();
  const std::size_t kept = o.cache_bytes / 2;
  if (there == 0 || of_picture * static_cast<std::size_t>(o.batch) + kept < there) return {};
  const std::size_t fits = there > kept ? (there - kept) / of_picture : 0;
  return Error{
      ErrorCode::kLimit,
      fmt::format("batches of {} pictures of {} pixels take about {:.1f} GB, and {:.1f} GB are free\nWhat to do: {}",
                  o.batch, side, static_cast<double>(of_picture) * static_cast<double>(o.batch) / 1e9,
                  static_cast<double>(there) / 1e9,
                  fits > 0 ? fmt::format("--batch {} is the largest that fits", fits) : "a smaller --imgsz or model"),
      "batch"};
}

std::vector<std::pair<std::string, std::string>> args_of(Setup& setup) {
  std::vector<std::pair<std::string, std::string>> args = {{"task", "detect"}, {"mode", "train"}};
  for (const Setting& setting : settings()) args.emplace_back(split(setting.names, ' ')[0], text_of(setup, setting));
  return args;
}

// What exports and other tools read.
void describe(nets::Network& network, const std::vector<std::string>& names, std::int64_t size) {
  network.names = names;
  network.metadata["task"] = "detect";
  network.metadata["batch"] = "1";
  network.metadata["stride"] = fmt::format("{:.0f}", std::ranges::max(network.strides));
  network.metadata["names"] = python_dict(names);
  network.metadata["imgsz"] = fmt::format("[{0}, {0}]", size);
}

Status make_folder_for(Prepared& prepared) {
  Setup& setup = prepared.setup;
  if (!prepared.resumed) {
    const std::string project = setup.project.empty() ? kProject : setup.project;
    const std::string name = setup.name.empty() ? "train" : setup.name;
    SAKER_ASSIGN(prepared.options.folder, runs::make_run_folder(project, name, setup.exist_ok));
  }
  prepared.options.arguments = args_of(setup);
  prepared.options.arguments.emplace_back("save_dir", prepared.options.folder);
  return runs::write_args(prepared.options.folder, prepared.options.arguments);
}

}  // namespace

Result<Prepared> prepare(const Arguments& given) {
  Prepared prepared;
  Arguments arguments = given;
  Setup asked;
  SAKER_TRY(apply_all(given, asked));
  if (!asked.resume.empty() && lower_case(asked.resume) != "false") {
    SAKER_ASSIGN(const std::string file, state_file(asked.resume));
    SAKER_ASSIGN(prepared.resumed, train::read_state(file));
    SAKER_ASSIGN(arguments, arguments_of(*prepared.resumed, given));
    prepared.options.folder = fs::path(file).parent_path().parent_path().string();
  }
  SAKER_ASSIGN(Setup setup, settle_all(arguments, prepared));
  SAKER_TRY(settle_words(setup, prepared.notes));
  SAKER_TRY(take_recipe(arguments, setup, prepared));
  SAKER_TRY(read_data(setup, prepared));
  const std::vector<std::string> names = names_of(prepared.training, setup.single_class);
  if (names.size() < prepared.training.categories.size()) {
    merge_classes(prepared.training);
    if (prepared.validation) merge_classes(*prepared.validation);
  }
  if (prepared.resumed) {
    prepared.network = prepared.resumed->network;
    prepared.model_name = setup.model;
    if (prepared.network.classes != static_cast<std::int64_t>(names.size()))
      return Error{ErrorCode::kInvalid, fmt::format("the run to go on with has {} classes, and the data have {}",
                                                    prepared.network.classes, names.size())};
  } else {
    SAKER_ASSIGN(ChosenModel chosen, choose_model(setup));
    SAKER_ASSIGN(prepared.network, make_network(chosen, setup, names, setup.options.seed));
    prepared.model_name = chosen.name;
    prepared.notes.insert(prepared.notes.end(), chosen.notes.begin(), chosen.notes.end());
    if (setup.autoanchor) SAKER_TRY(fit_anchors_of(prepared.network, prepared.training, setup.options, prepared.notes));
  }
  describe(prepared.network, names, setup.options.size);
  const auto stride = static_cast<std::int64_t>(std::ranges::max(prepared.network.strides));
  if (setup.options.size % stride != 0) {
    const std::int64_t up = (setup.options.size + stride - 1) / stride * stride;
    prepared.notes.push_back(fmt::format("imgsz {} is no multiple of {}: {} is taken", setup.options.size, stride, up));
    setup.options.size = up;
  }
  const std::string folder = prepared.options.folder;
  prepared.options = setup.options;
  prepared.options.folder = folder;
  train::settle(prepared.options, prepared.training.pictures.size(), names.size());
  prepared.setup = std::move(setup);
  prepared.notes.insert(prepared.notes.begin(), given.notes.begin(), given.notes.end());
  if (!prepared.setup.one_shot) SAKER_TRY(check_memory(prepared));
  SAKER_TRY(check_recipe(prepared));
  SAKER_TRY(make_folder_for(prepared));
  return prepared;
}

}  // namespace saker::train_cli
