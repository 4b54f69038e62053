// Whole pictures with the chroma of the nearest sample, its fastest way; by its own threads where asked for.
#include "swscale.h"

#if SAKER_HAS_SWSCALE
extern "C" {
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <cstring>
#include <stdexcept>
#endif

namespace saker::lab {

#if SAKER_HAS_SWSCALE
namespace {

AVPixelFormat format_of(PlanarLayout layout) {
  switch (layout) {
    case PlanarLayout::kI420:
      return AV_PIX_FMT_YUV420P;
    case PlanarLayout::kNv12:
      return AV_PIX_FMT_NV12;
    case PlanarLayout::kI010:
      return AV_PIX_FMT_YUV420P10LE;
    default:
      return AV_PIX_FMT_P010LE;
  }
}

void must(int code) {
  if (code < 0) throw std::runtime_error("libswscale refused");
}

class Converter : public Swscale {
 public:
  Converter(const PlanarView& like, int threads)
      : from_(av_frame_alloc()), to_(av_frame_alloc()), context_(sws_alloc_context()) {
    prepare(*from_, like, format_of(like.layout));
    prepare(*to_, like, AV_PIX_FMT_RGB24);
    const auto set = [&](const char* name, int value) { must(av_opt_set_int(context_, name, value, 0)); };
    set("srcw", like.width);
    set("srch", like.height);
    set("src_format", from_->format);
    set("dstw", like.width);
    set("dsth", like.height);
    set("dst_format", to_->format);
    set("sws_flags", SWS_POINT);
    set("threads", threads);
    const int* matrix = sws_getCoefficients(like.bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
    must(sws_setColorspaceDetails(context_, matrix, like.full_range ? 1 : 0, matrix, 1, 0, 1 << 16, 1 << 16));
    must(sws_init_context(context_, nullptr, nullptr));
  }
  ~Converter() override {
    sws_freeContext(context_);
    av_frame_free(&from_);
    av_frame_free(&to_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  void load(const PlanarView& picture) override {
    for (std::size_t p = 0; p < 3 && picture.data[p] != nullptr; ++p) {
      const int rows = p == 0 ? picture.height : (picture.height + 1) / 2;
      for (int y = 0; y < rows; ++y) {
        std::memcpy(from_->data[p] + std::ptrdiff_t{y} * from_->linesize[p],
                    picture.data[p] + y * picture.stride_bytes[p], static_cast<std::size_t>(picture.stride_bytes[p]));
      }
    }
  }
  void run() override { must(sws_scale_frame(context_, to_, from_)); }
  ImageView image() const override {
    return {to_->data[0], to_->width, to_->height, to_->linesize[0], PixelFormat::kRgb, {}};
  }

 private:
  static void prepare(AVFrame& frame, const PlanarView& like, AVPixelFormat format) {
    frame.width = like.width;
    frame.height = like.height;
    frame.format = format;
    must(av_frame_get_buffer(&frame, 0));
  }

  AVFrame *from_, *to_;
  SwsContext* context_;
};

}  // namespace

std::unique_ptr<Swscale> Swscale::make(const PlanarView& like, int threads) {
  return std::make_unique<Converter>(like, threads);
}
#else
std::unique_ptr<Swscale> Swscale::make(const PlanarView&, int) {
  return nullptr;
}
#endif

}  // namespace saker::lab
