// Names for generated code, made of names that anybody may have chosen.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace saker::torchscript {

// Each has the prefix, which no word of the language and no attribute of torch's modules begins with, then a-z, 0-9 and
// _ only, and is unlike all others of this set.
class Identifiers {
 public:
  explicit Identifiers(std::string_view prefix) : prefix_(prefix) {}
  std::string make(std::string_view wanted);

 private:
  std::string prefix_;
  std::unordered_map<std::string, int> used_;  // with how many others wanted the same
};

}  // namespace saker::torchscript
