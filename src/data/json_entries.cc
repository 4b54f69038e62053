#include "data/json_entries.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/filereadstream.h>
#include <rapidjson/reader.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/try.h"
#include "base/utf8.h"

namespace saker {
namespace {

constexpr std::size_t kMaxFileBytes = (std::size_t{1} << 31) - 1;  // RapidJSON counts digits in an int
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxTextMegabytes = 40;  // nothing that is wanted has more than some kilobytes
constexpr std::size_t kUnwanted = static_cast<std::size_t>(-1);

// Numbers come as text: RapidJSON 1.1 has undefined behaviour in its own conversion (the leading zero of a DiyFp, sums
// of exponents), and what is not wanted need not be converted. NaN and Infinity come as numbers too, so that the entry
// they stand in can be named or left out.
constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseNanAndInfFlag | rapidjson::kParseValidateEncodingFlag;

class TextTooLong : public std::exception {};

// For RapidJSON's buffer, which holds one text at a time and grows by half. RapidJSON does not ask whether there was
// memory.
class CheckedAllocator {
 public:
  [[maybe_unused]] static const bool kNeedFree = true;
  void* Malloc(std::size_t size) { return Realloc(nullptr, 0, size); }
  void* Realloc(void* old, std::size_t /*old_size*/, std::size_t size) {
    if (size > (kMaxTextMegabytes << 20) / 2 * 3) throw TextTooLong();
    if (size == 0) {
      std::free(old);
      return nullptr;
    }
    void* memory = std::realloc(old, size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  static void Free(void* memory) { std::free(memory); }
};

void set_number(JsonScalar& value, std::string_view text) {
  const char* end = text.data() + text.size();
  const bool whole = text.find_first_not_of("-0123456789") == std::string_view::npos;
  if (whole) {
    const auto parsed = std::from_chars(text.data(), end, value.integer);
    value.kind = parsed.ec == std::errc() && parsed.ptr == end ? JsonKind::kInteger : JsonKind::kBadNumber;
    value.real = static_cast<double>(value.integer);
  } else {
    const auto parsed = std::from_chars(text.data(), end, value.real);
    const bool in_range = parsed.ec == std::errc() && std::isfinite(value.real);
    // Too small for a double is as good as 0. Without an exponent it cannot be too large: the parser stops there.
    const std::size_t exponent = text.find_first_of("eE");
    const bool tiny = parsed.ec == std::errc::result_out_of_range &&
                      (exponent == std::string_view::npos || text[exponent + 1] == '-');
    if (tiny) value.real = 0;
    value.kind = in_range || tiny ? JsonKind::kReal : JsonKind::kBadNumber;
  }
  if (value.kind == JsonKind::kBadNumber) value.text = text;
}

std::string_view named(JsonKind kind) {
  switch (kind) {
    case JsonKind::kMissing:
      return "missing";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "true or false";
    case JsonKind::kInteger:
    case JsonKind::kReal:
    case JsonKind::kBadNumber:
      return "a number";
    case JsonKind::kString:
      return "a text";
    case JsonKind::kList:
      return "a list";
    case JsonKind::kObject:
      return "an object";
  }
  return "";
}

bool is_number(const JsonScalar& value) {
  return value.kind == JsonKind::kInteger || value.kind == JsonKind::kReal;
}

// "is missing", "is a text, not a list", "is NaN, which is not JSON ...".
std::string not_usable(const JsonScalar& value, std::string_view wanted) {
  if (value.kind == JsonKind::kMissing) return "is missing";
  if (value.kind == JsonKind::kReal) return fmt::format("is {}, not {}", value.real, wanted);
  if (value.kind != JsonKind::kBadNumber) return fmt::format("is {}, not {}", named(value.kind), wanted);
  if (value.text.find_first_of("NI") != std::string::npos) {
    return fmt::format("is {}, which is not JSON (Python writes it for a number that is none)", value.text);
  }
  const bool whole = value.text.find_first_of(".eE") == std::string::npos;
  return fmt::format("is too large for {}", whole ? "a 64-bit whole number" : "a double");
}

// Receives RapidJSON's events; returns false to stop.
class ListReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ListReader> {
 public:
  ListReader(const std::string& file, std::span<JsonList> lists, const JsonRoot& root)
      : file_(file), lists_(lists), root_(root), root_is_list_(lists.front().key.empty()) {}

  // What a caller said, or this class; empty when it was the parser that stopped.
  const std::optional<Error>& error() const { return error_; }

  // Of the value that is being read.
  std::string path() const {
    std::string path(key_);
    if (place_ == Place::kList || place_ == Place::kEntry || place_ == Place::kItems) {
      path += fmt::format("[{}]", entry_.index);
    }
    if ((place_ == Place::kEntry || place_ == Place::kItems) && field_ != kUnwanted) {
      path += fmt::format(".{}", list_->fields[field_]);
    }
    if (place_ == Place::kItems) path += fmt::format("[{}]", entry_.fields[field_].length);
    return path;
  }

  bool Null() {
    return scalar([](JsonScalar& value) { value.kind = JsonKind::kNull; });
  }
  bool Bool(bool boolean) {
    return scalar([&](JsonScalar& value) {
      value.kind = JsonKind::kBool;
      value.boolean = boolean;
    });
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    return scalar([&](JsonScalar& value) { set_number(value, {text, length}); });
  }
  bool String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    return scalar([&](JsonScalar& value) {
      value.kind = JsonKind::kString;
      value.text.assign(text, length);
    });
  }

  bool Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    if (skipped_ > 0) return true;
    const std::string_view key(text, length);
    if (place_ == Place::kRoot) {
      key_ = key;
      const auto list = std::ranges::find(lists_, key, &JsonList::key);
      list_ = list == lists_.end() ? nullptr : &*list;
      if (list_ != nullptr && list_->seen) return fail("stands in the file twice");
    } else {
      const auto field = std::ranges::find(list_->fields, key);
      field_ = field == list_->fields.end() ? kUnwanted : static_cast<std::size_t>(field - list_->fields.begin());
    }
    return true;
  }

