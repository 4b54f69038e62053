#include "model/pt/pickle_writer.h"

#include <bit>

namespace saker::pt {
namespace {

constexpr std::string_view kProtocol2 = "\x80\x02";
constexpr char kMark = '(', kTuple = 't', kEmptyTuple = ')', kReduce = 'R', kStop = '.', kEmptyDict = '}',
               kSetItems = 'u', kEmptyList = ']', kAppends = 'e', kNewObject = '\x81', kBuild = 'b', kNone = 'N',
               kPersistentId = 'Q', kFloat = 'G';

void put_little(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

PickleWriter::PickleWriter(bool remembers) : out_(kProtocol2), remembers_(remembers) {}

void PickleWriter::put_none() {
  out_ += kNone;
}

void PickleWriter::put(bool value) {
  out_ += value ? '\x88' : '\x89';
}

// BININT, or LONG1 for what does not fit.
void PickleWriter::put(std::int64_t value) {
  const bool fits = value >= INT32_MIN && value <= INT32_MAX;
  out_ += fits ? "J" : "\x8a\x08";
  put_little(out_, static_cast<std::uint64_t>(value), fits ? 4 : 8);
}

void PickleWriter::put(double value) {
  out_ += kFloat;
  put_little(out_, __builtin_bswap64(std::bit_cast<std::uint64_t>(value)), 8);
}

void PickleWriter::put(std::string_view text) {
  std::string spelling = "X";
  put_little(spelling, text.size(), 4);
  spelling += text;
  put_once(spelling);
}

void PickleWriter::put_tuple(const std::vector<std::int64_t>& values) {
  begin_tuple();
  for (const std::int64_t value : values) put(value);
  end_tuple();
}

void PickleWriter::put_list(const std::vector<std::int64_t>& values) {
  begin_list();
  for (const std::int64_t value : values) put(value);
  end_list();
}

void PickleWriter::begin_list() {
  out_ += kEmptyList;
  out_ += kMark;
}

void PickleWriter::end_list() {
  out_ += kAppends;
}

void PickleWriter::begin_tuple() {
  out_ += kMark;
}

void PickleWriter::end_tuple() {
  out_ += kTuple;
}

void PickleWriter::begin_dict() {
  out_ += kEmptyDict;
  out_ += kMark;
}

void PickleWriter::end_dict() {
  out_ += kSetItems;
}

void PickleWriter::put_empty_ordered_dict() {
  put_global("collections", "OrderedDict");
  out_ += kEmptyTuple;
  out_ += kReduce;
}

void PickleWriter::begin_ordered_dict() {
  put_empty_ordered_dict();
  out_ += kMark;
}

void PickleWriter::end_ordered_dict() {
  out_ += kSetItems;
}

void PickleWriter::begin_object(std::string_view class_path) {
  const std::size_t dot = class_path.rfind('.');
  put_global(class_path.substr(0, dot), class_path.substr(dot + 1));
  out_ += kEmptyTuple;
  out_ += kNewObject;
  begin_dict();
}

void PickleWriter::end_object() {
  end_dict();
  out_ += kBuild;
}

void PickleWriter::put_empty_set() {
  put_global("__builtin__", "set");
  begin_tuple();
  out_ += kEmptyList;
  end_tuple();
  out_ += kReduce;
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)
void PickleWriter::put_tensor(const Tensor& value, std::string_view storage, std::string_view key) {
  put_global("torch._utils", "_rebuild_tensor_v2");
  begin_tuple();
  begin_tuple();
  put("storage");
  put_global("torch", storage);
  put(key);
  put("cpu");
  put(value.elements());
  end_tuple();
  out_ += kPersistentId;
  put(std::int64_t{0});
  put_tuple(value.shape());
  put_tuple(dense_strides(value.shape()));
  put(false);
  put_empty_ordered_dict();
  end_tuple();
  out_ += kReduce;
}

// _rebuild_parameter(data, requires_grad, hooks)
void PickleWriter::put_parameter(const Tensor& value, std::string_view storage, std::string_view key) {
  put_global("torch._utils", "_rebuild_parameter");
  begin_tuple();
  put_tensor(value, storage, key);
  put(false);
  put_empty_ordered_dict();
  end_tuple();
  out_ += kReduce;
}

std::size_t PickleWriter::remember() {
  out_ += 'r';  // LONG_BINPUT
  put_little(out_, memos_, 4);
  return memos_++;
}

void PickleWriter::put_again(std::size_t remembered) {
  out_ += 'j';  // LONG_BINGET
  put_little(out_, remembered, 4);
}

std::string PickleWriter::finish() && {
  out_ += kStop;
  return std::move(out_);
}

void PickleWriter::put_global(std::string_view package, std::string_view name) {
  put_once(std::string("c").append(package).append("\n").append(name).append("\n"));
}

void PickleWriter::put_once(const std::string& spelling) {
  const auto known = known_.find(spelling);
  if (known != known_.end()) return put_again(known->second);
  out_ += spelling;
  if (remembers_) known_.emplace(spelling, remember());
}

}  // namespace saker::pt
