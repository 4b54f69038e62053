// Datasets and results into files. What was there before stays whole until the new file is complete.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <span>
#include <string>

#include "data/dataset.h"

namespace saker {

// COCO JSON: ids, names, boxes, areas and crowds as they are in the dataset; numbers so that they are read back equal.
Status write_coco(const Dataset& dataset, const std::string& path);

// A COCO results file, as pycocotools' loadRes takes it.
Status write_coco_results(const Dataset& dataset, std::span<const ScoredBox> boxes, const std::string& path);

// How a picture gets into a new folder. kLink: a hard link, or a copy where the file system cannot and of what lies
// outside the dataset's folder.
enum class Placing { kNone, kLink, kCopy };
// The folders of `to` are made. Errors: kIo (also where `to` is there already), kNotFound, and those of
// read_image_size for what is no picture.
Status place_picture(const Dataset& dataset, const Picture& picture, const std::string& to, Placing how);

struct YoloWriteOptions {
  std::string split = "val";  // "train", "val" or "test"
  Placing pictures = Placing::kLink;
};
struct YoloWritten {
  std::size_t pictures = 0, boxes = 0;
  std::size_t crowds = 0;   // left out: the format has no regions that are not to be counted
  std::size_t empty = 0;    // left out: nothing of the box lies in the picture
  std::size_t clipped = 0;  // stuck out of the picture
};
// FOLDER/images/SPLIT, FOLDER/labels/SPLIT and FOLDER/data.yaml, which names every split that the folder has. They
// appear when they are complete. A split that is there already is an error (kIo), other names than the folder's
// data.yaml has are kInvalid. Classes are numbered by their place in dataset.categories. Every picture must have a
// size.
Result<YoloWritten> write_yolo(const Dataset& dataset, const std::string& folder, const YoloWriteOptions& options = {});

}  // namespace saker
