// The process that loads one engine and measures it, for a process that reports (engine_process.h).
#pragma once

#include <cstdio>
#include <iosfwd>

namespace saker {

// Answers requests (protocol.h) until they end; false: an answer could not be written.
bool answer_requests(std::istream& requests, std::FILE* answers);

}  // namespace saker