  bool StartObject() { return start(JsonKind::kObject); }
  bool StartArray() { return start(JsonKind::kList); }
  bool EndObject(rapidjson::SizeType /*members*/) { return end(); }
  bool EndArray(rapidjson::SizeType /*members*/) { return end(); }

 private:
  enum class Place : std::uint8_t { kFile, kRoot, kList, kEntry, kItems };

  bool fail(const std::string& what) {
    const std::string where = path();
    error_ = Error{ErrorCode::kInvalid, fmt::format("{}: {}{}{}", file_, where, where.empty() ? "" : " ", what)};
    return false;
  }

  bool take_entry(JsonKind kind) {
    entry_.kind = kind;
    const Status taken = list_->take(entry_);
    if (!taken.ok()) error_ = taken.error();
    return taken.ok();
  }

  // The wanted scalar that the next event gives, or null.
  JsonScalar* target() {
    if (place_ == Place::kEntry) return field_ == kUnwanted ? nullptr : &entry_.fields[field_];
    JsonValue& list = entry_.fields[field_];
    return list.length < JsonValue::kKept ? &list.items[list.length] : nullptr;
  }

  template <typename Set>
  bool scalar(const Set& set) {
    if (skipped_ > 0) return true;
    switch (place_) {
      case Place::kFile: {
        JsonScalar value;
        set(value);
        return fail(fmt::format("{}, where {}", named(value.kind), root_.wanted));
      }
      case Place::kRoot:
        return list_ == nullptr || fail("is not a list of objects");
      case Place::kList: {
        JsonScalar value;
        set(value);
        const bool good = take_entry(value.kind);
        ++entry_.index;
        return good;
      }
      case Place::kEntry:
      case Place::kItems:
        break;
    }
    if (JsonScalar* value = target()) set(*value);
    if (place_ == Place::kItems) ++entry_.fields[field_].length;
    return true;
  }

  void begin_list() {
    list_->seen = true;
    place_ = Place::kList;
    entry_.index = 0;
    entry_.fields.assign(list_->fields.size(), {});
  }

