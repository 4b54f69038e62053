// Pascal VOC annotations: an .xml file a picture.
//
// Corners are whole pixels counted from 1, the last one included, so that (1, 1, width, height) is the whole picture
// (VOC2007 development kit, section 4.1). As edges counted from 0, as in COCO, that is x = xmin - 1, w = xmax - xmin +
// 1, like detectron2's reader; Ultralytics' converter has the same x and one pixel less of w. Tools that count from 0
// write an xmin of 0, which is cut off at the picture's edge.
//
// `difficult` objects become crowds: the VOC evaluation neither wants them found nor minds it, and that is the nearest
// thing that COCO's evaluation knows.
#include "data/voc.h"

#include <fmt/format.h>
#include <saker/image.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "data/formats.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxXmlBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;

std::string text_of_child(const pugi::xml_node& node, const char* name) {
  return std::string(trimmed(node.child_value(name)));
}

class VocParser {
 public:
  VocParser(std::string_view xml, const std::string& file, BadEntries& bad) : xml_(xml), file_(file), bad_(bad) {}

  Result<VocPicture> parse() {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(xml_.data(), xml_.size());
    if (!parsed) {
      return Error{parsed.status == pugi::status_out_of_memory ? ErrorCode::kLimit : ErrorCode::kInvalid,
                   fmt::format("{}: {}", place(parsed.offset), parsed.description())};
    }
    const pugi::xml_node root = document.child("annotation");
    if (!root) return Error{ErrorCode::kInvalid, file_ + ": no <annotation>: not a Pascal VOC file"};
    VocPicture picture;
    const std::string path = text_of_child(root, "filename");
    picture.file = path.substr(path.find_last_of("/\\") + 1);
    if (picture.file == "." || picture.file == "..") picture.file.clear();
    picture.width = side(root.child("size"), "width");
    picture.height = side(root.child("size"), "height");
    for (const pugi::xml_node& object : root.children("object")) {
      auto one = parse_object(object);
      if (one.ok()) {
        picture.objects.push_back(std::move(*one));
      } else {
        SAKER_TRY(bad_.refuse(one.error().with_context(place(object.offset_debug())), BadEntries::Kind::kBox));
      }
    }
    return picture;
  }

 private:
  // The file and the line. Asked for in the file's order, so that all lines are counted once at most.
  std::string place(std::ptrdiff_t offset) {
    const std::ptrdiff_t at = std::clamp(offset, counted_, static_cast<std::ptrdiff_t>(xml_.size()));
    line_ += std::count(xml_.begin() + counted_, xml_.begin() + at, '\n');
    counted_ = at;
    return fmt::format("{}:{}", file_, line_);
  }

  static std::optional<double> number(const pugi::xml_node& node, const char* name) {
    return parse_number(trimmed(node.child_value(name)));
  }

  // 0, and so the picture's own size, where it is missing or makes no sense.
  static int side(const pugi::xml_node& size, const char* name) {
    const double value = number(size, name).value_or(0);
    return value >= 1 && value <= std::numeric_limits<int>::max() ? static_cast<int>(value) : 0;
  }

  static Result<VocObject> parse_object(const pugi::xml_node& node) {
    VocObject object;
    object.name = one_line(text_of_child(node, "name"));
    if (object.name.empty()) return Error{ErrorCode::kInvalid, "<object> without <name>"};
    const pugi::xml_node box = node.child("bndbox");
    if (!box) return Error{ErrorCode::kInvalid, "<object> without <bndbox>"};
    std::array<double, 4> corners = {};
    constexpr std::array<const char*, 4> kNames = {"xmin", "ymin", "xmax", "ymax"};
    for (std::size_t i = 0; i < 4; ++i) {
      const auto value = number(box, kNames[i]);
      if (!value) {
        return Error{ErrorCode::kInvalid, fmt::format("<{}> of the <bndbox> is \"{}\", not a number", kNames[i],
                                                      text_of_child(box, kNames[i]).substr(0, 40))};
      }
      corners[i] = *value;
    }
    object.x = std::max(corners[0] - 1, 0.0);
    object.y = std::max(corners[1] - 1, 0.0);
    object.w = corners[2] - object.x;
    object.h = corners[3] - object.y;
    if (corners[2] < corners[0] || corners[3] < corners[1] || object.w < 0 || object.h < 0) {
      return Error{ErrorCode::kInvalid, fmt::format("the <bndbox> from {}, {} to {}, {} has a negative size",
                                                    corners[0], corners[1], corners[2], corners[3])};
    }
    if (!std::isfinite(object.w * object.h)) return Error{ErrorCode::kInvalid, "the <bndbox> is too large"};
    object.difficult = number(node, "difficult").value_or(0) != 0;
    return object;
  }

  std::string_view xml_;
  const std::string& file_;
  BadEntries& bad_;
  std::ptrdiff_t counted_ = 0, line_ = 1;  // the line of a place in xml_
};

class VocReader {
 public:
  VocReader(const std::string& path, const DatasetOptions& options)
      : root_(path), options_(options), bad_(options), folder_(root_) {
    if (fs::is_directory(root_ / "Annotations")) folder_ = root_ / "Annotations";
    dataset_.path = path;
  }

