// RGB pictures by FFmpeg's libswscale, where the build found it.
#pragma once

#include <saker/image.h>
#include <saker/planar.h>

#include <memory>

namespace saker::lab {

class Swscale {
 public:
  // Null without the library. `like`: the layout, size, matrix and range of all pictures.
  static std::unique_ptr<Swscale> make(const PlanarView& like, int threads);
  virtual ~Swscale() = default;
  virtual void load(const PlanarView& picture) = 0;
  virtual void run() = 0;
  virtual ImageView image() const = 0;
};

}  // namespace saker::lab
