#include "video/libav/encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "base/usable_cpus.h"
#include "video/libav/log.h"

namespace saker::video {
namespace {

constexpr std::array<std::string_view, 4> kEncoders = {"libx264", "libopenh264", "mpeg4", "mjpeg"};
constexpr int kMostThreads = 8;
constexpr int kLargestBase = 65535;  // MPEG-4's largest denominator of a time base

// H.264's quantizer step is 2^((q - 4) / 6), that of MPEG-4 and JPEG in libavcodec twice its scale.
int scale_of(int quality) {
  return static_cast<int>(std::lround(std::clamp(std::exp2((quality - 4) / 6.0) / 2, 2.0, 31.0)));
}

// The encoder counts pictures; their time stamps are the container's.
AVRational picture_time(Rational frame_rate) {
  AVRational rate{25, 1};
  if (frame_rate.value() > 0) av_reduce(&rate.num, &rate.den, frame_rate.num, frame_rate.den, kLargestBase);
  return rate.num > 0 && rate.den > 0 ? av_inv_q(rate) : AVRational{1, 25};
}

void set_size_and_colors(const WriteOptions& options, bool jpeg, AVCodecContext& codec) {
  codec.width = options.width + options.width % 2;
  codec.height = options.height + options.height % 2;
  codec.pix_fmt = jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  codec.color_range = jpeg || options.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  codec.colorspace = options.bt709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  codec.color_primaries = options.bt709 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
  codec.color_trc = options.bt709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
}

void set_quality(std::string_view name, const WriteOptions& options, AVCodecContext& codec, Dictionary& dictionary) {
  if (name == "libx264") {
    dictionary.set("preset", "ultrafast");
    dictionary.set("crf", std::to_string(options.quality));
  } else if (name == "libopenh264") {
    // It knows bit rates only: 0.1 bits a pixel are about libx264's at a rate factor of 23, 6 steps halve or double.
    const double pixels = static_cast<double>(codec.width) * codec.height / av_q2d(codec.time_base);
    codec.bit_rate = std::llround(pixels * 0.1 * std::exp2((23 - options.quality) / 6.0));
  } else {
    codec.flags |= AV_CODEC_FLAG_QSCALE;
    codec.global_quality = FF_QP2LAMBDA * scale_of(options.quality);
  }
}

}  // namespace

Result<Encoder> open_encoder(const WriteOptions& options, bool global_header) {
  for (const std::string_view name : kEncoders) {
    const AVCodec* const codec = avcodec_find_encoder_by_name(name.data());
    if (codec == nullptr) continue;
    CodecPtr context(avcodec_alloc_context3(codec));
    if (context == nullptr) return Error{ErrorCode::kLimit, "out of memory"};
    context->time_base = picture_time(options.frame_rate);
    context->framerate = av_inv_q(context->time_base);
    context->thread_count = options.threads > 0 ? options.threads : std::min(usable_cpus(), kMostThreads);
    context->max_b_frames = 0;
    if (global_header) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    set_size_and_colors(options, name == "mjpeg", *context);
    Dictionary dictionary;
    set_quality(name, options, *context, dictionary);
    if (avcodec_open2(context.get(), codec, dictionary.get()) >= 0)
      return Encoder{std::move(context), std::string(name)};
  }
  return Error{ErrorCode::kUnsupported, "this FFmpeg encodes neither H.264 nor MPEG-4 nor Motion JPEG of that size"};
}

}  // namespace saker::video
