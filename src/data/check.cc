// What is wrong with a dataset: all of it, not the first thing only.
#include "data/check.h"

#include <fmt/format.h>
#include <saker/image.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/plural.h"
#include "base/text.h"
#include "base/try.h"
#include "data/formats.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::array<ProblemInfo, kProblems> kInfo = {{
    {"broken-entry", true, "entries that cannot be used"},
    {"picture-missing", true, "pictures that are not there"},
    {"picture-unreadable", true, "pictures that cannot be read"},
    {"picture-size", true, "pictures whose size is not the annotated one"},
    {"box-empty", true, "boxes without an area"},
    {"box-outside", true, "boxes outside their picture, or far over its edge"},
    {"box-over-edge", false, "boxes a little over the edge of their picture"},
    {"box-tiny", false, "boxes under 2 pixels wide or high"},
    {"box-twice", false, "boxes that are there twice"},
    {"picture-twice", false, "files that several pictures name"},
    {"picture-unused", false, "files in the folder of the pictures that no picture or label belongs to"},
    {"id-zero", false, "annotation ids of 0 (pycocotools takes such a box for one that was not found)"},
    {"class-twice", false, "class names that are there twice"},
    {"class-unused", false, "classes without a box"},
    {"class-gap", false, "gaps in the class ids (an id is not the class's number then)"},
    {"all-crowds", false, "every box is a crowd, as CVAT writes masks: COCO's scoring ignores them"},
    {"path-moved", false, "paths of another machine, read by their ends"},
}};

constexpr double kEdgePixels = 1;   // over the edge by rounding
constexpr double kEdgePart = 0.01;  // of the side; what YOLO trainers clip instead of refusing the file
constexpr double kTinyPixels = 2;

// Every YOLO dataset has label files, and other datasets hardly ever.
bool is_yolo(const Dataset& dataset) {
  return lower_extension(dataset.path) != ".json" && std::ranges::any_of(dataset.pictures, [&](const Picture& picture) {
           std::error_code ignored;
           return fs::exists(yolo_label_file(picture_path(dataset, picture)), ignored);
         });
}

class Checker {
 public:
  Checker(const CheckOptions& options) : options_(options) {}

  Result<CheckReport> run(const std::string& path) {
    DatasetOptions reading = options_.reading;
    reading.skip_bad = reading.allow_empty = true;
    reading.need_pictures = false;
    reading.warn = [this](const std::string& message) { add_entry(message); };
    SAKER_ASSIGN(dataset_, read_dataset(path, reading));
    report_.pictures = dataset_.pictures.size();
    report_.boxes = dataset_.annotations.size();
    for (const std::string& note : dataset_.notes) add(Problem::kPathMoved, note);
    check_files();
    check_boxes();
    check_crowds();
    check_twice();
    check_classes();
    std::ranges::stable_sort(report_.findings, {}, &DataFinding::problem);
    return std::move(report_);
  }

 private:
  void add(Problem problem, std::string text, std::string setting = {}) {
    ++report_.counts[static_cast<std::size_t>(problem)];
    if (report_.findings.size() < kMaxFindings)
      report_.findings.push_back({problem, std::move(text), std::move(setting)});
  }

  // Label lines that say the same twice are left out by the reader, but harm nobody.
  void add_entry(const std::string& message) {
    const std::string text = message.substr(0, message.rfind(" (left out)"));
    const bool twice = text.ends_with("the same box as in an earlier line");
    add(twice ? Problem::kBoxTwice : Problem::kEntry, text);
  }

  std::string name_of(const Picture& picture) const {
    return picture.file.empty() ? "picture " + picture_id(picture) : picture_path(dataset_, picture);
  }
  std::string name_of(const Annotation& annotation) const {
    const Picture& picture = dataset_.pictures[static_cast<std::size_t>(annotation.picture)];
    const Category& category = dataset_.categories[static_cast<std::size_t>(annotation.category)];
    return fmt::format("{}: annotation {} ({}) at {:.6g}, {:.6g} of size {:.6g} x {:.6g}", name_of(picture),
                       annotation.id, category.name, annotation.x, annotation.y, annotation.w, annotation.h);
  }

