// JPEG through libjpeg-turbo, with its default DCT and upsampling.
//
// The library leaves by longjmp when it meets an error. Every call into it therefore stands in a
// function that has setjmp first and no object with a destructor; the state lives in a session
// object that the callers of those functions own.
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

// jpeglib.h needs the declarations of <cstdio> and <cstddef>.
#include <fmt/format.h>
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "media/exif.h"
#include "media/formats.h"

namespace saker {
namespace {

// Each scan of a progressive file passes over all coefficients, and a scan may be a few bytes long.
constexpr std::int64_t kMaxScans = 99;
constexpr std::int64_t kFewestMaxScans = 24;  // always allowed; encoders write about 10
constexpr std::int64_t kMaxScanPixels = 1'000'000'000;

enum class Failure : std::uint8_t { kNone, kBroken, kUnsupported, kTruncated, kTooManyScans, kNoMemory };

struct ErrorState {
  jpeg_error_mgr manager;  // first, so that a pointer to it is a pointer to this
  std::jmp_buf jump;
  Failure failure;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void leave(j_common_ptr info, Failure failure) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  state->failure = failure;
  std::longjmp(state->jump, 1);
}

Failure classify(int message_code) {
  switch (message_code) {
    case JERR_OUT_OF_MEMORY:
      return Failure::kNoMemory;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
      return Failure::kUnsupported;
    default:
      return Failure::kBroken;
  }
}

void on_error(j_common_ptr info) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  info->err->format_message(info, state->message);
  leave(info, classify(info->err->msg_code));
}

void on_output(j_common_ptr /*info*/) {}

void set_up_errors(ErrorState& state) {
  jpeg_std_error(&state.manager);
  state.manager.error_exit = on_error;
  state.manager.output_message = on_output;
  state.failure = Failure::kNone;
  state.message[0] = '\0';
}

// ---- decoding ----

struct DecodeSession {
  DecodeSession() = default;
  ~DecodeSession() {
    if (created) jpeg_destroy_decompress(&info);
  }
  DecodeSession(const DecodeSession&) = delete;
  DecodeSession& operator=(const DecodeSession&) = delete;

  jpeg_decompress_struct info = {};
  ErrorState errors = {};
  jpeg_source_mgr source = {};
  jpeg_progress_mgr progress = {};
  bool created = false;
  bool hit_end = false;  // the bytes ran out and an end-of-image marker was made up
};

DecodeSession& session_of(j_common_ptr info) {
  return *static_cast<DecodeSession*>(info->client_data);
}

// Only baseline pictures of one scan can be complete without an end marker (cameras do leave it
// out); their entropy decoder warns when it lacks data.
bool end_marker_is_needed(const jpeg_decompress_struct& info) {
  return info.progressive_mode || info.arith_code || info.comps_in_scan < info.num_components;
}

boolean fill_input(j_decompress_ptr info) {
  static const JOCTET kEndMarker[2] = {0xFF, JPEG_EOI};
  auto* common = reinterpret_cast<j_common_ptr>(info);
  DecodeSession& session = session_of(common);
  if (session.hit_end || info->input_scan_number == 0 || end_marker_is_needed(*info)) {
    leave(common, Failure::kTruncated);
  }
  session.hit_end = true;
  info->src->next_input_byte = kEndMarker;
  info->src->bytes_in_buffer = 2;
  return TRUE;
}

void skip_input(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  if (static_cast<std::size_t>(count) > info->src->bytes_in_buffer) {
    leave(reinterpret_cast<j_common_ptr>(info), Failure::kTruncated);
  }
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= static_cast<std::size_t>(count);
}

void nothing_to_do(j_decompress_ptr /*info*/) {}

// Level -1 is a warning: data are damaged, the library goes on.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  ++info->err->num_warnings;
  if (info->err->msg_code == JWRN_HIT_MARKER && session_of(info).hit_end) leave(info, Failure::kTruncated);
}

void on_progress(j_common_ptr common) {
  const auto* info = reinterpret_cast<j_decompress_ptr>(common);
  const std::int64_t pixels = std::int64_t{info->image_width} * info->image_height;
  const std::int64_t limit = std::clamp(kMaxScanPixels / std::max<std::int64_t>(pixels, 1), kFewestMaxScans, kMaxScans);
  if (info->input_scan_number > limit) leave(common, Failure::kTooManyScans);
}

