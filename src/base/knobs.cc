#include "base/knobs.h"

#include <cstdlib>
#include <string_view>

namespace saker {
namespace {

// XDG Base Directory Specification: paths that are not absolute are to be ignored.
std::string cache_folder() {
  if (const char* own = std::getenv("SAKER_CACHE"); own != nullptr && *own != '\0') return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/')
    return std::string(xdg) + "/saker";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.cache/saker";
  return "";
}

Knobs::Tiles tiles_of(std::string_view text) {
  if (text == "1") return Knobs::Tiles::kInstructions;
  return text == "software" ? Knobs::Tiles::kSoftware : Knobs::Tiles::kNone;
}

}  // namespace

const Knobs& knobs() {
  static const Knobs instance = [] {
    Knobs k;
    if (const char* isa = std::getenv("SAKER_ISA")) k.isa = isa;
    if (const char* rate = std::getenv("SAKER_BF16_RATE")) k.bf16_rate = rate;
    if (const char* tiles = std::getenv("SAKER_TILES")) k.tiles = tiles_of(tiles);
    if (const char* backends = std::getenv("SAKER_BACKENDS")) k.backends = backends;
    k.cache = cache_folder();
    return k;
  }();
  return instance;
}

}  // namespace saker
