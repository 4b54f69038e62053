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

}  // namespace
}  // namespace saker
