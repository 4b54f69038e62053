#include "video/libav/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/try.h"
#include "video/libav/cameras.h"
#include "video/libav/log.h"

namespace saker::video {
namespace {

namespace fs = std::filesystem;

// Containers and elementary streams of video. Not among them, for files: playlists and scripts, which would open
// others.
constexpr const char* kFileFormats =
    "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h264,hevc,obu,av1,ivf,flv,live_flv,asf,ogg,mxf,dv,nut,"
    "yuv4mpegpipe,mjpeg,mpjpeg,gif,apng,rm,wtv,vc1,h263,h261,dirac,gxf,nsv,swf,vivo,xmv,film_cpk,fli,amv,3gp,mp4";

// What a name from the network may lead to: never to files.
constexpr const char* kStreamProtocols =
    "rtsp,rtsps,rtmp,rtmps,rtmpt,rtp,srtp,srt,udp,tcp,tls,http,https,httpproxy,crypto,mmsh,mmst";

bool is_rtsp(const std::string& source) {
  return source.starts_with("rtsp://") || source.starts_with("rtsps://");
}

void set_options(const std::string& source, SourceKind kind, Dictionary& dictionary) {
  if (kind == SourceKind::kFile) {
    dictionary.set("protocol_whitelist", "file");
    dictionary.set("format_whitelist", kFileFormats);
  }
  if (kind == SourceKind::kStream) dictionary.set("protocol_whitelist", kStreamProtocols);
  if (is_rtsp(source)) {
    // Over UDP lost packets damage pictures, and firewalls stop it.
    dictionary.set("rtsp_transport", "tcp");
    dictionary.set("allowed_media_types", "video");
  }
}

Status check_file(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return Error{ErrorCode::kNotFound, path + ": no such file"};
  if (error) return Error{ErrorCode::kIo, path + ": " + error.message()};
  if (status.type() == fs::file_type::directory) return Error{ErrorCode::kIo, path + ": a folder, no video"};
  if (status.type() != fs::file_type::regular) return Error{ErrorCode::kIo, path + ": a pipe or a device, no video"};
  if (fs::file_size(path, error) == 0 && !error) return Error{ErrorCode::kInvalid, path + ": the file is empty"};
  return {};
}

// Probing decodes pictures; the streams that are known by now get the limit.
int find_streams(AVFormatContext& input, std::int64_t max_pixels) {
  std::vector<AVDictionary*> options(input.nb_streams, nullptr);
  for (AVDictionary*& entry : options) av_dict_set_int(&entry, "max_pixels", coded_limit(max_pixels), 0);
  const int found = avformat_find_stream_info(&input, options.empty() ? nullptr : options.data());
  for (AVDictionary*& entry : options) av_dict_free(&entry);
  return found;
}

std::string with_complaint(std::string text) {
  const std::string said = last_complaint();
  return said.empty() || text.find(said) != std::string::npos ? text : text + " (" + said + ")";
}

Error open_error(const std::string& source, SourceKind kind, int code, const Patience& patience, double seconds) {
  const bool no_video = code == AVERROR_INVALIDDATA || (kind == SourceKind::kFile && code == AVERROR(EINVAL));
  if (no_video && !patience.over()) {
    const char* const what = kind == SourceKind::kFile ? "no video that FFmpeg knows, or damaged where it begins"
                                                       : "what answers there is no video that FFmpeg knows";
    return {ErrorCode::kInvalid, with_complaint(fmt::format("{}: {}", without_password(source), what))};
  }
  return input_error(source, code, patience, seconds);
}

}  // namespace

void Patience::begin(double seconds) {
  until_ = (Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)))
               .time_since_epoch()
               .count();
}

SourceKind kind_of(const std::string& source) {
  if (source.starts_with("/dev/video")) return SourceKind::kCamera;
  return source.find("://") == std::string::npos ? SourceKind::kFile : SourceKind::kStream;
}

std::int64_t coded_limit(std::int64_t max_pixels) {
  constexpr std::int64_t kSmallest = 1 << 20, kLargest = std::int64_t{1} << 40;
  return 2 * std::clamp(max_pixels, kSmallest, kLargest);
}

void begin(Patience& patience, SourceKind kind, double seconds) {
  if (kind == SourceKind::kFile) return patience.begin_forever();
  patience.begin(seconds);
}

Result<InputPtr> open_input(const std::string& source, const ReadOptions& options, Patience& patience) {
  const SourceKind kind = kind_of(source);
  if (kind == SourceKind::kFile) SAKER_TRY(check_file(source));
  const AVInputFormat* format = nullptr;
  if (kind == SourceKind::kCamera) {
    SAKER_TRY(check_camera(source));
    format = av_find_input_format("v4l2");
    if (format == nullptr) return Error{ErrorCode::kUnsupported, source + ": this FFmpeg reads no cameras"};
  }
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) return Error{ErrorCode::kLimit, "out of memory"};
  context->interrupt_callback = {[](void* asked) { return static_cast<const Patience*>(asked)->over() ? 1 : 0; },
                                 &patience};
  // The driver's queue is not waited for: that wait could not be interrupted.
  if (kind == SourceKind::kCamera) context->flags |= AVFMT_FLAG_NONBLOCK;
  Dictionary dictionary;
  set_options(source, kind, dictionary);
  forget_complaint();
  begin(patience, kind, options.open_seconds);
  // "file:" keeps names with a colon from being taken for protocols. Frees the context where it fails.
  const std::string url = kind == SourceKind::kFile ? "file:" + source : source;
  const int opened = avformat_open_input(&context, url.c_str(), format, dictionary.get());
  if (opened < 0) return open_error(source, kind, opened, patience, options.open_seconds);
  InputPtr input(context);
  const int found = find_streams(*input, options.max_pixels);
  // It ends early, but well, when the time is over.
  if (found < 0 || patience.over())
    return open_error(source, kind, found < 0 ? found : AVERROR_EXIT, patience, options.open_seconds);
  return input;
}

Error input_error(const std::string& source, int code, const Patience& patience, double seconds) {
  const std::string shown = without_password(source);
  if (patience.interrupted()) return {ErrorCode::kIo, shown + ": stopped"};
  if (patience.over() || code == AVERROR(ETIMEDOUT))
    return {ErrorCode::kIo, with_complaint(fmt::format("{}: nothing came for {:.3g} s", shown, seconds))};
  if (code == AVERROR_PROTOCOL_NOT_FOUND)
    return {ErrorCode::kUnsupported, shown + ": this FFmpeg does not know the protocol"};
  const bool missing = code == AVERROR(ENOENT) || code == AVERROR_HTTP_NOT_FOUND;
  return {missing ? ErrorCode::kNotFound : ErrorCode::kIo, with_complaint(shown + ": " + av_text(code))};
}

}  // namespace saker::video
