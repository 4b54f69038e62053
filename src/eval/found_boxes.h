// The boxes of a model, whatever runs it, on the pictures of a dataset.
#pragma once

#include <saker/detector_spec.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "eval/class_map.h"

namespace saker {

struct FoundBoxes {
  std::vector<ScoredBox> boxes;
  std::vector<std::string> notes;  // what people should know of them
  std::size_t skipped = 0;         // entries of a results file that were left out
  std::vector<bool> failed;        // parallel to the pictures: not read (only with skip_bad); empty: none
  double pictures_per_second = 0;  // with decoding and all; 0: not measured
};

// Of one picture.
struct FoundInPicture {
  std::vector<Detection> boxes;  // in pixels of the file
  int width = 0, height = 0;     // of the file
  std::string error;             // not empty: it could not be looked at, and why
};

struct CollectOptions {
  bool skip_bad = false;  // leave pictures out that cannot be looked at; else the first ends it
  std::function<void(const std::string& error)> warn;                  // of each that is left out
  std::function<void(std::size_t done, std::size_t failed)> progress;  // after each picture
};

// Takes what was found in one picture of the dataset after the other, in their order. The dataset must outlive it.
class BoxCollector {
 public:
  // Error kInvalid if the classes of the model, named by `labels`, are not those of the dataset.
  static Result<BoxCollector> create(const Dataset& dataset, std::span<const std::string> labels,
                                     CollectOptions options = {});

  // False: no more is wanted, and finish() says why.
  bool take(const FoundInPicture& found);
  // Error kIo: a picture that could not be looked at.
  Result<FoundBoxes> finish();

 private:
  BoxCollector(const Dataset& dataset, ClassMap map, CollectOptions options)
      : dataset_(&dataset), map_(std::move(map)), options_(std::move(options)) {}
  void add(const FoundInPicture& found);

  const Dataset* dataset_;
  ClassMap map_;
  CollectOptions options_;
  FoundBoxes found_;
  std::string error_;
  std::size_t next_ = 0, failures_ = 0, resized_ = 0;
};

// The same for who finds boxes in one picture after the other: `find` gets the picture's path.
Result<FoundBoxes> find_boxes(const Dataset& dataset, std::span<const std::string> labels,
                              const std::function<FoundInPicture(const std::string& path)>& find,
                              CollectOptions options = {});

}  // namespace saker