  // ---- files ----

  void check_files() {
    const auto there = [this](const Picture& picture) {
      std::error_code ignored;
      return !picture.file.empty() && fs::exists(picture_path(dataset_, picture), ignored);
    };
    if (!dataset_.pictures.empty() && std::ranges::none_of(dataset_.pictures, there)) {
      add(Problem::kPictureMissing,
          fmt::format("none of the {} pictures ({}, ...) is there; `images` says where they are",
                      dataset_.pictures.size(), name_of(dataset_.pictures.front())),
          "images");
      return;
    }
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < dataset_.pictures.size(); ++i) {
      Picture& picture = dataset_.pictures[i];
      if (!there(picture)) {
        add(Problem::kPictureMissing, name_of(picture));
      } else {
        check_picture(picture);
        if (++seen[fs::path(picture_path(dataset_, picture)).lexically_normal().string()] == 2)
          add(Problem::kPictureTwice, name_of(picture));
      }
      if (options_.progress) options_.progress(i + 1, dataset_.pictures.size());
    }
    check_unused(seen);
  }

  Result<ImageSize> look_at(const std::string& path) const {
    if (!options_.decode) return read_image_size(path);
    SAKER_ASSIGN(const Image image, read_image(path));
    return ImageSize{image.width, image.height};
  }

  void check_picture(Picture& picture) {
    const auto size = look_at(picture_path(dataset_, picture));
    if (!size.ok()) {
      add(Problem::kPictureUnreadable, size.error().message);
      return;
    }
    if (picture.width == 0 && picture.height == 0) {
      picture.width = size->width;
      picture.height = size->height;
    } else if (picture.width != size->width || picture.height != size->height) {
      const bool turned = picture.width == size->height && picture.height == size->width;
      add(Problem::kPictureSize,
          fmt::format("{}: is {} x {}, annotated as {} x {}{}", name_of(picture), size->width, size->height,
                      picture.width, picture.height, turned ? " (turned by its EXIF orientation?)" : ""));
    }
  }

  // COCO and VOC: pictures that the annotations do not name. YOLO, where the pictures are what lies in the folder:
  // label files whose picture is missing.
  void check_unused(const std::map<std::string, std::size_t>& used) {
    std::set<fs::path> folders;
    std::set<std::string> known;
    const bool yolo = is_yolo(dataset_);
    for (const auto& [path, ignored] : used) {
      const fs::path file = yolo ? yolo_label_file(path) : fs::path(path);
      folders.insert(file.parent_path());
      known.insert(file.string());
    }
    for (const fs::path& folder : folders) {
      std::vector<std::string> unused;
      for (const fs::path& file : entries_of(folder.empty() ? "." : folder)) {
        const bool candidate =
            yolo ? lower_extension(file) == ".txt" && file.filename() != "classes.txt" : has_picture_extension(file);
        if (candidate && !known.contains(file.lexically_normal().string())) unused.push_back(file.string());
      }
      std::ranges::sort(unused);
      for (std::string& file : unused) add(Problem::kPictureUnused, std::move(file));
    }
  }

  // ---- boxes ----

  void check_boxes() {
    for (const Annotation& annotation : dataset_.annotations) {
      const Picture& picture = dataset_.pictures[static_cast<std::size_t>(annotation.picture)];
      if (annotation.id == 0) add(Problem::kIdZero, name_of(annotation));
      if (annotation.w <= 0 || annotation.h <= 0) {
        add(Problem::kBoxEmpty, name_of(annotation));
      } else if (picture.width > 0 && picture.height > 0 && !check_edges(annotation, picture)) {
        continue;
      } else if (annotation.w < kTinyPixels || annotation.h < kTinyPixels) {
        add(Problem::kBoxTiny, name_of(annotation));
      }
    }
  }

  void check_crowds() {
    if (!all_crowds(dataset_)) return;
    add(Problem::kAllCrowds,
        fmt::format("{}; `crowd_as_object` counts them as objects", counted(dataset_.annotations.size(), "box")),
        "crowd_as_object");
  }

  // Whether the box lies in the picture.
  bool check_edges(const Annotation& box, const Picture& picture) {
    const double over_x = std::max(-box.x, box.x + box.w - picture.width);
    const double over_y = std::max(-box.y, box.y + box.h - picture.height);
    if (std::max(over_x, over_y) <= kEdgePixels) return true;
    const bool all = over_x >= box.w || over_y >= box.h;
    const bool far = over_x > std::max(kEdgePixels, kEdgePart * picture.width) ||
                     over_y > std::max(kEdgePixels, kEdgePart * picture.height);
    const std::string where = all ? "outside" : fmt::format("{:.4g} pixels over the edge of", std::max(over_x, over_y));
    add(all || far ? Problem::kBoxOutside : Problem::kBoxOverEdge,
        fmt::format("{}: {} {} x {}", name_of(box), where, picture.width, picture.height));
    return false;
  }

  void check_twice() {
    const std::vector<Annotation>& annotations = dataset_.annotations;
    std::vector<std::uint32_t> order(annotations.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto key = [&](std::uint32_t i) {
      const Annotation& a = annotations[i];
      return std::tuple(a.picture, a.category, a.crowd, a.x, a.y, a.w, a.h);
    };
    std::ranges::stable_sort(order, {}, key);
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (key(order[i]) == key(order[i - 1]))
        add(Problem::kBoxTwice,
            fmt::format("{}, as annotation {}", name_of(annotations[order[i]]), annotations[order[i - 1]].id));
    }
  }

  // ---- classes ----

  void check_classes() {
    count_classes();
    std::set<std::string> names;
    std::vector<std::int64_t> ids;
    for (const ClassCount& each : report_.classes) {
      if (!names.insert(each.name).second) add(Problem::kClassTwice, fmt::format("{} (id {})", each.name, each.id));
      if (each.boxes == 0) add(Problem::kClassUnused, fmt::format("{} (id {})", each.name, each.id));
      ids.push_back(each.id);
    }
    std::ranges::sort(ids);
    std::string gaps;
    for (std::size_t i = 1; i < ids.size(); ++i) {
      if (ids[i] - 1 == ids[i - 1]) continue;
      const std::int64_t first = ids[i - 1] + 1, last = ids[i] - 1;
      gaps += fmt::format("{}{}", gaps.empty() ? "" : ", ", first);
      if (last > first) gaps += fmt::format(" to {}", last);
    }
    if (!gaps.empty()) add(Problem::kClassGap, "not used: " + gaps);
  }

  void count_classes() {
    for (const Category& category : dataset_.categories) report_.classes.push_back({category.name, category.id});
    std::vector<std::pair<std::int32_t, std::int32_t>> in_picture;  // category, picture
    std::vector<bool> has_boxes(dataset_.pictures.size());
    for (const Annotation& annotation : dataset_.annotations) {
      ClassCount& count = report_.classes[static_cast<std::size_t>(annotation.category)];
      ++count.boxes;
      count.crowds += annotation.crowd ? 1 : 0;
      report_.crowds += annotation.crowd ? 1 : 0;
      in_picture.emplace_back(annotation.category, annotation.picture);
      has_boxes[static_cast<std::size_t>(annotation.picture)] = true;
    }
    std::ranges::sort(in_picture);
    in_picture.erase(std::unique(in_picture.begin(), in_picture.end()), in_picture.end());
    for (const auto& [category, ignored] : in_picture) ++report_.classes[static_cast<std::size_t>(category)].pictures;
    report_.empty_pictures = static_cast<std::size_t>(std::ranges::count(has_boxes, false));
  }

  const CheckOptions& options_;
  Dataset dataset_;
  CheckReport report_;
};

}  // namespace

const ProblemInfo& problem_info(Problem problem) {
  return kInfo[static_cast<std::size_t>(problem)];
}

std::size_t CheckReport::sum(bool error) const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kProblems; ++i) total += kInfo[i].error == error ? counts[i] : 0;
  return total;
}

Result<CheckReport> check_data(const std::string& path, const CheckOptions& options) {
  return Checker(options).run(path);
}

}  // namespace saker
