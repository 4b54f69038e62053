// A window by SDL, through libavdevice. It is drawn by the thread that writes, which should be the one that opened it.
#include <dlfcn.h>

#include <string_view>
#include <utility>

#include "base/try.h"
#include "video/libav/av.h"
#include "video/libav/even_frame.h"
#include "video/libav/log.h"
#include "video/libav/parts.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace saker::video {
namespace {

// libavdevice takes a display that SDL did not find for success, and SDL may draw for nobody. It has loaded SDL, or has
// windows of another kind.
bool nobody_sees_it() {
  void* const sdl = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_NOLOAD);
  if (sdl == nullptr) return false;
  auto* const driver = reinterpret_cast<const char* (*)()>(dlsym(sdl, "SDL_GetCurrentVideoDriver"));
  const char* const name = driver == nullptr ? nullptr : driver();
  dlclose(sdl);
  return name == nullptr || std::string_view(name) == "offscreen";
}

class Window final : public Writer {
 public:
  Window() = default;
  ~Window() override { close(); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  Status open(const std::string& title, const WriteOptions& options);
  const std::string& encoder() const override { return name_; }
  Status write(const PlanarView& picture, std::int64_t pts) override;
  Status finish() override {
    close();
    return {};
  }

 private:
  void close() {
    if (std::exchange(open_, false)) av_write_trailer(output_.get());
  }

  const std::string name_ = "window";
  OutputPtr output_;
  std::optional<EvenFrame> picture_;
  PacketPtr packet_;
  bool open_ = false;
};

Status Window::open(const std::string& title, const WriteOptions& options) {
  forget_complaint();
  const AVOutputFormat* const sdl = av_guess_format("sdl2", nullptr, nullptr);
  AVFormatContext* context = nullptr;
  if (sdl == nullptr || avformat_alloc_output_context2(&context, sdl, nullptr, title.c_str()) < 0)
    return Error{ErrorCode::kUnsupported, "this FFmpeg has no windows"};
  output_.reset(context);
  SAKER_ASSIGN(picture_, EvenFrame::create(options.width, options.height, {options.bt709, options.full_range}));
  const AVFrame& frame = picture_->frame();
  AVStream* const stream = avformat_new_stream(context, nullptr);
  packet_.reset(av_packet_alloc());
  const int bytes = av_image_get_buffer_size(AV_PIX_FMT_YUV420P, frame.width, frame.height, 1);
  if (stream == nullptr || packet_ == nullptr || bytes < 0 || av_new_packet(packet_.get(), bytes) < 0)
    return Error{ErrorCode::kLimit, "out of memory"};
  stream->time_base = av_rational(options.time_base);
  stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
  stream->codecpar->codec_id = AV_CODEC_ID_RAWVIDEO;
  stream->codecpar->format = AV_PIX_FMT_YUV420P;
  stream->codecpar->width = frame.width;
  stream->codecpar->height = frame.height;
  Dictionary dictionary;
  dictionary.set("window_title", title);
  open_ = avformat_write_header(context, dictionary.get()) >= 0;
  if (open_ && !nobody_sees_it()) return {};
  const std::string said = last_complaint();
  return Error{ErrorCode::kUnsupported, "no window can be opened: " + (said.empty() ? "there is no display" : said)};
}

Status Window::write(const PlanarView& picture, std::int64_t pts) {
  SAKER_TRY(picture_->fill(picture));
  const AVFrame& frame = picture_->frame();
  if (av_packet_make_writable(packet_.get()) < 0 ||
      av_image_copy_to_buffer(packet_->data, packet_->size, frame.data, frame.linesize, AV_PIX_FMT_YUV420P, frame.width,
                              frame.height, 1) < 0)
    return Error{ErrorCode::kLimit, "out of memory"};
  packet_->pts = packet_->dts = pts;
  if (open_ && av_write_frame(output_.get(), packet_.get()) >= 0) return {};
  open_ = false;  // SDL has closed it
  return Error{ErrorCode::kIo, "the window was closed"};
}

}  // namespace

Result<std::unique_ptr<Writer>> open_window(const std::string& title, const WriteOptions& options) {
  auto window = std::make_unique<Window>();
  SAKER_TRY(window->open(title, options));
  return std::unique_ptr<Writer>(std::move(window));
}

}  // namespace saker::video
