// A report of headings, tables, remarks and plots, written as text for a terminal, as Markdown, or as one HTML page.
#pragma once

#include <saker/image.h>

#include <string>
#include <utility>
#include <vector>

#include "report/page.h"

namespace saker {

struct Section {
  std::string heading;                               // may be empty
  Table table;                                       // may have no columns
  std::vector<std::string> notes;                    // below the table
  std::vector<std::pair<Image, std::string>> plots;  // with captions; HTML only
};

struct Document {
  std::string title;
  std::vector<std::string> lead;  // paragraphs below it
  std::vector<Section> sections;
};

// Columns of equal width, two spaces between them; numbers to the right.
std::string aligned(const Table& table);

std::string as_text(const Document& document);
std::string as_markdown(const Document& document);
Result<std::string> as_html(const Document& document);

}  // namespace saker
