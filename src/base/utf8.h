// UTF-8, one code point at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saker {

constexpr char32_t kReplacementCharacter = 0xFFFD;

struct CodePoint {
  char32_t code = kReplacementCharacter;
  std::size_t bytes = 1;
  bool valid = false;  // otherwise one byte that is no UTF-8 here
};

// What follows the byte order mark that editors on Windows put in front, if there is one.
std::string_view without_byte_order_mark(std::string_view text);

// At the start of `text`, which is not empty. Overlong forms, surrogates and sequences that are cut are not valid.
CodePoint first_code_point(std::string_view text);

// Surrogates and what lies beyond Unicode become U+FFFD.
void append_utf8(char32_t code, std::string& out);

// Bytes that are no UTF-8 become U+FFFD.
std::string as_utf8(std::string_view text);

}  // namespace saker
