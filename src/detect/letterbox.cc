// Placement and pixel conversion. Facts: ultralytics (data/augment.py LetterBox, ops.scale_boxes),
// Megvii YOLOX (data/data_augment.py preproc), NanoDet (keep_ratio: false).
#include "detect/letterbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/half.h"
#include "base/try.h"
#include "detect/resize.h"
#include "kernels/table.h"

namespace saker {
namespace {

constexpr int kMaxPictureSide = 1 << 24;
constexpr int kRowsOfPart = 16;  // 10 to 20 us of a thread at a width of 640

// Half to even, as Python's round().
int round_even(double value) {
  return static_cast<int>(std::nearbyint(value));
}

Status check_size(int width, int height, bool has_data) {
  if (!has_data || width <= 0 || height <= 0)
    return Error{ErrorCode::kInvalid, fmt::format("the picture is empty ({}x{})", width, height)};
  if (width > kMaxPictureSide || height > kMaxPictureSide) {
    return Error{ErrorCode::kLimit,
                 fmt::format("a picture of {}x{} has a side over {} pixels", width, height, kMaxPictureSide)};
  }
  return {};
}

Status check_view(const ImageView& image) {
  SAKER_TRY(check_size(image.width, image.height, image.data != nullptr));
  const std::ptrdiff_t row = std::ptrdiff_t{3} * image.width;
  if (image.height > 1 && image.stride_bytes < row && image.stride_bytes > -row) {
    return Error{ErrorCode::kInvalid, fmt::format("rows of {} pixels need {} bytes, the picture's stride is {}",
                                                  image.width, row, image.stride_bytes)};
  }
  return {};
}

Status check_view(const PlanarView& image) {
  const bool pairs = image.layout == PlanarLayout::kNv12 || image.layout == PlanarLayout::kP010;
  const std::size_t count = pairs ? 2 : 3;
  const auto end = image.data.begin() + static_cast<std::ptrdiff_t>(count);
  SAKER_TRY(check_size(image.width, image.height, std::find(image.data.begin(), end, nullptr) == end));
  const int bytes = yuv_planes(image).sample_bytes, chroma_width = (image.width + 1) / 2;
  for (std::size_t p = 0; p < count; ++p) {
    const std::ptrdiff_t samples = p == 0 ? image.width : std::ptrdiff_t{chroma_width} * (pairs ? 2 : 1);
    const std::ptrdiff_t row = samples * bytes, stride = image.stride_bytes[p];
    const int rows = p == 0 ? image.height : (image.height + 1) / 2;
    if (rows > 1 && stride < row && stride > -row) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("rows of plane {} need {} bytes in a picture {} pixels wide, its stride is {}", p, row,
                               image.width, stride)};
    }
  }
  return {};
}

// A table whose values are pixels times a factor, in two parts, so that they are rounded once.
bool is_scaled(const float* table, LetterboxScale scale) {
  for (int i = 0; i < 256; ++i) {
    const auto pixel = static_cast<float>(i);
    if (std::fma(pixel, scale.high, pixel * scale.low) != table[i]) return false;
  }
  return true;
}

LetterboxScale scale_by(double factor) {
  const auto high = static_cast<float>(factor);
  return {high, static_cast<float>(factor - static_cast<double>(high))};
}

// LetterboxArgs::column_step.
std::int64_t column_step(const std::vector<LetterboxColumn>& columns) {
  const std::int64_t step = columns.size() < 2 ? 0 : (columns[1].left - columns[0].left) / 3;
  if (step < 1 || step > kMostColumnStep || columns[0].left_weight % 32 != 0 || columns[0].right_weight % 32 != 0)
    return 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].left != columns[0].left + 3 * step * static_cast<std::int64_t>(i) ||
        columns[i].left_weight != columns[0].left_weight || columns[i].right_weight != columns[0].right_weight)
      return 0;
  }
  return step;
}

// Planes of red, green and blue pixels; the first becomes their luma: 0.299, 0.587 and 0.114 as parts of 2^15.
void to_luma(float* planes, std::size_t count) {
  constexpr int kRed = 9798, kGreen = 19235, kBlue = 3735, kShift = 15;
  const float *green = planes + count, *blue = green + count;
  for (std::size_t i = 0; i < count; ++i) {
    const int sum =
        kRed * static_cast<int>(planes[i]) + kGreen * static_cast<int>(green[i]) + kBlue * static_cast<int>(blue[i]);
    planes[i] = static_cast<float>((sum + (1 << (kShift - 1))) >> kShift);
  }
}

