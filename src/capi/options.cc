#include "capi/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/try.h"
#include "capi/error.h"

namespace saker::capi {
namespace {

constexpr std::size_t kLongestStruct = 4096;  // a size that was never set is rarely so small

// Structs start with their size. A caller that is older than this library knows fewer fields: the others keep what is
// in `ours`. A newer one knows more: those have to be zero, their default.
template <typename Struct>
Status read_struct(const Struct& theirs, const char* name, Struct& ours) {
  const std::size_t size = theirs.size;
  if (size < sizeof(std::size_t) || size > kLongestStruct) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the size of {} is {}: {}_init() comes first, then the fields", name, size, name)};
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(&theirs);
  for (std::size_t i = sizeof(Struct); i < size; ++i) {
    if (bytes[i] != 0) {
      return Error{
          ErrorCode::kUnsupported,
          fmt::format("a field of {} is set that libsaker {} does not know (byte {}): it needs a later version", name,
                      saker_version(), i)};
    }
  }
  std::memcpy(&ours, bytes, std::min(size, sizeof(Struct)));
  return {};
}

template <typename Struct>
int init_struct(Struct* theirs, std::size_t size, const char* name, Struct ours) {
  if (theirs == nullptr) return keep_null(name);
  if (size < sizeof(std::size_t) || size > kLongestStruct) {
    return keep_error(ErrorCode::kInvalid, "size is not that of the struct: pass sizeof it");
  }
  ours.size = size;
  std::memset(static_cast<void*>(theirs), 0, size);
  std::memcpy(static_cast<void*>(theirs), &ours, std::min(size, sizeof(Struct)));
  return SAKER_OK;
}

saker_options default_options() {
  saker_options options = {};
  options.size = sizeof options;
  return options;
}

saker_box_options default_box_options() {
  const BoxOptions defaults;
  saker_box_options options = {};
  options.size = sizeof options;
  options.conf = defaults.conf;
  options.iou = -1;
  options.max_boxes = defaults.max_det;
  return options;
}

saker_pixels no_pixels() {
  saker_pixels pixels = {};
  pixels.size = sizeof pixels;
  return pixels;
}

Error out_of_range(const char* field, long long value) {
  return {ErrorCode::kInvalid, fmt::format("`{0}` is {1}: 0 or more is possible", field, value), field};
}

Status read_spec(const saker_options& options, SpecOptions& spec) {
  spec.height = options.height;
  spec.width = options.width;
  if (options.batch > 0) spec.batch = options.batch;
  if (options.head != nullptr) {
    const auto head = head_from_name(options.head);
    if (!head) {
      const std::string known = fmt::format("{}", fmt::join(head_names(), ", "));
      return Error{ErrorCode::kInvalid, fmt::format("`head` '{}' is none of {}", options.head, known), "head"};
    }
    spec.head = *head;
  }
  if (options.labels != nullptr) {
    SAKER_ASSIGN(spec.labels, read_labels(options.labels));
  }
  return {};
}

}  // namespace

Result<LoadOptions> load_options(const saker_options* options) {
  saker_options read = default_options();
  if (options != nullptr) SAKER_TRY(read_struct(*options, "saker_options", read));
  for (const auto& [field, value] :
       {std::pair("threads", read.threads), {"height", read.height}, {"width", read.width}, {"batch", read.batch}}) {
    if (value < 0) return out_of_range(field, value);
  }
  LoadOptions all;
  if (read.backend != nullptr) all.detector.model.backend = read.backend;
  if (read.precision != nullptr) all.detector.session.precision = read.precision;
  all.detector.session.threads = read.threads;
  all.detector.session.low_memory = read.low_memory != 0;
  all.detector.session.autotune = read.autotune != 0;
  if (read.max_memory > 0) all.detector.session.max_memory_bytes = read.max_memory;
  if (read.max_pixels > 0) {
    all.pictures.max_pixels = static_cast<std::int64_t>(std::min<std::size_t>(read.max_pixels, std::size_t{1} << 40));
  }
  SAKER_TRY(read_spec(read, all.detector.spec));
  return all;
}

Result<BoxOptions> box_options(const saker_box_options* options) {
  saker_box_options read = default_box_options();
  if (options != nullptr) SAKER_TRY(read_struct(*options, "saker_box_options", read));
  if (read.class_count > 0 && read.classes == nullptr) {
    return Error{ErrorCode::kInvalid, fmt::format("`classes` is NULL, class_count is {}", read.class_count), "classes"};
  }
  constexpr std::size_t kMostClasses = 1'000'000;
  if (read.class_count > kMostClasses) {
    return Error{ErrorCode::kLimit, fmt::format("class_count is {}: at most {}", read.class_count, kMostClasses)};
  }
  BoxOptions boxes;
  boxes.conf = read.conf;
  if (!(read.iou < 0)) boxes.iou = read.iou;
  boxes.max_det = read.max_boxes;
  boxes.multi_label = read.multi_label != 0;
  boxes.agnostic = read.agnostic != 0;
  if (read.class_count > 0) boxes.classes.assign(read.classes, read.classes + read.class_count);
  return boxes;
}

Result<ImageView> image_view(const saker_pixels* pixels) {
  if (pixels == nullptr) return Error{ErrorCode::kInvalid, "pixels is NULL"};
  saker_pixels read = no_pixels();
  SAKER_TRY(read_struct(*pixels, "saker_pixels", read));
  if (read.data == nullptr) return Error{ErrorCode::kInvalid, "data of the pixels is NULL"};
  if (read.width <= 0 || read.height <= 0) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("a picture of {}x{} pixels: both have to be 1 or more", read.width, read.height)};
  }
  if (read.format != SAKER_RGB && read.format != SAKER_BGR) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("format of the pixels is {}: SAKER_RGB and SAKER_BGR are possible", read.format)};
  }
  const std::ptrdiff_t row = std::ptrdiff_t{3} * read.width;
  const std::ptrdiff_t stride = read.stride == 0 ? row : read.stride;
  if (stride < row) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("stride is {} bytes, a row of {} pixels has {}", stride, read.width, row)};
  }
  return ImageView{
      read.data, read.width, read.height, stride, read.format == SAKER_BGR ? PixelFormat::kBgr : PixelFormat::kRgb, {}};
}

Status write_times(const saker_times& ours, saker_times* theirs) {
  const std::size_t size = theirs->size;
  if (size < sizeof(std::size_t) || size > kLongestStruct) {
    return Error{ErrorCode::kInvalid, fmt::format("the size of saker_times is {}: set it to sizeof it", size)};
  }
  std::memset(static_cast<void*>(theirs), 0, size);
  std::memcpy(static_cast<void*>(theirs), &ours, std::min(size, sizeof ours));
  theirs->size = size;
  return {};
}

}  // namespace saker::capi

extern "C" {

int saker_options_init(saker_options* options, size_t size) {
  return saker::capi::init_struct(options, size, "options", saker::capi::default_options());
}

int saker_box_options_init(saker_box_options* options, size_t size) {
  return saker::capi::init_struct(options, size, "options", saker::capi::default_box_options());
}

int saker_pixels_init(saker_pixels* pixels, size_t size) {
  return saker::capi::init_struct(pixels, size, "pixels", saker::capi::no_pixels());
}

}  // extern "C"