void set_up_decoder(DecodeSession& session, const std::uint8_t* data, std::size_t size) {
  session.source.next_input_byte = data;
  session.source.bytes_in_buffer = size;
  session.source.init_source = nothing_to_do;
  session.source.fill_input_buffer = fill_input;
  session.source.skip_input_data = skip_input;
  session.source.resync_to_restart = jpeg_resync_to_restart;
  session.source.term_source = nothing_to_do;
  session.progress.progress_monitor = on_progress;
  set_up_errors(session.errors);
  session.errors.manager.emit_message = on_message;
  session.info.err = &session.errors.manager;
}

bool read_header(DecodeSession& session) {
  if (setjmp(session.errors.jump) != 0) return false;
  session.info.client_data = &session;
  jpeg_create_decompress(&session.info);
  session.created = true;
  session.info.client_data = &session;
  session.info.src = &session.source;
  session.info.progress = &session.progress;
  jpeg_read_header(&session.info, TRUE);
  return true;
}

// The largest divisor of the sides at which the picture still reaches the target. Others than powers of two take longer
// than whole pictures (libjpeg-turbo 2.1, 810x1080: 6.4 ms whole, 7.2 at 6/8, 6.8 at 5/8, 5.5 at 4/8).
int reduction(std::int64_t width, std::int64_t height, const ImageReadOptions& options) {
  if (options.target_width <= 0 || options.target_height <= 0) return 1;
  for (const int by : {8, 4, 2}) {
    const bool wide = width >= std::int64_t{by} * options.target_width;
    const bool high = height >= std::int64_t{by} * options.target_height;
    if (options.fill ? wide && high : wide || high) return by;
  }
  return 1;
}

bool start_decoding(DecodeSession& session, int reduced_by) {
  if (setjmp(session.errors.jump) != 0) return false;
  session.info.scale_num = 1;
  session.info.scale_denom = static_cast<unsigned>(reduced_by);
  const bool four = session.info.num_components == 4;
  session.info.out_color_space = four ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&session.info);
  return true;
}

// Ink is stored inverted by the programs that leave an Adobe marker, which is nearly all of them.
void cmyk_row_to_rgb(const JSAMPLE* cmyk, std::size_t width, bool inverted, std::uint8_t* rgb) {
  const unsigned flip = inverted ? 0 : 255;
  for (std::size_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const unsigned k = cmyk[3] ^ flip;
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned ink = 255U - (cmyk[c] ^ flip);
      rgb[c] = static_cast<std::uint8_t>(k - (ink * k >> 8));
    }
  }
}

// `row` holds one row of four components; it is null for pictures that come out as RGB.
bool read_rows(DecodeSession& session, std::uint8_t* pixels, JSAMPLE* row) {
  if (setjmp(session.errors.jump) != 0) return false;
  jpeg_decompress_struct& info = session.info;
  while (info.output_scanline < info.output_height) {
    std::uint8_t* out = pixels + std::size_t{info.output_scanline} * info.output_width * 3;
    JSAMPROW target = row != nullptr ? row : out;
    jpeg_read_scanlines(&info, &target, 1);
    if (row != nullptr) cmyk_row_to_rgb(row, info.output_width, info.saw_Adobe_marker != FALSE, out);
  }
  return true;
}

// A full message, from what the library said and where decoding stopped.
Error decode_error(const DecodeSession& session) {
  const jpeg_decompress_struct& info = session.info;
  switch (session.errors.failure) {
    case Failure::kTruncated:
      if (info.output_height == 0 || info.output_scanline == 0) return {ErrorCode::kInvalid, "truncated JPEG file"};
      return {ErrorCode::kInvalid, fmt::format("truncated JPEG file: the data end at about row {} of {}",
                                               info.output_scanline, info.output_height)};
    case Failure::kTooManyScans:
      return {ErrorCode::kLimit, "progressive JPEG file with too many scans for its size"};
    case Failure::kNoMemory:
      return {ErrorCode::kLimit, "not enough memory to decode the JPEG file"};
    case Failure::kUnsupported:
      return {ErrorCode::kUnsupported, fmt::format("JPEG file of an unsupported kind: {}", session.errors.message)};
    default:
      return {ErrorCode::kInvalid, fmt::format("broken JPEG file: {}", session.errors.message)};
  }
}

// ---- encoding ----

// The bytes are in a buffer of our own: that of jpeg_mem_dest changes hands as it grows, and after an error nobody
// knows whose it is.
struct EncodeSession {
  EncodeSession() = default;
  ~EncodeSession() {
    if (created) jpeg_destroy_compress(&info);
    std::free(buffer);
  }
  EncodeSession(const EncodeSession&) = delete;
  EncodeSession& operator=(const EncodeSession&) = delete;

