// What the metadata of a model say of its pictures.
#pragma once

#include <map>
#include <string>

namespace saker {

// Height and width of the pictures that a model was exported for or trained on ("imgsz" of Ultralytics), also where its
// input leaves them open; else 640.
struct PictureSize {
  int height = 640, width = 640;
};
PictureSize exported_size(const std::map<std::string, std::string>& metadata);

}  // namespace saker
