// Pages: everything escaped, tags balanced, pictures inside.
#include "report/page.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/html.h"

namespace saker {
namespace {

using test::count;
using test::unbalanced;

Image picture(int width, int height) {
  Image image{width, height, {}};
  image.pixels.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 200);
  return image;
}

TEST(Page, EverythingIsEscaped) {
  const std::string evil = "</h1><script>alert(\"1\")</script>&amp;'";
  Page page(evil);
  page.heading(evil);
  page.paragraph(evil);
  page.note(evil);
  page.table({{evil, evil}, {{evil, evil}}, {}});
  ASSERT_TRUE(page.picture(picture(3, 2), evil).ok());
  const std::string html = page.html();
  EXPECT_EQ(unbalanced(html), "");
  EXPECT_EQ(count(html, "<script>"), 1U);  // its own
  EXPECT_EQ(count(html, "alert(&quot;1&quot;)"), 11U);
  EXPECT_EQ(count(html, "&amp;amp;"), 11U);
}

TEST(Page, TextsThatAreNotUtf8) {
  Page page(
      "a\x01"
      "b\xFF"
      "c \xE5\x86\x99 \xF0\x9F\x98\x80 \xC3\xBC");
  const std::string html = page.html();
  EXPECT_NE(html.find("<title>a b\xEF\xBF\xBD"
                      "c \xE5\x86\x99 \xF0\x9F\x98\x80 \xC3\xBC</title>"),
            std::string::npos);
}

TEST(Page, NothingIsLoadedFromElsewhere) {
  Page page("page");
  ASSERT_TRUE(page.picture(picture(8, 8), "one").ok());
  ASSERT_TRUE(page.picture(picture(8, 8), "two", true).ok());
  const std::string html = page.html();
  EXPECT_EQ(count(html, "src=\""), 2U);
  EXPECT_EQ(count(html, "src=\"data:image/png;base64,iVBORw0KGgo"), 1U);
  EXPECT_EQ(count(html, "src=\"data:image/jpeg;base64,/9j/"), 1U);
  for (const std::string_view outside : {"http:", "https:", "url(", "@import", "<link", "href"}) {
    EXPECT_EQ(count(html, outside), 0U) << outside;
  }
}

TEST(Page, PicturesAreWholeFiles) {
  // Their number of bytes takes every remainder by three.
  for (int width = 1; width < 7; ++width) {
    Page page("page");
    ASSERT_TRUE(page.picture(picture(width, 3), "").ok());
    const std::string html = page.html();
    const std::size_t from = html.find("base64,") + 7;
    std::string bytes;
    unsigned bits = 0;
    int held = 0;
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = from; html[i] != '"'; ++i) {
      if (html[i] == '=') continue;
      bits = bits << 6 | static_cast<unsigned>(digits.find(html[i]));
      if ((held += 6) >= 8) bytes += static_cast<char>(bits >> (held -= 8) & 0xFF);
    }
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto decoded = decode_image({data, bytes.size()}, "picture");
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded->pixels, picture(width, 3).pixels);
    EXPECT_EQ((html.find('"', from) - from) % 4, 0U);
  }
  EXPECT_FALSE(Page("page").picture({}, "nothing").ok());
}

TEST(Page, TablesOfAnyShape) {
  Page page("tables");
  page.table({});
  page.table({{"a", "b"}, {}, {}});
  page.table({{"a"}, {{"1", "2", "3"}, {}}, {true}});
  page.table({{}, {{"Model", "yolov5n"}}, {}});
  const std::string html = page.html();
  EXPECT_EQ(unbalanced(html), "");
  EXPECT_EQ(count(html, "<table>"), 3U);
  EXPECT_EQ(count(html, "<td"), 6U + 1U);
  EXPECT_EQ(count(html, "<th scope=\"row\">Model</th>"), 1U);
  EXPECT_EQ(count(html, "<th scope=\"col\" class=\"number\"><button type=\"button\">b</button></th>"), 1U);
}

TEST(Page, GalleriesAreClosed) {
  Page page("gallery");
  page.gallery_end();
  page.gallery_begin();
  page.gallery_begin();
  ASSERT_TRUE(page.picture(picture(4, 4), "one").ok());
  EXPECT_EQ(unbalanced(page.html()), "");
  page.heading("next");
  EXPECT_EQ(unbalanced(page.html()), "");
  EXPECT_EQ(count(page.html(), "class=\"gallery\""), 1U);
}

TEST(Page, Markdown) {
  const Table table = {{"name", "value"}, {{"a|b", "1"}, {"two\nlines"}}, {}};
  EXPECT_EQ(markdown(table), "| name | value |\n| --- | ---: |\n| a\\|b | 1 |\n| two lines |  |\n");
}

TEST(Page, MarkdownObeysNoName) {
  EXPECT_EQ(markdown_text("<img src=x onerror=a()>&lt;"), "&lt;img src=x onerror=a()>&amp;lt;");
  EXPECT_EQ(markdown_text("a\x1b[31m\r\nb\\c\xff"), "a [31m  b\\\\c\uFFFD");
  EXPECT_EQ(markdown_text("Füße \u202eliam"), "Füße \\u202eliam");
}

}  // namespace
}  // namespace saker
