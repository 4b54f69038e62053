// Files for each picture: boxes drawn, boxes as text, objects cut out.
#include "pipeline/picture_saver.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "media/draw.h"

namespace saker {
namespace fs = std::filesystem;
namespace {

// The picture's own name, short enough for what is joined with it: a number and an extension, in the 255 bytes that a
// file name can have.
std::string short_stem(const std::string& path) {
  constexpr std::size_t kLongest = 235;
  return std::string(beginning(stem_of(path), kLongest));
}

// Its own name where that can be written (.jpg, .jpeg, .png), else with .jpg.
std::string drawn_name(const std::string& path) {
  const std::string extension = path == "-" ? "" : fs::path(path).extension().string();
  const std::string lower = lower_case(extension);
  const bool writable = lower == ".jpg" || lower == ".jpeg" || lower == ".png";
  return short_stem(path) + (writable ? extension : ".jpg");
}

// The number of crops is joined with '_': a source bus_2.jpg must not meet the second crop of bus.jpg.
std::vector<std::string> crop_stems(const std::vector<PictureFile>& files) {
  std::vector<std::string> stems;
  for (const PictureFile& file : files) stems.push_back(short_stem(file.path));
  stems = unique_names(std::move(stems));
  const std::unordered_set<std::string> all(stems.begin(), stems.end());
  for (std::string& stem : stems) {
    const std::size_t digits = stem.find_last_not_of("0123456789");
    const bool numbered = digits != std::string::npos && digits + 1 < stem.size() && stem[digits] == '_';
    if (numbered && all.contains(stem.substr(0, digits))) stem += "_";
  }
  return stems;
}

Status check_not_a_source(const std::string& folder, const std::vector<std::string>& names,
                          const std::vector<PictureFile>& files) {
  std::unordered_set<std::string> originals;
  std::error_code ignored;
  for (const PictureFile& file : files) originals.insert(fs::weakly_canonical(file.path, ignored).string());
  for (const std::string& name : names) {
    const fs::path target = fs::path(folder) / name;
    if (originals.contains(fs::weakly_canonical(target, ignored).string())) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("would overwrite the picture {}\nname another folder", target.string())};
    }
  }
  return {};
}

}  // namespace

std::string folder_name(const std::string& label) {
  std::string name;
  for (const char c : label) {
    const bool bad = static_cast<unsigned char>(c) < 32 || c == 127 ||
                     std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
    name.push_back(bad ? '_' : c);
  }
  while (!name.empty() && (name.back() == ' ' || name.back() == '.')) name.pop_back();
  if (name.empty() || name[0] == '.') name = "_" + name;
  constexpr std::size_t kLongest = 100;
  return std::string(beginning(name, kLongest));
}

std::vector<std::string> unique_names(std::vector<std::string> names) {
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, int> next;
  for (std::string& name : names) {
    if (taken.insert(name).second) continue;
    const fs::path path(name);
    const std::string stem = path.stem().string(), extension = path.extension().string();
    int& number = next.try_emplace(name, 2).first->second;
    std::string other;
    do {
      other = fmt::format("{}_{}{}", stem, number++, extension);
    } while (!taken.insert(other).second);
    name = std::move(other);
  }
  return names;
}

std::vector<DrawnBox> labelled_boxes(std::span<const Detection> boxes, const std::vector<std::string>& labels) {
  std::vector<DrawnBox> drawn;
  for (const Detection& box : boxes) {
    drawn.push_back({box.x1, box.y1, box.x2, box.y2,
                     fmt::format("{} {:.2f}", labels[static_cast<std::size_t>(box.class_id)], box.score),
                     box.class_id});
  }
  return drawn;
}

std::string yolo_lines(std::span<const Detection> boxes, int width, int height, bool conf) {
  std::string text;
  const double w = width, h = height;
  for (const Detection& box : boxes) {
    const double x1 = box.x1, y1 = box.y1, x2 = box.x2, y2 = box.y2;
    text += fmt::format("{} {:g} {:g} {:g} {:g}", box.class_id, (x1 + x2) / 2 / w, (y1 + y2) / 2 / h, (x2 - x1) / w,
                        (y2 - y1) / h);
    if (conf) text += fmt::format(" {:g}", box.score);
    text.push_back('\n');
  }
  return text;
}

Result<PictureSaver> PictureSaver::create(const SaveOptions& options, const std::vector<PictureFile>& files) {
  PictureSaver saver;
  saver.options_ = options;
  if (!options.vis.empty()) {
    for (const PictureFile& file : files) saver.vis_.push_back(drawn_name(file.path));
    saver.vis_ = unique_names(std::move(saver.vis_));
    SAKER_TRY(check_not_a_source(options.vis, saver.vis_, files));
  }
  if (!options.txt.empty()) {
    for (const PictureFile& file : files) saver.txt_.push_back(short_stem(file.path) + ".txt");
    saver.txt_ = unique_names(std::move(saver.txt_));
  }
  if (!options.crop.empty()) saver.crop_ = crop_stems(files);
  return saver;
}

Status PictureSaver::save_crops(std::size_t index, const Image& image, std::span<const Detection> boxes,
                                const std::vector<std::string>& labels) const {
  std::map<std::string, int> numbers;  // of crops so far, by folder
  for (const Detection& box : boxes) {
    const std::string name = folder_name(labels[static_cast<std::size_t>(box.class_id)]);
    const fs::path folder = fs::path(options_.crop) / name;
    const int number = ++numbers[name];
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return Error{ErrorCode::kIo, fmt::format("{}: {}", folder.string(), error.message())};
    const std::string file = number == 1 ? crop_[index] + ".jpg" : fmt::format("{}_{}.jpg", crop_[index], number);
    const Image part = crop(image.view(), box.x1, box.y1, box.x2, box.y2);
    SAKER_TRY(write_image((folder / file).string(), part.view()));
  }
  return {};
}

Status PictureSaver::save_drawn(std::size_t index, Image image, std::span<const Detection> boxes,
                                const std::vector<std::string>& labels) const {
  draw_boxes(image, labelled_boxes(boxes, labels));
  return write_image((fs::path(options_.vis) / vis_[index]).string(), image.view());
}

Status PictureSaver::save(const PictureResult& result, Image image, const std::vector<std::string>& labels) const {
  const std::vector<Detection>& boxes = result.found.boxes;
  if (!options_.txt.empty()) {
    const fs::path path = fs::path(options_.txt) / txt_[result.index];
    SAKER_TRY(write_file(path.string(), yolo_lines(boxes, result.width, result.height, options_.conf)));
  }
  if (!options_.crop.empty()) SAKER_TRY(save_crops(result.index, image, boxes, labels));
  if (options_.vis.empty()) return {};
  return save_drawn(result.index, std::move(image), boxes, labels);
}

}  // namespace saker
