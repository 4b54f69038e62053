// Python's pickles, interpreted and never executed: opcodes of protocol 2 as torch.save writes them make values here; a
// class is a name, an object a record of its state, and the few functions that a checkpoint calls are done by us. Every
// other call is refused by its full name. Opcodes: Python's pickletools.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::pt {

enum class Kind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kFloat,
  kText,
  kList,
  kTuple,
  kDict,     // items: key, value, key, value, ...
  kSet,      // items
  kGlobal,   // a class or function: its name in `text`
  kObject,   // of the class in `text`: items are its arguments, then its state if it has one
  kStorage,  // memory of tensors
  kTensor,
};

struct Container;

// Copies are shallow: containers are shared, and may contain themselves.
struct Value {
  Kind kind = Kind::kNone;
  union {
    bool truth;
    std::int64_t whole;
    double real;
    Container* container;
  };
  Value() : whole(0) {}

  const std::string& text() const;                // kText, kGlobal, kObject; else empty
  const std::vector<Value>& items() const;        // of containers; else empty
  const Value* find(std::string_view key) const;  // kDict: the value of a text key; else null
  // The state of an object: what BUILD gave it, or null.
  const Value* state() const;
  bool is_true() const { return kind == Kind::kBool && truth; }
  // Numbers, or a fallback.
  std::int64_t integer(std::int64_t fallback) const;
  double number(double fallback) const;
};

// Memory that tensors look at: an entry of the file.
struct Storage {
  std::string key, dtype;  // "17", "HalfStorage"
  std::int64_t elements = 0;
};

struct TensorRecord {
  std::size_t storage = 0;  // index into Pickle::storages
  std::string dtype;        // named besides the storage's; empty: the storage's
  std::int64_t offset = 0;  // in elements, as the strides are
  std::vector<std::int64_t> shape, strides;
};

struct Container {
  std::string text;
  std::vector<Value> items;
  std::size_t index = 0;  // kStorage, kTensor: into the pickle's lists
  bool built = false;     // kObject: the last item is its state
};

// What a pickle makes. Values point into it.
class Pickle {
 public:
  Value root;
  std::vector<Storage> storages;
  std::vector<TensorRecord> tensors;

  const TensorRecord* tensor_of(const Value& value) const;  // null: no tensor

 private:
  friend class Unpickler;
  std::deque<Container> containers_;
};

struct PickleLimits {
  std::size_t values = 1'000'000;        // made, of all kinds, and what containers hold
  std::size_t text_bytes = 256U << 20U;  // of all texts together
  std::size_t depth = 10'000;            // of marks and the stack
};

// Reads one pickle from the beginning of `bytes`; `used` becomes its length. Errors: kInvalid (cut off, an opcode out
// of place), kUnsupported (an opcode or a call that is not on the list: named with its place), kLimit.
Result<Pickle> read_pickle(std::span<const std::byte> bytes, std::size_t& used, const PickleLimits& limits = {});

}  // namespace saker::pt
