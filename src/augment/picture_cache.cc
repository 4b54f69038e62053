#include "augment/picture_cache.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "augment/resize.h"
#include "base/try.h"

namespace saker::augment {

ImageSize fitted(ImageSize picture, ImageSize room) {
  const double ratio =
      std::min(static_cast<double>(room.width) / picture.width, static_cast<double>(room.height) / picture.height);
  const auto side = [&](int of, int most) {
    constexpr double kRounding = 1e-6;  // 480.0000001 is 480
    return std::clamp(static_cast<int>(std::ceil(of * ratio - kRounding)), 1, most);
  };
  return {side(picture.width, room.width), side(picture.height, room.height)};
}

Result<PictureCache::Picture> PictureCache::get(std::int32_t picture, ImageSize room) {
  const std::uint64_t key = static_cast<std::uint64_t>(picture) << 32 | static_cast<std::uint64_t>(room.width) << 16 |
                            static_cast<std::uint64_t>(room.height);
  std::promise<Result<Picture>> promise;
  std::shared_future<Result<Picture>> known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto failed = failed_.find(picture); failed != failed_.end()) return failed->second;
    if (const auto found = entries_.find(key); found != entries_.end()) {
      if (found->second.bytes > 0) uses_.splice(uses_.begin(), uses_, found->second.use);
      known = found->second.result;
    } else {
      entries_[key].result = promise.get_future().share();
    }
  }
  if (known.valid()) return known.get();

  try {
    Result<Picture> result = read(picture, room);
    promise.set_value(result);
    const std::lock_guard lock(mutex_);
    if (result.ok()) {
      keep(key, (*result)->pixels.size());
    } else {
      entries_.erase(key);
      if (failed_.emplace(picture, result.error()).second) new_failures_.push_back(result.error().message);
    }
    return result;
  } catch (...) {
    promise.set_exception(std::current_exception());
    const std::lock_guard lock(mutex_);
    entries_.erase(key);
    throw;
  }
}

Result<PictureCache::Picture> PictureCache::read(std::int32_t picture, ImageSize room) const {
  const std::string path = picture_path(dataset_, dataset_.pictures[static_cast<std::size_t>(picture)]);
  ImageReadOptions options;
  options.target_width = room.width;
  options.target_height = room.height;
  SAKER_ASSIGN(Image image, read_image(path, options));
  if (image.file_size.width <= 0) image.file_size = {image.width, image.height};
  const ImageSize size = fitted(image.file_size, room);
  if (size.width != image.width || size.height != image.height) image = resize(image.view(), size);
  return Picture(std::make_shared<const Image>(std::move(image)));
}

void PictureCache::keep(std::uint64_t key, std::size_t bytes) {
  Entry& entry = entries_.at(key);
  uses_.push_front(key);
  entry.use = uses_.begin();
  entry.bytes = bytes;
  bytes_ += bytes;
  while (bytes_ > limit_) {
    const auto last = entries_.find(uses_.back());
    bytes_ -= last->second.bytes;
    entries_.erase(last);
    uses_.pop_back();
  }
}

std::size_t PictureCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::vector<std::string> PictureCache::new_failures() {
  const std::lock_guard lock(mutex_);
  return std::exchange(new_failures_, {});
}

}  // namespace saker::augment
