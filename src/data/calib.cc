// Calibration sets: pictures drawn from a dataset so that each class is in so many of them.
#include "data/calib.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "base/files.h"
#include "base/random.h"
#include "base/try.h"
#include "data/new_folder.h"

namespace saker {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kManifest = "manifest.json";

std::vector<std::int32_t> wanted_categories(const Dataset& dataset, const CalibOptions& options) {
  if (!options.categories.empty()) return options.categories;
  std::vector<std::int32_t> all(dataset.categories.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// For each category the pictures that contain it, ascending and once each.
std::vector<std::vector<std::int32_t>> pictures_by_class(const Dataset& dataset, const std::vector<bool>& usable) {
  std::vector<std::vector<std::int32_t>> pictures(dataset.categories.size());
  for (const Annotation& annotation : dataset.annotations) {
    if (!annotation.crowd && usable[static_cast<std::size_t>(annotation.picture)])
      pictures[static_cast<std::size_t>(annotation.category)].push_back(annotation.picture);
  }
  for (auto& list : pictures) {
    std::ranges::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  return pictures;
}

// The name of a picture in the new folder: that of its file, made different where two would be the same.
std::vector<std::string> new_names(const Dataset& chosen) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Picture& picture : chosen.pictures) {
    const std::string name = fs::path(picture.file).filename().string();
    std::string free = name;
    for (int i = 2; !taken.insert(free).second; ++i) free = fmt::format("{}_{}", i, name);
    names.push_back(std::move(free));
  }
  return names;
}

std::string manifest(const Dataset& dataset, const Dataset& chosen, const CalibOptions& options,
                     const CalibChoice& choice) {
  Json json = {{"made_by", "saker data calib"},
               {"from", dataset.path},
               {"seed", options.seed},
               {"per_class", options.per_class},
               {"pictures", chosen.pictures.size()}};
  json["classes"] = Json::array();
  for (const ClassShare& share : choice.classes) {
    const Category& category = dataset.categories[static_cast<std::size_t>(share.category)];
    json["classes"].push_back(
        {{"id", category.id}, {"name", category.name}, {"available", share.available}, {"chosen", share.chosen}});
  }
  json["files"] = Json::array();
  for (const Picture& picture : chosen.pictures) json["files"].push_back(picture.file);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// All that belongs into the folder, into `root`.
Status fill_calib(const Dataset& dataset, const CalibOptions& options, const CalibChoice& choice, Placing placing,
                  const fs::path& root) {
  Dataset chosen = subset(dataset, choice.pictures, options.categories);
  const fs::path images = root / "images";
  const std::vector<std::string> names = new_names(chosen);
  for (std::size_t i = 0; i < names.size(); ++i) {
    Picture& picture = chosen.pictures[i];
    SAKER_TRY(place_picture(chosen, picture, (images / names[i]).string(), placing));
    picture.file = names[i];
  }
  SAKER_TRY(write_coco(chosen, (root / "annotations.json").string()));
  return write_file((root / kManifest).string(), manifest(dataset, chosen, options, choice));
}

}  // namespace

Result<CalibChoice> choose_pictures(const Dataset& dataset, const CalibOptions& options) {
  CalibChoice choice;
  std::vector<bool> usable(dataset.pictures.size());
  for (std::size_t i = 0; i < usable.size(); ++i) {
    std::error_code ignored;
    const Picture& picture = dataset.pictures[i];
    usable[i] = !picture.file.empty() && fs::is_regular_file(picture_path(dataset, picture), ignored);
    if (!usable[i]) ++choice.missing;
  }
  if (choice.missing == usable.size())
    return Error{ErrorCode::kNotFound,
                 fmt::format("{}: none of its {} pictures is in {}", dataset.path, usable.size(), dataset.folder)};

  const auto by_class = pictures_by_class(dataset, usable);
  for (const std::int32_t category : wanted_categories(dataset, options))
    choice.classes.push_back({category, static_cast<int>(by_class[static_cast<std::size_t>(category)].size()), 0});

  std::vector<ClassShare> rarest_first = choice.classes;
  std::ranges::stable_sort(rarest_first, {}, &ClassShare::available);
  std::vector<bool> chosen(dataset.pictures.size());
  PortableRandom random(options.seed);
  for (const ClassShare& share : rarest_first) {
    std::vector<std::int32_t> candidates = by_class[static_cast<std::size_t>(share.category)];
    random.shuffle(candidates);
    auto have = std::ranges::count_if(candidates, [&](std::int32_t i) { return chosen[static_cast<std::size_t>(i)]; });
    for (const std::int32_t i : candidates) {
      if (have >= options.per_class) break;
      if (chosen[static_cast<std::size_t>(i)]) continue;
      chosen[static_cast<std::size_t>(i)] = true;
      ++have;
    }
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) choice.pictures.push_back(static_cast<std::int32_t>(i));
  }
  for (ClassShare& share : choice.classes) {
    const auto& list = by_class[static_cast<std::size_t>(share.category)];
    share.chosen = static_cast<int>(
        std::ranges::count_if(list, [&](std::int32_t i) { return chosen[static_cast<std::size_t>(i)]; }));
  }
  return choice;
}

Dataset subset(const Dataset& dataset, const std::vector<std::int32_t>& pictures,
               const std::vector<std::int32_t>& categories) {
  constexpr std::int32_t kNone = -1;
  Dataset chosen;
  chosen.path = dataset.path;
  chosen.folder = dataset.folder;
  chosen.notes = dataset.notes;
  std::vector<std::int32_t> new_picture(dataset.pictures.size(), kNone), new_category(dataset.categories.size(), kNone);
  for (const std::int32_t i : pictures) {
    new_picture[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(chosen.pictures.size());
    chosen.pictures.push_back(dataset.pictures[static_cast<std::size_t>(i)]);
  }
  for (std::size_t i = 0; i < dataset.categories.size(); ++i) {
    if (!categories.empty() && std::ranges::find(categories, static_cast<std::int32_t>(i)) == categories.end())
      continue;
    new_category[i] = static_cast<std::int32_t>(chosen.categories.size());
    chosen.categories.push_back(dataset.categories[i]);
  }
  for (Annotation annotation : dataset.annotations) {
    annotation.picture = new_picture[static_cast<std::size_t>(annotation.picture)];
    annotation.category = new_category[static_cast<std::size_t>(annotation.category)];
    if (annotation.picture != kNone && annotation.category != kNone) chosen.annotations.push_back(annotation);
  }
  return chosen;
}

Status write_calib(const Dataset& dataset, const CalibOptions& options, const CalibChoice& choice,
                   const CalibFolder& folder) {
  SAKER_ASSIGN(NewFolder made, NewFolder::begin(folder.path, kManifest, folder.replace));
  const Status filled = fill_calib(dataset, options, choice, folder.placing, made.path());
  if (!filled.ok()) return made.in_place(filled.error());
  return made.commit();
}

}  // namespace saker
