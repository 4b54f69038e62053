// The readers of single formats; each returns what read_dataset documents.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace saker {

Result<Dataset> read_coco(const std::string& path, const DatasetOptions& options);
Result<Dataset> read_yolo_yaml(const std::string& path, const DatasetOptions& options);
// A folder with "images" and "labels". Names from classes.txt, else the classes' numbers.
Result<Dataset> read_yolo_folder(const std::string& path, const DatasetOptions& options);
// .../labels/b.txt for .../images/b.jpg: the last folder of that name counts. Without one, or where there is no such
// file, b.txt beside the picture.
std::filesystem::path yolo_label_file(const std::filesystem::path& picture);
// A folder of .xml files, or one with "Annotations".
Result<Dataset> read_voc(const std::string& path, const DatasetOptions& options);

// What is in a folder; nothing where it cannot be read. libstdc++'s iterators end the program where memory runs out.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

// Whether a file that is named relative to the folder, or absolute, lies in it or in a folder of it. By the names
// alone: symbolic links in a folder are its owner's, not those of whoever wrote the annotations.
bool lies_below(const std::filesystem::path& folder, const std::filesystem::path& file);

// Sets dataset.folder to options.images, else to the candidate that holds most of the first pictures, else (unless the
// pictures are needed) to the first candidate.
using HoldsPicture = std::function<bool(const std::filesystem::path& folder, std::size_t picture)>;
Status find_pictures(Dataset& dataset, const DatasetOptions& options,
                     const std::vector<std::filesystem::path>& candidates, const HoldsPicture& holds);

// The number that each file is called by, as COCO's and VOC2007's are; else 1, 2, ...
void number_pictures(std::vector<Picture>& pictures);

}  // namespace saker
