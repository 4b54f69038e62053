// Result<T>: a value or an Error. The library reports every expected failure this way and never
// throws across its API, prints, or exits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace saker {

enum class ErrorCode {
  kInvalid,      // the input (model, picture, option) breaks a rule of its format
  kUnsupported,  // valid, but not something this build can do
  kNotFound,     // a file or a name that does not exist
  kIo,           // reading or writing failed
  kLimit,        // a bound on memory, size or count was hit
  kInternal,     // a fault of the library itself
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // what, where, and what to do about it; one or more lines, no trailing newline
  // The library's option that would change it ("backend", "images", "head", ...), which the message names in
  // backquotes: a program puts its own name for it there, say a flag's. Empty: no option does.
  std::string setting = {};

  // The same error with "context: " in front, added by callers that know the file or the node.
  Error with_context(std::string_view context) const { return {code, std::string(context) + ": " + message, setting}; }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Undefined unless ok().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  // Undefined if ok().
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace saker
