// The format of torch before 1.6: five pickles behind one another (a magic number, a version, facts of the machine, the
// object, the keys of its storages), then the storages in the order of the keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>

#include "base/text.h"
#include "base/try.h"
#include "model/pt/checkpoint.h"

namespace saker::pt {
namespace {

// A pickle of protocol 2 of the number 0x1950a86a20f9469cfc6c.
constexpr auto kMagic =
    std::to_array<std::uint8_t>({0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19});

struct Region {
  std::size_t at = 0, bytes = 0;
};
using Regions = std::map<std::string, Region>;

// Each begins with its number of elements, whose type the pickle has told.
Result<Regions> regions_of(const FileBytes& file, std::size_t at, const Pickle& keys, const Pickle& object) {
  std::map<std::string, std::size_t> sizes;
  for (const Storage& storage : object.storages) {
    SAKER_ASSIGN(const DType dtype, dtype_named(storage.dtype));
    sizes[storage.key] = dtype_size(dtype);
  }
  Regions regions;
  for (const Value& key : keys.root.items()) {
    const auto size = sizes.find(key.text());
    std::uint64_t elements = 0;
    if (size == sizes.end() || file.size - at < sizeof(elements))
      return Error{ErrorCode::kInvalid, "the file is cut off, or its list of storages is wrong"};
    std::memcpy(&elements, file.data.get() + at, sizeof(elements));
    at += sizeof(elements);
    if (elements > (file.size - at) / size->second) {
      return Error{ErrorCode::kInvalid, fmt::format("the file is cut off in storage '{}'", printable_name(key.text()))};
    }
    const auto bytes = static_cast<std::size_t>(elements) * size->second;
    regions[key.text()] = {at, bytes};
    at += bytes;
  }
  return regions;
}

}  // namespace

bool is_legacy(const FileBytes& file) {
  return file.size >= kMagic.size() && std::memcmp(file.data.get(), kMagic.data(), kMagic.size()) == 0;
}

Result<Checkpoint> open_legacy(const FileBytes& file) {
  std::array<Pickle, 5> pickles;
  std::size_t at = 0;
  for (Pickle& pickle : pickles) {
    std::size_t used = 0;
    SAKER_ASSIGN(pickle, read_pickle(file.span().subspan(at), used));
    at += used;
  }
  const Value* little = pickles[2].root.find("little_endian");
  if (little != nullptr && !little->is_true())
    return Error{ErrorCode::kUnsupported, "its numbers are written big end first"};
  SAKER_ASSIGN(const Regions found, regions_of(file, at, pickles[4], pickles[3]));
  const auto regions = std::make_shared<const Regions>(found);
  Checkpoint checkpoint;
  checkpoint.pickle = std::move(pickles[3]);
  checkpoint.storage = [file, regions](const std::string& key) -> Result<FileBytes> {
    const auto region = regions->find(key);
    if (region == regions->end())
      return Error{ErrorCode::kInvalid, fmt::format("storage '{}' is missing", printable_name(key))};
    return FileBytes{{file.data, file.data.get() + region->second.at}, region->second.bytes};
  };
  return checkpoint;
}

}  // namespace saker::pt
