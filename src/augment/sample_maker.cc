// Facts: YOLOv5 7.0 and Ultralytics 8.4 (order of the steps, centre of the mosaic, Beta(32, 32) of mixup); YOLOX 0.3
// (its own mixup, padding at the right and below).
#include "augment/sample_maker.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "augment/colors.h"
#include "base/try.h"

namespace saker::augment {
namespace {

constexpr double kSmallestOfYolox = 1;  // pixels: shorter boxes go

// The middle one of 63 numbers is distributed so: an order statistic of uniform numbers.
double beta_32_32(PortableRandom& random) {
  std::array<double, 63> numbers{};
  for (double& number : numbers) number = random.between(0, 1);
  std::nth_element(numbers.begin(), numbers.begin() + 31, numbers.end());
  return numbers[31];
}

// The picture where `x` and `y` say, what is around it grey.
void place(const ImageView& picture, int x, int y, ImageSize size, std::uint8_t* out) {
  const std::size_t row = static_cast<std::size_t>(size.width) * 3;
  std::memset(out, kBackground, row * static_cast<std::size_t>(size.height));
  for (int i = 0; i < picture.height; ++i) {
    std::memcpy(out + static_cast<std::size_t>(y + i) * row + static_cast<std::size_t>(x) * 3,
                picture.data + i * picture.stride_bytes, static_cast<std::size_t>(picture.width) * 3);
  }
}

void mirror_boxes(double width, std::vector<EdgeBox>& boxes) {
  for (EdgeBox& box : boxes) box = {width - box.x2, box.y1, width - box.x1, box.y2, box.category};
}

void turn_boxes_over(double height, std::vector<EdgeBox>& boxes) {
  for (EdgeBox& box : boxes) box = {box.x1, height - box.y2, box.x2, height - box.y1, box.category};
}

void append(const std::vector<EdgeBox>& more, std::vector<EdgeBox>& boxes) {
  boxes.insert(boxes.end(), more.begin(), more.end());
}

}  // namespace

struct SampleMaker::Making {
  const Augmentation& augmentation;
  const SampleRequest& request;
  PortableRandom& random;