  jpeg_compress_struct info = {};
  ErrorState errors = {};
  jpeg_destination_mgr destination = {};
  bool created = false;
  unsigned char* buffer = nullptr;
  std::size_t capacity = 0;

  std::size_t size() const { return capacity - destination.free_in_buffer; }
};

// Called whenever the buffer is full; leaves by longjmp without memory.
boolean grow_buffer(j_compress_ptr info) {
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  EncodeSession& session = *static_cast<EncodeSession*>(info->client_data);
  const std::size_t capacity = std::max(kFirst, session.capacity * 2);
  void* grown = std::realloc(session.buffer, capacity);
  if (grown == nullptr) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
  session.buffer = static_cast<unsigned char*>(grown);
  session.destination.next_output_byte = session.buffer + session.capacity;
  session.destination.free_in_buffer = capacity - session.capacity;
  session.capacity = capacity;
  return TRUE;
}

void start_buffer(j_compress_ptr info) {
  grow_buffer(info);
}

void end_buffer(j_compress_ptr /*info*/) {}

bool encode(EncodeSession& session, const ImageView& image, int quality) {
  if (setjmp(session.errors.jump) != 0) return false;
  jpeg_compress_struct& info = session.info;
  jpeg_create_compress(&info);
  session.created = true;
  info.client_data = &session;
  session.destination.init_destination = start_buffer;
  session.destination.empty_output_buffer = grow_buffer;
  session.destination.term_destination = end_buffer;
  info.dest = &session.destination;
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.input_components = 3;
  info.in_color_space = image.format == PixelFormat::kBgr ? JCS_EXT_BGR : JCS_EXT_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  if (quality >= 90) {  // thin coloured lines stay sharp with full-size colour planes
    info.comp_info[0].h_samp_factor = 1;
    info.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    const std::uint8_t* from = image.data + static_cast<std::ptrdiff_t>(info.next_scanline) * image.stride_bytes;
    auto* row = const_cast<JSAMPLE*>(from);  // the library's type; it only reads
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Result<ImageSize> jpeg_size(Bytes bytes, const ImageReadOptions& options) {
  DecodeSession session;
  set_up_decoder(session, bytes.data(), bytes.size());
  if (!read_header(session)) return decode_error(session);
  auto size = checked_size(session.info.image_width, session.info.image_height, options);
  if (!size.ok()) return size;
  return upright(*size, jpeg_orientation(bytes));
}

Result<Image> decode_jpeg(Bytes bytes, const ImageReadOptions& options) {
  DecodeSession session;
  set_up_decoder(session, bytes.data(), bytes.size());
  if (!read_header(session)) return decode_error(session);

  const int components = session.info.num_components;
  if (components != 1 && components != 3 && components != 4) {
    return Error{ErrorCode::kUnsupported, fmt::format("JPEG file with {} colour components", components)};
  }
  if (auto size = check_picture_size(session.info.image_width, session.info.image_height, options); !size.ok()) {
    return size.error();
  }
  const ImageSize stored = {static_cast<int>(session.info.image_width), static_cast<int>(session.info.image_height)};
  const int orientation = jpeg_orientation(bytes);
  const ImageSize turned = upright(stored, orientation);
  const int reduced_by = reduction(turned.width, turned.height, options);
  if (!start_decoding(session, reduced_by)) return decode_error(session);

  Image image = blank_image(session.info.output_width, session.info.output_height);
  std::vector<JSAMPLE> row(components == 4 ? std::size_t{session.info.output_width} * 4 : 0);
  if (!read_rows(session, image.pixels.data(), row.empty() ? nullptr : row.data())) return decode_error(session);
  image = apply_orientation(std::move(image), orientation);
  image.file_size = turned;
  return image;
}

Result<std::vector<std::uint8_t>> encode_jpeg(const ImageView& image, int quality) {
  if (image.width > JPEG_MAX_DIMENSION || image.height > JPEG_MAX_DIMENSION) {
    return Error{ErrorCode::kInvalid, fmt::format("a JPEG file holds at most {} pixels a side, not {} x {}",
                                                  JPEG_MAX_DIMENSION, image.width, image.height)};
  }
  EncodeSession session;
  set_up_errors(session.errors);
  session.info.err = &session.errors.manager;
  if (!encode(session, image, quality)) {
    const bool memory = session.errors.failure == Failure::kNoMemory;
    return Error{memory ? ErrorCode::kLimit : ErrorCode::kInternal,
                 memory ? "not enough memory to encode the JPEG file"
                        : fmt::format("cannot encode JPEG: {}", session.errors.message)};
  }
  return std::vector<std::uint8_t>(session.buffer, session.buffer + session.size());
}

}  // namespace saker
