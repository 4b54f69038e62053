// The pictures that a command line names: files, folders, globs, lists, stdin.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/frame_source.h"

namespace saker {

struct PictureFile {
  std::string path;    // "-": stdin
  std::string error;   // not empty: why there is no picture behind it
  bool typed = false;  // the argument itself, which may be a pipe; what was found must be a regular file
};

// Each argument is a picture, a folder (its pictures, not those of its folders), a glob, a list (.txt, one of these a
// line, # comments; relative to the list or to the current folder) or - for stdin. Folders and globs are taken in
// natural order (2 before 10), nothing is left out twice.
// `notes`: which pictures of a folder are left out because this build does not read their format.
std::vector<PictureFile> list_pictures(const std::vector<std::string>& arguments,
                                       std::vector<std::string>* notes = nullptr);

// Reads and decodes it.
Result<Image> read_picture(const PictureFile& file, const ImageReadOptions& options);

class PictureFiles final : public FrameSource {
 public:
  explicit PictureFiles(std::vector<PictureFile> files) : files_(std::move(files)) {}

  std::optional<Frame> next() override;
  std::optional<std::size_t> size() const override { return files_.size(); }

 private:
  std::vector<PictureFile> files_;
  std::size_t next_ = 0;
};

// What fits a pattern, folders too, in natural order.
std::vector<std::string> glob_matches(const std::string& pattern);
bool natural_less(const std::string& a, const std::string& b);
// The file name without folder and extension; "stdin" for "-".
std::string stem_of(const std::string& path);

}  // namespace saker
