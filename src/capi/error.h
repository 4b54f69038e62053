// What a C function says after it failed: kept for each thread.
#pragma once

#include <saker/result.h>

#include <exception>
#include <new>
#include <string_view>

namespace saker::capi {

// Keeps the error for saker_error_code() and its like; gives the status to return. Where there is no memory for the
// text, it is kept as SAKER_LIMIT without one of its own.
int keep_error(const Error& error) noexcept;
int keep_error(ErrorCode code, const char* message) noexcept;

// "path is NULL"
int keep_null(const char* argument) noexcept;

// Runs what gives a Status; nothing is thrown past here.
template <typename F>
int answer(F&& f) noexcept {
  try {
    const Status status = f();
    return status.ok() ? 0 : keep_error(status.error());
  } catch (const std::bad_alloc&) {
    return keep_error(ErrorCode::kLimit, "not enough memory");
  } catch (const std::exception& e) {
    return keep_error(ErrorCode::kInternal, e.what());
  } catch (...) {
    return keep_error(ErrorCode::kInternal, "unknown exception");
  }
}

}  // namespace saker::capi
