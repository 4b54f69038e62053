// What goes over the pipe comes out as it went in, whatever bytes are in it.
#include "measure/protocol.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

using nlohmann::json;

TEST(Protocol, BytesThatAreNotUtf8AreKept) {
  // The last is the private character that stands for a byte on the way.
  for (const std::string text : {"plain", "gr\xfcn.onnx", "grün.onnx", "\xff\xfe\x80", "\xf0\x9f\x98\x80\xed\xb2\x80",
                                 "a\\udc80", "a\\\\udc80\"\n\x1b", "\xef\x9e\x80\xef\x9f\xbf"}) {
    const std::string line = to_line({{"load", {{"model", text}, {"shapes", {text, text}}}}});
    EXPECT_TRUE(json::accept(line) || line.find("\\udc") != std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    const json back = from_line(line);
    ASSERT_TRUE(back.is_object()) << line;
    EXPECT_EQ(back["load"]["model"], text);
    EXPECT_EQ(back["load"]["shapes"][1], text);
  }
  EXPECT_EQ(to_line("gr\xfcn"), "\"gr\\udcfcn\"");
  EXPECT_EQ(from_line("\"gr\\uDCFCn\""), "gr\xfcn");
}

TEST(Protocol, OtherEscapesAreReadAsEver) {
  EXPECT_EQ(from_line(R"("\ud83d\ude00\ud83d\udc80\u00fc\\\"")"), "\xf0\x9f\x98\x80\xf0\x9f\x92\x80\xc3\xbc\\\"");
  EXPECT_EQ(from_line(R"("\\udc80")"), "\\udc80");
  for (const char* broken : {"", "{", "\"\\", "\"\\u", "\"\\udc8", R"("\ud83d")", R"("\ud83d\u")", "\"\xfc\""})
    EXPECT_TRUE(from_line(broken).is_discarded()) << broken;
}

}  // namespace
}  // namespace saker
