#include "model/pt/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "base/text.h"
#include "base/try.h"

namespace saker::pt {
namespace {

constexpr std::size_t kMaxEntries = 200'000;  // of real checkpoints: 2,000
constexpr std::uint32_t kEndMark = 0x06054b50, kEnd64Mark = 0x06064b50, kLocator64Mark = 0x07064b50,
                        kCentralMark = 0x02014b50, kLocalMark = 0x04034b50;
constexpr std::size_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56, kCentralSize = 46, kLocalSize = 30;
constexpr std::uint16_t kEncrypted = 1, kStored = 0, kDeflated = 8, kExtra64 = 1;
constexpr std::uint32_t kIn64 = 0xffffffff;

Error damaged(const std::string& what) {
  return {ErrorCode::kInvalid, fmt::format("the archive is damaged or cut off: {}", what)};
}

Error of_entry(const std::string& name, ErrorCode code, std::string_view what) {
  return {code, fmt::format("entry '{}' of the archive {}", printable_name(name), what)};
}

// Little-endian numbers of a range; what lies outside it reads as 0 and is remembered.
class Fields {
 public:
  Fields(std::span<const std::byte> bytes, std::uint64_t at, std::uint64_t size) {
    if (at <= bytes.size() && size <= bytes.size() - at) {
      bytes_ = bytes.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
    } else {
      ok_ = false;
    }
  }
  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size() - at_; }
  template <typename T>
  T next() {
    T value = 0;
    if (!ok_ || left() < sizeof(T)) {
      ok_ = false;
      return value;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(bytes_[at_ + i]) << (8 * i)));
    at_ += sizeof(T);
    return value;
  }
  void skip(std::size_t bytes) {
    ok_ = ok_ && left() >= bytes;
    if (ok_) at_ += bytes;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Directory {
  std::uint64_t at = 0, bytes = 0, entries = 0;
};

// A comment of up to 64 KiB may follow the record.
std::optional<std::uint64_t> find_end(std::span<const std::byte> file) {
  constexpr std::size_t kLongestComment = 0xffff;
  if (file.size() < kEndSize) return std::nullopt;
  const std::size_t last = file.size() - kEndSize;
  for (std::size_t back = 0; back <= std::min(last, kLongestComment); ++back) {
    Fields record(file, last - back, kEndSize);
    if (record.next<std::uint32_t>() != kEndMark) continue;
    record.skip(16);
    if (record.next<std::uint16_t>() == back) return last - back;
  }
  return std::nullopt;
}

Result<Directory> read_end64(std::span<const std::byte> file, std::uint64_t end) {
  if (end < kLocatorSize) return damaged("its zip64 locator is missing");
  Fields locator(file, end - kLocatorSize, kLocatorSize);
  if (locator.next<std::uint32_t>() != kLocator64Mark) return damaged("its zip64 locator is missing");
  locator.skip(4);
  const std::uint64_t at = locator.next<std::uint64_t>();
  Fields record(file, at, kEnd64Size);
  if (!record.ok() || record.next<std::uint32_t>() != kEnd64Mark) return damaged("its zip64 record is missing");
  record.skip(20);
  Directory directory;
  record.skip(8);  // entries on this disk
  directory.entries = record.next<std::uint64_t>();
  directory.bytes = record.next<std::uint64_t>();
  directory.at = record.next<std::uint64_t>();
  return directory;
}

Result<Directory> find_directory(std::span<const std::byte> file) {
  const auto end = find_end(file);
  if (!end) return damaged("the directory at its end is missing");
  Fields record(file, *end, kEndSize);
  record.skip(4);
  const auto disk = record.next<std::uint16_t>(), first_disk = record.next<std::uint16_t>();
  record.skip(2);
  Directory directory;
  directory.entries = record.next<std::uint16_t>();
  directory.bytes = record.next<std::uint32_t>();
  directory.at = record.next<std::uint32_t>();
  const bool in64 = directory.entries == 0xffff || directory.bytes == kIn64 || directory.at == kIn64;
  if (in64) {
    SAKER_ASSIGN(directory, read_end64(file, *end));
  } else if (disk != 0 || first_disk != 0) {
    return Error{ErrorCode::kUnsupported, "the archive is a part of several"};
  }
  if (directory.at > *end || directory.bytes > *end - directory.at) return damaged("its directory lies outside it");
  return directory;
}

}  // namespace

Result<ZipArchive> ZipArchive::open(const FileBytes& file) {
  ZipArchive archive(file);
  SAKER_TRY(archive.read_directory());
  SAKER_TRY(archive.refuse_overlap());
  return archive;
}

Status ZipArchive::read_directory() {
  SAKER_ASSIGN(const Directory directory, find_directory(file_.span()));
  if (directory.entries > kMaxEntries)
    return Error{ErrorCode::kLimit, fmt::format("the archive has more than {} entries", kMaxEntries)};
  std::uint64_t at = directory.at;
  const std::uint64_t end = directory.at + directory.bytes;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    Fields fields(file_.span(), at, std::min<std::uint64_t>(kCentralSize, end - at));
    if (fields.next<std::uint32_t>() != kCentralMark) return damaged(fmt::format("entry {} is missing", i));
    fields.skip(4);
    const auto flags = fields.next<std::uint16_t>();
    Entry entry;
    entry.method = fields.next<std::uint16_t>();
    fields.skip(4);
    entry.crc = fields.next<std::uint32_t>();
    entry.packed = fields.next<std::uint32_t>();
    entry.unpacked = fields.next<std::uint32_t>();
    const auto name_bytes = fields.next<std::uint16_t>(), extra_bytes = fields.next<std::uint16_t>(),
               comment_bytes = fields.next<std::uint16_t>();
    fields.skip(8);
    entry.header = fields.next<std::uint32_t>();
    const std::uint64_t rest = at + kCentralSize, all = std::uint64_t{name_bytes} + extra_bytes + comment_bytes;
    if (!fields.ok() || rest > end || all > end - rest) return damaged(fmt::format("entry {} is cut off", i));
    const std::string name(reinterpret_cast<const char*>(file_.data.get()) + rest, name_bytes);
    Fields extra(file_.span(), rest + name_bytes, extra_bytes);
    while (extra.ok() && extra.left() >= 4) {
      const auto tag = extra.next<std::uint16_t>(), size = extra.next<std::uint16_t>();
      if (tag != kExtra64) {
        extra.skip(size);
        continue;
      }
      if (entry.unpacked == kIn64) entry.unpacked = extra.next<std::uint64_t>();
      if (entry.packed == kIn64) entry.packed = extra.next<std::uint64_t>();
      if (entry.header == kIn64) entry.header = extra.next<std::uint64_t>();
      break;
    }
    if (!extra.ok()) return of_entry(name, ErrorCode::kInvalid, "has a damaged extra field");
    if ((flags & kEncrypted) != 0) return of_entry(name, ErrorCode::kUnsupported, "is encrypted");
    SAKER_TRY(place(name, entry));
    if (!entries_.emplace(name, entry).second) return of_entry(name, ErrorCode::kInvalid, "is there twice");
    at = rest + all;
  }
  return {};
}

