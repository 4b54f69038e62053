#include "video/libav/planes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/try.h"

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

namespace saker::video {
namespace {

struct KnownFormat {
  AVPixelFormat format;
  PlanarLayout layout;
};
// The first of a layout is its name.
constexpr std::array kKnown = {
    KnownFormat{AV_PIX_FMT_YUV420P, PlanarLayout::kI420},     KnownFormat{AV_PIX_FMT_NV12, PlanarLayout::kNv12},
    KnownFormat{AV_PIX_FMT_YUV420P10LE, PlanarLayout::kI010}, KnownFormat{AV_PIX_FMT_P010LE, PlanarLayout::kP010},
    KnownFormat{AV_PIX_FMT_YUVJ420P, PlanarLayout::kI420},    KnownFormat{AV_PIX_FMT_YUVA420P, PlanarLayout::kI420}};

// The names that say "full range" besides the same planes.
struct FullRange {
  AVPixelFormat format, planes;
};
constexpr std::array kFullRange = {
    FullRange{AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P}, FullRange{AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P},
    FullRange{AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P}, FullRange{AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
    FullRange{AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}};

bool is_rgb(AVPixelFormat format) {
  const AVPixFmtDescriptor* const known = av_pix_fmt_desc_get(format);
  return known != nullptr && (known->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

bool is_packed_422(AVPixelFormat format) {
  return format == AV_PIX_FMT_YUYV422 || format == AV_PIX_FMT_UYVY422 || format == AV_PIX_FMT_YVYU422;
}

// libswscale 6 leaves the last row of an odd number as it is: it becomes the one before, or grey.
void fill_last_chroma(AVFrame& frame) {
  const std::ptrdiff_t last = (frame.height + 1) / 2 - 1;
  for (std::size_t p = 1; p < 3; ++p) {
    const std::ptrdiff_t stride = frame.linesize[p];
    std::uint8_t* const row = frame.data[p] + last * stride;
    const auto width = static_cast<std::size_t>((frame.width + 1) / 2);
    if (last > 0) std::memcpy(row, row - stride, width);
    if (last == 0) std::memset(row, 128, width);
  }
}

// Unsaid: limited, but for grey, which libswscale and its like take for full.
bool is_full_range(const AVFrame& frame, bool said_by_format) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (is_rgb(format)) return false;
  if (said_by_format || frame.color_range != AVCOL_RANGE_UNSPECIFIED)
    return said_by_format || frame.color_range == AVCOL_RANGE_JPEG;
  const AVPixFmtDescriptor* const known = av_pix_fmt_desc_get(format);
  return known != nullptr && known->nb_components <= 2;
}

// Unsaid: by the height, as players do. BT.2020 and SMPTE 240M lie nearer to BT.709 than to BT.601.
bool is_bt709(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return true;
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return false;
    default:
      return frame.height >= 720;
  }
}

Planes view_of(FramePtr frame, PlanarLayout layout, Colors colors) {
  PlanarView view;
  view.layout = layout;
  view.width = frame->width;
  view.height = frame->height;
  for (std::size_t i = 0; i < view.data.size(); ++i) {
    view.data[i] = frame->data[i];
    view.stride_bytes[i] = frame->linesize[i];
  }
  view.bt709 = colors.bt709;
  view.full_range = colors.full_range;
  return {view, std::move(frame)};
}

Result<Planes> turned(const PlanarView& picture, Orientation orientation) {
  const int width = orientation.transposed ? picture.height : picture.width;
  const int height = orientation.transposed ? picture.width : picture.height;
  SAKER_ASSIGN(FramePtr frame, new_frame(pixel_format_of(picture.layout), width, height));
  const WritablePlanes out{{frame->data[0], frame->data[1], frame->data[2]},
                           {frame->linesize[0], frame->linesize[1], frame->linesize[2]}};
  turn_planes(picture, orientation, out);
  return view_of(std::move(frame), picture.layout, {picture.bt709, picture.full_range});
}

}  // namespace

AVPixelFormat pixel_format_of(PlanarLayout layout) {
  return std::ranges::find(kKnown, layout, &KnownFormat::layout)->format;
}

Result<FramePtr> new_frame(AVPixelFormat format, int width, int height) {
  FramePtr frame(av_frame_alloc());
  if (frame != nullptr) {
    frame->format = format;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame.get(), 0) >= 0) return frame;
  }
  return Error{ErrorCode::kLimit, "out of memory"};
}

