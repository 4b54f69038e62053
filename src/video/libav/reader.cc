// A Reader by libavformat and libavcodec.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include "base/try.h"
#include "base/usable_cpus.h"
#include "video/libav/av.h"
#include "video/libav/input.h"
#include "video/libav/log.h"
#include "video/libav/parts.h"
#include "video/libav/planes.h"
#include "video/libav/timeline.h"

namespace saker::video {
namespace {

constexpr int kMostThreads = 8;                              // each keeps a picture in memory
constexpr double kLongestWaitForKey = 10;                    // seconds; cameras send key frames every 1 to 10
constexpr double kClosing = 0.5;                             // seconds to say goodbye to a server
constexpr int kMostDamagedInARow = 100;                      // reads
constexpr auto kCameraPause = std::chrono::milliseconds(2);  // before a camera is asked again

std::int64_t nanoseconds(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

Orientation orientation_in(const std::uint8_t* data, std::size_t size) {
  std::array<std::int32_t, 9> matrix{};
  if (data == nullptr || size < sizeof matrix) return {};
  std::memcpy(matrix.data(), data, sizeof matrix);
  return orientation_of(matrix);
}

Orientation stream_orientation(const AVStream& stream) {
  std::size_t size = 0;
  const std::uint8_t* const data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return orientation_in(data, size);
}

class AvReader final : public Reader {
 public:
  AvReader(std::string source, const ReadOptions& options)
      : source_(std::move(source)), options_(options), patience_(options.stopped) {}
  ~AvReader() override { patience_.begin(kClosing); }
  AvReader(const AvReader&) = delete;
  AvReader& operator=(const AvReader&) = delete;

  Status open();
  const VideoInfo& info() const override { return info_; }
  Result<std::optional<VideoFrame>> next() override;
  void interrupt() noexcept override { patience_.interrupt(); }
  std::size_t damaged() const override { return damaged_; }

 private:
  Error failed(ErrorCode code, const std::string& why) const { return {code, without_password(source_) + ": " + why}; }
  Error too_large() const {
    return failed(ErrorCode::kLimit, fmt::format("a picture of more than {} pixels", options_.max_pixels));
  }
  const AVStream& stream() const { return *input_->streams[stream_]; }
  Status choose_stream();
  void describe();
  Status open_decoder();
  Status feed();  // a packet to the decoder
  Status send(const AVPacket* packet);
  bool shown(const AVFrame& frame);  // false: damaged, or before the first key frame
  Result<VideoFrame> take(FramePtr frame);
  std::int64_t duration_of(const AVFrame& frame) const;

  std::string source_;
  ReadOptions options_;
  Patience patience_;
  RefusedSize refused_size_ = false;
  VideoInfo info_;
  InputPtr input_;
  const AVCodec* codec_ = nullptr;
  CodecPtr decoder_;
  PlaneMaker planes_;
  int stream_ = -1;
  Orientation orientation_;
  Timeline timeline_;
  bool ended_ = false;  // the decoder has got all there is
  bool waits_for_key_ = false;
  Clock::time_point opened_;
  std::atomic<std::size_t> damaged_ = 0;
  int damaged_in_a_row_ = 0;
  std::optional<std::int64_t> first_pts_;
};

Status AvReader::choose_stream() {
  stream_ = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec_, 0);
  if (stream_ == AVERROR_DECODER_NOT_FOUND) {
    stream_ = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (stream_ >= 0) {
      return failed(ErrorCode::kUnsupported,
                    fmt::format("this FFmpeg has no decoder for {}", avcodec_get_name(stream().codecpar->codec_id)));
    }
  }
  // An attached picture is the cover of a piece of music.
  if (stream_ < 0 || (stream().disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
    const bool sound = av_find_best_stream(input_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) >= 0;
    return failed(ErrorCode::kInvalid, sound ? "has sound, but no video" : "has no video");
  }
  for (unsigned i = 0; i < input_->nb_streams; ++i) {
    if (static_cast<int>(i) != stream_) input_->streams[i]->discard = AVDISCARD_ALL;
  }
  return {};
}

void AvReader::describe() {
  const AVStream& video = stream();
  const std::string names = input_->iformat->name;  // "mov,mp4,m4a"
  const SourceKind kind = kind_of(source_);
  const bool paced = source_.starts_with("http");  // may also be a file on a server, which waits
  orientation_ = stream_orientation(video);
  info_.format = names.substr(0, names.find(','));
  info_.codec = avcodec_get_name(video.codecpar->codec_id);
  info_.width = orientation_.transposed ? video.codecpar->height : video.codecpar->width;
  info_.height = orientation_.transposed ? video.codecpar->width : video.codecpar->height;
  info_.turned = orientation_.degrees();
  info_.time_base = rational(video.time_base);
  info_.frame_rate = rational(video.avg_frame_rate.num > 0 ? video.avg_frame_rate : video.r_frame_rate);
  if (video.nb_frames > 0) info_.frames = video.nb_frames;
  if (input_->duration > 0) info_.duration = static_cast<double>(input_->duration) / AV_TIME_BASE;
  info_.live = kind == SourceKind::kCamera || (kind == SourceKind::kStream && (!paced || input_->duration <= 0));
}

Status AvReader::open_decoder() {
  decoder_.reset(avcodec_alloc_context3(codec_));
  if (decoder_ == nullptr) return failed(ErrorCode::kLimit, "out of memory");
  if (const int code = avcodec_parameters_to_context(decoder_.get(), stream().codecpar); code < 0)
    return failed(ErrorCode::kInvalid, av_text(code));
  decoder_->pkt_timebase = stream().time_base;
  decoder_->max_pixels = coded_limit(options_.max_pixels);
  decoder_->opaque = &refused_size_;
  decoder_->thread_count = options_.threads > 0 ? options_.threads : std::min(usable_cpus(), kMostThreads);
  decoder_->flags |= AV_CODEC_FLAG_UNALIGNED;  // cropped where the file says it, not beside it
  if (info_.live) {
    decoder_->thread_type = FF_THREAD_SLICE;  // a thread for each frame delays by as many frames
    if (stream().codecpar->video_delay == 0) decoder_->flags |= AV_CODEC_FLAG_LOW_DELAY;
  }
  if (const int code = avcodec_open2(decoder_.get(), codec_, nullptr); code < 0)
    return refused_size_ ? too_large() : failed(ErrorCode::kInvalid, "cannot be decoded: " + av_text(code));
  return {};
}

Status AvReader::open() {
  SAKER_ASSIGN(input_, open_input(source_, options_, patience_));
  SAKER_TRY(choose_stream());
  describe();
  if (std::int64_t{info_.width} * info_.height > options_.max_pixels) return too_large();
  timeline_ = Timeline(av_rescale_q(1, AVRational{1, 1}, stream().time_base), info_.live);
  waits_for_key_ = info_.live;
  opened_ = Clock::now();
  return open_decoder();
}

Status AvReader::send(const AVPacket* packet) {
  const int sent = avcodec_send_packet(decoder_.get(), packet);
  if (sent >= 0 || sent == AVERROR_EOF) return {};
  if (refused_size_) return too_large();
  if (sent == AVERROR(ENOMEM)) return failed(ErrorCode::kLimit, "out of memory");
  ++damaged_;
  return {};
}

Status AvReader::feed() {
  const PacketPtr packet(av_packet_alloc());
  if (packet == nullptr) return failed(ErrorCode::kLimit, "out of memory");
  const int read = av_read_frame(input_.get(), packet.get());
  if (read == AVERROR(EAGAIN)) {
    std::this_thread::sleep_for(kCameraPause);
    return {};
  }
  if (read == AVERROR_EOF && info_.live) return failed(ErrorCode::kIo, "the source has ended");
  // What follows damaged data may be sound, or never an end.
  const bool damaged = read == AVERROR_INVALIDDATA;
  if (damaged) ++damaged_;
  if (damaged && ++damaged_in_a_row_ < kMostDamagedInARow) return {};
  if (read == AVERROR_EOF || (damaged && !info_.live)) {
    ended_ = true;
    return send(nullptr);
  }
  if (read < 0) return input_error(source_, read, patience_, options_.read_seconds);
  damaged_in_a_row_ = 0;
  if (packet->stream_index != stream_) return {};
  decoder_->reordered_opaque = nanoseconds(Clock::now());  // comes back with the picture
  return send(packet.get());
}

bool AvReader::shown(const AVFrame& frame) {
  if (frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0) {
    ++damaged_;
    return false;
  }
  if (waits_for_key_ && frame.key_frame == 0)
    return Clock::now() - opened_ > std::chrono::duration<double>(kLongestWaitForKey);
  waits_for_key_ = false;
  return true;
}

std::int64_t AvReader::duration_of(const AVFrame& frame) const {
  if (frame.pkt_duration > 0) return frame.pkt_duration;
  const AVRational rate = av_rational(info_.frame_rate);
  return rate.num > 0 ? av_rescale_q(1, av_inv_q(rate), stream().time_base) : 1;
}

Result<VideoFrame> AvReader::take(FramePtr frame) {
  std::optional<std::int64_t> stamp;
  if (frame->best_effort_timestamp != AV_NOPTS_VALUE) stamp = frame->best_effort_timestamp;
  const std::int64_t pts = timeline_.next(stamp, duration_of(*frame));
  if (!first_pts_) first_pts_ = pts;

  const AVFrameSideData* const own = av_frame_get_side_data(frame.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  const Orientation orientation = own == nullptr ? orientation_ : orientation_in(own->data, own->size);
  VideoFrame result;
  result.received = Clock::time_point(std::chrono::nanoseconds(frame->reordered_opaque));
  auto planes = planes_.make(std::move(frame), orientation);
  if (!planes.ok()) return failed(planes.error().code, planes.error().message);
  result.planes = planes->view;
  result.owner = std::shared_ptr<const AVFrame>(std::move(planes->owner));
  result.pts = pts;
  result.seconds = static_cast<double>(pts - *first_pts_) * info_.time_base.value();
  return result;
}

Result<std::optional<VideoFrame>> AvReader::next() {
  begin(patience_, kind_of(source_), options_.read_seconds);
  forget_complaint();
  while (true) {
    if (patience_.interrupted() || (info_.live && patience_.over()))
      return input_error(source_, AVERROR_EXIT, patience_, options_.read_seconds);
    FramePtr frame(av_frame_alloc());
    if (frame == nullptr) return failed(ErrorCode::kLimit, "out of memory");
    const int got = avcodec_receive_frame(decoder_.get(), frame.get());
    if (got == 0 && std::int64_t{frame->width} * frame->height > options_.max_pixels) return too_large();
    if (got == 0 && shown(*frame)) {
      SAKER_ASSIGN(VideoFrame taken, take(std::move(frame)));
      return std::optional<VideoFrame>(std::move(taken));
    }
    if (refused_size_) return too_large();
    if (got == AVERROR_EOF || (got == AVERROR(EAGAIN) && ended_)) return std::optional<VideoFrame>();
    if (got == AVERROR(ENOMEM)) return failed(ErrorCode::kLimit, "out of memory");
    if (got < 0 && got != AVERROR(EAGAIN)) ++damaged_;
    if (got == AVERROR(EAGAIN)) SAKER_TRY(feed());
  }
}

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const std::string& source, const ReadOptions& options) {
  auto reader = std::make_unique<AvReader>(source, options);
  SAKER_TRY(reader->open());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace saker::video
