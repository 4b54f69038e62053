#include "model/printable.h"

namespace saker {

std::string printable(std::string_view name) {
  constexpr std::size_t kMaxLength = 200;
  std::string text(name.substr(0, kMaxLength));
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return name.size() > kMaxLength ? text + "..." : text;
}

}  // namespace saker
