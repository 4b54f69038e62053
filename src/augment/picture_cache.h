// Pictures decoded and made as large as the batch wants them; the last used stay in memory.
#pragma once

#include <saker/image.h>
#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/dataset.h"

namespace saker::augment {

// The largest size within `room` in the picture's proportion, sides rounded up as Ultralytics does.
ImageSize fitted(ImageSize picture, ImageSize room);

// For many threads. One that wants what another is about to read waits for it.
class PictureCache {
 public:
  using Picture = std::shared_ptr<const Image>;

  // The dataset must outlive it. Keeps no more than so many bytes of pixels, besides what callers hold.
  PictureCache(const Dataset& dataset, std::size_t bytes) : dataset_(dataset), limit_(bytes) {}

  // That picture of the dataset, fitted into `room` (sides up to 65535). What cannot be read is remembered. Throws
  // std::bad_alloc.
  Result<Picture> get(std::int32_t picture, ImageSize room);

  std::size_t bytes() const;
  std::vector<std::string> new_failures();  // messages of pictures that could not be read, each once

 private:
  struct Entry {
    std::shared_future<Result<Picture>> result;
    std::size_t bytes = 0;                   // 0 until it is there
    std::list<std::uint64_t>::iterator use;  // its place in uses_, if it is there
  };

  Result<Picture> read(std::int32_t picture, ImageSize room) const;
  void keep(std::uint64_t key, std::size_t bytes);

  const Dataset& dataset_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::list<std::uint64_t> uses_;  // the last used first
  std::size_t bytes_ = 0;
  std::unordered_map<std::int32_t, Error> failed_;
  std::vector<std::string> new_failures_;
};

}  // namespace saker::augment
