// Writes small checkpoints of PyTorch for tests, valid or not: pickles by their opcodes (Python's pickletools), and zip
// archives of stored or deflated entries.
#pragma once

#include <zlib.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::test_support {

template <typename T>
std::string little(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

// A value as the opcodes that make it.
using Pickled = std::string;

inline Pickled py_none() {
  return "N";
}
inline Pickled py_bool(bool value) {
  return value ? "\x88" : "\x89";
}
inline Pickled py_int(std::int32_t value) {
  return "J" + little(value);
}
inline Pickled py_float(double value) {
  return "G" + little(__builtin_bswap64(std::bit_cast<std::uint64_t>(value)));
}
inline Pickled py_text(std::string_view text) {
  return "X" + little(static_cast<std::uint32_t>(text.size())) + std::string(text);
}
inline Pickled py_global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline Pickled py_tuple(const std::vector<Pickled>& items) {
  std::string out = "(";
  for (const Pickled& item : items) out += item;
  return out + "t";
}
inline Pickled py_list(const std::vector<Pickled>& items) {
  std::string out = "](";
  for (const Pickled& item : items) out += item;
  return out + "e";
}
using PickledItems = std::vector<std::pair<std::string, Pickled>>;
inline Pickled py_dict(const PickledItems& items) {
  std::string out = "}(";
  for (const auto& [key, value] : items) out += py_text(key) + value;
  return out + "u";
}
inline Pickled py_call(const Pickled& function, const std::vector<Pickled>& arguments) {
  return function + py_tuple(arguments) + "R";
}
// An object of that class, and its state.
inline Pickled py_object(const std::string& module, const std::string& name, const PickledItems& state) {
  return py_global(module, name) + ")\x81" + py_dict(state) + "b";
}
inline std::string py_file(const Pickled& value) {
  return "\x80\x02" + value + ".";
}

struct ZipItem {
  std::string name, bytes;
  bool deflated = false;
};

// As torch.save lays it: sizes and checksums in the directory at the end only.
inline std::string zip_file(const std::vector<ZipItem>& items) {
  std::string file, directory;
  for (const ZipItem& item : items) {
    const auto crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(item.bytes.data()), static_cast<uInt>(item.bytes.size())));
    std::string packed = item.bytes;
    if (item.deflated) {
      z_stream stream{};
      deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
      packed.resize(deflateBound(&stream, item.bytes.size()));
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(item.bytes.data()));
      stream.avail_in = static_cast<uInt>(item.bytes.size());
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      deflate(&stream, Z_FINISH);
      packed.resize(stream.total_out);
      deflateEnd(&stream);
    }
    const auto method = static_cast<std::uint16_t>(item.deflated ? 8 : 0);
    const auto at = static_cast<std::uint32_t>(file.size());
    const std::size_t begins = file.size() + 30 + item.name.size() + 4;
    const auto padding = static_cast<std::uint16_t>((64 - begins % 64) % 64);
    file += "PK\x03\x04" + little<std::uint16_t>(0) + little<std::uint16_t>(0x0808) + little(method) +
            std::string(4, '\0') + std::string(12, '\0') + little(static_cast<std::uint16_t>(item.name.size())) +
            little(static_cast<std::uint16_t>(padding + 4)) + item.name + "FB" + little(padding) +
            std::string(padding, 'Z') + packed;
    directory += "PK\x01\x02" + little<std::uint16_t>(0) + little<std::uint16_t>(0) + little<std::uint16_t>(0x0808) +
                 little(method) + std::string(4, '\0') + little(crc) +
                 little(static_cast<std::uint32_t>(packed.size())) +
                 little(static_cast<std::uint32_t>(item.bytes.size())) +
                 little(static_cast<std::uint16_t>(item.name.size())) + std::string(12, '\0') + little(at) + item.name;
  }
  const auto at = static_cast<std::uint32_t>(file.size());
  const auto count = little(static_cast<std::uint16_t>(items.size()));
  return file + directory + "PK\x05\x06" + std::string(4, '\0') + count + count +
         little(static_cast<std::uint32_t>(directory.size())) + little(at) + little<std::uint16_t>(0);
}

// A checkpoint written piece by piece: tensors first, then the object that holds them.
class CheckpointWriter {
 public:
  // Of float32, dense.
  Pickled tensor(const std::vector<std::int32_t>& shape, const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    std::vector<std::int32_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
    return tensor("FloatStorage", bytes, static_cast<std::int32_t>(values.size()), 0, shape, strides);
  }
  Pickled tensor(const std::string& type, const std::string& bytes, std::int32_t elements, std::int32_t offset,
                 const std::vector<std::int32_t>& shape, const std::vector<std::int32_t>& strides) {
    const std::string key = std::to_string(storages_.size());
    storages_.push_back(bytes);
    const Pickled storage =
        py_tuple({py_text("storage"), py_global("torch", type), py_text(key), py_text("cpu"), py_int(elements)}) + "Q";
    return py_call(py_global("torch._utils", "_rebuild_tensor_v2"),
                   {storage, py_int(offset), integers(shape), integers(strides), py_bool(false), "}"});
  }
  static Pickled integers(const std::vector<std::int32_t>& numbers) {
    std::vector<Pickled> items;
    for (const std::int32_t number : numbers) items.push_back(py_int(number));
    return py_tuple(items);
  }

  std::string file(const Pickled& object) const {
    std::vector<ZipItem> items = {{"best/data.pkl", py_file(object)}};
    for (std::size_t i = 0; i < storages_.size(); ++i)
      items.push_back({"best/data/" + std::to_string(i), storages_[i]});
    items.push_back({"best/version", "3\n"});
    return zip_file(items);
  }

 private:
  std::vector<std::string> storages_;
};

}  // namespace saker::test_support
