// libav's objects as ours: freed by themselves, errors as text.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

#include "video/video.h"

namespace saker::video {

template <typename T, void (*kFree)(T**)>
struct AvDelete {
  void operator()(T* object) const { kFree(&object); }
};
using FramePtr = std::unique_ptr<AVFrame, AvDelete<AVFrame, av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, AvDelete<AVPacket, av_packet_free>>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvDelete<AVCodecContext, avcodec_free_context>>;
using InputPtr = std::unique_ptr<AVFormatContext, AvDelete<AVFormatContext, avformat_close_input>>;

struct OutputDelete {
  void operator()(AVFormatContext* context) const {
    if ((context->oformat->flags & AVFMT_NOFILE) == 0) avio_closep(&context->pb);
    avformat_free_context(context);
  }
};
using OutputPtr = std::unique_ptr<AVFormatContext, OutputDelete>;

struct SwsDelete {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
using SwsPtr = std::unique_ptr<SwsContext, SwsDelete>;

class Dictionary {
 public:
  Dictionary() = default;
  ~Dictionary() { av_dict_free(&entries_); }
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  void set(const char* name, const std::string& value) { av_dict_set(&entries_, name, value.c_str(), 0); }
  AVDictionary** get() { return &entries_; }

 private:
  AVDictionary* entries_ = nullptr;
};

std::string av_text(int code);  // what libav says of its error

Rational rational(AVRational r);     // 0 where libav does not know it
AVRational av_rational(Rational r);  // reduced to what libav can hold

}  // namespace saker::video
