#include "model/torchscript/identifiers.h"

#include "base/text.h"

namespace saker::torchscript {

std::string Identifiers::make(std::string_view wanted) {
  constexpr std::size_t kLongest = 80;
  std::string name = prefix_;
  for (const char c : lower_case(wanted.substr(0, kLongest)))
    name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  if (used_.emplace(name, 0).second) return name;
  // What is numbered here may be what another name wants unnumbered.
  for (;;) {
    std::string numbered = name + "_" + std::to_string(++used_[name]);
    if (used_.emplace(numbered, 0).second) return numbered;
  }
}

}  // namespace saker::torchscript
