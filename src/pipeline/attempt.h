// What is thrown becomes an Error.
#pragma once

#include <saker/result.h>

#include <exception>
#include <new>
#include <string>

namespace saker {

inline std::string describe(const std::exception& e) {
  return dynamic_cast<const std::bad_alloc*>(&e) != nullptr ? "not enough memory" : e.what();
}

// What f returns; what it throws as an Error that names `name`.
template <typename F>
auto attempt(const std::string& name, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& e) {
    return Error{ErrorCode::kInternal, name + ": " + describe(e)};
  }
}

}  // namespace saker
