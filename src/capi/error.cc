#include "capi/error.h"

#include <saker.h>

#include <string>

namespace saker::capi {
namespace {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return SAKER_INVALID;
    case ErrorCode::kUnsupported:
      return SAKER_UNSUPPORTED;
    case ErrorCode::kNotFound:
      return SAKER_NOT_FOUND;
    case ErrorCode::kIo:
      return SAKER_IO;
    case ErrorCode::kLimit:
      return SAKER_LIMIT;
    case ErrorCode::kInternal:
      return SAKER_INTERNAL;
  }
  return SAKER_INTERNAL;
}

struct Kept {
  int status = SAKER_OK;
  bool no_memory = false;  // for the message
  std::string message, setting;
};

Kept& kept() {
  thread_local Kept error;
  return error;
}

}  // namespace

int keep_error(const Error& error) noexcept {
  Kept& last = kept();
  last.status = status_of(error.code);
  try {
    last.setting = error.setting;
    last.message = error.message;
    last.no_memory = false;
  } catch (...) {
    last.status = SAKER_LIMIT;
    last.no_memory = true;
    last.setting.clear();
  }
  return last.status;
}

int keep_error(ErrorCode code, const char* message) noexcept {
  try {
    return keep_error(Error{code, message});
  } catch (...) {
    Kept& last = kept();
    last.no_memory = true;
    last.setting.clear();
    return last.status = SAKER_LIMIT;
  }
}

int keep_null(const char* argument) noexcept {
  try {
    return keep_error(Error{ErrorCode::kInvalid, std::string(argument) + " is NULL"});
  } catch (...) {
    return keep_error(ErrorCode::kInvalid, argument);
  }
}

}  // namespace saker::capi

extern "C" {

int saker_error_code(void) {
  return saker::capi::kept().status;
}

const char* saker_error_message(void) {
  const auto& last = saker::capi::kept();
  return last.no_memory ? "not enough memory" : last.message.c_str();
}

const char* saker_error_setting(void) {
  return saker::capi::kept().setting.c_str();
}

const char* saker_status_name(int status) {
  switch (status) {
    case SAKER_OK:
      return "SAKER_OK";
    case SAKER_INVALID:
      return "SAKER_INVALID";
    case SAKER_UNSUPPORTED:
      return "SAKER_UNSUPPORTED";
    case SAKER_NOT_FOUND:
      return "SAKER_NOT_FOUND";
    case SAKER_IO:
      return "SAKER_IO";
    case SAKER_LIMIT:
      return "SAKER_LIMIT";
    case SAKER_INTERNAL:
      return "SAKER_INTERNAL";
    default:
      return "unknown status";
  }
}

}  // extern "C"
