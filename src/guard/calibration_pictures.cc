#include "guard/calibration_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <optional>

#include "base/cpu.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/try.h"
#include "detect/letterbox.h"
#include "detect/spec_state.h"
#include "pipeline/picture_files.h"

namespace saker {
namespace {

struct Looked {
  std::optional<PictureTraits> traits;
  std::string error;
};

std::vector<Looked> look_at(const std::vector<std::string>& paths, const ImageReadOptions& options, int threads) {
  std::vector<Looked> looked(paths.size());
  parallel_for(threads, static_cast<std::int64_t>(paths.size()), [&](std::int64_t i, int) {
    Looked& own = looked[static_cast<std::size_t>(i)];
    const auto image = read_image(paths[static_cast<std::size_t>(i)], options);
    if (image.ok()) {
      own.traits = picture_traits(image->view());
    } else {
      own.error = image.error().message;
    }
  });
  return looked;
}

std::vector<PictureFile> sources_in(const std::string& folder) {
  std::vector<PictureFile> sources = list_pictures({folder});
  const std::string images = (std::filesystem::path(folder) / "images").string();
  const bool none = sources.size() == 1 && !sources[0].error.empty();
  if (none && std::filesystem::is_directory(images)) sources = list_pictures({images});
  return sources;
}

}  // namespace

Result<CalibrationPictures> find_calibration_pictures(const std::string& folder, std::size_t subset, std::uint64_t seed,
                                                      const ImageReadOptions& options, int threads) {
  const std::vector<PictureFile> sources = sources_in(folder);
  CalibrationPictures pictures;
  if (sources.size() == 1 && !sources[0].error.empty()) return Error{ErrorCode::kNotFound, sources[0].error};
  pictures.found = sources.size();
  std::vector<std::size_t> order(sources.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (sources.size() > subset) PortableRandom(seed).shuffle(order);

  std::vector<std::pair<std::size_t, PictureTraits>> chosen;
  for (std::size_t next = 0; next < order.size() && chosen.size() < subset;) {
    std::vector<std::string> paths;
    const std::size_t first = next;
    for (; next < order.size() && chosen.size() + paths.size() < subset; ++next)
      paths.push_back(sources[order[next]].path);
    std::vector<Looked> looked = look_at(paths, options, threads);
    for (std::size_t i = 0; i < looked.size(); ++i) {
      if (looked[i].traits) {
        chosen.emplace_back(order[first + i], *looked[i].traits);
      } else {
        pictures.unreadable.push_back(std::move(looked[i].error));
      }
    }
  }
  if (chosen.empty())
    return Error{ErrorCode::kNotFound, fmt::format("{}: no picture that can be read, of {}\n{}", folder, pictures.found,
                                                   pictures.unreadable.empty() ? "" : pictures.unreadable.front())};
  std::ranges::sort(chosen, {}, &std::pair<std::size_t, PictureTraits>::first);
  for (const auto& [index, traits] : chosen) {
    pictures.paths.push_back(sources[index].path);
    pictures.traits.push_back(traits);
  }
  return pictures;
}

Result<PictureFeed> picture_feed(const CalibrationPictures& pictures, const Detector& detector,
                                 const ImageReadOptions& options, const Graph& graph) {
  const SpecInput& input = detector.spec().state().input;
  const DType dtype = graph.value(graph.inputs[input.index]).dtype;
  SAKER_ASSIGN(const Isa isa, choose_isa(""));
  SAKER_ASSIGN(Letterbox letterbox, Letterbox::make(detector.preprocess(), dtype, detector.input_width(),
                                                    detector.input_height(), isa, input.layout));
  PictureFeed feed;
  feed.count = pictures.paths.size();
  feed.input = input.index;
  for (const OtherInput& other : input.others) feed.others.emplace_back(other.index, other.values);
  for (std::size_t c = 0; letterbox.writes_bytes() && c < 3; ++c) {
    const auto [low, high] = std::ranges::minmax(letterbox.values(c));
    feed.reach.push_back({std::min(low, 0.0F), std::max(high, 0.0F)});
  }
  const auto batch = static_cast<std::size_t>(input.batch);
  feed.fill = [&pictures, letterbox, options, batch](std::size_t i, Tensor& slots, ThreadPool& pool) -> Status {
    SAKER_ASSIGN(const Image image, read_image(pictures.paths[i], options));
    SAKER_ASSIGN(const Placement placement, letterbox.write(image.view(), slots.raw(), &pool));
    static_cast<void>(placement);
    const std::size_t bytes = slots.bytes() / batch;
    auto* const first = static_cast<std::byte*>(slots.raw());
    for (std::size_t slot = 1; slot < batch; ++slot) std::memcpy(first + slot * bytes, first, bytes);
    return {};
  };
  return feed;
}

}  // namespace saker
