// Files for each picture: boxes drawn, boxes as text, objects cut out.
#pragma once

#include <saker/detector_spec.h>
#include <saker/image.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/draw.h"
#include "pipeline/detect_frames.h"
#include "pipeline/picture_files.h"

namespace saker {

struct SaveOptions {
  std::string vis, txt, crop;  // folders, which exist; empty: not wanted
  bool conf = false;           // the score as a last column of the text files
};

// File names are decided beforehand, in the order of the pictures, so that they do not depend on threads.
class PictureSaver {
 public:
  // Error kInvalid when a drawn picture would be written over one of the files.
  static Result<PictureSaver> create(const SaveOptions& options, const std::vector<PictureFile>& files);

  // Everything wanted of files[result.index], whose pixels are `image`. Thread-safe.
  Status save(const PictureResult& result, Image image, const std::vector<std::string>& labels) const;

  bool wanted() const { return !options_.vis.empty() || !options_.txt.empty() || !options_.crop.empty(); }

 private:
  Status save_crops(std::size_t index, const Image& image, std::span<const Detection> boxes,
                    const std::vector<std::string>& labels) const;
  Status save_drawn(std::size_t index, Image image, std::span<const Detection> boxes,
                    const std::vector<std::string>& labels) const;

  SaveOptions options_;
  std::vector<std::string> vis_, txt_, crop_;  // file names, parallel to the files; crop_: stems
};

// As they are drawn: "person 0.91", in the colour of the class.
std::vector<DrawnBox> labelled_boxes(std::span<const Detection> boxes, const std::vector<std::string>& labels);

// "class x y w h [score]" a line, centre and size as fractions of the picture.
std::string yolo_lines(std::span<const Detection> boxes, int width, int height, bool conf);

// A label as the name of a folder: at most 100 bytes, no character cut in two.
std::string folder_name(const std::string& label);

// Names that are there already get _2, _3, ... before their extension.
std::vector<std::string> unique_names(std::vector<std::string> names);

}  // namespace saker
