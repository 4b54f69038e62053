#include "synth/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "base/try.h"
#include "data/dataset.h"
#include "data/new_folder.h"
#include "data/writers.h"

namespace saker::synth {
namespace {

namespace fs = std::filesystem;

Status check_options(const SynthOptions& options) {
  const std::size_t wanted = std::max(options.train, options.val);  // the sum could overflow
  if (wanted > kMostPictures || options.train + options.val > kMostPictures || wanted == 0)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} and {} pictures: together 1 to {}", options.train, options.val, kMostPictures)};
  const auto [least, most] = std::minmax(options.size.width, options.size.height);
  if (least >= kSmallestSide && most <= kLargestSide) return {};
  return Error{ErrorCode::kInvalid, fmt::format("{} x {} pixels (height x width): each {} to {}", options.size.height,
                                                options.size.width, kSmallestSide, kLargestSide)};
}

// What a canvas, a copy of it and the picture take.
int threads_that_fit(const SynthOptions& options, std::size_t pictures) {
  constexpr std::int64_t kMemory = 2'000'000'000, kPixel = 64;
  const std::int64_t picture = kPixel * options.size.width * options.size.height;
  return std::min(loop_threads(options.threads, static_cast<std::int64_t>(pictures)),
                  static_cast<int>(std::max<std::int64_t>(1, kMemory / picture)));
}

Dataset empty_dataset(const Theme& theme, const fs::path& folder) {
  Dataset dataset;
  dataset.path = dataset.folder = folder.string();
  for (std::size_t i = 0; i < theme.classes.size(); ++i)
    dataset.categories.push_back({static_cast<std::int64_t>(i) + 1, theme.classes[i], theme.name});
  return dataset;
}

// The pictures of one split into files of a folder.
class Drawing {
 public:
  Drawing(const Theme& theme, const SynthOptions& options, std::size_t done)
      : theme_(theme), options_(options), done_(done) {}

  Result<Dataset> draw(const std::string& split, std::size_t count, const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) return Error{ErrorCode::kIo, folder.string() + ": " + problem.message()};
    std::vector<std::vector<TrueBox>> boxes(count);
    const std::uint64_t seed = scrambled(scrambled(options_.seed) + (split == "train" ? 0 : 1));
    parallel_for(threads_that_fit(options_, count), static_cast<std::int64_t>(count), [&](std::int64_t i, int) {
      const auto index = static_cast<std::size_t>(i);
      if (!failed_) draw_one(scrambled(seed + index), (folder / name(split, index)).string(), boxes[index]);
    });
    if (failed_) return *error_;
    Dataset dataset = empty_dataset(theme_, folder);
    for (std::size_t i = 0; i < count; ++i) add(dataset, name(split, i), boxes[i]);
    return dataset;
  }

 private:
  std::string name(const std::string& split, std::size_t index) const {
    return fmt::format("{}_{}_{:06}.jpg", theme_.name, split, index);
  }

  void draw_one(std::uint64_t seed, const std::string& path, std::vector<TrueBox>& boxes) {
    LabelledPicture picture = draw_picture(theme_, options_.size, seed);
    boxes = std::move(picture.boxes);
    const Status status = write_image(path, picture.image.view(), picture.jpeg_quality);
    const std::lock_guard lock(mutex_);
    if (!status.ok() && !failed_.exchange(true)) error_ = status.error();
    ++done_;
    if (options_.progress) options_.progress(done_);
  }

  void add(Dataset& dataset, const std::string& file, const std::vector<TrueBox>& boxes) const {
    const auto picture = static_cast<std::int32_t>(dataset.pictures.size());
    dataset.pictures.push_back({picture + 1, file, options_.size.width, options_.size.height});
    for (const TrueBox& box : boxes) {
      const double w = box.x2 - box.x1, h = box.y2 - box.y1;
      dataset.annotations.push_back({static_cast<std::int64_t>(dataset.annotations.size()) + 1, picture, box.category,
                                     box.x1, box.y1, w, h, w * h});
    }
  }

  const Theme& theme_;
  const SynthOptions& options_;
  std::size_t done_;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::optional<Error> error_;
};

Status write_split(const SynthOptions& options, const std::string& split, const Dataset& dataset,
                   const fs::path& folder) {
  if (options.labels == Labels::kCoco) return write_coco(dataset, (folder / ("instances_" + split + ".json")).string());
  const auto written = write_yolo(dataset, folder.string(), {.split = split});
  return written.ok() ? Status() : Status(written.error());
}

// `drawn`: an empty folder beside the new one, from which pictures are linked into it.
Result<SynthWritten> write_splits(const Theme& theme, const SynthOptions& options, const fs::path& folder,
                                  const fs::path& drawn) {
  SynthWritten written;
  for (const auto& [split, count] :
       {std::pair{std::string("train"), options.train}, {std::string("val"), options.val}}) {
    if (count == 0) continue;
    const fs::path pictures = options.labels == Labels::kCoco ? folder / "images" / split : drawn / split;
    Drawing drawing(theme, options, written.pictures);
    SAKER_ASSIGN(const Dataset dataset, drawing.draw(split, count, pictures));
    SAKER_TRY(write_split(options, split, dataset, folder));
    written.pictures += count;
    written.boxes += dataset.annotations.size();
  }
  return written;
}

}  // namespace

Result<SynthWritten> write_synthetic(const Theme& theme, const SynthOptions& options, const std::string& folder) {
  SAKER_TRY(check_options(options));
  SAKER_ASSIGN(NewFolder made, NewFolder::begin(folder, "data.yaml", false));
  SAKER_ASSIGN(const TemporaryFolder drawn, TemporaryFolder::make(fs::path(made.path()).parent_path().string()));
  auto written = write_splits(theme, options, made.path(), drawn.path());
  if (!written.ok()) return made.in_place(named_in_place(written.error(), drawn.path(), folder));
  SAKER_TRY(made.commit());
  return written;
}

}  // namespace saker::synth
