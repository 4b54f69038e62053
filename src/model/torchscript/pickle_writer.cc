#include "model/torchscript/pickle_writer.h"

namespace saker::torchscript {
namespace {

constexpr std::string_view kProtocol2 = "\x80\x02";
constexpr char kMark = '(', kTuple = 't', kEmptyTuple = ')', kReduce = 'R', kStop = '.', kSetItems = 'u', kBuild = 'b';

void put_little(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void put_global(std::string& out, std::string_view module, std::string_view name) {
  out.append("c").append(module).append("\n").append(name).append("\n");
}

void put_text(std::string& out, std::string_view text) {
  out += 'X';
  put_little(out, text.size(), 4);
  out += text;
}

// BININT, or LONG1 for what does not fit.
void put_integer(std::string& out, std::int64_t value) {
  const bool fits = value >= INT32_MIN && value <= INT32_MAX;
  out += fits ? "J" : "\x8a\x08";
  put_little(out, static_cast<std::uint64_t>(value), fits ? 4 : 8);
}

void put_integers(std::string& out, const Shape& values) {
  out += kMark;
  for (const std::int64_t value : values) put_integer(out, value);
  out += kTuple;
}

void put_bool(std::string& out, bool value) {
  out += value ? '\x88' : '\x89';
}

}  // namespace

std::string empty_tuple_pickle() {
  return std::string(kProtocol2) + kEmptyTuple + kStop;
}

ObjectPickle::ObjectPickle(std::string_view module, std::string_view name) : out_(kProtocol2) {
  put_global(out_, module, name);
  out_ += kEmptyTuple;
  out_ += '\x81';  // NEWOBJ
  out_ += '}';
  out_ += kMark;
}

void ObjectPickle::add(std::string_view attribute, bool value) {
  put_text(out_, attribute);
  put_bool(out_, value);
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)
void ObjectPickle::add(std::string_view attribute, const Tensor& value, std::string_view storage,
                       std::string_view key) {
  put_text(out_, attribute);
  put_global(out_, "torch._utils", "_rebuild_tensor_v2");
  out_ += kMark;
  out_ += kMark;
  put_text(out_, "storage");
  put_global(out_, "torch", storage);
  put_text(out_, key);
  put_text(out_, "cpu");
  put_integer(out_, value.elements());
  out_ += kTuple;
  out_ += 'Q';  // BINPERSID
  put_integer(out_, 0);
  put_integers(out_, value.shape());
  put_integers(out_, dense_strides(value.shape()));
  put_bool(out_, false);
  put_global(out_, "collections", "OrderedDict");
  out_ += kEmptyTuple;
  out_ += kReduce;
  out_ += kTuple;
  out_ += kReduce;
}

std::string ObjectPickle::finish() && {
  out_ += kSetItems;
  out_ += kBuild;
  out_ += kStop;
  return std::move(out_);
}

}  // namespace saker::torchscript