// Rows first..last-1 of the input, `dst` on, but for the picture: where that begins.
template <typename T>
T* fill_bars(const Placement& place, int first, int last, int width, T value, T* dst) {
  const int top = std::clamp(place.top, first, last), bottom = std::clamp(place.top + place.height, first, last);
  const auto row = [&](int y) { return dst + std::ptrdiff_t{y - first} * width; };
  std::fill(row(first), row(top), value);
  for (int y = top; y < bottom; ++y) {
    std::fill(row(y), row(y) + place.left, value);
    std::fill(row(y) + place.left + place.width, row(y + 1), value);
  }
  std::fill(row(bottom), row(last), value);
  return row(top) + place.left;
}

}  // namespace

Placement place_picture(Fit fit, int picture_width, int picture_height, int input_width, int input_height) {
  Placement placement;
  placement.picture_width = picture_width;
  placement.picture_height = picture_height;
  placement.ratio_x = static_cast<double>(input_width) / picture_width;
  placement.ratio_y = static_cast<double>(input_height) / picture_height;
  if (fit == Fit::kStretch) {
    placement.width = input_width;
    placement.height = input_height;
    return placement;
  }
  const double ratio = std::min(placement.ratio_x, placement.ratio_y);
  const double exact_width = picture_width * ratio, exact_height = picture_height * ratio;
  placement.ratio_x = placement.ratio_y = ratio;
  const bool top_left = fit == Fit::kLetterboxTopLeft;
  const int width = top_left ? static_cast<int>(exact_width) : round_even(exact_width);
  const int height = top_left ? static_cast<int>(exact_height) : round_even(exact_height);
  placement.width = std::clamp(width, 1, input_width);
  placement.height = std::clamp(height, 1, input_height);
  if (!top_left) {
    placement.left = round_even((input_width - placement.width) / 2.0 - 0.1);
    placement.top = round_even((input_height - placement.height) / 2.0 - 0.1);
  }
  return placement;
}

void map_back(const Placement& placement, Detection& box) {
  const auto map = [](float value, int offset, double ratio, int limit, float to_file) {
    const double given = std::clamp((static_cast<double>(value) - offset) / ratio, 0.0, static_cast<double>(limit));
    return static_cast<float>(given) * to_file;
  };
  const Placement& p = placement;
  box.x1 = map(box.x1, p.left, p.ratio_x, p.picture_width, p.file_x);
  box.y1 = map(box.y1, p.top, p.ratio_y, p.picture_height, p.file_y);
  box.x2 = map(box.x2, p.left, p.ratio_x, p.picture_width, p.file_x);
  box.y2 = map(box.y2, p.top, p.ratio_y, p.picture_height, p.file_y);
}

Result<Letterbox> Letterbox::make(const Preprocess& preprocess, DType dtype, int width, int height, Isa isa,
                                  PixelLayout layout) {
  if (dtype != DType::kFloat32 && dtype != DType::kFloat16 && dtype != DType::kUint8) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("the model's input is {}; pictures fit float32, float16 and uint8", dtype_name(dtype))};
  }
  Letterbox letterbox;
  letterbox.preprocess_ = preprocess;
  letterbox.dtype_ = dtype;
  letterbox.layout_ = layout;
  letterbox.width_ = width;
  letterbox.height_ = height;
  letterbox.kernel_ = &kernels_for(isa).letterbox;
  // 1/255 as a float times a pixel is not always the pixel / 255 that models were trained with.
  letterbox.scaled_ = true;
  const double scale = preprocess.scale == 1.0F / 255 ? 1.0 / 255 : static_cast<double>(preprocess.scale);
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = preprocess.mean[c], deviation = preprocess.std[c];
    if (dtype != DType::kUint8 &&
        (!std::isfinite(scale) || !std::isfinite(mean) || !std::isfinite(deviation) || deviation == 0)) {
      return Error{ErrorCode::kInvalid, "preprocess: scale, mean and std must be finite and std not 0"};
    }
    for (int pixel = 0; pixel < 256; ++pixel) {
      const auto value = static_cast<float>((pixel * scale - mean) / deviation);
      letterbox.floats_.push_back(value);
      if (dtype == DType::kFloat16) letterbox.halves_.push_back(float_to_half(value));
      if (!letterbox.is_direct()) letterbox.pixels_.push_back(static_cast<float>(pixel));
    }
    letterbox.scales_[c] = scale_by(letterbox.is_direct() ? scale / deviation : 1);
    letterbox.scaled_ = letterbox.scaled_ && is_scaled(letterbox.table(c), letterbox.scales_[c]);
  }
  return letterbox;
}