// Where the data begin: the local header has extra fields of its own, which align them.
Status ZipArchive::place(const std::string& name, Entry& entry) const {
  Fields local(file_.span(), entry.header, kLocalSize);
  if (local.next<std::uint32_t>() != kLocalMark)
    return of_entry(name, ErrorCode::kInvalid, "is not where it should be");
  local.skip(22);
  const auto name_bytes = local.next<std::uint16_t>(), extra_bytes = local.next<std::uint16_t>();
  entry.data = entry.header + kLocalSize + name_bytes + extra_bytes;
  if (entry.data > file_.size || entry.packed > file_.size - entry.data)
    return of_entry(name, ErrorCode::kInvalid, "reaches beyond the file's end");
  if (entry.method == kStored && entry.packed != entry.unpacked)
    return of_entry(name, ErrorCode::kInvalid, "has two sizes");
  return {};
}

// No byte belongs to two entries: a small archive of overlapping ones unpacks to any size (Fifield 2019).
Status ZipArchive::refuse_overlap() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const auto& [name, entry] : entries_) ranges.emplace_back(entry.header, entry.data + entry.packed);
  std::ranges::sort(ranges);
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second)
      return Error{ErrorCode::kInvalid, "entries of the archive overlap each other"};
  }
  return {};
}

std::string ZipArchive::find_ending(std::string_view ending) const {
  const auto found = std::ranges::find_if(entries_, [&](const auto& entry) { return entry.first.ends_with(ending); });
  return found == entries_.end() ? std::string() : found->first;
}

Result<FileBytes> ZipArchive::read(const std::string& name, std::size_t most, Budget& budget) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return of_entry(name, ErrorCode::kNotFound, "is missing");
  const Entry& entry = found->second;
  if (entry.unpacked > most)
    return of_entry(name, ErrorCode::kLimit, fmt::format("has {} bytes, the limit is {}", entry.unpacked, most));
  FileBytes bytes{{file_.data, file_.data.get() + entry.data}, static_cast<std::size_t>(entry.unpacked)};
  if (entry.method == kDeflated) {
    SAKER_ASSIGN(bytes, inflate(name, entry, budget));
  } else if (entry.method != kStored) {
    return of_entry(name, ErrorCode::kUnsupported, fmt::format("is compressed by method {}", entry.method));
  }
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data.get()), bytes.size);
  if (crc != entry.crc) return of_entry(name, ErrorCode::kInvalid, "has a wrong checksum: the file is damaged");
  return bytes;
}

Result<FileBytes> ZipArchive::inflate(const std::string& name, const Entry& entry, Budget& budget) const {
  constexpr std::uint64_t kBestRatio = 1032;  // of deflate (zlib's technical notes)
  if (entry.unpacked / kBestRatio > entry.packed || entry.unpacked > UINT32_MAX || entry.packed > UINT32_MAX)
    return of_entry(name, ErrorCode::kInvalid, "cannot unpack to its size");
  const auto size = static_cast<std::size_t>(entry.unpacked);
  SAKER_TRY(budget.spend(size));
  auto* memory = static_cast<std::byte*>(std::malloc(std::max<std::size_t>(size, 1)));
  if (memory == nullptr) return of_entry(name, ErrorCode::kLimit, "finds no memory");
  FileBytes bytes{{memory, std::free}, size};
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return of_entry(name, ErrorCode::kLimit, "finds no memory");
  stream.next_in = reinterpret_cast<Bytef*>(file_.data.get() + entry.data);
  stream.avail_in = static_cast<uInt>(entry.packed);
  stream.next_out = reinterpret_cast<Bytef*>(memory);
  stream.avail_out = static_cast<uInt>(size);
  const int end = ::inflate(&stream, Z_FINISH);
  const bool whole = end == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  if (!whole) return of_entry(name, ErrorCode::kInvalid, "cannot be unpacked: the file is damaged");
  return bytes;
}

}  // namespace saker::pt