SwsPtr new_scaler(int width, int height, AVPixelFormat from, Colors from_colors, AVPixelFormat to, Colors to_colors) {
  SwsPtr scaler(sws_alloc_context());
  if (scaler == nullptr) return nullptr;
  const std::pair<const char*, int> options[] = {{"srcw", width},
                                                 {"srch", height},
                                                 {"dstw", width},
                                                 {"dsth", height},
                                                 {"src_format", from},
                                                 {"dst_format", to},
                                                 {"src_range", from_colors.full_range ? 1 : 0},
                                                 {"dst_range", to_colors.full_range ? 1 : 0},
                                                 {"sws_flags", SWS_BILINEAR | SWS_ACCURATE_RND}};
  for (const auto& [name, value] : options) av_opt_set_int(scaler.get(), name, value, 0);
  if (sws_init_context(scaler.get(), nullptr, nullptr) < 0) return nullptr;
  const auto matrix = [](Colors colors) { return sws_getCoefficients(colors.bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601); };
  constexpr int kOne = 1 << 16;  // contrast and saturation as they are
  sws_setColorspaceDetails(scaler.get(), matrix(from_colors), from_colors.full_range ? 1 : 0, matrix(to_colors),
                           to_colors.full_range ? 1 : 0, 0, kOne, kOne);
  return scaler;
}

Result<Planes> PlaneMaker::converted(const AVFrame& frame, const Conversion& conversion) {
  // Rows of such pixels hold pairs, of which libswscale 6 leaves out the last where the width is odd.
  const bool packed = is_packed_422(conversion.from);
  const int width = conversion.width + (packed ? conversion.width % 2 : 0);
  if (scaler_ == nullptr || conversion != conversion_) {
    const bool full = conversion.colors.full_range || is_rgb(conversion.from);
    scaler_ = new_scaler(width, conversion.height, conversion.from, {conversion.colors.bt709, full}, AV_PIX_FMT_YUV420P,
                         conversion.colors);
    if (scaler_ == nullptr) {
      const char* const name = av_get_pix_fmt_name(conversion.from);
      return Error{ErrorCode::kUnsupported, std::string("pixels of the format ") + (name ? name : "?")};
    }
    conversion_ = conversion;
  }
  SAKER_ASSIGN(FramePtr out, new_frame(AV_PIX_FMT_YUV420P, width, conversion.height));
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, out->data, out->linesize);
  out->width = conversion.width;
  if (packed && frame.height % 2 != 0) fill_last_chroma(*out);
  return view_of(std::move(out), PlanarLayout::kI420, conversion.colors);
}

Result<Planes> PlaneMaker::make(FramePtr frame, Orientation orientation) {
  auto format = static_cast<AVPixelFormat>(frame->format);
  const auto* const full = std::ranges::find(kFullRange, format, &FullRange::format);
  const Colors colors{is_bt709(*frame), is_full_range(*frame, full != kFullRange.end())};
  Planes planes;
  if (const auto* known = std::ranges::find(kKnown, format, &KnownFormat::format); known != kKnown.end()) {
    planes = view_of(std::move(frame), known->layout, colors);
  } else {
    if (full != kFullRange.end()) format = full->planes;
    SAKER_ASSIGN(planes, converted(*frame, {frame->width, frame->height, format, colors}));
  }
  return orientation.upright() ? std::move(planes) : turned(planes.view, orientation);
}

}  // namespace saker::video