// One picture on its way into a slot.
struct Letterbox::Job {
  Placement place;
  LetterboxArgs resize;
  std::size_t channel[3] = {};  // of the model, for each byte of a pixel
  void* slot = nullptr;
  std::vector<std::uint32_t> quads;  // resize.quad_table, one behind the other
};

// Of one thread.
struct Letterbox::Buffers {
  std::vector<std::int16_t> scratch;
  std::vector<float> planes;  // of the rows of one part, where they are to be converted
};

Result<Placement> Letterbox::write(const ImageView& image, void* slot, ThreadPool* pool,
                                   const InputQuantizer* bytes) const {
  SAKER_TRY(check_view(image));
  Job job;
  job.place = place_picture(preprocess_.fit, image.width, image.height, width_, height_);
  if (image.file_size.width > 0)
    job.place.file_x = static_cast<float>(image.file_size.width) / static_cast<float>(image.width);
  if (image.file_size.height > 0)
    job.place.file_y = static_cast<float>(image.file_size.height) / static_cast<float>(image.height);
  job.resize.src = image.data;
  job.resize.src_stride = image.stride_bytes;
  return write_job(job, image.format == PixelFormat::kBgr, slot, pool, bytes);
}

Result<Placement> Letterbox::write(const PlanarView& image, void* slot, ThreadPool* pool,
                                   const InputQuantizer* bytes) const {
  SAKER_TRY(check_view(image));
  const YuvPlanes planes = yuv_planes(image);
  Job job;
  job.place = place_picture(preprocess_.fit, image.width, image.height, width_, height_);
  job.resize.planes = &planes;
  return write_job(job, false, slot, pool, bytes);
}

// What each value of a pixel's bytes adds to its quad, and whether that is the byte itself.
void Letterbox::choose_quads(Job& job, const InputQuantizer& bytes) const {
  constexpr std::size_t kValues = 256;
  bool same = true, reversed = true;
  for (std::size_t byte = 0; byte < 3; ++byte) {
    const std::size_t c = job.channel[byte];
    std::array<std::uint8_t, kValues> made;
    bytes.kernel->quantize(kValues, table(c), bytes.scale + c, bytes.offset + c, 0, made.data());
    for (std::size_t i = 0; i < kValues; ++i) {
      job.quads.push_back(static_cast<std::uint32_t>(made[i]) << 8 * c);
      same = same && made[i] == i && c == byte;
      reversed = reversed && made[i] == i && c == 2 - byte;
    }
  }
  for (std::size_t byte = 0; byte < 3; ++byte) job.resize.quad_table[byte] = job.quads.data() + kValues * byte;
  job.resize.to = same ? LetterboxTo::kSameQuads : reversed ? LetterboxTo::kReversedQuads : LetterboxTo::kQuads;
}

// A job that has its place and its pixels.
Placement Letterbox::write_job(Job& job, bool bgr, void* slot, ThreadPool* pool, const InputQuantizer* bytes) const {
  job.slot = slot;
  const int picture_width = job.place.picture_width;
  const std::vector<LetterboxColumn> columns = resize_columns(picture_width, job.place.width);
  const std::vector<LetterboxRow> rows = resize_rows(job.place.picture_height, job.place.height);
  job.resize.src_bytes = std::int64_t{3} * picture_width;
  job.resize.width = job.place.width;
  job.resize.columns = columns.data();
  job.resize.column_step = column_step(columns);
  job.resize.rows = rows.data();
  job.resize.dst_stride = width_;
  const bool swap = bgr != (preprocess_.bgr && layout_.channels == 3);
  for (std::size_t byte = 0; byte < 3; ++byte) {
    job.channel[byte] = swap ? 2 - byte : byte;
    job.resize.table[byte] = table(job.channel[byte]);
    job.resize.scale[byte] = scales_[job.channel[byte]];
  }
  job.resize.scaled = scaled_;
  if (bytes != nullptr) choose_quads(job, *bytes);
  Buffers buffers;
  buffers.scratch.resize(
      static_cast<std::size_t>(letterbox_scratch(job.place.width, job.resize.planes != nullptr ? picture_width : 0)));
  if (!is_direct()) buffers.planes.resize(std::size_t{3} * kRowsOfPart * static_cast<std::size_t>(width_));
  std::vector<Buffers> of_thread(static_cast<std::size_t>(pool == nullptr ? 1 : pool->threads()), buffers);
  const auto part = [&](std::int64_t i, int thread) {
    const int first = static_cast<int>(i) * kRowsOfPart;
    write_part(job, first, std::min(first + kRowsOfPart, height_), of_thread[static_cast<std::size_t>(thread)]);
  };
  const std::int64_t parts = (height_ + kRowsOfPart - 1) / kRowsOfPart;
  if (pool != nullptr) {
    pool->run(parts, part);
  } else {
    for (std::int64_t i = 0; i < parts; ++i) part(i, 0);
  }
  return job.place;
}

