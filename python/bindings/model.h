// saker::Model as a Python object.
#pragma once

#include <saker/model.h>

#include <optional>
#include <string>

namespace saker::python {

struct PyModel {
  Model model;
  std::string backend;              // as it was asked for
  std::optional<std::string> path;  // as it was asked for; none: read from memory
};

}  // namespace saker::python
