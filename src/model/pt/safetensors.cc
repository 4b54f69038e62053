#include "model/pt/safetensors.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>

#include "base/text.h"
#include "base/try.h"
#include "model/json_writer.h"
#include "model/pt/tensors.h"

namespace saker::pt {
namespace {

using Json = rapidjson::Value;

constexpr std::size_t kLengthBytes = sizeof(std::uint64_t);
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kAlignment = 8;  // of the numbers in the file; the widest element's
// Numbers come as text: RapidJSON 1.1 has undefined behaviour in its own conversion.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
constexpr std::string_view kMetadata = "__metadata__";

// Bytes of the file from `begin` to `end`, as a tensor's storage.
struct Place {
  std::uint64_t begin = 0, end = 0;
};

std::uint64_t header_length(std::span<const std::byte> file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  return length;
}

std::string text_of(const Json& value) {
  return {value.GetString(), value.GetStringLength()};
}

// A list of numbers that are whole and not negative.
bool read_numbers(const Json& entry, const char* key, std::vector<std::int64_t>& numbers) {
  const auto found = entry.FindMember(key);
  if (found == entry.MemberEnd() || !found->value.IsArray()) return false;
  for (const Json& number : found->value.GetArray()) {
    const auto whole = number.IsString() ? parse_whole(text_of(number)) : std::nullopt;
    if (!whole || *whole < 0) return false;
    numbers.push_back(*whole);
  }
  return true;
}

// Adds the entry's storage and tensor to the lists of `pickle`, and where it lies in the file to `places`.
Status add_entry(const std::string& name, const Json& entry, std::uint64_t first, Pickle& pickle,
                 std::vector<Place>& places) {
  const auto invalid = [&](const char* what) {
    return Error{ErrorCode::kInvalid, fmt::format("the tensor '{}' {}", printable_name(name), what)};
  };
  std::vector<std::int64_t> shape, offsets;
  if (!entry.IsObject() || !entry.HasMember("dtype") || !entry["dtype"].IsString() ||
      !read_numbers(entry, "shape", shape) || !read_numbers(entry, "data_offsets", offsets) || offsets.size() != 2)
    return invalid("does not say its type, its shape and its two offsets");
  if (shape.size() > kMaxRank) return invalid("has too many dimensions");
  if (offsets[0] > offsets[1]) return invalid("ends before it begins");
  const std::string dtype = text_of(entry["dtype"]);
  SAKER_ASSIGN(const DType type, dtype_named(dtype));
  SAKER_ASSIGN(const std::int64_t elements, element_count(shape));
  const auto bytes = static_cast<std::uint64_t>(offsets[1] - offsets[0]);
  const std::size_t size = dtype_size(type);
  if (bytes % size != 0 || bytes / size != static_cast<std::uint64_t>(elements))
    return invalid("has another size than its shape");
  TensorRecord record;
  record.storage = pickle.storages.size();
  record.strides.assign(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    record.strides[i - 1] = record.strides[i] * std::max<std::int64_t>(shape[i], 1);
  record.shape = std::move(shape);
  pickle.storages.push_back({name, dtype, elements});
  pickle.tensors.push_back(std::move(record));
  places.push_back({first + static_cast<std::uint64_t>(offsets[0]), first + static_cast<std::uint64_t>(offsets[1])});
  return {};
}

// Within the file, and none on another one's bytes.
Status check_places(std::vector<Place> places, std::size_t file_bytes) {
  std::ranges::sort(places, {}, &Place::begin);
  std::uint64_t end = 0;
  for (const Place& place : places) {
    if (place.begin == place.end) continue;
    if (place.end > file_bytes) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("a tensor ends at byte {} of a file of {}: it is cut off", place.end, file_bytes)};
    }
    if (place.begin < end)
      return Error{ErrorCode::kInvalid, fmt::format("two tensors share the bytes from {} on", place.begin)};
    end = place.end;
  }
  return {};
}

void add_metadata(const Json& entry, TextMap& metadata) {
  if (!entry.IsObject()) return;
  const auto members = entry.MemberBegin();  // its comparison is ambiguous in C++20
  for (rapidjson::SizeType i = 0; i < entry.MemberCount(); ++i) {
    const auto& member = members[static_cast<std::ptrdiff_t>(i)];
    if (member.value.IsString()) metadata.emplace(text_of(member.name), text_of(member.value));
  }
}

}  // namespace

