// The ids by which a request is found again in the log.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace saker::serve {

// Whether a client's own is taken over: up to 128 printable ASCII characters without spaces.
bool is_sane_id(std::string_view id);

// Makes them for requests that bring none. Thread-safe.
class RequestIds {
 public:
  RequestIds();
  std::string next();  // 16 hexadecimal digits, other ones in every process

 private:
  const std::uint64_t base_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace saker::serve
