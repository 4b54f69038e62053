// libFuzzer target: any bytes as a message of Frigate's ZeroMQ detector. Frames end at a line feed, but the third,
// which takes the rest.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "serve/zmq/frigate_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::serve;  // NOLINT: one function
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> frames;
  for (std::size_t end = rest.find('\n'); frames.size() < 2 && end != std::string_view::npos; end = rest.find('\n')) {
    frames.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  frames.push_back(rest);
  const frigate::Message message = frigate::read_message(frames);
  if (const auto* const malformed = std::get_if<frigate::Malformed>(&message)) {
    if (malformed->why.empty() || malformed->why.find('\n') != std::string::npos) std::abort();
    const auto [header, rows] = frigate::answer_picture({}, {}, malformed->why);
    if (rows.size() != 480 || header.empty()) std::abort();
  } else if (const auto* const picture = std::get_if<frigate::Picture>(&message)) {
    const auto values =
        static_cast<std::size_t>(picture->size.width) * static_cast<std::size_t>(picture->size.height) * 3;
    if (values == 0 || picture->file.size() <= values || picture->file.size() > values + 32) std::abort();
  }
  return 0;
}
