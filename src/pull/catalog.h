// The weights that `saker pull` knows by name.
#pragma once

#include <span>
#include <string_view>

namespace saker {

// Who publishes a group of files, and under which terms.
struct Release {
  std::string_view files;       // the URL of the folder, with a slash at its end
  std::string_view repository;  // where to read about them
  std::string_view licence;     // of the repository, as an SPDX identifier
};

struct CatalogEntry {
  std::string_view file;  // name, and last part of the URL
  const Release* release;
  std::string_view sha256 = {};  // empty: not known here, so trusted on first use
};

std::span<const CatalogEntry> catalog();

// By the file's name, or by its stem ("yolov5n": the .onnx if there is one). Null: no such name.
const CatalogEntry* find_weights(std::string_view name);

}  // namespace saker
