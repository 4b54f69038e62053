// One self-contained HTML page: text, tables and pictures, everything escaped, nothing loaded from elsewhere.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

struct Table {
  std::vector<std::string> columns;  // empty: no head, and the first cell of each row names it
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> numeric;  // per column: aligned to the right; empty: all but the first
};

// Text for a Markdown report, on one line and with nothing in it that Markdown or HTML obeys in a table: | and \ behind
// a
// \, & and < as HTML spells them; control characters become spaces, bytes that are not UTF-8 U+FFFD.
std::string markdown_text(std::string_view text);
// The same table for a Markdown report.
std::string markdown(const Table& table);

class Page {
 public:
  explicit Page(std::string_view title);
  void heading(std::string_view text);
  void paragraph(std::string_view text);
  void note(std::string_view text);  // set apart: a warning, a condition
  void table(const Table& table);    // sortable by a click on the column
  // Errors: kInvalid (a picture without pixels), kLimit (not enough memory).
  Status picture(const Image& image, std::string_view caption, bool photo = false);  // photo: JPEG, else PNG
  // The same of a PNG or JPEG file's bytes.
  void picture_file(std::span<const std::uint8_t> file, int width, int height, std::string_view caption);
  void gallery_begin();  // pictures side by side until gallery_end
  void gallery_end();
  std::string html() const;  // the whole document

 private:
  std::string title_, body_;
  bool in_gallery_ = false;
};

}  // namespace saker
