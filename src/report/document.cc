// A report of headings, tables, remarks and plots, written as text, as Markdown, or as one HTML page.
#include "report/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/try.h"

namespace saker {
namespace {

bool is_numeric(const Table& table, std::size_t column) {
  return column < table.numeric.size() ? bool{table.numeric[column]} : column > 0;
}

// Characters of UTF-8, as far as a terminal's columns go with them.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string aligned_row(const Table& table, const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::string padding(widths[c] - width_of(cells[c]), ' ');
    line += (c > 0 ? "  " : "") + (is_numeric(table, c) ? padding + cells[c] : cells[c] + padding);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// Cells as a terminal will see them, since their width is what counts.
Table shown(Table table) {
  for (std::string& name : table.columns) name = printable_line(name);
  for (auto& row : table.rows) {
    for (std::string& cell : row) cell = printable_line(cell);
  }
  return table;
}

}  // namespace

std::string aligned(const Table& given) {
  const Table table = shown(given);
  std::vector<std::size_t> widths;
  for (const std::string& name : table.columns) widths.push_back(width_of(name));
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::string text = aligned_row(table, table.columns, widths);
  for (const auto& row : table.rows) text += aligned_row(table, row, widths);
  return text;
}

std::string as_text(const Document& document) {
  std::string text = document.title + "\n";
  for (const std::string& line : document.lead) text += line + "\n";
  for (const Section& section : document.sections) {
    text += section.heading.empty() ? "\n" : "\n" + section.heading + "\n";
    if (!section.table.columns.empty()) text += aligned(section.table);
    for (const std::string& note : section.notes) text += note + "\n";
  }
  return text;
}

std::string as_markdown(const Document& document) {
  std::string text = "# " + markdown_text(document.title) + "\n";
  for (const std::string& line : document.lead) text += "\n" + markdown_text(line) + "\n";
  for (const Section& section : document.sections) {
    text += section.heading.empty() ? "\n" : "\n## " + markdown_text(section.heading) + "\n\n";
    if (!section.table.columns.empty()) text += markdown(section.table);
    for (const std::string& note : section.notes) text += "\n" + markdown_text(note) + "\n";
  }
  return text;
}

Result<std::string> as_html(const Document& document) {
  Page page(document.title);
  for (const std::string& line : document.lead) page.paragraph(line);
  for (const Section& section : document.sections) {
    if (!section.heading.empty()) page.heading(section.heading);
    if (!section.table.columns.empty()) page.table(section.table);
    for (const auto& [plot, caption] : section.plots) SAKER_TRY(page.picture(plot, caption));
    for (const std::string& note : section.notes) page.note(note);
  }
  return page.html();
}

}  // namespace saker
