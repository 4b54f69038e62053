// Text in small: white space, numbers, what a terminal may see, UTF-8, plurals.
#include "base/text.h"

#include <gtest/gtest.h>

#include "base/plural.h"
#include "base/utf8.h"

namespace saker {
namespace {

using Parts = std::vector<std::string>;

TEST(Text, TrimsBothEnds) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed("\v\fa"), "a");
  EXPECT_EQ(trimmed(" \n "), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, SplitsAtEverySeparator) {
  EXPECT_EQ(split("a,,b", ','), (Parts{"a", "", "b"}));
  EXPECT_EQ(split("a,", ','), (Parts{"a", ""}));
  EXPECT_EQ(split("", ','), Parts{""});
}

TEST(Text, LowersAsciiAlone) {
  EXPECT_EQ(lower_case("AbC-\xC3\x84"), "abc-\xC3\x84");
  EXPECT_EQ(lower_extension("a/B.tar.JPG"), ".jpg");
  EXPECT_EQ(lower_extension("a.b/C"), "");
  EXPECT_EQ(lower_extension(".JPG"), "");
  EXPECT_TRUE(has_picture_extension("a/b.JPeG"));
  EXPECT_FALSE(has_picture_extension("jpg"));
  EXPECT_FALSE(has_picture_extension("a.jpg/b.txt"));
}

TEST(Text, NumbersAreTheWholeText) {
  EXPECT_EQ(parse_whole("-12"), -12);
  for (const char* text : {"", " 1", "1 ", "1.0", "1x", "+1", "9223372036854775808"}) {
    EXPECT_FALSE(parse_whole(text)) << text;
  }
  EXPECT_EQ(parse_number("-1.5e2"), -150);
  for (const char* text : {"", "1.0 ", "one", "inf", "nan", "1e999"}) EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Text, WhatIsPrintableStaysAsItIs) {
  for (const std::string_view text : {"", "yolov8n.onnx: 3 x 640\n\tnext line", "Gr\xC3\xBC\xC3\x9F\x65 \xE2\x82\xAC",
                                      "\xE7\x8C\xAB \xF0\x9F\x90\x88", "back\\slash \"quoted\""}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Text, WhatATerminalWouldObeyIsSpeltOut) {
  EXPECT_EQ(printable("a\x1b[31mred\x07"), "a\\x1b[31mred\\x07");
  EXPECT_EQ(printable(std::string_view("\0\r\x7F", 3)), "\\x00\\x0d\\x7f");
  EXPECT_EQ(printable("\xC2\x80\xC2\x9B\xC2\x9F"), "\\u0080\\u009b\\u009f");
  EXPECT_EQ(printable("gpj.\xE2\x80\xAE.exe"), "gpj.\\u202e.exe");
  for (const char32_t code :
       {0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}) {
    std::string text;
    append_utf8(code, text);
    EXPECT_TRUE(printable(text).starts_with("\\u")) << static_cast<std::uint32_t>(code);
  }
}

TEST(Text, BytesThatAreNotUtf8AreSpeltOut) {
  EXPECT_EQ(printable("a\xFFz"), "a\\xffz");
  EXPECT_EQ(printable("\x9B"), "\\x9b");
  EXPECT_EQ(printable("\xC0\x80"), "\\xc0\\x80");
  EXPECT_EQ(printable("x\xE6\x97"), "x\\xe6\\x97");
}

TEST(Text, NamesForMessagesAreShortAndOnOneLine) {
  EXPECT_EQ(printable_line("conv\n1\t"), "conv\\x0a1\\x09");
  EXPECT_EQ(printable_name("conv\n1", 5), "conv\\x0a...");
  EXPECT_EQ(printable_name(std::string(200, 'a')), std::string(200, 'a'));
  EXPECT_EQ(printable_name(std::string(201, 'a')), std::string(200, 'a') + "...");
  EXPECT_EQ(printable_name(std::string(199, 'a') + "\xC3\xBC"), std::string(199, 'a') + "...");  // not half of it
  EXPECT_EQ(one_line("a\nb\t\x7F\xFF"), "a b  \xFF");
}

TEST(Utf8, CodePointsSurviveTheRoundTrip) {
  for (const char32_t code : {0x0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF}) {
    std::string text;
    append_utf8(code, text);
    const CodePoint point = first_code_point(text + "x");
    EXPECT_TRUE(point.valid);
    EXPECT_EQ(point.code, code);
    EXPECT_EQ(point.bytes, text.size());
  }
  for (const char32_t code : {0xD800, 0xDFFF, 0x110000}) {
    std::string text;
    append_utf8(code, text);
    EXPECT_EQ(text, "\xEF\xBF\xBD");
  }
}

TEST(Utf8, WhatIsNoneIsOneByte) {
  for (const char* text :
       {"\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5", "\xE6\x97"}) {
    const CodePoint point = first_code_point(text);
    EXPECT_FALSE(point.valid) << text;
    EXPECT_EQ(point.code, kReplacementCharacter);
    EXPECT_EQ(point.bytes, 1U);
  }
}

TEST(Plural, CountsAsEnglishDoes) {
  EXPECT_EQ(counted(1, "bus"), "1 bus");
  EXPECT_EQ(counted(2, "bus"), "2 buses");
  EXPECT_EQ(counted(3, "knife"), "3 knives");
  EXPECT_EQ(counted(0, "category"), "0 categories");
  EXPECT_EQ(counted(2, "toy"), "2 toys");
  EXPECT_EQ(counted(3, "7"), "3 x 7");
}

}  // namespace
}  // namespace saker
