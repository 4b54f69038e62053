// libFuzzer target: bytes of a client as HTTP requests. The first byte says how many come at a time; however they come
// they must be understood in the same way.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http/request_reader.h"

namespace {

using saker::serve::HttpRequest;
using saker::serve::RequestReader;

constexpr std::size_t kMaxHeader = 2048, kMaxBody = 8192;

struct Read {
  std::vector<HttpRequest> requests;
  int refused = 0;
};

Read read_all(std::string_view bytes, std::size_t piece) {
  RequestReader reader(kMaxHeader, kMaxBody);
  Read read;
  std::string waiting;
  while (true) {
    const std::size_t taken = reader.feed(waiting);
    if (taken > waiting.size()) std::abort();
    waiting.erase(0, taken);
    if (reader.stage() == RequestReader::Stage::kWhole) {
      read.requests.push_back(reader.take());
      continue;
    }
    if (reader.stage() == RequestReader::Stage::kRefused) {
      read.refused = reader.refused().status;
      if (read.refused < 400 || reader.refused().message.empty()) std::abort();
      return read;
    }
    if (taken > 0 && !waiting.empty()) continue;
    if (bytes.empty()) return read;
    const std::span<char> room = waiting.empty() ? reader.room() : std::span<char>();
    const std::size_t n = std::min({piece, bytes.size(), room.empty() ? bytes.size() : room.size()});
    if (room.empty()) {
      waiting.append(bytes.substr(0, n));
    } else {
      std::copy_n(bytes.begin(), n, room.begin());
      reader.filled(n);
    }
    bytes.remove_prefix(n);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Read whole = read_all(bytes, SIZE_MAX);
  const Read parts = read_all(bytes, 1 + data[0]);
  if (whole.refused != parts.refused || whole.requests.size() != parts.requests.size()) std::abort();
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    const HttpRequest& request = whole.requests[i];
    if (request.body.size() > kMaxBody || request.body != parts.requests[i].body) std::abort();
    if (request.headers != parts.requests[i].headers || request.target != parts.requests[i].target) std::abort();
    for (const auto& [name, value] : request.headers) {
      if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) std::abort();
    }
  }
  return 0;
}
