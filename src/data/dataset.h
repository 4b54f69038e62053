// Dataset: pictures, categories and boxes, the one form that every annotation format is read into.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace saker {

constexpr std::int32_t kMaxClasses = 10000;

struct Category {
  std::int64_t id = 0;  // as the file numbers it; COCO's official ids have gaps
  std::string name, supercategory;
};

struct Picture {
  std::int64_t id = 0;
  std::string file;           // as the annotations name it, relative to Dataset::folder or absolute; empty: not stated
  int width = 0, height = 0;  // pixels; 0: not stated
  std::string text_id = {};   // COCO ids may be texts; `id` is its place among them then. Empty: a number
};

// As the annotations write it.
std::string picture_id(const Picture& picture);

struct Annotation {
  std::int64_t id = 0;
  std::int32_t picture = 0, category = 0;  // indices into the dataset's lists
  double x = 0, y = 0, w = 0, h = 0;       // pixels: left, top, width, height
  double area = 0;                         // square pixels; of the segment where the file says so, else w * h
  bool crowd = false;
};

struct Dataset {
  std::string path;    // the file or folder it was read from
  std::string folder;  // of the pictures; the annotations' own where they were not found
  std::vector<Category> categories;
  std::vector<Picture> pictures;
  std::vector<Annotation> annotations;
  std::size_t skipped = 0;  // bad entries left out (DatasetOptions::skip_bad) and label lines that say the same twice
  std::vector<std::string> notes = {};  // what was taken for something else than it says: files under other folders
};

// There are boxes, and all of them are crowds: COCO's scoring ignores them.
bool all_crowds(const Dataset& dataset);

// Where a picture's file is. Without "..": behind a symbolic link that would be another folder than the name says.
std::string picture_path(const Dataset& dataset, const Picture& picture);

struct DatasetOptions {
  std::string images;            // folder of the pictures; empty: found beside the annotations
  std::string split;             // YOLO data.yaml: "train", "val" or "test"; empty: "val"
  bool need_pictures = false;    // fail where no folder holds the pictures (kNotFound, with what was tried)
  bool names_only = false;       // pictures are not looked at: a name that leads out of their folder is only a name
  bool skip_bad = false;         // leave broken entries out and count them instead of failing at the first
  bool allow_empty = false;      // with skip_bad: no error where nothing is left
  bool crowd_as_object = false;  // crowds (COCO's iscrowd, VOC's difficult) are objects like others
  std::string hint;              // what to do about a broken entry: added to the error that it ends the reading with
  std::function<void(const std::string&)> warn;  // told of each entry left out; may be empty
};

// By what it is: a COCO .json (as downloaded, or as CVAT exports it); a YOLO data.yaml, a folder with one, or one with
// "images" and "labels"; a folder of VOC .xml files, or with one, "Annotations". JSON that cannot be parsed further
// ends the reading even with skip_bad, and so does a data set of which nothing is left. Errors: kNotFound, kIo,
// kInvalid (file and line, or file and JSON path), kLimit (files and lists beyond what data sets need, such as
// kMaxClasses).
Result<Dataset> read_dataset(const std::string& path, const DatasetOptions& options = {});

// Sizes that the annotations do not state, from the pictures' files; `all`: looks at every file. One that cannot be
// read is a broken entry: an error, or left out with its boxes.
Status look_at_pictures(Dataset& dataset, const DatasetOptions& options, bool all);

// One box that somebody's detector found.
struct ScoredBox {
  std::int32_t picture = 0, category = 0;  // indices into the dataset's lists
  double x = 0, y = 0, w = 0, h = 0;       // pixels: left, top, width, height
  double score = 0;
};

struct CocoResults {
  std::vector<ScoredBox> boxes;
  std::size_t skipped = 0;         // bad entries left out (DatasetOptions::skip_bad)
  std::vector<std::string> notes;  // where image_id or category_id are not the dataset's ids
};

// A COCO results file: [{"image_id", "category_id", "bbox": [x, y, w, h], "score"}, ...]. Ids are the dataset's.
// Otherwise, if that explains more of the file: image_id is the picture's file name without folder and extension, as a
// number where it is one (what Ultralytics and ResultFormat::kCoco write), and categories are counted from 0 where the
// dataset's are from 1, or the reverse.
Result<CocoResults> read_coco_results(const std::string& path, const Dataset& dataset,
                                      const DatasetOptions& options = {});

}  // namespace saker
