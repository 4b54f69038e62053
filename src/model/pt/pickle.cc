#include "model/pt/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "model/pt/calls.h"

namespace saker::pt {
namespace {

const std::string kNoText;
const std::vector<Value> kNoItems;

bool is_container(Kind kind) {
  return kind >= Kind::kText;
}

}  // namespace

const std::string& Value::text() const {
  return is_container(kind) ? container->text : kNoText;
}
const std::vector<Value>& Value::items() const {
  return is_container(kind) ? container->items : kNoItems;
}
const Value* Value::find(std::string_view key) const {
  if (kind != Kind::kDict) return nullptr;
  const std::vector<Value>& all = items();
  for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
    if (all[i].kind == Kind::kText && all[i].text() == key) return &all[i + 1];
  }
  return nullptr;
}
const Value* Value::state() const {
  return kind == Kind::kObject && container->built ? &container->items.back() : nullptr;
}
std::int64_t Value::integer(std::int64_t fallback) const {
  return kind == Kind::kInt ? whole : fallback;
}
double Value::number(double fallback) const {
  return kind == Kind::kFloat ? real : kind == Kind::kInt ? static_cast<double>(whole) : fallback;
}

const TensorRecord* Pickle::tensor_of(const Value& value) const {
  return value.kind == Kind::kTensor ? &tensors[value.container->index] : nullptr;
}

class Unpickler {
 public:
  Unpickler(std::span<const std::byte> bytes, const PickleLimits& limits) : bytes_(bytes), limits_(limits) {}

  Result<Pickle> run(std::size_t& used) {
    while (!done_) {
      start_ = at_;
      SAKER_ASSIGN(const std::uint8_t code, number<std::uint8_t>());
      SAKER_TRY(step(code));
      if (stack_.size() > limits_.values || marks_.size() > limits_.depth) return too_large("stack");
    }
    used = at_;
    return std::move(pickle_);
  }

 private:
  Error at_fault(ErrorCode code, const std::string& what) const {
    return {code, fmt::format("the pickle, at byte {}: {}", start_, what)};
  }
  Error broken(const std::string& what) const { return at_fault(ErrorCode::kInvalid, what); }
  Error too_large(const char* what) const {
    return at_fault(ErrorCode::kLimit, fmt::format("its {} is larger than any checkpoint's", what));
  }

  // ---- bytes ----

