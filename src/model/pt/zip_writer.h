// Zip archives as torch.save and torch.jit.save lay them: entries stored, each with its data at a multiple of 64 bytes,
// so that a reader can use them where they lie. Format: PKWARE's APPNOTE.TXT 6.3.10; the padding is an extra field
// "FB".
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::pt {

class ZipWriter {
 public:
  // Names are unique, of ASCII, and shorter than 64 KiB. Error kLimit, with the name: the file would pass 4 GB.
  Status add(std::string_view name, std::string_view bytes);
  // The whole file.
  Result<std::string> finish() &&;

 private:
  std::string file_, directory_;
  std::uint16_t entries_ = 0;
};

}  // namespace saker::pt
