// SAKER_CHECK: programmer errors only (never user input). Always on; aborts with file and line.
#pragma once

namespace saker {
[[noreturn]] void check_failed(const char* file, int line, const char* expression);
}

#define SAKER_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::saker::check_failed(__FILE__, __LINE__, #condition))