bool is_safetensors(std::span<const std::byte> first, std::size_t size) {
  if (first.size() < kLengthBytes + 2) return false;
  return header_length(first) <= size - kLengthBytes && first[kLengthBytes] == std::byte{'{'} &&
         first[kLengthBytes + 1] == std::byte{'"'};
}

Result<Safetensors> read_safetensors(const FileBytes& file, Budget& budget) {
  const std::uint64_t length = header_length(file.span());
  if (length > kMaxHeader) {
    return Error{ErrorCode::kLimit, fmt::format("its header has {} bytes (at most {})", length, kMaxHeader)};
  }
  rapidjson::Document header;
  header.Parse<kParseFlags>(reinterpret_cast<const char*>(file.data.get()) + kLengthBytes, length);
  if (header.HasParseError() || !header.IsObject()) {
    return Error{
        ErrorCode::kInvalid,
        fmt::format("its header is no JSON object, from byte {} on: {}", kLengthBytes + header.GetErrorOffset(),
                    header.HasParseError() ? rapidjson::GetParseError_En(header.GetParseError()) : "no object")};
  }
  Safetensors read;
  Pickle tensors;
  std::vector<Place> places;
  const auto members = header.MemberBegin();  // its comparison is ambiguous in C++20
  for (rapidjson::SizeType i = 0; i < header.MemberCount(); ++i) {
    const auto& member = members[static_cast<std::ptrdiff_t>(i)];
    const std::string name = text_of(member.name);
    if (name == kMetadata) {
      add_metadata(member.value, read.metadata);
    } else {
      SAKER_TRY(add_entry(name, member.value, kLengthBytes + length, tensors, places));
    }
  }
  SAKER_TRY(check_places(places, file.size));
  std::size_t next = 0;  // tensors are opened in their order
  TensorReader reader(
      tensors,
      [&](const std::string&) -> Result<FileBytes> {
        const Place& place = places[next];
        return FileBytes{{file.data, file.data.get() + place.begin}, static_cast<std::size_t>(place.end - place.begin)};
      },
      budget);
  for (; next < tensors.tensors.size(); ++next) {
    const std::string& name = tensors.storages[next].key;
    auto tensor = reader.read(tensors.tensors[next]);
    if (!tensor.ok()) return tensor.error().with_context(printable_name(name));
    if (!read.weights.emplace(name, std::move(*tensor)).second)
      return Error{ErrorCode::kInvalid, fmt::format("two tensors are called '{}'", printable_name(name))};
  }
  return read;
}

Result<std::vector<std::byte>> safetensors_bytes(const Weights& weights, const TextMap& metadata) {
  std::vector<const Weights::value_type*> order;
  for (const auto& weight : weights) order.push_back(&weight);
  std::ranges::stable_sort(order, std::greater<>(),
                           [](const auto* weight) { return dtype_size(weight->second.dtype()); });
  rapidjson::StringBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  json.Key(kMetadata.data());
  json.StartObject();
  for (const auto& [key, text] : metadata) {
    put_key(json, key);
    put_text(json, text);
  }
  json.EndObject();
  std::size_t end = 0;
  for (const auto* weight : order) {
    const Tensor& tensor = weight->second;
    put_key(json, weight->first);
    json.StartObject();
    json.Key("dtype");
    put_text(json, safetensors_type(tensor.dtype()));
    json.Key("shape");
    put_integers(json, tensor.shape());
    json.Key("data_offsets");
    put_integers(json, {static_cast<std::int64_t>(end), static_cast<std::int64_t>(end + tensor.bytes())});
    json.EndObject();
    end += tensor.bytes();
  }
  json.EndObject();
  const std::uint64_t length = (buffer.GetSize() + kAlignment - 1) / kAlignment * kAlignment;  // spaces fill it up
  if (length > kMaxHeader)
    return Error{ErrorCode::kLimit, fmt::format("its header would have {} bytes (at most {})", length, kMaxHeader)};
  std::vector<std::byte> file(kLengthBytes + length + end, std::byte{' '});
  std::memcpy(file.data(), &length, kLengthBytes);
  std::memcpy(file.data() + kLengthBytes, buffer.GetString(), buffer.GetSize());
  std::byte* to = file.data() + kLengthBytes + length;
  for (const auto* weight : order) {
    if (weight->second.bytes() == 0) continue;
    std::memcpy(to, weight->second.raw(), weight->second.bytes());
    to += weight->second.bytes();
  }
  return file;
}

}  // namespace saker::pt
