// Which category of a dataset each class of a model is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace saker {

struct ClassMap {
  std::vector<std::int32_t> category;  // index: class of the model; -1: the dataset has no such category
  std::vector<std::string> notes;      // what people should know of it
};

// By name, whatever the case, with '_' and '-' as spaces. When no name fits but the counts are equal: in the order of
// the category ids. Error kInvalid when neither holds.
Result<ClassMap> map_classes(std::span<const std::string> labels, const Dataset& dataset);

}  // namespace saker
