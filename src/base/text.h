// Text in small: trimmed, split, read as a number, made fit to be shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

// Without the white space at both ends.
std::string_view trimmed(std::string_view text);

// "a,,b" is "a", "" and "b"; never empty.
std::vector<std::string> split(std::string_view text, char separator);

// The letters of ASCII alone.
std::string lower_case(std::string_view text);

// ".jpg" of "A.JPG"; empty where there is none.
std::string lower_extension(const std::filesystem::path& path);

// Whether the extension is that of a picture that read_image can read.
bool has_picture_extension(const std::filesystem::path& path);

// Nothing where the text is more than the number, or the number too large (parse_number: or not finite).
std::optional<std::int64_t> parse_whole(std::string_view text);
std::optional<double> parse_number(std::string_view text);

// What anybody may have written, as a terminal may see it: control characters but line feed and tab, characters that
// change the direction of writing, and bytes that are not UTF-8 are spelt out as in "\x1b" and "\u202e".
std::string printable(std::string_view text);

// The same on one line: line feeds and tabs, too.
std::string printable_line(std::string_view text);

// At most so many bytes of it; no character is cut in two.
std::string_view beginning(std::string_view text, std::size_t longest);

// A name out of a file, on one line; its beginning where it is longer than so many bytes.
std::string printable_name(std::string_view name, std::size_t longest = 200);

// Control characters become spaces: names that files with a line for each will hold.
std::string one_line(std::string_view name);

}  // namespace saker
