#include "eval/found_boxes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/try.h"

namespace saker {

Result<BoxCollector> BoxCollector::create(const Dataset& dataset, std::span<const std::string> labels,
                                          CollectOptions options) {
  SAKER_ASSIGN(ClassMap map, map_classes(labels, dataset));
  return BoxCollector(dataset, std::move(map), std::move(options));
}

bool BoxCollector::take(const FoundInPicture& found) {
  if (found.error.empty()) {
    add(found);
  } else if (options_.skip_bad) {
    if (options_.warn) options_.warn(found.error);
    found_.failed.resize(dataset_->pictures.size(), false);
    found_.failed[next_] = true;
    ++failures_;
  } else {
    error_ = found.error;
    return false;
  }
  ++next_;
  if (options_.progress) options_.progress(next_, failures_);
  return true;
}

void BoxCollector::add(const FoundInPicture& found) {
  const Picture& picture = dataset_->pictures[next_];
  if (picture.width > 0 && (picture.width != found.width || picture.height != found.height)) ++resized_;
  for (const Detection& box : found.boxes) {
    const std::int32_t category = map_.category[static_cast<std::size_t>(box.class_id)];
    if (category < 0) continue;
    const double x = static_cast<double>(box.x1), y = static_cast<double>(box.y1);
    found_.boxes.push_back({static_cast<std::int32_t>(next_), category, x, y, static_cast<double>(box.x2) - x,
                            static_cast<double>(box.y2) - y, static_cast<double>(box.score)});
  }
}

Result<FoundBoxes> BoxCollector::finish() {
  if (!error_.empty()) return Error{ErrorCode::kIo, error_ + "\n`skip_bad` goes on without such pictures", "skip_bad"};
  found_.notes = map_.notes;
  if (resized_ > 0)
    found_.notes.push_back(fmt::format("{} pictures have another size than the annotations say", resized_));
  return std::move(found_);
}

Result<FoundBoxes> find_boxes(const Dataset& dataset, std::span<const std::string> labels,
                              const std::function<FoundInPicture(const std::string& path)>& find,
                              CollectOptions options) {
  SAKER_ASSIGN(BoxCollector collector, BoxCollector::create(dataset, labels, std::move(options)));
  const Stopwatch watch;
  for (const Picture& picture : dataset.pictures) {
    if (!collector.take(find(picture_path(dataset, picture)))) break;
  }
  const double seconds = watch.ms() / 1e3;
  SAKER_ASSIGN(FoundBoxes found, collector.finish());
  found.pictures_per_second = static_cast<double>(dataset.pictures.size()) / std::max(seconds, 1e-9);
  return found;
}

}  // namespace saker
