// The pictures that the SOURCE arguments name.
#pragma once

#include <saker/image.h>

#include <string>
#include <vector>

namespace saker::cli {

struct Source {
  std::string path;   // "-": stdin
  std::string error;  // not empty: why there is no picture behind it
};

// Each argument is a picture, a folder (its pictures, not those of its folders), a glob, a list
// (.txt, one source a line, # comments; relative to the list or to the current folder) or - for
// stdin. Folders and globs are taken in natural order (2 before 10), nothing is left out twice.
std::vector<Source> expand_sources(const std::vector<std::string>& arguments);

// Reads and decodes it.
Result<Image> read_source(const Source& source, const ImageReadOptions& options);

bool natural_less(const std::string& a, const std::string& b);
// By extension: what folders are searched for.
bool has_picture_extension(const std::string& path);
// The file name without folder and extension; "stdin" for "-".
std::string stem_of(const std::string& path);

}  // namespace saker::cli