  bool start(JsonKind kind) {
    if (++depth_ > kMaxDepth) return fail(fmt::format("is nested more than {} levels deep", kMaxDepth));
    if (skipped_ > 0) return ++skipped_ > 0;
    switch (place_) {
      case Place::kFile:
        if ((kind == JsonKind::kList) != root_is_list_)
          return fail(fmt::format("{}, where {} ({})", named(kind), root_.wanted, root_.suspicion));
        place_ = Place::kRoot;
        if (root_is_list_) {
          list_ = &lists_.front();
          begin_list();
        }
        return true;
      case Place::kRoot:
        if (list_ != nullptr && kind != JsonKind::kList) return fail("is not a list of objects");
        list_ != nullptr ? begin_list() : skip();
        return true;
      case Place::kList:
        if (kind != JsonKind::kObject) {
          skip();
          return take_entry(kind);
        }
        place_ = Place::kEntry;
        field_ = kUnwanted;
        for (JsonValue& value : entry_.fields) value.kind = JsonKind::kMissing;
        return true;
      case Place::kEntry:
      case Place::kItems:
        break;
    }
    JsonScalar* value = target();
    if (value != nullptr) value->kind = kind;
    if (place_ == Place::kEntry && kind == JsonKind::kList && value != nullptr) {
      place_ = Place::kItems;
      entry_.fields[field_].length = 0;
    } else {
      skip();
    }
    return true;
  }

  void skip() { skipped_ = 1; }

  // The end of a list or an object.
  bool end() {
    --depth_;
    if (skipped_ > 0) {
      if (--skipped_ > 0) return true;
      if (place_ == Place::kList) ++entry_.index;
      if (place_ == Place::kItems) ++entry_.fields[field_].length;
      return true;
    }
    switch (place_) {
      case Place::kItems:
        place_ = Place::kEntry;
        return true;
      case Place::kEntry: {
        const bool good = take_entry(JsonKind::kObject);
        ++entry_.index;
        place_ = Place::kList;
        return good;
      }
      case Place::kList:
        place_ = root_is_list_ ? Place::kFile : Place::kRoot;
        return true;
      default:
        place_ = Place::kFile;
        key_.clear();
        return true;
    }
  }

  const std::string& file_;
  std::span<JsonList> lists_;
  const JsonRoot& root_;
  bool root_is_list_;
  Place place_ = Place::kFile;
  int depth_ = 0;
  int skipped_ = 0;           // how deep inside a value that nobody wants
  std::string key_;           // of the root object
  JsonList* list_ = nullptr;  // that key_ stands for
  JsonEntry entry_;
  std::size_t field_ = kUnwanted;
  std::optional<Error> error_;
};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

struct Source {
  FileBytes bytes;  // of a pipe, which `file` then reads from
  File file;
  std::size_t size = 0;
};

// Pipes and devices are given up where they do not begin as JSON does.
Status may_be_json(std::span<const std::byte> first) {
  std::string_view text = without_byte_order_mark({reinterpret_cast<const char*>(first.data()), first.size()});
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.empty() || std::string_view("{[\"-0123456789tfn").find(text[0]) != std::string_view::npos) return {};
  return Error{ErrorCode::kInvalid, "not JSON by its first bytes"};
}

Result<Source> open_stream(const std::string& path) {
  Source source;
  SAKER_ASSIGN(source.bytes, read_named_file(path, kMaxFileBytes, may_be_json));
  source.size = source.bytes.size;
  source.file.reset(source.size == 0 ? std::fopen("/dev/null", "rbe")
                                     : ::fmemopen(source.bytes.data.get(), source.size, "rb"));
  if (source.file == nullptr) return Error{ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(errno))};
  return source;
}

Result<Source> open_source(const std::string& path) {
  if (is_special(path)) return open_stream(path);
  Source source;
  struct stat info {};
  source.file.reset(std::fopen(path.c_str(), "rbe"));
  if (source.file == nullptr || ::fstat(fileno(source.file.get()), &info) != 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return Error{code, fmt::format("{}: cannot open: {}", path, std::strerror(errno))};
  }
  if (S_ISDIR(info.st_mode)) return Error{ErrorCode::kIo, path + ": is a folder, not a file"};
  source.size = static_cast<std::size_t>(info.st_size);
  if (source.size > kMaxFileBytes) {
    return Error{ErrorCode::kLimit, fmt::format("{}: longer than the limit of {} bytes", path, kMaxFileBytes)};
  }
  return source;
}

// What RapidJSON found wrong, in words and with the place.
Error parse_error(const rapidjson::ParseResult& result, const std::string& where, std::size_t file_size,
                  std::size_t read) {
  const std::string at = fmt::format("byte {}{}{}", result.Offset(), where.empty() ? "" : ", in ", where);
  std::string what;
  if (result.Code() == rapidjson::kParseErrorDocumentEmpty) {
    what = "is empty";
  } else if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
    what = fmt::format("{}: a number that is larger than any double", at);
  } else if (result.Code() == rapidjson::kParseErrorStringInvalidEncoding) {
    what = fmt::format("{}: a text that is not UTF-8", at);
  } else if (read >= file_size) {
    what = fmt::format("cut off: the file ends at {}", at);
  } else {
    what = fmt::format("not JSON at {}: {}", at, rapidjson::GetParseError_En(result.Code()));
  }
  return {ErrorCode::kInvalid, what};
}

}  // namespace

