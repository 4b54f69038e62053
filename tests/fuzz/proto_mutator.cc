// Mutates protobuf messages field by field and writes them anew, so that lengths stay right: plain
// mutations of bytes seldom get past the reader.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed);
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size, const std::uint8_t* b,
                                                 std::size_t b_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed);

namespace {

using Random = std::minstd_rand;

constexpr int kMaxDepth = 8;  // model, graph, node, attribute, tensor, and some

struct Field {
  std::uint64_t key = 0;
  std::uint64_t scalar = 0;   // wire types 0, 1, 5
  std::string bytes;          // wire type 2 that is no message
  std::vector<Field> fields;  // wire type 2 that reads as one
  bool is_message = false;

  unsigned wire_type() const { return static_cast<unsigned>(key & 7U); }
};

std::optional<std::uint64_t> read_varint(const std::string& text, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && at < text.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(text[at++]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

std::optional<std::vector<Field>> parse(const std::string& text, int depth) {
  std::vector<Field> fields;
  for (std::size_t at = 0; at < text.size();) {
    Field& field = fields.emplace_back();
    const auto key = read_varint(text, at);
    if (!key || (*key >> 3) == 0 || (*key >> 3) > 30) return std::nullopt;
    field.key = *key;
    const std::size_t fixed = field.wire_type() == 1 ? 8 : field.wire_type() == 5 ? 4 : 0;
    if (field.wire_type() == 0 || field.wire_type() == 2) {
      const auto value = read_varint(text, at);
      if (!value) return std::nullopt;
      field.scalar = *value;
    } else if (fixed == 0 || fixed > text.size() - at) {
      return std::nullopt;
    }
    std::memcpy(&field.scalar, text.data() + at, fixed);
    at += fixed;
    if (field.wire_type() != 2) continue;
    if (field.scalar > text.size() - at) return std::nullopt;
    field.bytes = text.substr(at, static_cast<std::size_t>(field.scalar));
    at += field.bytes.size();
    if (depth == 0 || field.bytes.size() < 2) continue;
    if (auto inner = parse(field.bytes, depth - 1)) {
      field.fields = std::move(*inner);
      field.is_message = true;
    }
  }
  return fields;
}

void write_varint(std::uint64_t value, std::string& out) {
  for (; value > 0x7F; value >>= 7) out += static_cast<char>((value & 0x7FU) | 0x80U);
  out += static_cast<char>(value);
}

std::string write(const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields) {
    write_varint(field.key, out);
    if (field.wire_type() == 0) write_varint(field.scalar, out);
    if (field.wire_type() == 1) out.append(reinterpret_cast<const char*>(&field.scalar), 8);
    if (field.wire_type() == 5) out.append(reinterpret_cast<const char*>(&field.scalar), 4);
    if (field.wire_type() != 2) continue;
    const std::string inner = field.is_message ? write(field.fields) : field.bytes;
    write_varint(inner.size(), out);
    out += inner;
  }
  return out;
}

// Every list of fields of the tree that is not empty.
void collect(std::vector<Field>& fields, std::vector<std::vector<Field>*>& lists) {
  if (!fields.empty()) lists.push_back(&fields);
  for (Field& field : fields) collect(field.fields, lists);
}

// Values at the edges of what a rule may have to check.
std::uint64_t interesting(std::uint64_t old, Random& random) {
  constexpr std::int64_t kValues[] = {
      0,         1,         2,  3,  4,  7,         64,        255,  1 << 16,       INT32_MAX,    INT32_MIN,
      INT64_MAX, INT64_MIN, -1, -2, 16, 1LL << 40, 1LL << 24, 4097, INT64_MAX / 2, -(1LL << 40), 12};
  switch (random() % 4) {
    case 0:
      return old + 1;
    case 1:
      return old - 1;
    default:
      return static_cast<std::uint64_t>(kValues[random() % std::size(kValues)]);
  }
}

void mutate_bytes(std::string& bytes, Random& random) {
  if (bytes.size() % 8 == 0 && !bytes.empty() && random() % 2 == 0) {  // a list of int64, perhaps
    const std::size_t at = random() % (bytes.size() / 8) * 8;
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, 8);
    value = interesting(value, random);
    std::memcpy(bytes.data() + at, &value, 8);
    return;
  }
  const std::size_t room = bytes.size() + 8;
  std::vector<std::uint8_t> memory(bytes.begin(), bytes.end());
  memory.resize(room);
  const std::size_t size = LLVMFuzzerMutate(memory.data(), bytes.size(), room);
  bytes.assign(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(size));
}

// Another field of the same number somewhere in the tree: a name for a name, a node for a node.
const Field* relative(const std::vector<std::vector<Field>*>& lists, std::uint64_t key, Random& random) {
  std::vector<const Field*> found;
  for (const auto* list : lists) {
    for (const Field& field : *list) {
      if (field.key == key) found.push_back(&field);
    }
  }
  return found.empty() ? nullptr : found[random() % found.size()];
}

void mutate(std::vector<Field>& root, const std::vector<std::vector<Field>*>& donors, Random& random) {
  std::vector<std::vector<Field>*> lists;
  collect(root, lists);
  if (lists.empty()) return;
  std::vector<Field>& list = *lists[random() % lists.size()];
  const std::size_t at = random() % list.size();
  const auto place = list.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random() % 8) {
    case 0:
      list.erase(place);
      return;
    case 1: {
      const Field copy = *place;
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(random() % (list.size() + 1)), copy);
      return;
    }
    case 2:
      std::swap(list[at], list[random() % list.size()]);
      return;
    case 3:
    case 4:
      if (const Field* other = relative(donors.empty() ? lists : donors, place->key, random)) {
        const Field copy = *other;
        list[at] = copy;
      }
      return;
    default:
      if (place->wire_type() == 2) {
        if (place->is_message) place->bytes = write(place->fields);
        place->is_message = false;
        mutate_bytes(place->bytes, random);
      } else {
        place->scalar = interesting(place->scalar, random);
      }
      return;
  }
}

std::size_t give(const std::string& text, std::uint8_t* data, std::size_t max_size) {
  if (text.size() > max_size) return 0;
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  Random random(seed + 1);
  auto root = parse(std::string(reinterpret_cast<const char*>(data), size), kMaxDepth);
  if (!root || random() % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (unsigned i = random() % 3 + 1; i > 0; --i) mutate(*root, {}, random);
  const std::size_t written = give(write(*root), data, max_size);
  return written > 0 ? written : LLVMFuzzerMutate(data, size, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size, const std::uint8_t* b,
                                                 std::size_t b_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  Random random(seed + 1);
  auto root = parse(std::string(reinterpret_cast<const char*>(a), a_size), kMaxDepth);
  auto other = parse(std::string(reinterpret_cast<const char*>(b), b_size), kMaxDepth);
  if (!root || !other) return 0;
  std::vector<std::vector<Field>*> donors;
  collect(*other, donors);
  for (unsigned i = random() % 4 + 1; i > 0; --i) mutate(*root, donors, random);
  return give(write(*root), out, max_size);
}
