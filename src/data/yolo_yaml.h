// A YOLO data.yaml: where the pictures are, what the classes are called, whether the labels have keypoints.
#pragma once

#include <saker/result.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/yolo_labels.h"

namespace saker {

// What data.yaml says, or a folder shows.
struct YoloSet {
  std::filesystem::path file;                  // data.yaml or the folder, for messages
  std::vector<std::string> names;              // empty: as many classes as the labels use
  KeypointShape keypoints = {};                // of the labels
  std::filesystem::path base;                  // that Dataset::folder is, unless there is a single folder of pictures
  std::vector<std::filesystem::path> sources;  // folders, lists (.txt) and pictures; they exist
  std::vector<std::string> notes;              // paths of another machine, and what they are read as
};

// Of options.split; with options.images, without sources.
Result<YoloSet> read_yolo_set(const std::string& path, const DatasetOptions& options);

}  // namespace saker
