// HTML 5 with its style and its only script inside; pictures are data: URIs.
#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <span>
#include <stdexcept>

#include "base/text.h"
#include "base/utf8.h"
#include "media/formats.h"
#include "media/text.h"

namespace saker {
namespace {

constexpr int kPhotoQuality = 85;

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --text: #1d2228; --soft: #5d6570; --line: #dde1e7; --back: #ffffff; --tint: #f4f6f9;
  --accent: #1b62c4; --note: #fff6de; --note-edge: #d9a300; }
@media (prefers-color-scheme: dark) { :root { --text: #e3e6ea; --soft: #9aa3af; --line: #343a43; --back: #15181c;
  --tint: #1d2127; --accent: #78b0ff; --note: #2c2713; --note-edge: #b98f1d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
p { margin: .6rem 0; max-width: 50rem; overflow-wrap: anywhere; }
.note { background: var(--note); border-left: 4px solid var(--note-edge); padding: .6rem .9rem; border-radius: 0 6px 6px 0; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .32rem .8rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
thead th { background: var(--tint); white-space: nowrap; }
tbody th { color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody tr:hover { background: var(--tint); }
.number { text-align: right; white-space: nowrap; }
th button { all: unset; cursor: pointer; font-weight: 600; }
th button:hover { color: var(--accent); }
th button:focus-visible { outline: 2px solid var(--accent); }
th[aria-sort=ascending] button::after { content: " \25B2"; font-size: .7em; }
th[aria-sort=descending] button::after { content: " \25BC"; font-size: .7em; }
figure { margin: 1rem 0; }
figure img { display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .35rem; overflow-wrap: anywhere; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 1rem; align-items: start; }
.gallery figure { margin: 0; }
@media print { figure, tr { break-inside: avoid; } }
)";

// A click sorts by the column, largest first where it holds numbers; a second click turns the order round.
constexpr std::string_view kScript = R"(
for (const button of document.querySelectorAll('th button')) button.addEventListener('click', () => {
  const head = button.parentElement, body = head.closest('table').tBodies[0];
  const numeric = head.classList.contains('number');
  const before = head.getAttribute('aria-sort');
  const up = before ? before === 'descending' : !numeric;
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  const text = row => row.cells[head.cellIndex].textContent.trim();
  const number = row => parseFloat(text(row).replace(/[^-+.0-9eE]/g, ''));
  const compare = (a, b) => {
    if (!numeric) return text(a).localeCompare(text(b), undefined, {numeric: true}) * (up ? 1 : -1);
    const x = number(a), y = number(b);
    if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
    return (x - y) * (up ? 1 : -1);
  };
  body.append(...[...body.rows].sort(compare));
});
)";

// For text and for attributes in double quotes. Bytes that are not UTF-8 become U+FFFD; control characters, which
// HTML forbids, spaces.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char32_t code : decode_label(text, text.size())) {
    switch (code) {
      case U'&':
        out += "&amp;";
        break;
      case U'<':
        out += "&lt;";
        break;
      case U'>':
        out += "&gt;";
        break;
      case U'"':
        out += "&quot;";
        break;
      default:
        append_utf8(code, out);
    }
  }
  return out;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < left ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= left ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

bool is_numeric(const Table& table, std::size_t column) {
  if (table.numeric.empty()) return column > 0;
  return column < table.numeric.size() && table.numeric[column];
}

std::size_t column_count(const Table& table) {
  std::size_t count = table.columns.size();
  for (const auto& row : table.rows) count = std::max(count, row.size());
  return count;
}

std::string_view cell(const std::vector<std::string>& row, std::size_t column) {
  return column < row.size() ? std::string_view(row[column]) : std::string_view();
}

std::string markdown_row(const std::vector<std::string>& row, std::size_t columns) {
  std::string out = "|";
  for (std::size_t c = 0; c < columns; ++c) {
    out += ' ' + markdown_text(cell(row, c)) + " |";
  }
  return out + "\n";
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char32_t code : decode_label(text, text.size())) {
    switch (code) {
      case U'&':
        out += "&amp;";
        break;
      case U'<':
        out += "&lt;";
        break;
      case U'|':
      case U'\\':
        out += '\\';
        [[fallthrough]];
      default:
        append_utf8(code, out);
    }
  }
  return printable_line(out);
}

std::string markdown(const Table& table) {
  const std::size_t columns = column_count(table);
  std::string out = markdown_row(table.columns, columns) + "|";
  for (std::size_t c = 0; c < columns; ++c) out += is_numeric(table, c) ? " ---: |" : " --- |";
  out += '\n';
  for (const auto& row : table.rows) out += markdown_row(row, columns);
  return out;
}

Page::Page(std::string_view title) : title_(escaped(title.empty() ? "Report" : title)) {}

void Page::heading(std::string_view text) {
  gallery_end();
  body_ += fmt::format("<h2>{}</h2>\n", escaped(text));
}

void Page::paragraph(std::string_view text) {
  gallery_end();
  body_ += fmt::format("<p>{}</p>\n", escaped(text));
}

void Page::note(std::string_view text) {
  gallery_end();
  body_ += fmt::format("<p class=\"note\">{}</p>\n", escaped(text));
}

void Page::table(const Table& table) {
  gallery_end();
  const std::size_t columns = column_count(table);
  if (columns == 0) return;
  const auto style = [&](std::size_t c) { return is_numeric(table, c) ? " class=\"number\"" : ""; };
  body_ += "<div class=\"scroll\"><table>\n";
  if (!table.columns.empty()) {
    body_ += "<thead><tr>";
    for (std::size_t c = 0; c < columns; ++c) {
      body_ += fmt::format("<th scope=\"col\"{}><button type=\"button\">{}</button></th>", style(c),
                           escaped(cell(table.columns, c)));
    }
    body_ += "</tr></thead>\n";
  }
  body_ += "<tbody>\n";
  for (const auto& row : table.rows) {
    body_ += "<tr>";
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string_view tag = table.columns.empty() && c == 0 ? "th" : "td";
      const std::string_view scope = tag == "th" ? " scope=\"row\"" : "";
      body_ += fmt::format("<{}{}{}>{}</{}>", tag, scope, style(c), escaped(cell(row, c)), tag);
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
}

Status Page::picture(const Image& image, std::string_view caption, bool photo) {
  if (image.width <= 0 || image.height <= 0) {
    return Error{ErrorCode::kInvalid, fmt::format("the picture \"{}\" of the report has no pixels", caption)};
  }
  try {
    auto bytes = photo ? encode_jpeg(image.view(), kPhotoQuality) : encode_png(image.view());
    if (!bytes.ok()) return bytes.error();
    picture_file(*bytes, image.width, image.height, caption);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "not enough memory for the pictures of the report"};
  } catch (const std::length_error&) {
    return Error{ErrorCode::kLimit, "not enough memory for the pictures of the report"};
  }
  return {};
}

void Page::picture_file(std::span<const std::uint8_t> file, int width, int height, std::string_view caption) {
  const std::string text = escaped(caption);
  const bool png = !file.empty() && file[0] == 0x89;
  body_ += fmt::format(
      "<figure><img src=\"data:image/{};base64,{}\" width=\"{}\" height=\"{}\" alt=\"{}\"><figcaption>{}"
      "</figcaption></figure>\n",
      png ? "png" : "jpeg", base64(file), width, height, text, text);
}

void Page::gallery_begin() {
  if (!in_gallery_) body_ += "<div class=\"gallery\">\n";
  in_gallery_ = true;
}

void Page::gallery_end() {
  if (in_gallery_) body_ += "</div>\n";
  in_gallery_ = false;
}

std::string Page::html() const {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n{}{}</main>\n<script>{}</script>\n</body>\n</html>\n",
      title_, kStyle, title_, body_, in_gallery_ ? "</div>\n" : "", kScript);
}

}  // namespace saker
