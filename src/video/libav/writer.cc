// A Writer by libavformat and libavcodec.
#include <deque>
#include <utility>

#include "base/try.h"
#include "video/libav/av.h"
#include "video/libav/encoder.h"
#include "video/libav/even_frame.h"
#include "video/libav/log.h"
#include "video/libav/parts.h"

namespace saker::video {
namespace {

const char* muxer_of(const std::string& container) {
  return container == "mkv" ? "matroska" : container.c_str();
}

class AvWriter final : public Writer {
 public:
  explicit AvWriter(const WriteOptions& options) : options_(options) {}

  Status begin(const std::string& file, const std::string& container);
  const std::string& encoder() const override { return encoder_.name; }
  Status write(const PlanarView& picture, std::int64_t pts) override;
  Status finish() override;

 private:
  static Error failed(int code) {
    const std::string said = last_complaint();
    return {code == AVERROR(ENOMEM) ? ErrorCode::kLimit : ErrorCode::kIo,
            "cannot be written: " + av_text(code) + (said.empty() ? "" : " (" + said + ")")};
  }
  Status encode(const AVFrame* frame);  // and what the encoder has ready goes into the file
  Status put(AVPacket& packet);

  WriteOptions options_;
  Encoder encoder_;
  OutputPtr output_;
  std::optional<EvenFrame> picture_;
  PacketPtr packet_;
  // The encoder's time stamps count pictures: the true ones of those in it, from the picture `first_` on.
  std::deque<std::int64_t> stamps_;
  std::int64_t first_ = 0;
  std::optional<std::int64_t> last_;  // in the container's time base
};

Status AvWriter::begin(const std::string& file, const std::string& container) {
  forget_complaint();
  AVFormatContext* context = nullptr;
  if (avformat_alloc_output_context2(&context, nullptr, muxer_of(container), nullptr) < 0 || context == nullptr)
    return Error{ErrorCode::kUnsupported, "this FFmpeg writes no ." + container};
  output_.reset(context);
  SAKER_ASSIGN(encoder_, open_encoder(options_, (context->oformat->flags & AVFMT_GLOBALHEADER) != 0));
  const AVCodecContext& codec = *encoder_.context;
  SAKER_ASSIGN(picture_, EvenFrame::create(options_.width, options_.height,
                                           {options_.bt709, codec.color_range == AVCOL_RANGE_JPEG}));
  packet_.reset(av_packet_alloc());
  AVStream* const stream = avformat_new_stream(context, nullptr);
  if (packet_ == nullptr || stream == nullptr) return Error{ErrorCode::kLimit, "out of memory"};
  // AVI has no time stamps, only a rate.
  stream->time_base = container == "avi" ? codec.time_base : av_rational(options_.time_base);
  stream->avg_frame_rate = codec.framerate;
  if (const int code = avcodec_parameters_from_context(stream->codecpar, &codec); code < 0) return failed(code);
  if (const int code = avio_open(&context->pb, ("file:" + file).c_str(), AVIO_FLAG_WRITE); code < 0)
    return failed(code);
  // What has been written is on the disk, and of an MKV playable, when the machine goes down.
  context->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  const int code = avformat_write_header(context, nullptr);
  return code < 0 ? Status(failed(code)) : Status();
}

Status AvWriter::put(AVPacket& packet) {
  const AVStream& stream = *output_->streams[0];
  const auto place = static_cast<std::size_t>(packet.pts - first_);
  if (packet.pts < first_ || place >= stamps_.size()) return failed(AVERROR_BUG);
  std::int64_t pts = av_rescale_q(stamps_[place], av_rational(options_.time_base), stream.time_base);
  stamps_.erase(stamps_.begin(), stamps_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  first_ = packet.pts + 1;
  // Two that are one in a coarser time base.
  if (last_ && pts <= *last_) pts = *last_ + 1;
  last_ = pts;
  packet.pts = packet.dts = pts;
  packet.duration = av_rescale_q(1, encoder_.context->time_base, stream.time_base);
  packet.stream_index = 0;
  int code = av_write_frame(output_.get(), &packet);
  if (code >= 0) code = output_->pb->error;
  return code < 0 ? Status(failed(code)) : Status();
}

Status AvWriter::encode(const AVFrame* frame) {
  forget_complaint();
  if (const int code = avcodec_send_frame(encoder_.context.get(), frame); code < 0) return failed(code);
  while (true) {
    const int got = avcodec_receive_packet(encoder_.context.get(), packet_.get());
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
    if (got < 0) return failed(got);
    const Status written = put(*packet_);
    av_packet_unref(packet_.get());
    if (!written.ok()) return written;
  }
}

Status AvWriter::write(const PlanarView& picture, std::int64_t pts) {
  SAKER_TRY(picture_->fill(picture));
  picture_->frame().pts = first_ + static_cast<std::int64_t>(stamps_.size());
  stamps_.push_back(pts);
  return encode(&picture_->frame());
}

Status AvWriter::finish() {
  SAKER_TRY(encode(nullptr));
  int code = av_write_trailer(output_.get());
  if (code >= 0) code = output_->pb->error;
  const int closed = avio_closep(&output_->pb);
  if (code >= 0) code = closed;
  return code < 0 ? Status(failed(code)) : Status();
}

}  // namespace

Result<std::unique_ptr<Writer>> create_writer(const std::string& file, const std::string& container,
                                              const WriteOptions& options) {
  auto writer = std::make_unique<AvWriter>(options);
  SAKER_TRY(writer->begin(file, container));
  return std::unique_ptr<Writer>(std::move(writer));
}

}  // namespace saker::video
