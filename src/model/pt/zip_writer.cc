#include "model/pt/zip_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include "base/try.h"

namespace saker::pt {
namespace {

constexpr std::size_t kAlignment = 64, kLocalSize = 30, kExtraSize = 4, kEndSize = 22;
constexpr std::uint64_t kMost = 0xffffffff;  // sizes and places beyond need zip64
constexpr std::uint16_t kMostEntries = 0xfffe;

template <typename T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

// What both headers of an entry have in common: versions and flags to the lengths of the name and the extra field.
void put_entry(std::string& out, std::string_view name, std::string_view bytes, std::size_t extra) {
  put<std::uint16_t>(out, 0);       // version
  put<std::uint16_t>(out, 0x0800);  // the name is UTF-8
  put<std::uint16_t>(out, 0);       // stored
  put<std::uint32_t>(out, 0);       // no date
  put(out, static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size())));
  put(out, static_cast<std::uint32_t>(bytes.size()));
  put(out, static_cast<std::uint32_t>(bytes.size()));
  put(out, static_cast<std::uint16_t>(name.size()));
  put(out, static_cast<std::uint16_t>(extra));
}

Error too_large(std::string_view name) {
  return {ErrorCode::kLimit, fmt::format("with '{}' the file would be larger than 4 GB: export a smaller model", name)};
}

}  // namespace

Status ZipWriter::add(std::string_view name, std::string_view bytes) {
  const std::uint64_t at = file_.size(), begins = at + kLocalSize + name.size() + kExtraSize;
  const std::size_t padding = (kAlignment - begins % kAlignment) % kAlignment;
  if (bytes.size() > kMost || begins + padding + bytes.size() > kMost || entries_ == kMostEntries)
    return too_large(name);
  put<std::uint32_t>(file_, 0x04034b50);
  put_entry(file_, name, bytes, kExtraSize + padding);
  file_ += name;
  file_ += "FB";
  put(file_, static_cast<std::uint16_t>(padding));
  file_.append(padding, 'Z');
  file_ += bytes;

  put<std::uint32_t>(directory_, 0x02014b50);
  put<std::uint16_t>(directory_, 0);  // made by
  put_entry(directory_, name, bytes, 0);
  directory_.append(10, '\0');  // comment, disk, attributes
  put(directory_, static_cast<std::uint32_t>(at));
  directory_ += name;
  ++entries_;
  return {};
}

Result<std::string> ZipWriter::finish() && {
  const std::uint64_t at = file_.size();
  if (at + directory_.size() + kEndSize > kMost) return too_large("its directory");
  file_ += directory_;
  put<std::uint32_t>(file_, 0x06054b50);
  put<std::uint32_t>(file_, 0);  // one disk
  put(file_, entries_);
  put(file_, entries_);
  put(file_, static_cast<std::uint32_t>(directory_.size()));
  put(file_, static_cast<std::uint32_t>(at));
  put<std::uint16_t>(file_, 0);  // no comment
  return std::move(file_);
}

}  // namespace saker::pt