Status read_json_lists(const std::string& path, std::span<JsonList> lists, const JsonRoot& root) {
  SAKER_ASSIGN(const Source source, open_source(path));
  std::vector<char> buffer(kBufferBytes);
  rapidjson::FileReadStream stream(source.file.get(), buffer.data(), buffer.size());
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (const char* begin = stream.Peek4(); begin != nullptr && std::string_view(begin, 3) == kByteOrderMark) {
    for (int i = 0; i < 3; ++i) stream.Take();
  }
  ListReader handler(path, lists, root);
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, CheckedAllocator> reader;
  rapidjson::ParseResult result;
  try {
    result = reader.Parse<kParseFlags>(stream, handler);
  } catch (const TextTooLong&) {
    return Error{ErrorCode::kLimit,
                 fmt::format("{}: byte {}{}{}: a text of more than {} MB", path, stream.Tell(),
                             handler.path().empty() ? "" : ", in ", handler.path(), kMaxTextMegabytes)};
  }
  if (std::ferror(source.file.get()) != 0) return Error{ErrorCode::kIo, path + ": cannot read"};
  if (handler.error()) return *handler.error();
  if (result.IsError()) return parse_error(result, handler.path(), source.size, stream.Tell()).with_context(path);
  return {};
}

bool JsonFields::has(std::size_t field) const {
  return value(field).kind != JsonKind::kMissing && value(field).kind != JsonKind::kNull;
}

Result<std::int64_t> JsonFields::whole(std::size_t field) const {
  const JsonValue& v = value(field);
  if (v.kind == JsonKind::kInteger) return v.integer;
  constexpr double kLimit = 9007199254740992.0;  // 2^53: beyond it a double is not one whole number
  if (v.kind == JsonKind::kReal && std::trunc(v.real) == v.real && std::abs(v.real) <= kLimit) {
    return static_cast<std::int64_t>(v.real);
  }
  return error(field, not_usable(v, "a whole number"));
}

Result<std::int64_t> JsonFields::id(std::size_t field, IdTexts& texts) const {
  const JsonValue& v = value(field);
  if (v.kind != JsonKind::kString) return whole(field);
  if (v.text.empty()) return error(field, "is an empty text");
  return texts.number_of(v.text);
}

Result<double> JsonFields::number(std::size_t field) const {
  if (!is_number(value(field))) return error(field, not_usable(value(field), "a number"));
  return value(field).real;
}

Result<std::string> JsonFields::text(std::size_t field) const {
  if (value(field).kind != JsonKind::kString) return error(field, not_usable(value(field), "a text"));
  return value(field).text;
}

Result<std::array<double, 4>> JsonFields::box(std::size_t field) const {
  const JsonValue& list = value(field);
  if (list.kind != JsonKind::kList) return error(field, not_usable(list, "a list of four numbers"));
  if (list.length != 4) return error(field, fmt::format("has {} numbers, not four (x, y, width, height)", list.length));
  std::array<double, 4> box = {};
  for (std::size_t i = 0; i < 4; ++i) {
    if (!is_number(list.items[i])) {
      return error(fmt::format(".{}[{}] {}", list_.fields[field], i, not_usable(list.items[i], "a number")));
    }
    box[i] = list.items[i].real;
  }
  if (box[2] < 0 || box[3] < 0) {
    return error(field, fmt::format("has the negative size {} x {}", box[2], box[3]));
  }
  if (!std::isfinite(box[0] + box[2]) || !std::isfinite(box[1] + box[3]) || !std::isfinite(box[2] * box[3])) {
    return error(field, "is too large to compute with");
  }
  return box;
}

Error JsonFields::error(std::size_t field, std::string_view what) const {
  return error(fmt::format(".{} {}", list_.fields[field], what));
}

Error JsonFields::error(std::string_view what) const {
  return {ErrorCode::kInvalid, fmt::format("{}[{}]{}", list_.key, entry_.index, what)};
}

}  // namespace saker
