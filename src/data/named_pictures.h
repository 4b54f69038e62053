// The files that COCO's file_name stands for: as written, or, where another machine wrote it, by the end of the path.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "data/file_search.h"

namespace saker {

class NamedPictures {
 public:
  NamedPictures(Dataset& dataset, const DatasetOptions& options) : dataset_(dataset), options_(options) {}

  // Sets dataset.folder, as find_pictures does.
  Status find_folder(const std::vector<std::filesystem::path>& candidates);

  // Names the pictures as they lie in the folder, and notes that. What leads out of the folder and has no such file, or
  // several, has a problem.
  void settle();
  // Why the picture cannot be used, as the rest of a sentence; empty: it can, though its file may be missing.
  const std::string& problem(std::size_t picture) const;

 private:
  std::string misplaced(std::size_t picture) const;
  void look_for(std::size_t picture);
  void refuse_shared();

  Dataset& dataset_;
  const DatasetOptions& options_;
  FileSearch search_;
  bool any_found_ = false;                                  // the folder was not only guessed
  std::vector<std::pair<std::size_t, std::string>> moved_;  // picture, its file in the folder
  std::unordered_map<std::size_t, std::string> problems_;
};

}  // namespace saker
