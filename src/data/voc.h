// One Pascal VOC annotation file.
#pragma once

#include <saker/result.h>

#include <string>
#include <string_view>
#include <vector>

#include "data/bad_entries.h"

namespace saker {

struct VocObject {
  std::string name;
  double x = 0, y = 0, w = 0, h = 0;  // pixels
  bool difficult = false;
};

struct VocPicture {
  std::string file;           // name without folders; may be empty
  int width = 0, height = 0;  // 0: not stated
  std::vector<VocObject> objects;
};

// `file` is for messages, which name the line.
Result<VocPicture> parse_voc(std::string_view xml, const std::string& file, BadEntries& bad);

}  // namespace saker
