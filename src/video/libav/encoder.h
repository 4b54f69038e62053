// The encoder of a video: the best that this FFmpeg has.
#pragma once

#include <saker/result.h>

#include "video/libav/av.h"

namespace saker::video {

struct Encoder {
  CodecPtr context;  // of AV_PIX_FMT_YUV420P pictures of even size; no B-frames: each picture gives a packet
  std::string name;
};

// `global_header`: the container keeps the encoder's parameters, not the packets. Error kUnsupported, kLimit.
Result<Encoder> open_encoder(const WriteOptions& options, bool global_header);

}  // namespace saker::video
