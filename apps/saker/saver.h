// --save-vis, --save-txt and --save-crop: files for each picture.
#pragma once

#include <saker/detector.h>
#include <saker/image.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sources.h"

namespace saker::cli {

struct SaveOptions {
  std::string vis, txt, crop;  // folders; empty: not wanted
  bool conf = false;           // the score as a last column of the text files
};

// File names are decided beforehand, in the order of the sources, so that they do not depend on threads.
class Saver {
 public:
  // Makes the folders and tries them. Error when a picture would be written over a source.
  static Result<Saver> create(const SaveOptions& options, const std::vector<Source>& sources);

  // Everything wanted of sources[index]. The boxes are in pixels of its file. Thread-safe.
  Status save(std::size_t index, Image image, std::span<const Detection> boxes,
              const std::vector<std::string>& labels) const;

  // Where the drawn picture of a source goes; empty without --save-vis.
  std::string vis_path(std::size_t index) const;

 private:
  Status save_crops(std::size_t index, const Image& image, std::span<const Detection> boxes,
                    const std::vector<std::string>& labels) const;

  SaveOptions options_;
  std::vector<std::string> vis_, txt_, crop_;  // file names, parallel to the sources; crop_: stems
};

// "class x y w h [score]" a line, centre and size as fractions of the picture.
std::string yolo_lines(std::span<const Detection> boxes, int width, int height, bool conf);

// A label as the name of a folder.
std::string folder_name(const std::string& label);

// Names that are there already get _2, _3, ... before their extension.
std::vector<std::string> unique_names(std::vector<std::string> names);

}  // namespace saker::cli