  Result<Dataset> read() {
    SAKER_ASSIGN(const std::vector<fs::path> files, list_files());
    for (const fs::path& file : files) {
      SAKER_TRY(take_file(file));
      if (names_.size() > static_cast<std::size_t>(kMaxClasses)) {
        return Error{ErrorCode::kLimit, fmt::format("{}: more than {} classes", file.string(), kMaxClasses)};
      }
    }
    SAKER_TRY(find_pictures(
        dataset_, options_,
        {root_ / "JPEGImages", root_ / "images", folder_, folder_ / ".." / "JPEGImages", folder_ / ".." / "images"},
        [this](const fs::path& folder, std::size_t i) { return !file_in(folder, i).empty(); }));
    for (std::size_t i = 0; i < dataset_.pictures.size(); ++i) SAKER_TRY(complete(i));
    number_pictures(dataset_.pictures);
    number_categories();
    dataset_.skipped = bad_.skipped();
    SAKER_TRY(bad_.check_left(dataset_.path, dataset_.pictures.size(), dataset_.annotations.size()));
    return std::move(dataset_);
  }

 private:
  Result<std::vector<fs::path>> list_files() {
    std::vector<fs::path> files;
    if (!options_.split.empty()) return list_split();
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (lower_extension(entry.path()) == ".xml") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    if (files.empty()) return Error{ErrorCode::kNotFound, folder_.string() + ": no .xml files"};
    return files;
  }

  // ImageSets/Main/val.txt: a name a line.
  Result<std::vector<fs::path>> list_split() {
    const fs::path list = root_ / "ImageSets" / "Main" / (options_.split + ".txt");
    SAKER_ASSIGN(const FileBytes bytes, read_file(list.string(), kMaxListBytes));
    std::string_view text = without_byte_order_mark({reinterpret_cast<const char*>(bytes.data.get()), bytes.size});
    std::vector<fs::path> files;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      const std::string file = fmt::format("{}.xml", trimmed(line));
      if (file == ".xml") continue;
      if (lies_below(folder_, file)) {
        files.push_back(folder_ / file);
      } else {
        SAKER_TRY(bad_.refuse(
            Error{ErrorCode::kInvalid, fmt::format("{}: {} is outside {}", list.string(), file, folder_.string())}));
      }
    }
    if (files.empty()) return Error{ErrorCode::kInvalid, list.string() + ": names no pictures"};
    return files;
  }

  Status take_file(const fs::path& path) {
    auto bytes = read_file(path.string(), kMaxXmlBytes);
    if (!bytes.ok()) return bad_.refuse(bytes.error());
    const std::string file = path.string();
    const auto parsed = parse_voc({reinterpret_cast<const char*>(bytes->data.get()), bytes->size}, file, bad_);
    if (!parsed.ok()) return bad_.refuse(parsed.error());
    stems_.push_back(path.stem().string());
    dataset_.pictures.push_back(
        {0, parsed->file.empty() ? stems_.back() + ".jpg" : parsed->file, parsed->width, parsed->height});
    for (const VocObject& object : parsed->objects) {
      const auto known = names_.try_emplace(object.name, static_cast<std::int32_t>(names_.size())).first;
      dataset_.annotations.push_back({static_cast<std::int64_t>(dataset_.annotations.size()) + 1,
                                      static_cast<std::int32_t>(dataset_.pictures.size()) - 1, known->second, object.x,
                                      object.y, object.w, object.h, object.w * object.h, object.difficult});
    }
    return {};
  }

  // <filename> is often without its extension or that of another picture; the .xml file's own name is right then.
  // Empty: there is no such file.
  std::string file_in(const fs::path& folder, std::size_t picture) const {
    std::vector<std::string> names = {dataset_.pictures[picture].file};
    for (const char* extension : {".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG", ".webp", ".bmp"}) {
      names.push_back(stems_[picture] + extension);
    }
    std::error_code ignored;
    const auto there =
        std::ranges::find_if(names, [&](const auto& name) { return fs::exists(folder / name, ignored); });
    return there == names.end() ? "" : *there;
  }

  Status complete(std::size_t index) {
    Picture& picture = dataset_.pictures[index];
    if (const std::string file = file_in(dataset_.folder, index); !file.empty()) picture.file = file;
    if (picture.width > 0 && picture.height > 0) return {};
    const auto size = read_image_size(picture_path(dataset_, picture));
    if (!size.ok()) {
      return bad_.refuse(size.error().with_context((folder_ / (stems_[index] + ".xml")).string() + ": no <size>"));
    }
    picture.width = size->width;
    picture.height = size->height;
    return {};
  }

  // By name, as the VOC challenge lists its classes.
  void number_categories() {
    std::vector<std::int32_t> place(names_.size());
    for (const auto& [name, index] : names_) {
      place[static_cast<std::size_t>(index)] = static_cast<std::int32_t>(dataset_.categories.size());
      dataset_.categories.push_back({static_cast<std::int64_t>(dataset_.categories.size()) + 1, name, ""});
    }
    for (Annotation& annotation : dataset_.annotations) {
      annotation.category = place[static_cast<std::size_t>(annotation.category)];
    }
  }

  fs::path root_;
  const DatasetOptions& options_;
  BadEntries bad_;
  fs::path folder_;  // of the .xml files
  Dataset dataset_;
  std::vector<std::string> stems_;             // of the .xml files, parallel to the pictures
  std::map<std::string, std::int32_t> names_;  // in the order of their first use
};

}  // namespace

Result<VocPicture> parse_voc(std::string_view xml, const std::string& file, BadEntries& bad) {
  return VocParser(xml, file, bad).parse();
}

Result<Dataset> read_voc(const std::string& path, const DatasetOptions& options) {
  return VocReader(path, options).read();
}

}  // namespace saker
