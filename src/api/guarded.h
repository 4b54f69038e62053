// The library's border, which no exception crosses.
#pragma once

#include <saker/result.h>

#include <exception>
#include <new>
#include <string>

namespace saker {

// Calls f; memory or threads that cannot be had end as errors that name `name`.
template <typename F>
auto guarded(const std::string& name, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, name + ": out of memory"};
  } catch (const std::exception& e) {
    return Error{ErrorCode::kInternal, name + ": " + e.what()};
  }
}

}  // namespace saker
