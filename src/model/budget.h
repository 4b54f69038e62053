// Bounds on what a model file can make its reader take, the same for every format.
#pragma once

#include <fmt/format.h>
#include <saker/result.h>

#include <cstddef>

namespace saker {

// A node takes a few bytes in the file and some hundreds here. Far above any detector: the largest have about 1,000.
constexpr std::size_t kMaxNodes = 50'000;

inline Error too_many_nodes(const char* nodes) {
  return {ErrorCode::kLimit, fmt::format("the graph has too many {} (at most {})", nodes, kMaxNodes)};
}

// Numbers are used where they lie in the file. What has to be copied (unaligned, spelled out, of another type) is
// counted here, for a small file may name the same bytes any number of times.
class Budget {
 public:
  // float16 to float32 doubles a file, integers spelled as varints become 8 times as large; the rest is for constants
  // that layers share.
  static constexpr std::size_t kCopiesOfFile = 8, kSpare = std::size_t{16} << 20;

  explicit Budget(std::size_t file_bytes) : limit_(kCopiesOfFile * file_bytes + kSpare) {}

  // Another file of the model.
  void add_file(std::size_t bytes) { limit_ += kCopiesOfFile * bytes; }

  // Before `bytes` are taken. Error kLimit, which names the limit.
  Status spend(std::size_t bytes) {
    if (bytes > limit_ - spent_) {
      return Error{ErrorCode::kLimit,
                   fmt::format("copies of the model's numbers come to more than the limit of {} bytes ({} times its "
                               "files' size and {} MiB)",
                               limit_, kCopiesOfFile, kSpare >> 20U)};
    }
    spent_ += bytes;
    return {};
  }

 private:
  std::size_t limit_, spent_ = 0;
};

}  // namespace saker
