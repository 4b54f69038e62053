#include "base/python_names.h"

#include <charconv>
#include <cstddef>
#include <cstdint>

#include "base/text.h"
#include "base/utf8.h"

namespace saker {

bool parse_class_id(std::string_view text, int& id) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() && id >= 0 && id < kMaxLabels;
}

namespace {

// No recursion: names are strings.
class ReprParser {
 public:
  explicit ReprParser(std::string_view text) : text_(text) {}

  bool parse(LabelMap& labels) {
    skip_spaces();
    const bool dict = take('{');
    if (!dict && !take('[')) return false;
    const char close = dict ? '}' : ']';
    for (int next = 0;; ++next) {
      skip_spaces();
      if (take(close)) break;
      int id = next;
      if (id >= kMaxLabels || (dict && !key(id))) return false;
      std::string name;
      if (!string(name)) return false;
      labels[id] = one_line(name);
      skip_spaces();
      if (take(',')) continue;
      if (!take(close)) return false;
      break;
    }
    skip_spaces();
    return at_ == text_.size();
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }

  // An int, or one in quotes as JSON writes keys.
  bool key(int& id) {
    const bool single_quote = take('\''), quoted = single_quote || take('"');
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    if (!parse_class_id(text_.substr(start, at_ - start), id)) return false;
    if (quoted && !take(single_quote ? '\'' : '"')) return false;
    skip_spaces();
    if (!take(':')) return false;
    skip_spaces();
    return true;
  }

  bool string(std::string& out) {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') return false;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) return true;
      if (c != '\\') {
        out.push_back(c);
      } else if (!escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool escape(std::string& out) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    switch (c) {
      case 'n':
        out.push_back('\n');
        return true;
      case 'r':
        out.push_back('\r');
        return true;
      case 't':
        out.push_back('\t');
        return true;
      case 'x':
        return code_point(2, out);
      case 'u':
        return code_point(4, out);
      case 'U':
        return code_point(8, out);
      default:
        out.push_back(c);
        return true;
    }
  }

  bool code_point(std::size_t digits, std::string& out) {
    if (text_.size() - at_ < digits) return false;
    std::uint32_t code = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, first + digits, code, 16);
    if (error != std::errc() || end != first + digits) return false;
    at_ += digits;
    append_utf8(code, out);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<LabelMap> read_python_names(std::string_view text) {
  LabelMap labels;
  if (!ReprParser(text).parse(labels)) return std::nullopt;
  return labels;
}

}  // namespace saker
