#include "video/libav/log.h"

#include <array>
#include <cstdarg>
#include <string_view>

#include "base/text.h"
#include "video/libav/av.h"

extern "C" {
#include <libavutil/log.h>
}

namespace saker::video {
namespace {

thread_local std::string complaint;

// The decoder that a line is about: its size checks speak through an object of their own.
const AVCodecContext* decoder_of(const void* object) {
  while (object != nullptr) {
    const AVClass* const type = *static_cast<const AVClass* const*>(object);
    if (type == nullptr) return nullptr;
    if (type == avcodec_get_class()) return static_cast<const AVCodecContext*>(object);
    if (type->parent_log_context_offset == 0) return nullptr;
    object = *reinterpret_cast<const void* const*>(static_cast<const char*>(object) + type->parent_log_context_offset);
  }
  return nullptr;
}

void take_line(void* object, int level, const char* format, std::va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  if (std::string_view(format).starts_with("Picture size %ux%u exceeds")) {
    const AVCodecContext* const decoder = decoder_of(object);
    if (decoder != nullptr && decoder->opaque != nullptr) *static_cast<RefusedSize*>(decoder->opaque) = true;
  }
  std::array<char, 512> line{};
  const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
  const std::string_view text = trimmed(line.data());
  if (length > 0 && !text.empty()) complaint = text;
}

}  // namespace

void take_log() {
  av_log_set_callback(take_line);
}

void forget_complaint() {
  complaint.clear();
}

std::string last_complaint() {
  return printable_line(without_password(complaint));
}

}  // namespace saker::video
