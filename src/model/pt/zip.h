// Zip archives as PyTorch writes them, from memory: what is stored is used where it lies, what is deflated unpacked
// when it is asked for. Format: PKWARE's APPNOTE.TXT 6.3.10.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "base/files.h"
#include "model/budget.h"

namespace saker::pt {

class ZipArchive {
 public:
  // Reads the central directory. Errors: kInvalid (truncated, entries that overlap or leave the file, a name twice),
  // kUnsupported (encrypted, several disks), kLimit (too many entries). The entry is named.
  static Result<ZipArchive> open(const FileBytes& file);

  // Names of the entries.
  bool has(const std::string& name) const { return entries_.contains(name); }
  // The first in the order of names that ends so; empty: none.
  std::string find_ending(std::string_view ending) const;

  // The bytes of an entry, whose checksum is right; what they lie in is kept alive by them. Errors: kNotFound,
  // kInvalid, kUnsupported (another method of compression), kLimit (more than `most`, or than the budget leaves).
  Result<FileBytes> read(const std::string& name, std::size_t most, Budget& budget) const;

 private:
  struct Entry {
    std::uint64_t header = 0, data = 0;  // where they begin in the file
    std::uint64_t packed = 0, unpacked = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = 0;
  };

  explicit ZipArchive(FileBytes file) : file_(std::move(file)) {}
  Status read_directory();
  Status place(const std::string& name, Entry& entry) const;
  Status refuse_overlap() const;
  Result<FileBytes> inflate(const std::string& name, const Entry& entry, Budget& budget) const;

  FileBytes file_;
  std::map<std::string, Entry> entries_;
};

}  // namespace saker::pt