  bool happens(double probability) const { return random.between(0, 1) < probability; }
  std::size_t partner() const {
    return (request.position + request.count - random.below(request.window)) % request.count;
  }
  std::size_t bytes() const {
    return static_cast<std::size_t>(request.size.width) * static_cast<std::size_t>(request.size.height) * 3;
  }
};

Result<Sample> SampleMaker::make(const Augmentation& augmentation, const SampleRequest& request, PortableRandom& random,
                                 std::uint8_t* out) {
  const Making making = {augmentation, request, random};
  const ImageSize size = request.size;
  const bool in_mosaic = !request.alone && making.happens(augmentation.mosaic);
  SAKER_ASSIGN(Sample sample, in_mosaic ? mosaic(making, request.position, out) : view(making, request.position, out));

  // YOLOX mixes mosaics only, and only those with something in them.
  if (augmentation.yolox) {
    if (in_mosaic && !sample.boxes.empty() && making.happens(augmentation.mixup)) {
      SAKER_TRY(yolox_mixup(making, sample, out));
    }
  } else if (!request.alone && making.happens(augmentation.mixup)) {
    SAKER_TRY(mixup(making, sample, out));
  }

  const auto pixels = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  change_colors(draw_color_change(augmentation, random), pixels, out);
  if (making.happens(augmentation.flipud)) {
    turn_over(size, out);
    turn_boxes_over(size.height, sample.boxes);
  }
  if (making.happens(augmentation.fliplr)) {
    mirror(size, out);
    mirror_boxes(size.width, sample.boxes);
  }
  if (augmentation.yolox) keep_longer_than(kSmallestOfYolox, sample.boxes);
  return sample;
}

// One picture: mapped from the middle, or only placed.
Result<Sample> SampleMaker::view(const Making& making, std::size_t position, std::uint8_t* out) {
  const ImageSize size = making.request.size;
  SAKER_ASSIGN(LoadedPicture loaded, making.request.load(position));
  const ImageView picture = loaded.image->view();
  Sample sample = {loaded.index, std::move(loaded.boxes)};
  if (making.augmentation.yolox || is_identity(making.augmentation)) {
    // Halves are rounded down, as round(d - 0.1) does.
    const int x = making.augmentation.yolox ? 0 : (size.width - picture.width) / 2;
    const int y = making.augmentation.yolox ? 0 : (size.height - picture.height) / 2;
    place(picture, x, y, size, out);
    shift(x, y, sample.boxes);
    return sample;
  }
  const Map map = draw_map(making.augmentation, {picture.width, picture.height}, size, making.random);
  warp(picture, inverse(map.matrix), size, out);
  const std::vector<EdgeBox> before = sample.boxes;
  map_boxes(map.matrix, size, sample.boxes);
  keep_plain(before, map.scale, sample.boxes);
  return sample;
}

// Four pictures that meet with their corners in one point of a canvas of twice the size, of which a map shows a part.
Result<Sample> SampleMaker::mosaic(const Making& making, std::size_t position, std::uint8_t* out) {
  const ImageSize size = making.request.size;
  const ImageSize canvas = {2 * size.width, 2 * size.height};
  const int middle_x = static_cast<int>(making.random.between(0.5 * size.width, 1.5 * size.width));
  const int middle_y = static_cast<int>(making.random.between(0.5 * size.height, 1.5 * size.height));
  Sample sample;
  std::array<std::shared_ptr<const Image>, 4> held;
  std::array<Tile, 4> tiles;
  for (std::size_t i = 0; i < 4; ++i) {  // left top, right top, left bottom, right bottom
    SAKER_ASSIGN(LoadedPicture loaded, making.request.load(i == 0 ? position : making.partner()));
    if (i == 0) sample.picture = loaded.index;
    held[i] = std::move(loaded.image);
    const int x = middle_x - (i % 2 == 0 ? held[i]->width : 0), y = middle_y - (i < 2 ? held[i]->height : 0);
    tiles[i] = {held[i]->view(), x, y};
    shift(x, y, loaded.boxes);
    append(loaded.boxes, sample.boxes);
  }
  clip(canvas, sample.boxes);

  const bool yolox = making.augmentation.yolox;
  const Map map = yolox ? draw_yolox_map(making.augmentation, size, making.random)
                        : draw_map(making.augmentation, canvas, size, making.random);
  // All of it, though a map shows a part only: to copy only that saves a tenth of the time at most.
  warp(compose(tiles, canvas, canvas_), inverse(map.matrix), size, out);

  const std::vector<EdgeBox> before = sample.boxes;
  map_boxes(map.matrix, size, sample.boxes);
  if (!yolox) keep_plain(before, map.scale, sample.boxes);
  return sample;
}

Status SampleMaker::mixup(const Making& making, Sample& sample, std::uint8_t* out) {
  const double share = beta_32_32(making.random);
  const std::size_t position = making.partner();
  other_.resize(making.bytes());
  SAKER_ASSIGN(const Sample other, making.happens(making.augmentation.mosaic) ? mosaic(making, position, other_.data())
                                                                              : view(making, position, other_.data()));
  mix_pixels(share, other_.data(), other_.size(), out);
  append(other.boxes, sample.boxes);
  return {};
}

// A picture with objects, at the left top of a grey square of the result's size; that square made larger or smaller,
// perhaps mirrored; where it is larger a random part of it, where smaller with black at its right and below.
Status SampleMaker::yolox_mixup(const Making& making, Sample& sample, std::uint8_t* out) {
  constexpr int kTries = 16;  // for a picture with objects
  const ImageSize size = making.request.size;
  SAKER_ASSIGN(LoadedPicture loaded, making.request.load(making.partner()));
  for (int i = 1; i < kTries && loaded.boxes.empty(); ++i) {
    SAKER_ASSIGN(loaded, making.request.load(making.partner()));
  }
  const double scale = making.random.between(making.augmentation.mixup_scale[0], making.augmentation.mixup_scale[1]);
  const bool mirrored = making.happens(0.5);
  const ImageSize square = {std::max(1, static_cast<int>(size.width * scale)),
                            std::max(1, static_cast<int>(size.height * scale))};
  const auto offset = [&](int side, int shown) -> double {
    return side > shown ? static_cast<double>(making.random.below(static_cast<std::uint64_t>(side - shown))) : 0.0;
  };
  const double left = offset(square.width, size.width), top = offset(square.height, size.height);

  // Edges of pixels, not middles.
  const double sx = static_cast<double>(square.width) / size.width,
               sy = static_cast<double>(square.height) / size.height;
  const Matrix map = {mirrored ? -sx : sx, 0, (mirrored ? square.width : 0) - left, 0, sy, -top, 0, 0, 1};
  const Matrix to_edges = {1, 0, 0.5, 0, 1, 0.5, 0, 0, 1}, to_middles = {1, 0, -0.5, 0, 1, -0.5, 0, 0, 1};
  other_.resize(making.bytes());
  warp(loaded.image->view(), product(to_middles, product(inverse(map), to_edges)), size, other_.data());
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* row = other_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) * 3;
    const int kept = y < square.height ? std::min(square.width, size.width) : 0;
    std::fill(row + std::ptrdiff_t{3} * kept, row + std::ptrdiff_t{3} * size.width, std::uint8_t{0});
  }
  mix_pixels(0.5, other_.data(), other_.size(), out);
  map_boxes(map, size, loaded.boxes);
  append(loaded.boxes, sample.boxes);
  return {};
}

}  // namespace saker::augment
