// A document as text and as Markdown.
#include "report/document.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(Document, TextAndMarkdown) {
  Document document;
  document.title = "Title";
  document.lead = {"Lead."};
  Section section;
  section.heading = "Part";
  section.table.columns = {"", "ms"};
  section.table.rows = {{"Füße", "1.5"}, {"b", "10.25"}};
  section.notes = {"Note."};
  document.sections.push_back(section);
  EXPECT_EQ(as_text(document),
            "Title\nLead.\n\nPart\n"
            "         ms\n"
            "Füße    1.5\n"
            "b     10.25\n"
            "Note.\n");
  const std::string text = as_markdown(document);
  EXPECT_NE(text.find("# Title\n\nLead.\n"), std::string::npos);
  EXPECT_NE(text.find("## Part"), std::string::npos);
  EXPECT_NE(text.find("10.25"), std::string::npos);
}

TEST(Document, ColumnsAreAsWideAsWhatTheTerminalShows) {
  const Table table = {{"", "ms"}, {{"gr\xfcn", "1"}, {"b", "2"}}, {}};
  EXPECT_EQ(aligned(table),
            "         ms\n"
            "gr\\xfcn   1\n"
            "b         2\n");
}

TEST(Document, MarkdownObeysNoTextInIt) {
  Document document;
  document.title = "<1>";
  document.lead = {"<2>"};
  Section section;
  section.heading = "<3>";
  section.table.columns = {"<4>"};
  section.table.rows = {{"<5>"}};
  section.notes = {"<6>"};
  document.sections.push_back(section);
  const std::string text = as_markdown(document);
  EXPECT_EQ(text.find('<'), std::string::npos) << text;
  for (const char* part : {"# &lt;1>", "&lt;2>", "## &lt;3>", "| &lt;4> |", "| &lt;5> |", "&lt;6>"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace saker