// Rows first..last-1 of the input in its own type.
void Letterbox::write_part(const Job& job, int first, int last, Buffers& buffers) const {
  if (job.resize.to != LetterboxTo::kPlanes) return write_quads(job, first, last, buffers.scratch.data());
  const auto width = static_cast<std::size_t>(width_);
  const std::size_t plane = width * static_cast<std::size_t>(height_);
  const std::size_t at = width * static_cast<std::size_t>(first),
                    count = width * static_cast<std::size_t>(last - first);
  float* planes[3];
  for (std::size_t byte = 0; byte < 3; ++byte) {
    const std::size_t c = job.channel[byte];
    planes[byte] = is_direct() ? static_cast<float*>(job.slot) + c * plane + at : buffers.planes.data() + c * count;
  }
  write_rows(job, first, last, planes, buffers.scratch.data());
  if (is_direct()) return;
  float* const pixels = buffers.planes.data();
  if (layout_.channels == 1) to_luma(pixels, count);
  switch (dtype_) {
    case DType::kUint8:
      store(pixels, first, last, static_cast<std::uint8_t*>(job.slot),
            [](std::size_t, float pixel) { return static_cast<std::uint8_t>(pixel); });
      break;
    case DType::kFloat16:
      store(pixels, first, last, static_cast<std::uint16_t*>(job.slot),
            [this](std::size_t c, float pixel) { return halves_[256 * c + static_cast<std::size_t>(pixel)]; });
      break;
    default:
      store(pixels, first, last, static_cast<float*>(job.slot),
            [this](std::size_t c, float pixel) { return floats_[256 * c + static_cast<std::size_t>(pixel)]; });
  }
}

// Planes of the pixels of rows first..last-1 into the slot, in its type and layout.
template <typename T, typename ValueOf>
void Letterbox::store(const float* planes, int first, int last, T* slot, ValueOf&& value_of) const {
  const auto width = static_cast<std::size_t>(width_), channels = static_cast<std::size_t>(layout_.channels);
  const std::size_t at = width * static_cast<std::size_t>(first),
                    count = width * static_cast<std::size_t>(last - first);
  for (std::size_t c = 0; c < channels; ++c) {
    const float* pixels = planes + c * count;
    if (layout_.channels_last) {
      for (std::size_t i = 0; i < count; ++i) slot[(at + i) * channels + c] = value_of(c, pixels[i]);
    } else {
      T* const out = slot + c * width * static_cast<std::size_t>(height_) + at;
      for (std::size_t i = 0; i < count; ++i) out[i] = value_of(c, pixels[i]);
    }
  }
}

// The picture's part of rows first..last-1, into args.dst or args.quads.
void Letterbox::write_picture(const Placement& place, const LetterboxArgs& args, int first, int last,
                              std::int16_t* scratch) const {
  const int top = std::max(place.top, first), bottom = std::min(place.top + place.height, last);
  if (top < bottom) kernel_->run(args, top - place.top, bottom - place.top, scratch);
}

// `planes`: where row `first` goes, for each byte of a pixel.
void Letterbox::write_rows(const Job& job, int first, int last, float* const planes[3], std::int16_t* scratch) const {
  LetterboxArgs resize = job.resize;
  for (int byte = 0; byte < 3; ++byte) {
    const float pad = resize.table[byte][preprocess_.pad];
    resize.dst[byte] = fill_bars(job.place, first, last, width_, pad, planes[byte]);
  }
  write_picture(job.place, resize, first, last, scratch);
}

void Letterbox::write_quads(const Job& job, int first, int last, std::int16_t* scratch) const {
  LetterboxArgs resize = job.resize;
  std::uint32_t pad = 0;
  for (const std::uint32_t* table : resize.quad_table) pad += table[preprocess_.pad];
  auto* const rows = static_cast<std::uint32_t*>(job.slot) + std::ptrdiff_t{first} * width_;
  resize.quads = fill_bars(job.place, first, last, width_, pad, rows);
  write_picture(job.place, resize, first, last, scratch);
}

}  // namespace saker