  Result<std::span<const std::byte>> take(std::size_t count) {
    if (count > bytes_.size() - at_) return broken("it is cut off");
    const auto taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  template <typename T>
  Result<T> number() {  // little-endian
    SAKER_ASSIGN(const auto raw, take(sizeof(T)));
    T value = 0;
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  Result<std::string> text(std::size_t count) {
    if (count > limits_.text_bytes - text_bytes_) return too_large("text");
    SAKER_ASSIGN(const auto raw, take(count));
    text_bytes_ += count;
    return std::string(reinterpret_cast<const char*>(raw.data()), raw.size());
  }
  Result<std::string> line() {
    constexpr std::size_t kLongest = 1000;
    const auto rest = bytes_.subspan(at_, std::min(bytes_.size() - at_, kLongest));
    const auto end = std::ranges::find(rest, std::byte{'\n'});
    if (end == rest.end()) return broken("a name has no end");
    SAKER_ASSIGN(std::string name, text(static_cast<std::size_t>(end - rest.begin())));
    ++at_;
    return name;
  }

  // ---- values ----

  Status push(Value value) {
    if (++values_ > limits_.values) return too_large("number of values");
    stack_.push_back(value);
    return {};
  }
  Value made(Kind kind, std::string words = {}, std::vector<Value> items = {}) {
    values_ += items.size();  // copies, too: the next push() refuses what is too much
    Container& container = pickle_.containers_.emplace_back();
    container.text = std::move(words);
    container.items = std::move(items);
    Value value;
    value.kind = kind;
    value.container = &container;
    return value;
  }
  static Value whole(std::int64_t number) {
    Value value;
    value.kind = Kind::kInt;
    value.whole = number;
    return value;
  }
  static Value truth(bool is) {
    Value value;
    value.kind = Kind::kBool;
    value.truth = is;
    return value;
  }

  // What stands above the last mark, whose place is the least that the stack may shrink to.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  Result<Value> pop() {
    if (stack_.size() <= floor()) return broken("it takes more values than there are");
    const Value value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Result<std::vector<Value>> pop_to_mark() {
    if (marks_.empty()) return broken("a mark is missing");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Value> values(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return values;
  }
  Result<Container*> top(Kind kind, const char* what) {
    if (stack_.size() <= floor() || stack_.back().kind != kind) return broken(fmt::format("{} is missing", what));
    return stack_.back().container;
  }

  // ---- opcodes ----

  Status step(std::uint8_t code);
  Status scalar(std::uint8_t code, bool& known);
  Status structure(std::uint8_t code, bool& known);
  Status memory(std::uint8_t code, bool& known);
  Status object(std::uint8_t code, bool& known);

  Status tuple_of(std::size_t count);
  Status append(std::vector<Value> values);
  Status set_items(std::vector<Value> values);
  Status put(std::size_t slot);
  Status get(std::size_t slot);
  Status long_integer();
  Status global();
  Status reduce();
  Status build();
  Status persistent_id();

  Result<Value> called(const std::string& name, const std::vector<Value>& arguments);
  Result<Value> tensor(const std::string& name, const std::vector<Value>& arguments);
  Result<Value> dictionary(const std::vector<Value>& arguments);
  Result<std::vector<std::int64_t>> integers(const Value& list, const char* what);

  std::span<const std::byte> bytes_;
  PickleLimits limits_;
  Pickle pickle_;
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::size_t, Value> memo_;
  std::map<std::string, std::size_t> storages_;  // by key: index
  std::size_t at_ = 0, start_ = 0, values_ = 0, text_bytes_ = 0;
  bool done_ = false;
};

Status Unpickler::step(std::uint8_t code) {
  for (const auto group : {&Unpickler::scalar, &Unpickler::structure, &Unpickler::memory, &Unpickler::object}) {
    bool known = true;
    SAKER_TRY((this->*group)(code, known));
    if (known) return {};
  }
  return at_fault(ErrorCode::kUnsupported, fmt::format("opcode 0x{:02x}, which no checkpoint of PyTorch uses", code));
}

Status Unpickler::scalar(std::uint8_t code, bool& known) {
  switch (code) {
    case 'N':
      return push({});
    case 0x88:  // NEWTRUE
      return push(truth(true));
    case 0x89:  // NEWFALSE
      return push(truth(false));
    case 'K': {  // BININT1
      SAKER_ASSIGN(const auto value, number<std::uint8_t>());
      return push(whole(value));
    }
    case 'M': {  // BININT2
      SAKER_ASSIGN(const auto value, number<std::uint16_t>());
      return push(whole(value));
    }
    case 'J': {  // BININT
      SAKER_ASSIGN(const auto value, number<std::int32_t>());
      return push(whole(value));
    }
    case 0x8a:  // LONG1
      return long_integer();
    case 'G': {  // BINFLOAT, big-endian
      SAKER_ASSIGN(const auto raw, number<std::uint64_t>());
      Value value;
      value.kind = Kind::kFloat;
      value.real = std::bit_cast<double>(__builtin_bswap64(raw));
      return push(value);
    }
    case 'X': {  // BINUNICODE
      SAKER_ASSIGN(const auto size, number<std::uint32_t>());
      SAKER_ASSIGN(std::string words, text(size));
      return push(made(Kind::kText, std::move(words)));
    }
    case 'U': {  // SHORT_BINSTRING
      SAKER_ASSIGN(const auto size, number<std::uint8_t>());
      SAKER_ASSIGN(std::string words, text(size));
      return push(made(Kind::kText, std::move(words)));
    }
    default:
      known = false;
      return {};
  }
}

Status Unpickler::long_integer() {
  SAKER_ASSIGN(const auto size, number<std::uint8_t>());
  SAKER_ASSIGN(const auto raw, take(size));
  if (raw.size() > sizeof(std::int64_t)) return push(made(Kind::kObject, "a long integer"));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) value |= std::to_integer<std::uint64_t>(raw[i]) << (8 * i);
  const std::size_t bits = 8 * raw.size();
  if (bits > 0 && bits < 64 && (value >> (bits - 1)) != 0) value |= ~std::uint64_t{0} << bits;  // its sign
  return push(whole(static_cast<std::int64_t>(value)));
}

Status Unpickler::structure(std::uint8_t code, bool& known) {
  switch (code) {
    case 0x80: {  // PROTO
      SAKER_ASSIGN(const auto version, number<std::uint8_t>());
      if (version > 2) return at_fault(ErrorCode::kUnsupported, fmt::format("protocol {}, not 2", version));
      return {};
    }
    case '.': {  // STOP
      SAKER_ASSIGN(pickle_.root, pop());
      done_ = true;
      return {};
    }
    case '(':  // MARK
      marks_.push_back(stack_.size());
      return {};
    case '0':  // POP
      return pop().ok() ? Status() : Status(broken("it takes more values than there are"));
    case ')':
      return push(made(Kind::kTuple));
    case ']':
      return push(made(Kind::kList));
    case '}':
      return push(made(Kind::kDict));
    case 't': {  // TUPLE
      SAKER_ASSIGN(std::vector<Value> items, pop_to_mark());
      return push(made(Kind::kTuple, {}, std::move(items)));
    }
    case 0x85:
    case 0x86:
    case 0x87:  // TUPLE1 to 3
      return tuple_of(code - 0x84U);
    case 'a': {  // APPEND
      SAKER_ASSIGN(const Value item, pop());
      return append({item});
    }
    case 'e': {  // APPENDS
      SAKER_ASSIGN(std::vector<Value> items, pop_to_mark());
      return append(std::move(items));
    }
    case 's': {  // SETITEM
      SAKER_ASSIGN(const Value item, pop());
      SAKER_ASSIGN(const Value key, pop());
      return set_items({key, item});
    }
    case 'u': {  // SETITEMS
      SAKER_ASSIGN(std::vector<Value> items, pop_to_mark());
      return set_items(std::move(items));
    }
    default:
      known = false;
      return {};
  }
}

Status Unpickler::tuple_of(std::size_t count) {
  std::vector<Value> items(count);
  for (std::size_t i = count; i-- > 0;) {
    SAKER_ASSIGN(items[i], pop());
  }
  return push(made(Kind::kTuple, {}, std::move(items)));
}

Status Unpickler::append(std::vector<Value> values) {
  SAKER_ASSIGN(Container* const list, top(Kind::kList, "the list to append to"));
  list->items.insert(list->items.end(), values.begin(), values.end());
  return {};
}

// An object may be a dictionary of its own kind.
Status Unpickler::set_items(std::vector<Value> values) {
  if (values.size() % 2 != 0) return broken("a key has no value");
  const bool is_object = stack_.size() > floor() && stack_.back().kind == Kind::kObject;
  if (is_object) return {};
  SAKER_ASSIGN(Container* const dict, top(Kind::kDict, "the dictionary to add to"));
  dict->items.insert(dict->items.end(), values.begin(), values.end());
  return {};
}

Status Unpickler::memory(std::uint8_t code, bool& known) {
  switch (code) {
    case 'q': {  // BINPUT
      SAKER_ASSIGN(const auto slot, number<std::uint8_t>());
      return put(slot);
    }
    case 'r': {  // LONG_BINPUT
      SAKER_ASSIGN(const auto slot, number<std::uint32_t>());
      return put(slot);
    }
    case 'h': {  // BINGET
      SAKER_ASSIGN(const auto slot, number<std::uint8_t>());
      return get(slot);
    }
    case 'j': {  // LONG_BINGET
      SAKER_ASSIGN(const auto slot, number<std::uint32_t>());
      return get(slot);
    }
    default:
      known = false;
      return {};
  }
}

Status Unpickler::put(std::size_t slot) {
  if (stack_.size() <= floor()) return broken("there is nothing to remember");
  if (memo_.size() >= limits_.values) return too_large("memo");
  memo_[slot] = stack_.back();
  return {};
}

Status Unpickler::get(std::size_t slot) {
  const auto found = memo_.find(slot);
  if (found == memo_.end()) return broken(fmt::format("nothing was remembered as {}", slot));
  return push(found->second);
}

Status Unpickler::object(std::uint8_t code, bool& known) {
  switch (code) {
    case 'c':  // GLOBAL
      return global();
    case 'R':
      return reduce();
    case 0x81: {  // NEWOBJ: a record, whatever the class
      SAKER_ASSIGN(const Value arguments, pop());
      SAKER_ASSIGN(const Value of, pop());
      if (of.kind != Kind::kGlobal || arguments.kind != Kind::kTuple) return broken("an object has no class");
      return push(made(Kind::kObject, of.text(), arguments.items()));
    }
    case 'b':
      return build();
    case 'Q':  // BINPERSID
      return persistent_id();
    default:
      known = false;
      return {};
  }
}

Status Unpickler::global() {
  SAKER_ASSIGN(const std::string module, line());
  SAKER_ASSIGN(const std::string name, line());
  return push(made(Kind::kGlobal, module + "." + name));
}

Status Unpickler::reduce() {
  SAKER_ASSIGN(const Value arguments, pop());
  SAKER_ASSIGN(const Value function, pop());
  if (function.kind != Kind::kGlobal || arguments.kind != Kind::kTuple)
    return at_fault(ErrorCode::kUnsupported, "it calls what is no function by name");
  SAKER_ASSIGN(const Value result, called(function.text(), arguments.items()));
  return push(result);
}

Result<Value> Unpickler::called(const std::string& name, const std::vector<Value>& arguments) {
  switch (call_of(name)) {
    case Call::kDict:
      return dictionary(arguments);
    case Call::kSet:
      return made(Kind::kSet, {}, arguments.empty() ? std::vector<Value>() : arguments[0].items());
    case Call::kTensor:
      return tensor(name, arguments);
    case Call::kParameter:
      if (arguments.empty()) return broken("a parameter without a tensor");
      return arguments[0];
    case Call::kSize:
      return made(Kind::kTuple, {}, arguments.empty() ? std::vector<Value>() : arguments[0].items());
    case Call::kInert:
      return made(Kind::kObject, name, arguments);
    case Call::kRefused:
      break;
  }
  return at_fault(ErrorCode::kUnsupported,
                  fmt::format("it calls {}, which no checkpoint of a detector needs; nothing was run. A file from an "
                              "unknown source may be an attack",
                              printable_name(name)));
}

// Of pairs, or empty.
Result<Value> Unpickler::dictionary(const std::vector<Value>& arguments) {
  std::vector<Value> items;
  for (const Value& pair : arguments.empty() ? kNoItems : arguments[0].items()) {
    if (pair.items().size() != 2) return broken("a dictionary of what are no pairs");
    items.insert(items.end(), pair.items().begin(), pair.items().end());
  }
  return made(Kind::kDict, {}, std::move(items));
}

Result<std::vector<std::int64_t>> Unpickler::integers(const Value& list, const char* what) {
  constexpr std::size_t kMostAxes = 64;
  std::vector<std::int64_t> numbers;
  if (list.kind != Kind::kTuple || list.items().size() > kMostAxes) return broken(fmt::format("a tensor's {}", what));
  for (const Value& item : list.items()) {
    if (item.kind != Kind::kInt || item.whole < 0) return broken(fmt::format("a tensor's {} is no number", what));
    numbers.push_back(item.whole);
  }
  return numbers;
}

// (storage, offset, shape, strides, ...); the third version names the element type after them.
Result<Value> Unpickler::tensor(const std::string& name, const std::vector<Value>& arguments) {
  if (arguments.size() < 4 || arguments[0].kind != Kind::kStorage) return broken("a tensor without a storage");
  if (arguments[1].kind != Kind::kInt || arguments[1].whole < 0) return broken("a tensor's offset is no number");
  TensorRecord record;
  record.storage = arguments[0].container->index;
  record.offset = arguments[1].whole;
  SAKER_ASSIGN(record.shape, integers(arguments[2], "shape"));
  SAKER_ASSIGN(record.strides, integers(arguments[3], "strides"));
  if (record.shape.size() != record.strides.size()) return broken("a tensor's shape and strides differ in length");
  if (name.ends_with("_v3") && arguments.size() > 6) record.dtype = arguments[6].text();
  Value value = made(Kind::kTensor);
  value.container->index = pickle_.tensors.size();
  pickle_.tensors.push_back(std::move(record));
  return value;
}

// The state of an object; of a dictionary (torch's state_dict has metadata) it is left out.
Status Unpickler::build() {
  SAKER_ASSIGN(const Value state, pop());
  if (stack_.size() <= floor()) return broken("a state without an object");
  const Value& object = stack_.back();
  if (object.kind != Kind::kObject) return {};
  if (object.container->built) return broken("an object has two states");
  object.container->items.push_back(state);
  object.container->built = true;
  return {};
}

// ('storage', class, key, location, number of elements), or five fields and a view's.
Status Unpickler::persistent_id() {
  SAKER_ASSIGN(const Value id, pop());
  const std::vector<Value>& fields = id.items();
  const bool known = id.kind == Kind::kTuple && fields.size() >= 5 && fields[0].text() == "storage" &&
                     fields[1].kind == Kind::kGlobal && fields[2].kind == Kind::kText && fields[4].kind == Kind::kInt &&
                     fields[4].whole >= 0;
  if (!known) {
    // The old format also keeps the sources of classes beside them.
    const bool source = id.kind == Kind::kTuple && fields.size() >= 2 && fields[0].text() == "module";
    if (source) return push(fields[1]);
    return broken("it refers to something else than a storage");
  }
  const std::string& key = fields[2].text();
  const auto [found, fresh] = storages_.emplace(key, pickle_.storages.size());
  if (fresh) {
    std::string type = fields[1].text();
    pickle_.storages.push_back({key, type.substr(type.rfind('.') + 1), fields[4].whole});
  }
  Value value = made(Kind::kStorage);
  value.container->index = found->second;
  return push(value);
}

Result<Pickle> read_pickle(std::span<const std::byte> bytes, std::size_t& used, const PickleLimits& limits) {
  return Unpickler(bytes, limits).run(used);
}

}  // namespace saker::pt
